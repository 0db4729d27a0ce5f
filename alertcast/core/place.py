"""The place a warning names: its polygons and circles as one shape on WGS 84, and its codes."""

import re
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.affinity import translate
from shapely.geometry.base import BaseGeometry

from alertcast.core.alert import Area, Circle, Reason, ReasonKind
from alertcast.core.earth import area_km2, ring_around
from alertcast.core.polygonal import polygonal

CHINA = "CN"
"""The scheme of China's administrative codes (GB/T 2260, GB/T 10114), however a feed names it."""

CHINA_SCHEMES = frozenset(
    {
        "cpeas geographic code",
        "cpeas",
        "gb/t 2260",
        "gb/t2260",
        "gb2260",
        "adcode",
        "行政区划代码",
        "行政区划编码",
        "区划代码",
    }
)
"""valueNames that carry China's administrative codes, lower case."""

EXCLUDES = "exclude_polygon"
"""valueName, lower case, of a ring (lat,lon) to be cut out; Germany's weather service has it."""

POINT_RADIUS_KM = 1.0
"""A circle of radius 0 is a point; it is told within this distance, kilometres (our policy)."""

CIRCLE_POINTS = 128  # vertices of the polygon that stands for a circle
MANY_POINTS = 2048  # the same where straight edges would cut in: of a wide one, and near a pole
WIDE_CIRCLE_KM = 200.0
NEAR_POLE = 60.0  # degrees of latitude
MAX_RADIUS_KM = 20_000.0  # half way round the Earth; a larger radius is a mistake

_KM_PER_DEGREE = 110.5  # no degree of latitude is shorter on WGS 84
_OUTSIDE = 1.001  # widens the polygon of a circle, so that no straight edge cuts into the circle
_WORLD = shapely.box(-180.0, -90.0, 180.0, 90.0)


@dataclass(frozen=True, slots=True)
class Code:
    """One geocode in comparable form."""

    scheme: str  # CHINA, or the valueName as published
    value: str  # CHINA: 2, 4, 6, 9 or 12 digits, e.g. "441224"; else as published


@dataclass(frozen=True, slots=True)
class Place:
    """What could be read of one CAP area. Shapes are WGS 84 (lon, lat); None: nothing usable."""

    polygons: BaseGeometry | None
    circles: BaseGeometry | None
    shape: BaseGeometry | None  # the union of both (CAP 1.2 section 3.2.4)
    codes: tuple[Code, ...]
    reasons: tuple[Reason, ...]


def place_of(area: Area, where: str = "area") -> Place:
    """Read an area; what cannot be used is left out and named in `reasons`, never raised.

    Polygons are one union whatever their winding: CAP has no holes. What a code of EXCLUDES rings
    is cut out of them, if that can be read and leaves anything. `where` is the path that reasons
    begin with, e.g. "info[0]/area[1]".
    """
    reasons: list[Reason] = []
    polygons = _union(
        [_polygon(r, f"{where}/polygon[{n}]", reasons) for n, r in enumerate(area.polygons)]
    )
    circles = _union(
        [_circle(c, f"{where}/circle[{n}]", reasons) for n, c in enumerate(area.circles)]
    )
    if (hole := _excluded(area, where, reasons)) is not None:
        left = [_without(one, hole) for one in (polygons, circles)]
        if any(left):
            polygons, circles = left
        else:
            message = "what is to be cut out is all of the area; nothing was"
            reasons.append(Reason("excludes_all", ReasonKind.REPAIR, where, message))
    shape = _union([polygons, circles])
    unread: list[Reason] = []
    codes = codes_of(area, where, unread)
    is_needed = shape is None  # beside a usable shape codes are not looked at
    reasons += unread if is_needed else [replace(one, kind=ReasonKind.NOTE) for one in unread]
    if polygons is None and circles is None and not codes:
        message = f"area {area.desc!r}: no usable polygon, circle or geocode; names are not guessed"
        reasons.append(Reason("no_place", ReasonKind.ERROR, where, message))
    return Place(polygons, circles, shape, codes, tuple(reasons))


def codes_of(area: Area, where: str, reasons: list[Reason]) -> tuple[Code, ...]:
    """Return the area's geocodes in comparable form, each once; bad ones are added to `reasons`."""
    codes: dict[Code, None] = {}
    for number, (scheme, value) in enumerate(area.geocodes):
        if scheme.strip().casefold() == EXCLUDES:
            continue  # no place that is warned
        if scheme.strip().casefold() not in CHINA_SCHEMES:
            codes[Code(scheme.strip(), value.strip())] = None
            continue
        for word in re.split(r"[\s,，;；、]+", value.strip()):
            code = china_code(word)
            if code is not None:
                codes[Code(CHINA, code)] = None
                continue
            message = f"{scheme} {word!r} is not an administrative code of 2 to 12 digits"
            spot = f"{where}/geocode[{number}]"
            reasons.append(Reason("bad_code", ReasonKind.ERROR, spot, message))
    return tuple(codes)


def china_code(text: str) -> str | None:
    """Return an administrative code without its padding, or None if it is not one.

    The digits are province 2, city 2, county 2, town 3, village 3 (GB/T 2260, GB/T 10114);
    "441224000000" is Huaiji county, "441224", and "341823100000" the town "341823100".
    """
    if not re.fullmatch(r"[1-8][0-9]{1,11}", text) or len(text) not in (2, 4, 6, 9, 12):
        return None
    parts = [text[start:end] for start, end in ((0, 2), (2, 4), (4, 6), (6, 9), (9, 12))]
    while parts and not parts[-1].strip("0"):
        parts.pop()
    return "".join(parts)


