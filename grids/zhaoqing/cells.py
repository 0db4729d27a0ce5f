"""Cut a town's cell into the cells of its communities, villages and quarters.

Nobody publishes these boundaries. The cells are Voronoi cells of seeded points, relaxed by Lloyd's
method so that they come out alike in size, and denser towards the town's seat. They are computed,
never surveyed: every one of them is marked approximate.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan2, cos, radians, sqrt

import numpy as np
import shapely
from numpy.typing import NDArray
from places import COMMUNITY, Unit
from shapely.geometry import MultiPoint, Polygon
from shapely.geometry.base import BaseGeometry

PRECISION = 1e-5  # degrees, about one metre: all vertices lie on this raster
SAMPLES = 250  # lattice points per cell that the relaxation weighs
ROUNDS = 40  # of Lloyd's relaxation
QUARTER_SHARE = 12  # a quarter is one of so many parts of its community's core

Points = NDArray[np.float64]  # shape (n, 2): x, y
Indices = NDArray[np.intp]  # shape (n,)


@dataclass(frozen=True)
class Cell:
    """A cut piece, and the point it was cut around. WGS 84 (lon, lat)."""

    area: BaseGeometry
    seed: tuple[float, float]


def cut(
    area: BaseGeometry, centre: tuple[float, float], count: int, seed: Sequence[int]
) -> list[Cell]:
    """Cut `area` (WGS 84) into `count` cells that cover it, nearest to `centre` first.

    The pieces share their vertices, so they neither overlap nor leave gaps. The same arguments
    always give the same cells.
    """
    squeeze = np.array([cos(radians(centre[1])), 1.0])  # degrees of longitude are shorter here
    middle = np.array(centre) * squeeze
    points = _relaxed(area, squeeze, middle, count, np.random.default_rng(seed))
    faces = _faces(area, points, squeeze)
    inside = np.array([face.representative_point().coords[0] for face in faces]) * squeeze
    owner = _nearest(inside, points)
    order = np.argsort(np.hypot(*(points - middle).T), kind="stable")
    return [
        Cell(
            area=shapely.union_all(
                [face for face, i in zip(faces, owner, strict=True) if i == k],
                grid_size=PRECISION,
            ),
            seed=tuple(points[k] / squeeze),
        )
        for k in order
    ]


def _relaxed(
    area: BaseGeometry,
    squeeze: Points,
    middle: Points,
    count: int,
    rng: np.random.Generator,
) -> Points:
    """Spread `count` points over `area`, denser near `middle`; shape (count, 2), squeezed."""
    samples = _lattice(area, squeeze, SAMPLES * count)
    distance = np.hypot(*(samples - middle).T)
    reach = 0.35 * sqrt(area.area * squeeze[0])  # within it the density is about even
    weight = 1.0 / (1.0 + (distance / reach) ** 2)
    chosen = rng.choice(len(samples), size=count, replace=False, p=weight / weight.sum())
    points = samples[chosen]
    for _ in range(ROUNDS):
        owner = _nearest(samples, points)
        mass = np.bincount(owner, weights=weight, minlength=count)
        sums = [np.bincount(owner, weights=weight * axis, minlength=count) for axis in samples.T]
        full = mass > 0
        points[full] = (np.stack(sums, axis=1)[full].T / mass[full]).T
    return points


def _lattice(area: BaseGeometry, squeeze: Points, count: int) -> Points:
    """Return about `count` evenly spaced points inside `area`; shape (n, 2), squeezed."""
    step = sqrt(area.area * squeeze[0] / count)
    west, south, east, north = area.bounds
    lon = np.arange(west + step / 2, east, step / squeeze[0])
    lat = np.arange(south + step / 2, north, step)
    grid = np.stack(np.meshgrid(lon, lat), axis=-1).reshape(-1, 2)
    inside: Points = grid[shapely.contains_xy(area, grid)] * squeeze
    return inside


def _nearest(samples: Points, points: Points) -> Indices:
    """Return for each of `samples` the index of the nearest of `points`."""
    east = samples[:, :1] - points[:, 0]
    north = samples[:, 1:] - points[:, 1]
    nearest: Indices = np.argmin(east * east + north * north, axis=1)
    return nearest


def _faces(area: BaseGeometry, points: Points, squeeze: Points) -> list[Polygon]:
    """Divide `area` along the Voronoi edges of `points`, every vertex on the raster."""
    squeezed = shapely.transform(area, lambda lonlat: lonlat * squeeze)
    edges = shapely.voronoi_polygons(MultiPoint(points), extend_to=squeezed, only_edges=True)
    edges = shapely.transform(edges, lambda xy: xy / squeeze)
    lines = shapely.union_all([area.boundary, edges.intersection(area)], grid_size=PRECISION)
    faces = shapely.get_parts(shapely.polygonize([lines]))
    return [face for face in faces if area.contains(face.representative_point())]


def cut_town(units: list[Unit], seed: int) -> dict[str, Cell]:
    """Give every unit of one town its cell, by code.

    Communities lie around the seat (those of a merged town last); villages follow in the order of
    their codes around the compass, so that neighbours in the list are neighbours on the map.
    """
    town = units[0].town
    cells = cut(town.cell, town.seat, len(units), (seed, int(town.code)))
    communities = [unit for unit in units if unit.kind == COMMUNITY]
    communities.sort(key=lambda unit: (unit.is_moved, unit.code))
    villages = [unit for unit in units if unit.kind != COMMUNITY]
    lon, lat = town.seat
    outer = sorted(
        cells[len(communities) :],
        key=lambda cell: atan2(cell.seed[1] - lat, cell.seed[0] - lon),
    )
    placed = [*cells[: len(communities)], *outer]
    return {unit.code: cell for unit, cell in zip([*communities, *villages], placed, strict=True)}


def cut_quarters(
    community: BaseGeometry, seat: tuple[float, float], count: int, seed: Sequence[int]
) -> tuple[BaseGeometry, list[BaseGeometry]]:
    """Cut `count` quarters out of the inside of a community; return what is left, and them.

    The quarters stay clear of the community's border, which therefore keeps its vertices.
    """
    core = max(
        shapely.get_parts(community.buffer(-0.12 * sqrt(community.area))),
        key=lambda part: part.area,
    )
    cells = cut(core, seat, QUARTER_SHARE, seed)[:count]
    quarters = [cell.area for cell in cells]
    return community.difference(shapely.union_all(quarters), grid_size=PRECISION), quarters


def sealed(areas: Sequence[BaseGeometry]) -> list[BaseGeometry]:
    """Return `areas` (WGS 84) with the hair-wide overlaps and gaps between towns closed.

    Towns are cut one by one, so a corner on one side of a town's border is missing on the other.
    Dividing all of them again together gives both sides the same vertices.
    """
    lines = shapely.union_all([area.boundary for area in areas], grid_size=PRECISION)
    faces = shapely.get_parts(shapely.polygonize([lines]))
    inner = shapely.point_on_surface(faces)
    owners = shapely.STRtree(areas).nearest(inner)  # the area around it, or beside a gap
    pieces: list[list[Polygon]] = [[] for _ in areas]
    for face, owner in zip(faces, owners, strict=True):
        pieces[owner].append(face)
    return [shapely.union_all(piece, grid_size=PRECISION) for piece in pieces]
