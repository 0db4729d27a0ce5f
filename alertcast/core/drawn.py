"""A place that an officer drew on the map, or brought in a file: GeoJSON, WGS 84 (RFC 7946)."""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from alertcast.core.polygonal import polygonal
from alertcast.core.refusal import Refusal, Sentence, sentence

Where = tuple[Sentence, ...]
"""Which of several features it is about."""

MOST_CORNERS = 100_000
"""More corners than this are no area that anybody drew."""


class DrawnError(Refusal, ValueError):
    """It encloses nothing that could be found on the map; the message says what is wrong where."""

    between = ""  # which feature, and what is wrong with it


def read_drawn(text: str) -> BaseGeometry:
    """Return the whole area of a GeoJSON document as one valid shape, WGS 84 (lon, lat).

    Polygons count, and whatever holds them: Feature, FeatureCollection, GeometryCollection.

    Raises
    ------
    DrawnError
        It is no GeoJSON, holds no polygon, or is not in degrees.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        msg = sentence("不是 GeoJSON：读不懂的 JSON")
        raise DrawnError(msg) from None
    drawn = [(_shape(part, where), where) for part, where in _geometries(document, ())]
    if sum(len(shapely.get_coordinates(one)) for one, _ in drawn) > MOST_CORNERS:
        msg = sentence("顶点超过 {most} 个", most=MOST_CORNERS)
        raise DrawnError(msg)
    if not drawn:
        msg = sentence("没有面（Polygon 或 MultiPolygon）")
        raise DrawnError(msg)
    return shapely.union_all([_mended(shape, where) for shape, where in drawn])


def _geometries(part: Any, where: Where) -> Iterator[tuple[dict[str, Any], Where]]:
    kind = part.get("type") if isinstance(part, dict) else None
    if kind == "FeatureCollection":
        for number, one in enumerate(_listed(part, "features", where), 1):
            yield from _geometries(one, (sentence("第 {n} 个要素", n=number),))
    elif kind == "Feature":
        if part.get("geometry") is not None:
            yield from _geometries(part["geometry"], where)
    elif kind == "GeometryCollection":
        for one in _listed(part, "geometries", where):
            yield from _geometries(one, where)
    elif kind in ("Polygon", "MultiPolygon"):
        yield part, where
    elif kind not in ("Point", "MultiPoint", "LineString", "MultiLineString"):
        raise DrawnError(*where, sentence("不是 GeoJSON：没有可用的 type"))


def _listed(part: dict[str, Any], name: str, where: Where) -> list[Any]:
    found = part.get(name)
    if not isinstance(found, list):
        raise DrawnError(*where, sentence("缺少 {name}", name=name))
    return found


def _shape(part: dict[str, Any], where: Where) -> BaseGeometry:
    try:
        shape = shapely.from_geojson(json.dumps(part))
    except (shapely.GEOSException, ValueError):
        raise DrawnError(*where, sentence("坐标读不懂")) from None
    corners = shapely.get_coordinates(shape)
    if not np.isfinite(corners).all() or (np.abs(corners) > (180, 90)).any():
        raise DrawnError(*where, sentence("坐标不是经纬度（WGS 84，经度在前）"))
    return shape


def _mended(shape: BaseGeometry, where: Where) -> BaseGeometry:
    mended = polygonal(shape)
    if mended is None:
        raise DrawnError(*where, sentence("没有围成面"))
    return mended
