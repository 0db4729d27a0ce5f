"""Layers of grids, versioned: a broadcast keeps the layer it started with."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from hashlib import sha256
from operator import attrgetter
from typing import Any

import numpy as np
import shapely
from sqlalchemy import func, insert, select

from alertcast.core.grid import Grid
from alertcast.store.db import Tx
from alertcast.store.rows import new_version, value
from alertcast.store.schema import grid, layer


def import_layer(
    tx: Tx,
    name: str,
    grids: Sequence[Grid],
    *,
    sha256: str,
    is_approximate: bool,
    attribution: str,
    now: datetime,
) -> tuple[int, int]:
    """Write a new version of layer `name`, make it the active one; return its id and version.

    A layer whose newest version holds the same is made active and not written again.
    """
    layer_id, version, is_new = new_version(
        tx,
        layer,
        name,
        sha256,
        imported_at=now,
        is_approximate=is_approximate,
        attribution=attribution,
    )
    if not is_new:
        return layer_id, version
    names = [field.name for field in fields(Grid) if field.name not in {"geometry", "aliases"}]
    tx.execute(
        insert(grid),
        [
            {name: getattr(cell, name) for name in names}
            | {
                "layer_id": layer_id,
                "aliases": list(cell.aliases),
                "geometry": None if cell.geometry is None else shapely.to_wkb(cell.geometry),
            }
            for cell in grids
        ],
    )
    return layer_id, version


def digest(grids: Iterable[Grid], attribution: str) -> str:
    """Return what tells two versions of a layer apart: all that they hold, whatever the file."""
    found = sha256(attribution.encode())
    names = [field.name for field in fields(Grid) if field.name != "geometry"]
    said = attrgetter(*names)
    listed = list(grids)
    shapes = shapely.to_wkb(np.array([cell.geometry for cell in listed], dtype=object))
    for cell, shape in zip(listed, shapes, strict=True):
        found.update(repr(said(cell)).encode())
        found.update(shape or b"")
    return found.hexdigest()


def active_layer(tx: Tx) -> Mapping[Any, Any] | None:
    """Return the row of the active layer, if there is one."""
    return tx.execute(select(layer).where(layer.c.is_active)).mappings().first()


def load(tx: Tx, layer_id: int) -> dict[int, Grid]:
    """Return the grids of a layer by their ids."""
    rows = tx.execute(select(grid).where(grid.c.layer_id == layer_id).order_by(grid.c.id))
    return {row["id"]: _grid(row) for row in rows.mappings()}


def by_id(tx: Tx, ids: Iterable[int]) -> dict[int, Grid]:
    """Return the grids with these ids."""
    rows = tx.execute(select(grid).where(grid.c.id.in_(list(ids))))
    return {row["id"]: _grid(row) for row in rows.mappings()}


def ids(tx: Tx, layer_id: int) -> dict[str, int]:
    """Return the ids of a layer's grids by code."""
    rows = select(grid.c.code, grid.c.id).where(grid.c.layer_id == layer_id)
    return {row.code: row.id for row in tx.execute(rows)}


def count(tx: Tx, layer_id: int) -> int:
    """Return how many grids the layer has."""
    rows = select(func.count()).select_from(grid).where(grid.c.layer_id == layer_id)
    return int(tx.execute(rows).scalar_one())


def _grid(row: Mapping[Any, Any]) -> Grid:
    shape = None if row["geometry"] is None else shapely.from_wkb(row["geometry"])
    return value(Grid, row, aliases=tuple(row["aliases"]), geometry=shape)
