"""docs/api.md names every operation there is, with what it needs, and every problem."""

from alertcast.web.v1.api import api
from alertcast.web.v1.problems import MEANINGS
from tests.docs.pages import ROOT, tables

PAGE = ROOT / "docs/api.md"


def test_every_operation_is_on_the_page() -> None:
    _, *rows = tables(PAGE)["Operations"]
    said = [(row[0].strip("`"), row[2]) for row in rows]
    assert sorted(said) == sorted((f"{one.method} {one.path}", one.action) for one in api.listed)


def test_every_problem_is_on_the_page_as_in_the_document() -> None:
    _, *rows = tables(PAGE)["What can not be done"]
    assert {row[0].strip("`"): row[1] for row in rows} == MEANINGS