def _excluded(area: Area, where: str, reasons: list[Reason]) -> BaseGeometry | None:
    """Return what is to be cut out of an area; a ring that can not be read cuts out nothing."""
    holes: list[BaseGeometry | None] = []
    for number, (scheme, value) in enumerate(area.geocodes):
        if scheme.strip().casefold() != EXCLUDES:
            continue
        spot, unread = f"{where}/geocode[{number}]", list[Reason]()
        try:
            pairs = [[float(one) for one in pair.split(",")] for pair in value.split()]
            hole = _polygon(tuple((lon, lat) for lat, lon in pairs), spot, unread)
        except ValueError:
            hole = None
        if hole is None:
            message = f"{value[:40]!r} is no ring; nothing was cut out"
            reasons.append(Reason("bad_exclusion", ReasonKind.REPAIR, spot, message))
        holes.append(hole)
    found = _union(holes)
    if found is not None:
        reasons.append(Reason("cut_out", ReasonKind.NOTE, where, "a part was cut out, by its code"))
    return found


def _without(shape: BaseGeometry | None, hole: BaseGeometry) -> BaseGeometry | None:
    return None if shape is None else polygonal(shape.difference(hole))


def _polygon(
    ring: tuple[tuple[float, float], ...], spot: str, reasons: list[Reason]
) -> BaseGeometry | None:
    points = np.array(ring, dtype=np.float64).reshape(-1, 2)
    if len(points) and (points[0] != points[-1]).any():
        points = np.vstack([points, points[:1]])
        message = "polygon was not closed; its first point was added at its end"
        reasons.append(Reason("open_ring", ReasonKind.REPAIR, spot, message))
    fault = _ring_fault(points)
    if fault is not None:
        reasons.append(Reason(fault[0], ReasonKind.ERROR, spot, fault[1]))
        return None
    longitudes = np.unwrap(points[:, 0], period=360.0)
    if (longitudes != points[:, 0]).any() or (np.abs(longitudes) > 180).any():
        message = "polygon crosses the 180th meridian and was cut there"
        reasons.append(Reason("antimeridian", ReasonKind.REPAIR, spot, message))
    raw = shapely.Polygon(np.column_stack([longitudes, points[:, 1]]))
    shape = polygonal(raw)
    if shape is None:
        message = "polygon encloses no area"
        reasons.append(Reason("flat_ring", ReasonKind.ERROR, spot, message))
        return None
    if not raw.is_valid:
        before, after = area_km2(np.array([raw, shape], dtype=object))
        message = f"polygon crosses itself; mended, area {before:.3f} -> {after:.3f} km2"
        reasons.append(Reason("mended", ReasonKind.REPAIR, spot, message))
    return _within_world(shape)


def _ring_fault(points: NDArray[np.float64]) -> tuple[str, str] | None:
    if not _on_earth(points):
        return "outside_world", "polygon leaves the world: |lat| > 90 or |lon| > 360"
    if len(points) < 4:
        return "short_ring", "polygon has fewer than four points, its first repeated"
    longitudes = np.unwrap(points[:, 0], period=360.0)
    if abs(longitudes[-1] - longitudes[0]) > 1.0:
        return "around_pole", "polygon runs round a pole, so its inside is not known"
    return None


def _circle(circle: Circle, spot: str, reasons: list[Reason]) -> BaseGeometry | None:
    lon, lat, radius = circle.lon, circle.lat, circle.radius_km
    problem = None
    if not _on_earth(np.array([[lon, lat]])):
        problem = ("outside_world", "circle's centre is outside the world")
    elif not 0 <= radius <= MAX_RADIUS_KM:
        problem = ("bad_radius", f"circle's radius {radius} km is not within 0 and 20,000 km")
    if problem is not None:
        reasons.append(Reason(problem[0], ReasonKind.ERROR, spot, problem[1]))
        return None
    if radius == 0:
        message = f"circle is a point; taken as all within {POINT_RADIUS_KM} km of it"
        reasons.append(Reason("point", ReasonKind.NOTE, spot, message))
        radius = POINT_RADIUS_KM
    is_plain = radius <= WIDE_CIRCLE_KM and abs(lat) <= NEAR_POLE
    points = CIRCLE_POINTS if is_plain else MANY_POINTS
    radius *= _OUTSIDE / np.cos(np.pi / points)
    south, north = lat - radius / _KM_PER_DEGREE, lat + radius / _KM_PER_DEGREE
    if south <= -90 or north >= 90:
        message = "circle reaches a pole; taken as the whole band of latitude it lies in"
        reasons.append(Reason("around_pole", ReasonKind.REPAIR, spot, message))
        return shapely.box(-180.0, max(south, -90.0), 180.0, min(north, 90.0))
    return _within_world(shapely.Polygon(ring_around(lon, lat, radius, points)))


def _on_earth(points: NDArray[np.float64]) -> bool:
    return bool(
        np.isfinite(points).all()
        and (np.abs(points[:, 0]) <= 360).all()
        and (np.abs(points[:, 1]) <= 90).all()
    )


def _within_world(shape: BaseGeometry) -> BaseGeometry | None:
    west, _, east, _ = shape.bounds
    if west >= -180 and east <= 180:
        return shape
    turns = [turn for turn in (-720, -360, 0, 360, 720) if east + turn > -180 and west + turn < 180]
    return _union([translate(shape, xoff=turn).intersection(_WORLD) for turn in turns])


def _union(shapes: list[BaseGeometry | None]) -> BaseGeometry | None:
    usable = [shape for shape in shapes if shape is not None and not shape.is_empty]
    return shapely.union_all(usable) if usable else None
