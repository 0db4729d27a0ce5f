"""A made-up nation of grids, and warnings over a given part of it.

Neighbours share wiggly borders of 8 to 20 points, the largest are some fifty times the smallest,
one in a hundred has a hole, one in a hundred two parts, and they lie in no order, as layers do.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.affinity import scale, translate
from shapely.geometry.base import BaseGeometry

from alertcast.core.cells import Ints, Shapes, mended

WEST, SOUTH, SIDE = 105.0, 20.0, 10.0  # degrees
ODD = 100  # one in so many has a hole, and one two parts
NEAR = 0.03  # how far from the wanted part of the grids a warning may be


@dataclass(frozen=True)
class Nation:
    """A layer: the numbers of its grids, and their polygons."""

    numbers: Ints
    shapes: Shapes


def nation(grids: int, seed: int = 1) -> Nation:
    """Make so many grids; the same seed makes the same."""
    rng = np.random.default_rng(seed)
    columns = max(int(np.sqrt(grids)), 1)
    rows = -(-grids // columns)
    xs, ys = _lines(rng, columns) + WEST, _lines(rng, rows) + SOUTH
    room = np.meshgrid(_room(xs), _room(ys))
    corners = np.stack(np.meshgrid(xs, ys), -1)
    corners += rng.uniform(-0.2, 0.2, corners.shape) * np.stack(room, -1)
    across, is_across = _edges(rng, corners[:, :-1], corners[:, 1:])
    along, is_along = _edges(rng, corners[:-1], corners[1:])
    sides = [
        _side(corners[:-1, :-1], across[:-1], is_across[:-1]),
        _side(corners[:-1, 1:], along[:, 1:], is_along[:, 1:]),
        _side(corners[1:, 1:], across[1:, :, ::-1], is_across[1:, :, ::-1]),
        _side(corners[1:, :-1], along[:, :-1, ::-1], is_along[:, :-1, ::-1]),
    ]
    points = np.concatenate([one for one, _ in sides], 2).reshape(rows * columns, -1, 2)
    is_there = np.concatenate([one for _, one in sides], 2).reshape(rows * columns, -1)
    order = rng.permutation(rows * columns)[:grids]
    points, is_there = points[order], is_there[order]
    owner = np.repeat(np.arange(grids), is_there.sum(axis=1))
    shapes = shapely.polygons(shapely.linearrings(points[is_there], indices=owner))
    numbers, valid = mended(shapes.tolist())
    return Nation(numbers, _made_odd(valid))


def over(nation: Nation, share: float, points: int, seed: int) -> BaseGeometry:
    """Return a smooth blob of so many points that touches about this share of the grids."""
    rng = np.random.default_rng(seed)
    at = np.array([WEST, SOUTH]) + SIDE / 2 + rng.uniform(-1, 1, 2)
    angle = np.linspace(0, 2 * np.pi, points, endpoint=False)
    waves = [(k, rng.uniform(-0.1, 0.1), rng.uniform(0, 2 * np.pi)) for k in range(2, 7)]
    radius = 1 + sum(high * np.cos(k * angle + turn) for k, high, turn in waves)
    blob = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
    middles = shapely.get_coordinates(shapely.centroid(nation.shapes))
    low, high = 0.0, SIDE
    for _ in range(40):
        size = (low + high) / 2
        made = shapely.Polygon(at + size * blob)
        shapely.prepare(made)
        found = shapely.contains_xy(made, middles).mean()
        if abs(found - share) < NEAR * share:
            break
        low, high = (size, high) if found < share else (low, size)
    return shapely.Polygon(at + size * blob)


def _lines(rng: np.random.Generator, number: int) -> NDArray[np.float64]:
    widths = np.cumsum(rng.lognormal(0, 0.6, number))
    return np.concatenate([[0.0], widths / widths[-1] * SIDE])


def _room(lines: NDArray[np.float64]) -> NDArray[np.float64]:
    widths = np.diff(lines)
    return np.minimum(np.append(widths[0], widths), np.append(widths, widths[-1]))


def _edges(
    rng: np.random.Generator, begin: NDArray[np.float64], end: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return up to four points between corners, and which of them are there."""
    way = end - begin
    middles = begin[..., None, :] + way[..., None, :] * (np.arange(1, 5) / 5)[:, None]
    aside = np.stack([-way[..., 1], way[..., 0]], -1)[..., None, :]
    middles += aside * rng.uniform(-0.08, 0.08, (*way.shape[:2], 4, 1))
    return middles, np.arange(4) < rng.integers(1, 5, way.shape[:2])[..., None]


def _side(
    corner: NDArray[np.float64], middles: NDArray[np.float64], is_there: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    always = np.ones((*is_there.shape[:2], 1), dtype=np.bool_)
    return (
        np.concatenate([corner[..., None, :], middles], -2),
        np.concatenate([always, is_there], -1),
    )


def _made_odd(shapes: Shapes) -> Shapes:
    for spot in range(0, len(shapes), ODD):
        middle = shapes[spot].centroid
        shapes[spot] = shapes[spot].difference(middle.buffer(shapes[spot].area ** 0.5 / 8, 2))
    for spot in range(1, len(shapes), ODD):
        west, _, east, _ = shapes[spot].bounds
        exclave = translate(scale(shapes[spot], 0.3, 0.3), 2 * (east - west))
        shapes[spot] = shapely.union(shapes[spot], exclave)
    return shapes
