"""The jurisdiction (辖区) of a source: the places of which it may warn, by code or within a box.

A warning of another place, or one whose latitude and longitude were swapped, is nobody's to believe
without a human.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from alertcast.core.alert import Alert, Area, Reason
from alertcast.core.place import CHINA, codes_of

Point = tuple[float, float]
Box = tuple[float, float, float, float]
"""West, south, east, north: degrees, WGS 84."""


def check_prefix(text: str) -> str:
    """Return `text` if it is the beginning of an administrative code, else raise ValueError."""
    if not re.fullmatch(r"[1-8][0-9]([0-9]{2}([0-9]{2})?)?", text):
        msg = f"{text[:20]!r} is not 2, 4 or 6 digits of an administrative code, e.g. 4412"
        raise ValueError(msg)
    return text


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """What one source may warn of; what is not declared is not looked at."""

    codes: tuple[str, ...] = ()  # first digits of administrative codes (GB/T 2260)
    box: Box | None = None

    @classmethod
    def read(cls, section: Mapping[str, Any]) -> "Jurisdiction":
        """Return what a section of the configuration declares; raises ValueError for a mistake."""
        if not isinstance(section, Mapping) or not section or section.keys() - {"codes", "box"}:
            msg = 'has codes, or a box, or both, e.g. { codes = ["4412"] }'
            raise ValueError(msg)
        codes = section.get("codes", ())
        if not isinstance(codes, list | tuple) or ("codes" in section and not codes):
            msg = 'codes: a list of first digits of administrative codes, e.g. ["4412"]'
            raise ValueError(msg)
        found = tuple(check_prefix(str(one)) for one in codes)
        return cls(found, _box(section["box"]) if "box" in section else None)

    def fault(self, message: Alert) -> str | None:
        """Return what of a message lies outside, as a Chinese clause; None: nothing does.

        A code must begin as one of `codes`; a wider one, of a whole province, is outside. A polygon
        or circle must touch the box. Each is looked at only where the jurisdiction declares it.
        """
        areas = [area for info in message.infos for area in info.areas]
        return next((found for area in areas if (found := self._of(area))), None)

    def _of(self, area: Area) -> str | None:
        named = area.desc.strip() or "未写明地点"
        for ring in _rings(area):
            if self.box is None or _touches(self.box, ring):
                continue
            swapped = [(lat, lon) for lon, lat in ring]
            if _touches(self.box, swapped):
                return f"“{named}”的经纬度像是写反了"
            return f"“{named}”的图形在辖区之外"
        unread: list[Reason] = []
        for code in codes_of(area, "", unread) if self.codes else ():
            if code.scheme == CHINA and not code.value.startswith(self.codes):
                return f"“{named}”的区划代码 {code.value} 在辖区之外"
        return None


def _rings(area: Area) -> Iterable[list[Point]]:
    yield from (list(ring) for ring in area.polygons)
    for circle in area.circles:
        reach = circle.radius_km / _KM_PER_DEGREE  # more than enough north and south
        yield [
            (circle.lon + east * reach, circle.lat + north * reach)
            for east, north in ((-1, -1), (-1, 1), (1, 1), (1, -1))
        ]


_KM_PER_DEGREE = 110.5  # no degree of latitude is shorter on WGS 84


def _touches(box: Box, ring: Iterable[Point]) -> bool:
    """Say whether the bounds of a ring and a box meet."""
    west, south, east, north = box
    points = list(ring)
    lons, lats = [lon for lon, _ in points], [lat for _, lat in points]
    return (
        min(lons) <= east and max(lons) >= west and min(lats) <= north and max(lats) >= south
        if points
        else True
    )


def _box(section: object) -> Box:
    rule = (
        "box: four numbers, west, south, east, north, in degrees, e.g. [111.3, 22.7, 112.9, 24.4]"
    )
    if not isinstance(section, list | tuple) or len(section) != 4:
        raise ValueError(rule)
    if not all(isinstance(one, int | float) and not isinstance(one, bool) for one in section):
        raise ValueError(rule)
    west, south, east, north = (float(one) for one in section)
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise ValueError(rule)
    return west, south, east, north
