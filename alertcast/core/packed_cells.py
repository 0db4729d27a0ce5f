"""Which packed cells a warning touches: whole boxes of them at once, and its border one by one.

A box that lies wholly in the warning yields its cells without their being looked at; so the work
grows with the warning's outline, not with its area. Answers are those of an STRtree and GEOS.
"""

from collections.abc import Iterable

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from alertcast.core.cells import Floats, Ints, Shapes, Shared, joined, ratio
from alertcast.core.earth import area_km2
from alertcast.core.outline_pieces import pieces_of
from alertcast.core.packed import FAN_OUT, Packed
from alertcast.core.polygonal import polygonal

Piece = tuple[Ints, Floats, Floats]
"""Cells of one part of a warning: where they lie in the arrays, square kilometres, share of it."""

_PIECES = (32, 512)  # of an outline, at least and at most; between them one or more cells long
_MANY_POINTS = 64  # of a warning; with more it pays to cut it to the boxes at its border first
_CUT_AT = (4, 2)  # levels at which it is cut: boxes of 4,096 cells, then of 64
_ROUNDED_UP = 1 + 1e-9  # a distance found anew may differ in its last digits
_COLLECTION = shapely.GeometryType.GEOMETRYCOLLECTION
_NO_PIECE: Piece = (np.zeros(0, np.int64), np.zeros(0), np.zeros(0))


