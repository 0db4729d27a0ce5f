"""A layer of grids is brought in: read, looked at, compared, and put in use, or refused.

From a terminal and from a page alike. Nothing is written before `write`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from alertcast.config import shipped
from alertcast.core.grid import Grid
from alertcast.core.layer_changes import Changes, LayerRefusal, changes, with_older_codes
from alertcast.dispatch import layers
from alertcast.dispatch.bring_roster import ChangedMeanwhile
from alertcast.dispatch.world import World
from alertcast.grids.boundary import known_outlines
from alertcast.grids.checked import checked_layer
from alertcast.grids.features import NOTHING, Asked
from alertcast.grids.parents import Parents, TownsFrom
from alertcast.grids.position import Reference
from alertcast.grids.problem import Problem, has_errors
from alertcast.store import grids
from alertcast.store.db import Tx
from alertcast.store.post_places import Followed

OUTLINES = "grids/zhaoqing/counties.geojson"
"""Outlines of counties that come with alertcast."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How a file is to be read, and what is meant to be so."""

    asked: Asked = NOTHING
    columns: Mapping[str, str] = field(default_factory=dict)
    towns: TownsFrom = TownsFrom.COLUMNS
    boundary: Path | None = None
    skip_bad: bool = False
    allow_removals: bool = False
    keep_codes: bool = False
    is_approximate: bool = False
    is_offset_accepted: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """All that is decided on."""

    grids: Sequence[Grid]
    problems: Sequence[Problem]
    refusal: LayerRefusal | None
    changes: Changes | None  # against the layer in use, if there is one and it can be compared
    before: Mapping[Any, Any] | None  # the row of the layer in use

    @property
    def before_id(self) -> int | None:
        """Return the id of the layer in use, if there was one."""
        return None if self.before is None else int(self.before["id"])


def look(world: World, file: Path, wish: Wish) -> Found:
    """Read a layer, look at all of it, and compare it with the one in use; nothing is raised."""
    problems: list[Problem] = []
    row, known = reference(
        world, wish.boundary, problems, is_offset_accepted=wish.is_offset_accepted
    )
    checked = checked_layer(
        file,
        wish.asked,
        columns=wish.columns,
        parents=Parents(wish.towns, world.config.gazetteer),
        known=known,
        skip_bad=wish.skip_bad,
    )
    problems += checked.report
    cells: Sequence[Grid] = checked.grids
    if wish.keep_codes and known.in_use:
        cells = with_older_codes(known.in_use, cells)
    if wish.is_approximate:
        cells = [replace(one, approximate=True) for one in cells]
    if checked.is_refused:
        return Found(cells, problems, LayerRefusal.SHIFTED, None, row)
    if not cells or (has_errors(problems) and not wish.skip_bad):
        return Found(cells, problems, LayerRefusal.ERRORS, None, row)
    changed = changes(known.in_use, cells) if known.in_use else None
    is_too_much = changed is not None and changed.loses_many and not wish.allow_removals
    return Found(cells, problems, LayerRefusal.REMOVALS if is_too_much else None, changed, row)


def reference(
    world: World, file: Path | None, problems: list[Problem], *, is_offset_accepted: bool = False
) -> tuple[Mapping[Any, Any] | None, Reference]:
    """Return the row of the layer in use, and what is known of where things are.

    Known are a file, what comes with alertcast, and the layer in use.
    """
    with world.db.read() as tx:
        row = grids.active_layer(tx)
        cells = () if row is None else tuple(grids.load(tx, row["id"]).values())
    name = "" if row is None else f"the layer in use ({row['name']}, version {row['version']})"
    files = [shipped(OUTLINES), *([] if file is None else [file])]
    known = known_outlines(files, cells, name, problems)
    return row, Reference(known, cells, name, is_offset_accepted)


def write(
    tx: Tx, name: str, found: Found, *, attribution: str, by: str, now: datetime
) -> tuple[int, int, Followed]:
    """Put it in use, in this transaction; return its id, its version, and how the roster follows.

    Then make its index ready (`indexes.make_ready`). Raises ChangedMeanwhile.
    """
    row = grids.active_layer(tx)
    if (row["id"] if row else None) != found.before_id:
        raise ChangedMeanwhile
    return layers.import_layer(tx, name, found.grids, attribution=attribution, by=by, now=now)
