"""What a map draws of a layer: its grids, and the towns and counties that they make up, simplified.

Nothing is decided by these shapes; warnings are matched with the layer's own.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from alertcast.core.grid import Grid

TOLERANCE = 0.0002
"""How far a drawn border may be from the real one: degrees, some 20 m."""

DIGITS = 0.00001
"""The step of drawn coordinates: degrees, some 1 m."""

GAP = 0.0003
"""A gap between the grids of one town that is narrower than twice this is closed: degrees."""


@dataclass(frozen=True, slots=True)
class Outline:
    """One place as it is drawn."""

    code: str
    name: str
    within: str  # what its name is said with: of a grid its town, of a town its county
    parts_of: tuple[str, ...]  # codes of the town and county that it lies in
    approximate: bool  # computed, not surveyed; of a town: any of its grids
    shape: BaseGeometry  # Polygon or MultiPolygon, WGS 84 (lon, lat)


def cells(grids: Iterable[Grid]) -> list[Outline]:
    """Return the grids that have a shape."""
    shaped = _shaped(grids)
    shapes = _simplified(_array(grid.geometry for grid in shaped))
    return [
        Outline(
            grid.code,
            grid.name,
            grid.town,
            (grid.town_code, grid.county_code),
            grid.approximate,
            shape,
        )
        for grid, shape in zip(shaped, shapes, strict=True)
    ]


def towns(grids: Iterable[Grid]) -> list[Outline]:
    """Return the towns of the grids that have a shape."""
    return _united(
        grids, lambda grid: (grid.town_code, grid.town, grid.county, (grid.county_code,))
    )


def counties(grids: Iterable[Grid]) -> list[Outline]:
    """Return the counties of the grids that have a shape."""
    return _united(grids, lambda grid: (grid.county_code, grid.county, "", ()))


def _united(
    grids: Iterable[Grid], place: Callable[[Grid], tuple[str, str, str, tuple[str, ...]]]
) -> list[Outline]:
    members: dict[str, list[Grid]] = {}
    for grid in _shaped(grids):
        members.setdefault(place(grid)[0], []).append(grid)
    whole = _simplified(_array(_union(parts) for parts in members.values()))
    return [
        Outline(*place(parts[0]), any(grid.approximate for grid in parts), shape)
        for parts, shape in zip(members.values(), whole, strict=True)
    ]


def _union(parts: Sequence[Grid]) -> BaseGeometry:
    whole = shapely.union_all(shapely.make_valid(_array(grid.geometry for grid in parts)))
    joined = whole.buffer(GAP, join_style="mitre").buffer(-GAP, join_style="mitre")
    return whole if joined.is_empty else joined


def _shaped(grids: Iterable[Grid]) -> list[Grid]:
    return [one for one in grids if one.geometry is not None and not one.geometry.is_empty]


def _array(shapes: Iterable[BaseGeometry | None]) -> NDArray[np.object_]:
    found = list(shapes)
    array = np.empty(len(found), dtype=object)
    array[:] = found
    return array


def _simplified(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return the shapes with fewer corners; neighbours keep one border if they had one."""
    if not len(shapes):
        return shapes
    if shapely.coverage_is_valid(shapes):
        drawn = shapely.coverage_simplify(shapes, TOLERANCE)
    else:
        drawn = shapely.simplify(shapes, TOLERANCE)
    found: NDArray[np.object_] = shapely.set_precision(drawn, DIGITS, mode="pointwise")
    return found
