"""A layer's cells packed into flat arrays, which lie in files and are mapped, not read.

Cells lie along a Hilbert curve, so neighbours lie together. Each level of boxes holds one for
every FAN_OUT of the level below; box number k of level d holds the cells k * FAN_OUT**d and so on.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from alertcast.core.cells import Floats, Ints, mended
from alertcast.core.earth import area_km2
from alertcast.core.hilbert import order_along_curve

FORMAT = 1
"""Changes whenever packed arrays of before can not be read any more."""

FAN_OUT = 8
"""Boxes within a box: with fewer there are more levels, with more each border box opens more."""

PACKED_FROM = 20_000
"""From so many cells on this is worth it; below, an STRtree is faster and builds in no time."""

_DTYPES = {"numbers": "<i8", "km2": "<f8", "starts": "<i8", "wkb": "|u1"}
_BOXES = "boxes"
_NO_NUMBERS: Ints = np.zeros(0, dtype=np.int64)
_NO_BOXES: Floats = np.zeros((0, 4))
_NO_BYTES = np.zeros(0, dtype=object)


@dataclass(frozen=True, slots=True)
class Packed:
    """The arrays, in the order of the curve; `boxes` from the cells' own up to the widest."""

    numbers: Ints  # (n,) of the grids in their layer
    km2: Floats  # (n,) areas
    starts: Ints  # (n + 1,) where the bytes of each cell begin in `wkb`, and where the last end
    wkb: NDArray[np.uint8]  # the cells, one after the other
    boxes: tuple[Floats, ...]  # (k, 4) west, south, east, north

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return every array by the name it is filed under."""
        named = {name: getattr(self, name) for name in _DTYPES}
        return named | {f"{_BOXES}_{depth}": one for depth, one in enumerate(self.boxes)}

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> "Packed":
        """Return what `arrays` gave; raises ValueError if they do not belong together."""
        boxes = [one for name, one in sorted(arrays.items()) if name.startswith(_BOXES)]
        try:
            made = cls(**{name: arrays[name] for name in _DTYPES}, boxes=tuple(boxes))  # type: ignore[arg-type]
        except KeyError as error:
            msg = f"the array {error} is missing"
            raise ValueError(msg) from error
        if fault := made.fault():
            raise ValueError(fault)
        return made

    def plain(self) -> "Packed":
        """Return the same memory as plain arrays: every look into a mapped one costs more."""
        arrays = {name: one.view(np.ndarray) for name, one in self.arrays().items()}
        return Packed.of_arrays(arrays)

    def fault(self) -> str | None:
        """Return why these arrays can not be used; None: they can."""
        for name, dtype in _DTYPES.items():
            if getattr(self, name).dtype != np.dtype(dtype):
                return f"{name} is of {getattr(self, name).dtype}, not {dtype}"
        cells = len(self.numbers)
        sizes = [len(one) for one in self.boxes]
        if len(self.km2) != cells or len(self.starts) != cells + 1 or sizes != level_sizes(cells):
            return f"{cells} cells, but {len(self.km2)} areas, {len(self.starts)} starts, {sizes}"
        if self.starts[0] != 0 or self.starts[-1] != len(self.wkb):
            return f"the cells end at {self.starts[-1]}, their bytes at {len(self.wkb)}"
        return None


def pack(pieces: Iterable[Sequence[BaseGeometry | None]]) -> Packed:
    """Pack the polygons of a layer's grids, given in pieces so that few lie in memory at once.

    What encloses nothing is left out. The same polygons always make the same bytes.
    """
    numbers, boxes, km2, wkb, before = [_NO_NUMBERS], [_NO_BOXES], [np.zeros(0)], [_NO_BYTES], 0
    for piece in pieces:
        its_numbers, shapes = mended(piece)
        numbers.append(its_numbers + before)
        boxes.append(shapely.bounds(shapes).reshape(-1, 4))
        km2.append(area_km2(shapes))
        wkb.append(shapely.to_wkb(shapes, byte_order=1, output_dimension=2))
        before += len(piece)
    order = order_along_curve(np.concatenate(boxes))
    laid = np.concatenate(wkb)[order]
    ends = np.cumsum(np.fromiter(map(len, laid), dtype="<i8", count=len(laid)))
    return Packed(
        numbers=np.concatenate(numbers)[order].astype("<i8"),
        km2=np.concatenate(km2)[order].astype("<f8"),
        starts=np.concatenate([[0], ends]).astype("<i8"),
        wkb=np.frombuffer(b"".join(laid), dtype=np.uint8),
        boxes=_levels(np.concatenate(boxes)[order]),
    )


def level_sizes(cells: int) -> list[int]:
    """Return how many boxes each level has."""
    sizes = [cells]
    while sizes[-1] > FAN_OUT:
        sizes.append(-(-sizes[-1] // FAN_OUT))
    return sizes


def _levels(boxes: Floats) -> tuple[Floats, ...]:
    levels = [np.ascontiguousarray(boxes, dtype="<f8")]
    while len(below := levels[-1]) > FAN_OUT:
        firsts = np.arange(0, len(below), FAN_OUT)
        low = np.minimum.reduceat(below[:, :2], firsts)
        high = np.maximum.reduceat(below[:, 2:], firsts)
        levels.append(np.concatenate([low, high], axis=1))
    return tuple(levels)
