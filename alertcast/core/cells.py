"""The cells of a layer, the polygons of its grids: which of them a warning touches, how much."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from alertcast.core.earth import area_km2
from alertcast.core.polygonal import polygonal

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Shapes = NDArray[np.object_]

_POLYGONS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)


@dataclass(frozen=True, slots=True)
class Shared:
    """What a warning shares with each cell that it touches: arrays of one length, in no order."""

    numbers: Ints  # of the grids in their layer, each once
    share: Floats  # 0..1 of the cell
    km2: Floats  # of the cell, square kilometres
    of_part: Floats  # 0..1 of a connected part of the warning, of whichever it is most


class Cells(Protocol):
    """The cells of one layer, ready to be asked; shapes are valid polygons, WGS 84 (lon, lat)."""

    @property
    def numbers(self) -> Ints:
        """The numbers in their layer of the grids that have a cell."""

    def touching(self, shape: BaseGeometry) -> Ints:
        """Return the numbers of the grids whose cell a shape touches at all, in no order."""

    def shared(self, warning: BaseGeometry) -> Shared:
        """Return what a warning shares with each cell that it touches at all."""

    def nearest(self, shape: BaseGeometry) -> BaseGeometry | None:
        """Return a cell than which none is nearer to a shape in degrees; None: there is none."""


class TreeCells:
    """The cells of a small layer, in an STRtree."""

    def __init__(self, numbers: Ints, shapes: Shapes) -> None:
        """Take the cells as `mended` returns them."""
        self.numbers = numbers
        self._shapes = shapes
        self._tree = shapely.STRtree(shapes)
        self._km2 = area_km2(shapes)

    def touching(self, shape: BaseGeometry) -> Ints:
        """Return the numbers of the grids whose cell a shape touches at all, in no order."""
        spots: Ints = self._tree.query(shape, predicate="intersects")
        return self.numbers[spots]

    def shared(self, warning: BaseGeometry) -> Shared:
        """Return what a warning shares with each cell that it touches at all."""
        parts = shapely.get_parts(warning)
        shapely.prepare(parts)
        part, spot = self._tree.query(parts, predicate="intersects")
        km2 = self._km2[spot]
        edge = np.flatnonzero(~shapely.contains_properly(parts[part], self._shapes[spot]))
        km2[edge] = area_km2(shapely.intersection(parts[part[edge]], self._shapes[spot[edge]]))
        return joined(self.numbers[spot], km2, self._km2[spot], ratio(km2, area_km2(parts)[part]))

    def nearest(self, shape: BaseGeometry) -> BaseGeometry | None:
        """Return a cell than which none is nearer to a shape in degrees; None: there is none."""
        spot = self._tree.nearest(shape)
        return None if spot is None else self._shapes[spot]


def mended(shapes: Sequence[BaseGeometry | None]) -> tuple[Ints, Shapes]:
    """Return the numbers of those shapes that enclose anything, and their valid polygonal part."""
    found = np.empty(len(shapes), dtype=object)
    found[:] = shapes
    is_fine = shapely.is_valid(found) & np.isin(shapely.get_type_id(found), _POLYGONS)
    for number in np.flatnonzero(~is_fine & ~shapely.is_missing(found)):
        found[number] = polygonal(found[number])
    numbers = np.flatnonzero(~shapely.is_missing(found) & ~shapely.is_empty(found))
    return numbers, found[numbers]


def joined(numbers: Ints, km2: Floats, cells_km2: Floats, of_part: Floats) -> Shared:
    """Return what several parts of a warning share with each cell: sums, and the largest part."""
    once, first, slot = np.unique(numbers, return_index=True, return_inverse=True)
    whole = cells_km2[first]
    total = np.minimum(np.bincount(slot, km2, len(once)), whole)
    most = np.zeros(len(once))
    np.maximum.at(most, slot, of_part)
    return Shared(once, ratio(total, whole), total, most)


def ratio(part: Floats, whole: Floats) -> Floats:
    """Return part / whole, and 0 where there is no whole."""
    return np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)
