"""A layer of grids is put in use: whoever answers for a place is found by the code it has now."""

from collections.abc import Sequence
from datetime import datetime

import structlog

from alertcast.core.grid import Grid
from alertcast.core.layer_places import Successors
from alertcast.store import audit, grids, people, post_places
from alertcast.store.db import Tx
from alertcast.store.post_places import Followed

log = structlog.get_logger()


def import_layer(
    tx: Tx, name: str, cells: Sequence[Grid], *, attribution: str, by: str, now: datetime
) -> tuple[int, int, Followed]:
    """Write a layer, put it in use, and let the roster follow; return its id, version and what did.

    A layer whose newest version holds the same is put in use and not written again.
    """
    layer_id, version = grids.import_layer(
        tx,
        name,
        cells,
        sha256=grids.digest(cells, attribution),
        is_approximate=any(cell.approximate for cell in cells),
        attribution=attribution,
        now=now,
    )
    followed = follow(tx)
    audit.record(
        tx,
        by,
        "import",
        f"layer:{layer_id}",
        now,
        grids=len(cells),
        moved=followed.moved,
        lost=sum(followed.lost.values()),
    )
    return layer_id, version, followed


def use(tx: Tx, layer_id: int, *, by: str, now: datetime) -> Followed:
    """Put a layer in use that was imported before, and let the roster follow."""
    grids.use(tx, layer_id)
    followed = follow(tx)
    lost = sum(followed.lost.values())
    audit.record(tx, by, "use", f"layer:{layer_id}", now, moved=followed.moved, lost=lost)
    return followed


def follow(tx: Tx) -> Followed:
    """Name the places of the roster in use as the layer in use does; run twice: nothing changes."""
    layer, roster = grids.active_layer(tx), people.active_roster(tx)
    written = None if roster is None else post_places.layer_of(tx, roster["id"])
    if layer is None or roster is None or written is None:
        return Followed(0, {})
    before = grids.load(tx, written, is_drawn=False).values()
    after = grids.load(tx, layer["id"], is_drawn=False).values()
    followed = post_places.follow(tx, roster["id"], Successors(before, after).find)
    if followed.moved or followed.lost:
        lost = sum(followed.lost.values())
        log.info("roster follows layer", layer=layer["id"], moved=followed.moved, lost=lost)
    return followed
