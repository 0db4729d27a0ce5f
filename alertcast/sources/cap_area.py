"""The areas of CAP: polygons, circles and codes as published, or the reason why one cannot be used.

CAP writes "lat,lon"; inside it is (lon, lat): this file is where it turns. Shapes are checked only
as far as text goes; what crosses itself or the 180th meridian is mended where places are matched.
"""

import re
from dataclasses import dataclass

from alertcast.core.alert import Area, Circle
from alertcast.sources.cap_nodes import Node
from alertcast.sources.parsed import Findings

MAX_POLYGONS = 1_000  # of one alert
MAX_POINTS = 50_000  # of one alert
MAX_RADIUS_KM = 20_000.0  # half way round the Earth

_NUMBER = r"[+-]?(?:\d{1,9}(?:\.\d{0,30})?|\.\d{1,30})"
_PAIR = re.compile(rf"({_NUMBER}),({_NUMBER})", re.ASCII)
_CIRCLE = re.compile(rf"({_NUMBER})\s*,\s*({_NUMBER})\s+({_NUMBER})", re.ASCII)

Ring = tuple[tuple[float, float], ...]


@dataclass(slots=True)
class Budget:
    """How much geometry one alert may still bring, so that no message can choke the matching."""

    polygons: int = MAX_POLYGONS
    points: int = MAX_POINTS

    def take(self, rings: tuple[Ring, ...]) -> bool:
        """Take an area's rings out of the budget; False once it is overspent."""
        self.polygons -= len(rings)
        self.points -= sum(len(ring) for ring in rings)
        return self.polygons >= 0 and self.points >= 0


def read_areas(node: Node, budget: Budget, findings: Findings) -> tuple[Area, ...]:
    """Return the area with all that can be used of it; a part that can not, as one without a shape.

    A ring that cannot be read leaves a hole in the warned place. Where the area also has codes, all
    its shapes are therefore left out and its codes, which name the whole place, are used instead.
    Where it has none, the hole is an area of its own, so that whoever matches it knows of it.
    """
    geocodes = node.pairs("geocode", findings)
    rings = [_ring(child, findings) for child in _filled(node, "polygon", findings)]
    circles = [_circle(child, findings) for child in _filled(node, "circle", findings)]
    good_rings = tuple(ring for ring in rings if ring is not None)
    good_circles = tuple(circle for circle in circles if circle is not None)
    is_holed = None in [*rings, *circles]
    if not budget.take(good_rings):
        message = (
            f"more than {MAX_POLYGONS} polygons or {MAX_POINTS} points in one alert; "
            "this area's shapes are left out"
        )
        findings.repair("too_much_geometry", node.path, message)
        good_rings, is_holed = (), True
    if is_holed and geocodes and (good_rings or good_circles):
        message = "a shape of this area cannot be read; its codes are used for all of it"
        findings.repair("codes_instead", node.path, message)
        good_rings, good_circles = (), ()
    area = Area(
        desc=_desc(node, findings),
        polygons=good_rings,
        circles=good_circles,
        geocodes=geocodes,
        altitude=_feet(node, "altitude", findings),
        ceiling=_feet(node, "ceiling", findings),
    )
    if not is_holed or not (good_rings or good_circles):
        return (area,)
    message = "a shape of this area cannot be read; that part is an area without a shape"
    findings.repair("part_unread", node.path, message)
    return area, Area(area.desc)


def closed(points: list[tuple[float, float]], where: str, findings: Findings) -> Ring | None:
    """Return a closed ring of (lon, lat), or None with the reason why it is none."""
    for lon, lat in points:
        if not (abs(lat) <= 90 and abs(lon) <= 360):
            message = f"latitude {lat}, longitude {lon} is outside the world; is it lon,lat?"
            findings.repair("outside_world", where, f"{message} polygon left out")
            return None
    if points and points[0] != points[-1]:
        points = [*points, points[0]]
        findings.repair("open_ring", where, "the polygon was not closed; first point repeated")
    if len(points) < 4 or len(set(points)) < 3:
        message = f"{len(set(points))} different points enclose no area; polygon left out"
        findings.repair("short_ring", where, message)
        return None
    return tuple(points)


def _ring(node: Node, findings: Findings) -> Ring | None:
    """One unreadable pair spoils the ring: half a ring is somewhere else."""
    text = node.own_text()
    points = []
    mended = False
    for token in text.split():
        pair = token.strip("()[],;")
        mended = mended or pair != token
        match = _PAIR.fullmatch(pair)
        if match is None:
            message = f"{token[:40]!r} is not a lat,lon pair; polygon left out"
            findings.repair("bad_pair", node.path, message)
            return None
        points.append((float(match.group(2)), float(match.group(1))))
    if mended:
        findings.repair("stray_marks", node.path, "brackets or commas round a pair were dropped")
    return closed(points, node.path, findings)


def _circle(node: Node, findings: Findings) -> Circle | None:
    text = node.own_text()
    match = _CIRCLE.fullmatch(text)
    if match is None:
        message = f"{text[:40]!r} is not 'lat,lon radius'; circle left out"
        findings.repair("bad_circle", node.path, message)
        return None
    lat, lon, radius = (float(number) for number in match.groups())
    if abs(lat) > 90 or abs(lon) > 360:
        message = f"latitude {lat}, longitude {lon} is outside the world; circle left out"
        findings.repair("outside_world", node.path, message)
        return None
    if not 0 <= radius <= MAX_RADIUS_KM:
        message = f"radius {radius} km is not within 0 and 20,000; circle left out"
        findings.repair("bad_radius", node.path, message)
        return None
    return Circle(lon, lat, radius)


def _filled(area: Node, name: str, findings: Findings) -> list[Node]:
    filled = []
    for node in area.nodes(name):
        if node.own_text():
            filled.append(node)
        else:
            findings.repair("empty_shape", node.path, f"an empty {name} was read as absent")
    return filled


def _desc(node: Node, findings: Findings) -> str:
    desc = node.text("areaDesc")
    if desc is None:
        findings.repair("no_area_desc", node.under("areaDesc"), "areaDesc is missing; left empty")
    return desc or ""


def _feet(node: Node, name: str, findings: Findings) -> float | None:
    text = node.text(name)
    if text is None:
        return None
    if re.fullmatch(_NUMBER, text, re.ASCII):
        return float(text)
    findings.repair("bad_height", node.under(name), f"{text[:40]!r} is not a number; left out")
    return None
