"""The outline of a shape in a few straight pieces, each with how far it may stray.

A box that no piece comes near meets the outline nowhere: it lies wholly within the shape, or wholly
outside. That is told by arithmetic on arrays, without making a polygon of each box.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from alertcast.core.cells import Bools, Floats, Ints

_ROUNDING = 1e-9  # degrees, a tenth of a millimetre: more than any rounding, less than any map


@dataclass(frozen=True, slots=True)
class Pieces:
    """Straight pieces (k of them): every point of the outline is within `stray` of one of them."""

    middle: Floats  # (k, 2)
    half: Floats  # (k, 2) from the middle to an end
    stray: Floats  # (k,) in degrees

    def are_near(self, boxes: Floats, piece: Ints) -> Bools:
        """Say of (n, 4) boxes whether the outline may meet each within the piece beside it.

        Never no where it does. A box widened by the stray, and the straight piece, are apart if
        they are along an axis or across the piece (the separating axis theorem).
        """
        size = (boxes[:, 2:] - boxes[:, :2]) / 2 + self.stray[piece, None]
        way = (boxes[:, :2] + boxes[:, 2:]) / 2 - self.middle[piece]
        half = self.half[piece]
        reach = np.abs(half)
        is_near = (np.abs(way) <= size + reach).all(axis=1)
        across = np.abs(half[:, 0] * way[:, 1] - half[:, 1] * way[:, 0])
        is_near &= across <= size[:, 0] * reach[:, 1] + size[:, 1] * reach[:, 0]
        return np.asarray(is_near, dtype=np.bool_)


def pieces_of(shape: BaseGeometry, most: int) -> Pieces:
    """Return some `most` pieces of all rings of one polygon or several; each ring has its own."""
    rings = shapely.get_rings(shapely.get_parts(shape))
    many = sum(int(one) - 1 for one in shapely.get_num_coordinates(rings))
    span = max(-(-many // most), 1)  # segments of one piece
    made = [_of_ring(shapely.get_coordinates(ring), span) for ring in rings]
    if not made:
        return Pieces(np.zeros((0, 2)), np.zeros((0, 2)), np.zeros(0))
    begin, end, stray = (np.concatenate(column) for column in zip(*made, strict=True))
    return Pieces((begin + end) / 2, (end - begin) / 2, stray + _ROUNDING)


def _of_ring(points: Floats, span: int) -> tuple[Floats, Floats, Floats]:
    """Return where each piece begins and ends, and how far its points are from it at most."""
    firsts = np.arange(0, len(points) - 1, span)
    begin, end = points[firsts], points[np.minimum(firsts + span, len(points) - 1)]
    if span == 1:
        return begin, end, np.zeros(len(firsts))
    owner = np.arange(len(points) - 1) // span
    way, walked = (end - begin)[owner], points[:-1] - begin[owner]
    length2 = _dot(way, way)
    along = np.divide(_dot(walked, way), length2, out=np.zeros(len(way)), where=length2 > 0)
    off = walked - way * np.clip(along, 0, 1)[:, None]
    return begin, end, np.maximum.reduceat(np.sqrt(_dot(off, off)), firsts)


def _dot(one: Floats, other: Floats) -> NDArray[np.float64]:
    return np.asarray((one * other).sum(axis=1), dtype=np.float64)
