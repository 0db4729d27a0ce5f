"""docs/inputs.md names every odd input once, and only tests that exist."""

import pytest

from tests.docs.cited import check_id, check_row
from tests.docs.pages import ROOT, code_spans, tables

PAGE = ROOT / "docs/inputs.md"
INPUTS = 64
_, *ROWS = [row[:4] for row in tables(PAGE)["The odd inputs"]]
CITED = sorted({span for span in code_spans(PAGE) if span.startswith("tests/")})


def test_every_input_occurs_once() -> None:
    assert [row[0] for row in ROWS] == [str(number) for number in range(1, INPUTS + 1)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_no_row_is_empty(row: list[str]) -> None:
    check_row(row, least=5)


@pytest.mark.parametrize("cited", CITED)
def test_every_test_that_is_named_exists(cited: str) -> None:
    check_id(cited)