class PackedCells:
    """The cells of a large layer, in arrays that several processes may share."""

    def __init__(self, packed: Packed) -> None:
        self._packed = packed.plain()
        self._bytes = memoryview(self._packed.wkb.data)

    @property
    def numbers(self) -> Ints:
        """The numbers in their layer of the grids that have a cell."""
        return self._packed.numbers

    def touching(self, shape: BaseGeometry) -> Ints:
        """Return the numbers of the grids whose cell a shape touches at all, in no order."""
        shapely.prepare(shape)
        inside, border = self._split(shape)
        spots: Ints = border[shapely.intersects(shape, self._shapes(border))]
        touched: Ints = self._packed.numbers[np.concatenate([inside, spots])]
        return touched

    def shared(self, warning: BaseGeometry) -> Shared:
        """Return what a warning shares with each cell that it touches at all."""
        whole, cut = [_NO_PIECE], [_NO_PIECE]
        for part in shapely.get_parts(warning):
            shapely.prepare(part)
            inside, border = self._split(part)
            (part_km2,) = area_km2(np.array([part], dtype=object))
            whole.append(_piece(inside, self._packed.km2[inside], part_km2))
            cut.append(_piece(*self._cut(part, border), part_km2))
        inside, km2, of_part = _together(whole)  # no cell lies wholly in two parts
        spots, cut_km2, cut_of_part = _together(cut)
        others = joined(spots, cut_km2, self._packed.km2[spots], cut_of_part)
        return Shared(
            self._packed.numbers[np.concatenate([inside, others.numbers])],
            np.concatenate([np.ones(len(inside)), others.share]),
            np.concatenate([km2, others.km2]),
            np.concatenate([of_part, others.of_part]),
        )

    def nearest(self, shape: BaseGeometry) -> BaseGeometry | None:
        """Return a cell than which none is nearer to a shape in degrees; None: there is none."""
        if not len(self._packed.numbers):
            return None
        shapely.prepare(shape)
        _, likely = self._nearest(shape, None)  # in the nearest box of each level
        return self._nearest(shape, likely * _ROUNDED_UP)[0]

    def _split(self, shape: BaseGeometry) -> tuple[Ints, Ints]:
        """Return which cells lie in boxes wholly inside a shape, and which at its outline.

        Whether one of the latter touches the shape is still to be asked. Level by level, only boxes
        that the outline may meet are opened, and only with the pieces of it that are near.
        """
        inside: list[Ints] = []
        levels = self._packed.boxes
        spots, top = self._around(shape.bounds)
        along_a_side = (len(spots) * FAN_OUT**top) ** 0.5  # cells
        pieces = pieces_of(shape, int(np.clip(along_a_side, *_PIECES)))
        slot, piece = np.divmod(np.arange(len(spots) * len(pieces.stray)), len(pieces.stray) or 1)
        for depth in reversed(range(top + 1)):
            boxes = levels[depth][spots]
            is_near = pieces.are_near(boxes[slot], piece)
            slot, piece = slot[is_near], piece[is_near]
            is_border = np.zeros(len(spots), dtype=np.bool_)
            is_border[slot] = True
            corners = boxes[~is_border]
            is_inside = shapely.contains_xy(shape, corners[:, 0], corners[:, 1])
            inside.append(self._below(spots[~is_border][is_inside], depth, 0))
            spots, slot = spots[is_border], (np.cumsum(is_border) - 1)[slot]
            if depth:
                spots = self._below(spots, depth, depth - 1)
                slot = (slot[:, None] * FAN_OUT + np.arange(FAN_OUT)).ravel()
                piece = np.repeat(piece, FAN_OUT)
                is_there = slot < len(spots)  # the last box of a level may hold fewer
                slot, piece = slot[is_there], piece[is_there]
        return np.concatenate(inside), spots

    def _around(self, bounds: tuple[float, float, float, float]) -> tuple[Ints, int]:
        """Return the boxes that meet these bounds, and their level: the highest with some."""
        west, south, east, north = bounds
        depth = len(self._packed.boxes) - 1
        spots = np.arange(len(self._packed.boxes[depth]))
        while True:
            boxes = self._packed.boxes[depth][spots].T
            across = (boxes[0] <= east) & (boxes[2] >= west)
            spots = spots[across & (boxes[1] <= north) & (boxes[3] >= south)]
            if depth == 0 or len(spots) > FAN_OUT:
                return spots, depth
            spots, depth = self._below(spots, depth, depth - 1), depth - 1

    def _below(self, spots: Ints, depth: int, level: int) -> Ints:
        """Return which boxes of a lower `level` lie in boxes of the level `depth`."""
        size = FAN_OUT ** (depth - level)
        found: Ints = (spots[:, None] * size + np.arange(size)).ravel()
        return found[found < len(self._packed.boxes[level])]

    def _shapes(self, spots: Ints) -> Shapes:
        begins, ends = self._packed.starts[spots].tolist(), self._packed.starts[spots + 1].tolist()
        wkb = self._bytes
        raw = [bytes(wkb[begin:end]) for begin, end in zip(begins, ends, strict=True)]
        return np.asarray(shapely.from_wkb(np.array(raw, dtype=object)), dtype=object)

    def _nearest(self, shape: BaseGeometry, within: float | None) -> tuple[BaseGeometry, float]:
        levels = self._packed.boxes
        spots = np.arange(len(levels[-1]))
        for depth in reversed(range(len(levels))):
            gaps = shapely.distance(shape, shapely.box(*levels[depth][spots].T))
            spots = spots[[np.argmin(gaps)]] if within is None else spots[gaps <= within]
            if depth:
                spots = self._below(spots, depth, depth - 1)
        shapes = self._shapes(spots)
        gaps = shapely.distance(shape, shapes)
        return shapes[np.argmin(gaps)], float(gaps.min())

    def _cut(self, part: BaseGeometry, border: Ints) -> tuple[Ints, Floats]:
        """Return which cells at its border a prepared part touches, and the area in square km."""
        shapes = self._shapes(border)
        touched = shapely.intersects(part, shapes)
        border, shapes = border[touched], shapes[touched]
        km2 = self._packed.km2[border]
        edge = np.flatnonzero(~shapely.contains_properly(part, shapes))
        near = self._pieces(part, border[edge])
        km2[edge] = area_km2(shapely.intersection(near, shapes[edge]))
        return border, km2

    def _pieces(self, part: BaseGeometry, border: Ints) -> Shapes:
        """Return for each cell a piece of the part that is the same as the part within the cell.

        A part of many points is cut to larger boxes and then to smaller ones: each cut is of what
        the cut before has left.
        """
        pieces = np.array([part], dtype=object)
        owner = np.zeros(len(border), dtype=np.intp)
        for depth in _CUT_AT:
            if depth >= len(self._packed.boxes) or _points(pieces) < _MANY_POINTS:
                continue
            boxes, first, slot = np.unique(
                border // FAN_OUT**depth, return_index=True, return_inverse=True
            )
            around = shapely.box(*self._packed.boxes[depth][boxes].T)
            pieces = _polygons(shapely.intersection(pieces[owner[first]], around))
            owner = slot
        return pieces[owner]


def _piece(spots: Ints, km2: Floats, part_km2: float) -> Piece:
    return spots, km2, ratio(km2, np.full(len(spots), part_km2))


def _together(pieces: Iterable[Piece]) -> Piece:
    spots, km2, of_part = (np.concatenate(column) for column in zip(*pieces, strict=True))
    return spots, km2, of_part


def _points(shapes: Shapes) -> float:
    return float(np.mean(shapely.get_num_coordinates(shapes))) if len(shapes) else 0.0


def _polygons(shapes: Shapes) -> Shapes:
    """Return shapes without the lines and points at which a part only touches a box."""
    for spot in np.flatnonzero(shapely.get_type_id(shapes) == _COLLECTION):
        shapes[spot] = polygonal(shapes[spot]) or shapely.Polygon()
    return shapes
