"""A layer of grids that was sent to a page: how it is read, shown and written."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import shapely

from alertcast.core.grid import Grid
from alertcast.core.upload import Upload
from alertcast.dispatch import bring_layer, indexes
from alertcast.dispatch.bring_layer import Found, Wish
from alertcast.dispatch.bring_roster import ChangedMeanwhile
from alertcast.dispatch.upload_reader import Reader
from alertcast.dispatch.upload_report import MOST, base, problems_of
from alertcast.dispatch.world import World
from alertcast.grids.features import Asked
from alertcast.grids.parents import TownsFrom
from alertcast.grids.problem import Problem
from alertcast.grids.roster import Watched
from alertcast.store.db import Tx

DRAWN = 3_000
"""Grids up to which a small picture of the layer is drawn."""

SIDE = 600
"""Width and height of that picture, in its own units."""


class LayerReader(Reader[Found]):
    """As `alertcast grids import` does it."""

    def look(self, world: World, one: Upload, raw: bytes, watched: Watched) -> Found:
        """Read it, from a folder that goes away: its readers want a file."""
        with TemporaryDirectory(prefix="alertcast-") as folder:
            path = Path(folder) / f"layer{Path(one.file).suffix.casefold()}"
            path.write_bytes(raw)
            return bring_layer.look(world, path, _wish(one))

    def report(self, found: Found) -> dict[str, Any]:
        """Return what happens to grids and towns, what is wrong, and where."""
        changes = found.changes
        return {
            **base(None, found.before_id, found.before),
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
            "picture": _picture(found.grids, found.problems),
        }

    def write(
        self, world: World, tx: Tx, one: Upload, found: Found, *, by: str, now: datetime
    ) -> dict[str, Any]:
        """Make it the layer in use; raises ChangedMeanwhile."""
        if found.refusal is not None:
            raise ChangedMeanwhile
        attribution = str(one.options.get("attribution", ""))
        new_id, version, followed = bring_layer.write(
            tx, one.name, found, attribution=attribution, by=by, now=now
        )
        lost = sum(followed.lost.values())
        return {"id": new_id, "version": version, "n": len(found.grids), "lost": lost}

    def after(self, world: World, done: dict[str, Any], now: datetime) -> None:
        """Make its index."""
        with world.db.read() as tx:
            indexes.make_ready(world.config, tx, done["id"])


def _wish(one: Upload) -> Wish:
    """Return how a layer is to be read, as its form said."""
    options = one.options
    asked = Asked(*(options.get(name) or None for name in ("crs", "layer", "encoding")))
    return Wish(
        asked,
        towns=TownsFrom(options.get("towns") or TownsFrom.COLUMNS),
        skip_bad=bool(options.get("skip_bad")),
        allow_removals=bool(one.confirmed.get("allow_removals")),
        keep_codes=bool(options.get("keep_codes")),
        is_approximate=bool(options.get("approximate")),
    )


def _picture(cells: Sequence[Grid], problems: Iterable[Problem]) -> dict[str, Any] | None:
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
