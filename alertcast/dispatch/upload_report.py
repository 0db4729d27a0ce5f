"""What was found in a file that was sent to a page, as the page shows it: nobody named in full."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import shapely

from alertcast.core.grid import Grid
from alertcast.core.roster_diff import Change, Difference
from alertcast.core.roster_gaps import Gap
from alertcast.dispatch import bring_layer, bring_roster
from alertcast.grids.masking import shown
from alertcast.grids.problem import Problem, has_errors

MOST = 500
"""Findings, and changes, that are kept one by one; all are counted."""

DRAWN = 3_000
"""Grids up to which a small picture of the layer is drawn."""

SIDE = 600
"""Width and height of that picture, in its own units."""


def of_roster(
    found: bring_roster.Found,
    gaps: Mapping[Gap, int],
    before: Mapping[Gap, int],
    unled: Sequence[Grid],
) -> dict[str, Any]:
    """Return what a page shows of a roster.

    `before`: what the one in use lacks; `unled`: the grids that nobody would lead.
    """
    changes, roster = found.changes, found.read.roster
    return {
        **_base(found.before_id, found.read.layer_id, found.before),
        **problems_of(found.read.problems),
        "people": len(roster.people),
        "posts": len(roster.posts),
        "is_empty": not roster.posts,
        "before_people": changes.people,
        "before_posts": changes.posts,
        "added": changes.count("added"),
        "changed": changes.count("changed"),
        "removed": changes.count("removed"),
        "posts_added": changes.posts_added,
        "posts_removed": changes.posts_removed,
        "changes": [_change(one) for one in _first(changes)],
        "gaps": {gap.value: n for gap, n in gaps.items()},
        "gaps_before": {gap.value: n for gap, n in before.items()},
        "unled": [{"code": one.code, "name": f"{one.town}{one.name}"} for one in unled[:MOST]],
    }


def of_layer(found: bring_layer.Found) -> dict[str, Any]:
    """Return what a page shows of a layer."""
    changes = found.changes
    return {
        **_base(None, found.before_id, found.before),
        **problems_of(found.problems),
        "grids": len(found.grids),
        "refusal": None if found.refusal is None else found.refusal.value,
        "vanished": changes.vanished if changes else 0,
        "before": changes.before if changes else 0,
        "counts": changes.counts if changes else {},
        "changes": [
            {"what": one.kind.value, "code": one.code, "name": one.name, "said": one.what}
            for one in (changes.changes[:MOST] if changes else ())
        ],
        "picture": picture(found.grids, found.problems),
    }


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


def picture(cells: Sequence[Grid], problems: Iterable[Problem]) -> dict[str, Any] | None:
    """Return outlines of the grids and spots of trouble, to be drawn SIDE wide and high."""
    shapes = [one.geometry for one in cells if one.geometry is not None]
    spots = [one for one in problems if one.spot is not None and not one.spot.is_empty]
    if not shapes or len(shapes) > DRAWN or not spots:
        return None
    west, south, east, north = shapely.total_bounds(np.array(shapes, dtype=object))
    narrow = float(np.cos(np.radians((south + north) / 2)))
    scale = SIDE / max((east - west) * narrow, north - south)

    def placed(points: Any) -> list[str]:
        return [
            f"{(x - west) * narrow * scale:.0f},{(north - y) * scale:.0f}"
            for x, y in shapely.get_coordinates(points)
        ]

    rough = shapely.simplify(np.array(shapes, dtype=object), 1 / scale)
    rings = [ring for one in rough for ring in shapely.get_rings(one)]
    inside = shapely.box(west, south, east, north)
    return {
        "size": [round((east - west) * narrow * scale), round((north - south) * scale)],
        "rings": [" ".join(placed(one)) for one in rings],
        "spots": [
            {"at": placed(one.spot.centroid)[0].split(","), "rule": one.rule, "where": one.where}
            for one in spots[:MOST]
            if one.spot is not None and inside.intersects(one.spot.centroid)
        ],
    }


def _base(roster_id: int | None, layer_id: int | None, row: Any) -> dict[str, Any]:
    """Return what a file was compared with."""
    against = None if row is None else {"name": row["name"], "version": row["version"]}
    return {"roster_id": roster_id, "layer_id": layer_id, "against": against}


def _first(changes: Difference) -> Sequence[Change]:
    """Return the first changes; those who are removed come first: that is what is looked at."""
    return sorted(changes.changes, key=lambda one: one.what, reverse=True)[:MOST]


def _change(one: Change) -> dict[str, Any]:
    who, (gained, gone) = one.after or one.before, one.posts
    return {
        "what": one.what,
        "name": shown("name", who.name) if who else "",
        "fields": list(one.fields),
        "gained": [list(held) for held in gained],
        "gone": [list(held) for held in gone],
    }


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
