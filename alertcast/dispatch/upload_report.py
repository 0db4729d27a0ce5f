"""What was found in a file that was sent to a page, as the page shows it: nobody named in full."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from alertcast.grids.annotate import annotated
from alertcast.grids.problem import Problem, has_errors
from alertcast.grids.table import Columns

MOST = 500
"""Findings, and changes, that are kept one by one; all are counted."""


def base(roster_id: int | None, layer_id: int | None, row: Any) -> dict[str, Any]:
    """Return what a file was compared with."""
    against = None if row is None else {"name": row["name"], "version": row["version"]}
    return {"roster_id": roster_id, "layer_id": layer_id, "against": against}


def problems_of(problems: Sequence[Problem]) -> dict[str, Any]:
    """Return the findings: how many of each kind and rule, and the first of them, errors first."""
    order = ("error", "repair", "note")
    ordered = sorted(problems, key=lambda one: order.index(one.kind.value))
    rules: dict[str, dict[str, Any]] = {}
    for one in ordered:
        rule = rules.setdefault(one.rule, {"kind": one.kind.value, "n": 0})
        rule["n"] += 1
    return {
        "has_errors": has_errors(problems),
        "found": len(problems),
        "kinds": dict(Counter(one.kind.value for one in ordered)),
        "rules": rules,
        "problems": [_problem(one) for one in ordered[:MOST]],
    }


def marked(raw: bytes, problems: Sequence[Problem], headers: Sequence[Columns]) -> bytes | None:
    """Return a table with its bad cells marked, if it has any."""
    has_any = any(one.cell is not None for one in problems)
    return annotated(raw, problems, headers) if has_any else None


def _problem(one: Problem) -> dict[str, Any]:
    cell = one.cell
    return {
        "where": one.where,
        "rule": one.rule,
        "kind": one.kind.value,
        "said": one.message,
        "sheet": cell.sheet if cell else None,
        "row": cell.row if cell else None,
        "column": cell.header if cell else "",
        "value": cell.value if cell else "",
    }
