"""Layers of grids, versioned: a broadcast keeps the layer it started with."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from functools import cache
from hashlib import sha256
from operator import attrgetter
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import func, select, update

from alertcast.core.grid import Grid
from alertcast.store.db import Tx
from alertcast.store.rows import chunks, insert_plainly, new_version, value
from alertcast.store.schema import grid, layer

PIECE = 20_000
"""Polygons that lie in memory at once when all of a layer are gone through."""

KEY_LENGTH = 32
"""Hexadecimal digits of a layer's key."""

_LISTS = ("aliases", "town_aliases", "county_aliases")  # JSON
_NAMES = [one.name for one in fields(Grid) if one.name not in {"geometry", *_LISTS}]
_SAID = attrgetter(*_NAMES)
_OLDER = attrgetter(*_LISTS)


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
    shapes = shapely.to_wkb(np.array([cell.geometry for cell in grids], dtype=object))
    listed = cache(json.dumps)  # most grids have none, or those of their neighbours
    insert_plainly(
        tx,
        grid,
        ("layer_id", *_NAMES, *_LISTS, "geometry"),
        [
            (layer_id, *_SAID(cell), *map(listed, _OLDER(cell)), shape)
            for cell, shape in zip(grids, shapes, strict=True)
        ],
    )
    return layer_id, version


def use(tx: Tx, layer_id: int) -> None:
    """Make a layer the one in use; raises LookupError if there is none of this id."""
    if tx.execute(select(layer.c.id).where(layer.c.id == layer_id)).first() is None:
        msg = f"there is no layer {layer_id}"
        raise LookupError(msg)
    tx.execute(update(layer).values(is_active=layer.c.id == layer_id))


def versions(tx: Tx) -> Sequence[Mapping[Any, Any]]:
    """Return the rows of all layers with how many `grids` each has, the newest first."""
    size = select(func.count()).where(grid.c.layer_id == layer.c.id).scalar_subquery()
    rows = select(layer, size.label("grids")).order_by(layer.c.id.desc())
    return tx.execute(rows).mappings().all()


def digest(grids: Iterable[Grid], attribution: str) -> str:
    """Return what tells two versions of a layer apart: all that they hold, whatever the file."""
    listed = list(grids)
    said = [(_SAID(cell), _OLDER(cell)) for cell in listed]
    shapes = shapely.to_wkb(np.array([cell.geometry for cell in listed], dtype=object))
    found = sha256(repr((attribution, said)).encode())
    found.update(b"".join(shape or b"" for shape in shapes))
    return found.hexdigest()


def active_layer(tx: Tx) -> Mapping[Any, Any] | None:
    """Return the row of the active layer, if there is one."""
    return tx.execute(select(layer).where(layer.c.is_active)).mappings().first()


def load(tx: Tx, layer_id: int, *, is_drawn: bool = True) -> dict[int, Grid]:
    """Return the grids of a layer by their ids; not `is_drawn`: without their polygons."""
    wanted = [one for one in grid.c if is_drawn or one.name != "geometry"]
    rows = select(*wanted).where(grid.c.layer_id == layer_id).order_by(grid.c.id)
    return {row["id"]: _grid(row) for row in tx.execute(rows).mappings()}


def shapes(tx: Tx, layer_id: int) -> Iterator[Sequence[BaseGeometry | None]]:
    """Return the polygons of a layer in the order of `load`, in pieces."""
    rows = select(grid.c.geometry).where(grid.c.layer_id == layer_id).order_by(grid.c.id)
    found = tx.execute(rows.execution_options(yield_per=PIECE)).scalars()
    return (shapely.from_wkb(list(piece)).tolist() for piece in found.partitions())


def key(tx: Tx, layer_id: int) -> str:
    """Return what tells the polygons of a layer from those of every other, whatever its id."""
    row = tx.execute(select(layer).where(layer.c.id == layer_id)).mappings().one()
    said = [row["name"], row["version"], row["sha256"], row["imported_at"].isoformat()]
    return sha256(repr(said).encode()).hexdigest()[:KEY_LENGTH]


def by_id(tx: Tx, ids: Iterable[int]) -> dict[int, Grid]:
    """Return the grids with these ids."""
    found = (tx.execute(select(grid).where(grid.c.id.in_(some))) for some in chunks(ids))
    return {row["id"]: _grid(row) for rows in found for row in rows.mappings()}


def ids(tx: Tx, layer_id: int) -> dict[str, int]:
    """Return the ids of a layer's grids by code."""
    rows = select(grid.c.code, grid.c.id).where(grid.c.layer_id == layer_id)
    return {row.code: row.id for row in tx.execute(rows).all()}


def count(tx: Tx, layer_id: int, *, is_drawn: bool = False) -> int:
    """Return how many grids the layer has; `is_drawn`: how many that have a polygon."""
    rows = select(func.count()).select_from(grid).where(grid.c.layer_id == layer_id)
    if is_drawn:
        rows = rows.where(grid.c.geometry.is_not(None))
    return int(tx.execute(rows).scalar_one())


def _grid(row: Mapping[Any, Any]) -> Grid:
    raw = row.get("geometry")
    shape = None if raw is None else shapely.from_wkb(raw)
    return value(Grid, row, **{name: tuple(row[name]) for name in _LISTS}, geometry=shape)
