"""docs/reliability.md names every failure once, and only tests that exist."""

import ast
import re
from functools import cache

import pytest

from tests.docs.pages import ROOT, code_spans, tables

PAGE = ROOT / "docs/reliability.md"
FAILURES = 55
_, *ROWS = [row[:4] for row in tables(PAGE)["The failures"]]
CITED = sorted({span for span in code_spans(PAGE) if span.startswith("tests/")})


@cache
def named_in(file: str) -> frozenset[str]:
    """Return the test functions of a file, whatever they are parametrised with."""
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    found = (node for node in tree.body if isinstance(node, ast.FunctionDef))
    return frozenset(one.name for one in found if one.name.startswith("test_"))


def test_every_failure_occurs_once() -> None:
    assert [row[0] for row in ROWS] == [str(number) for number in range(1, FAILURES + 1)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_no_row_is_empty(row: list[str]) -> None:
    _, what, how, shown = row
    assert len(what) > 10
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
