"""The Hilbert curve: an order in which neighbours in the plane are mostly neighbours in a row."""

import numpy as np
from numpy.typing import NDArray

_BITS = 16  # of each coordinate: a layer as wide as China is told apart by some 80 metres
_MOST = (1 << _BITS) - 1


def order_along_curve(boxes: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the order of (n, 4) boxes along the curve, by their middles; equal ones stay in order.

    A box wider than half the world (a place on both sides of the 180th meridian) comes last: among
    others it would widen every box that holds it.
    """
    if not len(boxes):
        return np.zeros(0, dtype=np.intp)
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    low = middles.min(axis=0)
    size = np.maximum(middles.max(axis=0) - low, np.finfo(np.float64).tiny)
    x, y = ((middles - low) / size * _MOST).astype(np.uint64).T
    distance = distance_along_curve(x, y)
    distance[boxes[:, 2] - boxes[:, 0] > 180] = np.iinfo(np.uint64).max
    return np.argsort(distance, kind="stable")


def distance_along_curve(x: NDArray[np.uint64], y: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return how far along the curve each point lies; coordinates from 0 to 65,535.

    The quadrant of each bit is added from the highest down, and the rest turned as the curve turns
    in that quadrant (Hilbert 1891).
    """
    x, y = x.copy(), y.copy()
    distance = np.zeros(len(x), dtype=np.uint64)
    for bit in reversed(range(_BITS)):
        side = np.uint64(1 << bit)
        right, upper = (x & side) > 0, (y & side) > 0
        distance += side * side * ((np.uint64(3) * right) ^ upper)
        x, y = x & (side - np.uint64(1)), y & (side - np.uint64(1))
        turned = right & ~upper
        x[turned], y[turned] = side - np.uint64(1) - x[turned], side - np.uint64(1) - y[turned]
        x, y = np.where(upper, x, y), np.where(upper, y, x)
    return distance
