"""docs/reliability.md names every failure once, and only tests that exist."""

import pytest

from tests.docs.cited import check_id, check_row
from tests.docs.pages import ROOT, code_spans, tables

PAGE = ROOT / "docs/reliability.md"
FAILURES = 60
_, *ROWS = [row[:4] for row in tables(PAGE)["The failures"]]
CITED = sorted({span for span in code_spans(PAGE) if span.startswith("tests/")})


def test_every_failure_occurs_once() -> None:
    assert [row[0] for row in ROWS] == [str(number) for number in range(1, FAILURES + 1)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_no_row_is_empty(row: list[str]) -> None:
    check_row(row, least=10)


@pytest.mark.parametrize("cited", CITED)
def test_every_test_that_is_named_exists(cited: str) -> None:
    check_id(cited)
