"""docs/inputs.md names every odd input once, and only tests that exist."""

import re

import pytest

from tests.docs.pages import ROOT, code_spans, tables
from tests.docs.test_reliability import named_in

PAGE = ROOT / "docs/inputs.md"
INPUTS = 64
_, *ROWS = [row[:4] for row in tables(PAGE)["The odd inputs"]]
CITED = sorted({span for span in code_spans(PAGE) if span.startswith("tests/")})


def test_every_input_occurs_once() -> None:
    assert [row[0] for row in ROWS] == [str(number) for number in range(1, INPUTS + 1)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_no_row_is_empty(row: list[str]) -> None:
    _, what, how, shown = row
    assert len(what) > 5
    assert len(how) > 20
    cited = re.findall(r"`(tests/[^`]+)`", shown)
    assert cited or how.startswith("Cannot occur")
    assert shown == " ".join(f"`{one}`" for one in cited), "only ids stand here"
    assert len(set(cited)) == len(cited)


@pytest.mark.parametrize("cited", CITED)
def test_every_test_that_is_named_exists(cited: str) -> None:
    file, _, name = cited.partition("::")
    assert (ROOT / file).is_file()
    assert name in named_in(file)
