"""Made-up layers and warnings of every awkward kind, and a match that looks at each grid alone."""

from itertools import pairwise

import numpy as np
import shapely

from alertcast.core.alert import Area, Circle
from alertcast.core.earth import area_km2
from alertcast.core.grid import Grid
from alertcast.core.place import place_of

LEVELS = ("red", "orange", "yellow")


def layer(rng: np.random.Generator, number: int, west: float, south: float) -> list[Grid]:
    """Return some `number` grids about two degrees wide; those beyond 180 degrees lie beyond it.

    Neighbours that share their borders, and strays that lie across them: with holes, of several
    parts, crossing themselves, enclosing nothing, and without any polygon.
    """
    side = int(np.ceil(np.sqrt(number)))
    edges = np.linspace(0, 2, side + 1)
    cells = [
        shapely.box(west + a, south + b, west + c, south + d)
        for a, c in pairwise(edges)
        for b, d in pairwise(edges)
    ]
    shapes = [one if rng.random() < 0.6 else stray(rng, west, south, 2 / side) for one in cells]
    return [
        Grid(
            code=f"G{n}",
            name=f"G{n}",
            kind="village",
            town_code=f"44122410{n % 7}",
            town="某镇",
            county_code="441224",
            county="某县",
            geometry=None if rng.random() < 0.05 else within_world(shape),
        )
        for n, shape in enumerate(shapes[:number])
    ]


def stray(rng: np.random.Generator, west: float, south: float, size: float):
    """Return a polygon somewhere in the layer, of a kind that a box is not."""
    at = np.array([west, south]) + rng.uniform(0, 2, 2)
    star = shapely.Polygon(_ring(rng, at, size * rng.uniform(0.3, 1.5), int(rng.integers(3, 12))))
    kind = rng.integers(5)
    if kind == 0:
        hole = _ring(rng, at, size * 0.1, 5)
        return star.difference(shapely.Polygon(hole))
    if kind == 1:
        return shapely.union(star, shapely.affinity.translate(star, size * 4, size))
    if kind == 2:
        west, south, east, north = star.bounds
        return shapely.Polygon([(west, south), (east, north), (east, south), (west, north)])
    return shapely.Polygon([at, at + size, at]) if kind == 3 and rng.random() < 0.3 else star


def areas(
    rng: np.random.Generator, number: int, west: float, south: float
) -> list[tuple[Area, str | None]]:
    """Return so many areas at or near the layer, drawn by polygons, circles or both."""
    return [(_area(rng, west, south), rng.choice([*LEVELS, None])) for _ in range(number)]


def _area(rng: np.random.Generator, west: float, south: float) -> Area:
    polygons, circles = [], []
    for _ in range(int(rng.integers(1, 4))):
        lon, lat = np.array([west, south]) + rng.uniform(-0.3, 2.3, 2)
        size = 10 ** rng.uniform(-2.5, 0.3)
        kind = rng.integers(4)
        if kind == 0:
            circles.append(Circle(lon, lat, size * 100))
        elif kind == 1:  # along the borders of grids that are boxes
            box = shapely.box(round(lon, 1), round(lat, 1), round(lon + size, 1), round(lat + 1, 1))
            polygons.append(tuple(box.exterior.coords))
        else:
            many = int(rng.choice([3, 5, 20, 300]))
            ring = _ring(rng, (lon, lat), size, many)
            polygons.append(tuple(map(tuple, ring if kind == 2 else rng.permutation(ring[:8]))))
    return Area("x", polygons=tuple(polygons), circles=tuple(circles))


def _ring(rng: np.random.Generator, at, size: float, points: int):
    angle = np.linspace(0, 2 * np.pi, points, endpoint=False)
    radius = size * rng.uniform(0.4, 1.0, points)
    return np.column_stack([at[0] + radius * np.cos(angle), at[1] + radius * np.sin(angle)])


def within_world(shape):
    """Return a shape with what lies east of the 180th meridian where it belongs."""
    beyond = shapely.box(180, -90, 540, 90)
    if not shapely.is_valid(shape) or not shape.intersects(beyond):
        return shape
    other = shapely.affinity.translate(shape.intersection(beyond), -360)
    return shapely.union(shape.difference(beyond), other)


def one_by_one(
    grids: list[Grid], warned: list[tuple[Area, str | None]], rules
) -> tuple[dict[str, tuple[str | None, str, str, float]], dict[str, float]]:
    """Return (level, polygon or circle, why it counts, share) by code, and the near misses.

    `rules` gives for each level (share, square metres or None). What is told with its town, having
    no polygon, is left out.
    """
    places = [(place_of(area), level) for area, level in warned]
    hits, near = {}, {}
    for rank, level in enumerate([*LEVELS, None]):
        above = [*LEVELS, None][: rank + 1]
        drawn = [place for place, its in places if its in above and place.shape is not None]
        if not any(its == level and place.shape is not None for place, its in places):
            continue
        near = {}
        parts = shapely.get_parts(shapely.union_all([place.shape for place in drawn]))
        for grid in grids:
            cell = None if grid.geometry is None else _mended(grid.geometry)
            if cell is None or not any(shapely.intersects(part, cell) for part in parts):
                continue
            share, why = _counted(cell, parts, *rules[level])
            if why is None:
                near[grid.code] = share
            elif grid.code not in hits:
                polygons = [p.polygons for p in drawn if p.polygons is not None]
                is_in = any(one.intersects(cell) for one in polygons)
                hits[grid.code] = level, "polygon" if is_in else "circle", why, share
    return hits, {code: share for code, share in near.items() if code not in hits}


def _mended(shape):
    mended = shapely.make_valid(shape, method="structure", keep_collapsed=False)
    parts = [one for one in shapely.get_parts(mended) if one.geom_type == "Polygon"]
    parts = [one for one in parts if one.area > 1e-10]
    return shapely.union_all(parts) if parts else None


def _counted(cell, parts, least: float, square_metres: float | None) -> tuple[float, str | None]:
    common = [cell.intersection(part) for part in parts]
    whole, shared = float(_km2(cell)), [float(_km2(one)) for one in common]
    share = min(sum(shared) / whole, 1.0)
    if share >= least - 1e-9:
        return share, "share"
    if square_metres is not None and sum(shared) * 1e6 >= square_metres * (1 - 1e-9):
        return share, "area"
    of_part = max(one / float(_km2(part)) for one, part in zip(shared, parts, strict=True))
    return share, "part" if of_part >= least - 1e-9 else None


def _km2(shape) -> float:
    (found,) = area_km2(np.array([shape], dtype=object))
    return found
