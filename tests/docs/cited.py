"""Pages with a numbered table whose last column cites the tests that show each row."""

import ast
import re
from functools import cache

from tests.docs.pages import ROOT


@cache
def named_in(file: str) -> frozenset[str]:
    """Return the test functions of a file, whatever they are parametrised with."""
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    found = (node for node in tree.body if isinstance(node, ast.FunctionDef))
    return frozenset(one.name for one in found if one.name.startswith("test_"))


def check_row(row: list[str], *, least: int) -> None:
    """Fail unless a row (number, what, how, shown by) says enough; `least`: letters of its what."""
    _, what, how, shown = row
    assert len(what) > least
    assert len(how) > 20
    cited = re.findall(r"`(tests/[^`]+)`", shown)
    assert cited or how.startswith("Cannot occur")
    assert shown == " ".join(f"`{one}`" for one in cited), "only ids stand here"
    assert len(set(cited)) == len(cited)


def check_id(cited: str) -> None:
    """Fail unless a test of this id exists."""
    file, _, name = cited.partition("::")
    assert (ROOT / file).is_file()
    assert name in named_in(file)
