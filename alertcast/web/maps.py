"""地图: the shapes of a layer, which never change, and what holds in each grid, which does.

The layer is the map: no picture comes from anywhere else, unless configuration names a tile server.
"""

import gzip
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import shapely
from flask import Blueprint, Flask, Response, abort, json, request, url_for

from alertcast.core import outline
from alertcast.core.access import lies_in
from alertcast.core.grid import Grid
from alertcast.core.outline import Outline
from alertcast.core.plan import highest
from alertcast.dispatch.republish import Document
from alertcast.store import broadcasts, grids
from alertcast.store.db import Tx
from alertcast.store.report_areas import touches
from alertcast.store.report_map import Cell, cells_now, cells_of, layer_of
from alertcast.web.context import desk, me, needs, now, watched, world

pages = Blueprint("maps", __name__)

FORMAT = 2
"""Goes up when the shapes are drawn otherwise, so that browsers ask anew."""

PLACES: Mapping[str, tuple[Callable[[Iterable[Grid]], list[Outline]], ...]] = {
    "towns": (outline.counties, outline.towns),
    "grids": (outline.cells,),
}
"""What each document of a layer has in it, in the order in which it is drawn."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The layer that a map is drawn of."""

    layer_id: int
    version: str
    attribution: str
    is_approximate: bool

    def url(self, what: str) -> str:
        """Return where a document of the layer is; another address once it is another document."""
        version = f"{self.version}-{me().area}"
        return url_for("maps.shapes", layer_id=self.layer_id, what=what, v=version)


def install(app: Flask) -> None:
    """Let the templates of `app` draw a map."""
    app.jinja_env.globals.update(tiles=lambda: world().config.main.web)


def sheet(tx: Tx, layer_id: int | None) -> Sheet | None:
    """Return the sheet of a layer, None where there is nothing to draw."""
    row = None if layer_id is None else layer_of(tx, layer_id)
    if row is None:
        return None
    version = f"{row['sha256'][:12]}-{FORMAT}"
    return Sheet(row["id"], version, row["attribution"], row["is_approximate"])


@pages.get("/map/<int:layer_id>/<any(towns, grids):what>.json")
@needs("see")
def shapes(layer_id: int, what: str) -> Response:
    """Return the places of a layer in the user's area as GeoJSON; kept by browsers for good."""
    with world().db.read() as tx:
        found = sheet(tx, layer_id)
        if found is None:
            abort(404)
        key = f"map {what} {layer_id} {found.version} {me().area}"
        ready = desk().shelf.get(key) or _drawn(tx, key, layer_id, what, me().area)
    response = Response(content_type="application/geo+json")
    if request.accept_encodings["gzip"]:
        response.set_data(ready.body)
        response.headers["Content-Encoding"] = "gzip"
    else:
        response.set_data(gzip.decompress(ready.body))
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    response.set_etag(ready.etag, weak=True)
    response.make_conditional(request)
    return response


@pages.get("/map/now.json")
@needs("see")
def in_force() -> Response:
    """Return what holds in each grid now: warnings in force, and live answers."""
    area = me().area

    def made() -> str:
        with world().db.read() as tx:
            return _cells(cells_now(tx, now(), area=area))

    return watched(made, "application/json")


@pages.get("/broadcasts/<int:broadcast_id>/map.json")
@needs("see")
def of_broadcast(broadcast_id: int) -> Response:
    """Return what has become of each grid of a broadcast."""
    area = me().area
    with world().db.read() as tx:
        if broadcasts.get(tx, broadcast_id) is None or not touches(tx, broadcast_id, area):
            abort(404)

    def made() -> str:
        with world().db.read() as tx:
            return _cells(cells_of(tx, broadcast_id, area=area))

    return watched(made, "application/json")


def _cells(found: Mapping[str, Cell]) -> str:
    """Return the grids that look the same together, as JSON."""
    ladder = world().config.hazards.ordered
    alike: dict[tuple[str, str], list[str]] = {}
    for code in sorted(found):
        cell = found[code]
        level = highest(cell.levels, ladder) or "none" if cell.levels else ""
        alike.setdefault((level, cell.state or ""), []).append(code)
    groups = [
        {"level": level, "state": state, "codes": codes}
        for (level, state), codes in sorted(alike.items())
    ]
    return json.dumps({"groups": groups})


def _drawn(tx: Tx, key: str, layer_id: int, what: str, area: str) -> Document:
    cells = grids.load(tx, layer_id).values()
    ours = [one for one in cells if lies_in(one.town_code, area)]
    features = [_feature(place, kind.__name__) for kind in PLACES[what] for place in kind(ours)]
    body = json.dumps({"type": "FeatureCollection", "features": features}, separators=(",", ":"))
    return desk().shelf.put(key, gzip.compress(body.encode(), mtime=0))


def _feature(place: Outline, kind: str) -> dict[str, object]:
    return {
        "type": "Feature",
        "properties": {
            "kind": kind,
            "code": place.code,
            "name": place.name,
            "within": place.within,
            "parts_of": list(place.parts_of),
            "approximate": place.approximate,
        },
        "geometry": json.loads(shapely.to_geojson(place.shape)),
    }
