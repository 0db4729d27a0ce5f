"""When a grid counts as touched: how much of it, or of the warning, must lie in both."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alertcast.core.cells import Shared

MIN_SHARE = 0.01
"""A touch counts from this share of the smaller of grid and warning; less is a near miss (0..1)."""

HOW = ("share", "area", "part")
"""By what a touch counts: the share of the grid, its square metres, or the share of a part."""

_ROUNDING = 1e-9  # of a share: what lies on the line is told, however the machine rounds it


@dataclass(frozen=True, slots=True)
class Touch:
    """A rule: enough is a share of the grid, or so many square metres of it, in the warning.

    Enough is also that share of a connected part of the warning: a small cloud over a large village
    is no sliver. A share of 0 counts any touch.
    """

    share: float = MIN_SHARE  # 0..1
    area: float | None = None  # square metres; None: only shares count

    def counted(self, shared: Shared) -> NDArray[np.int8]:
        """Return for each cell by which of HOW it counts, the first that it does; -1: by none."""
        least = self.share - _ROUNDING
        found = np.where(shared.of_part >= least, np.int8(2), np.int8(-1))
        if self.area is not None:
            found[shared.km2 * 1e6 >= self.area * (1 - _ROUNDING)] = 1
        found[shared.share >= least] = 0
        return found


USUAL = Touch()
"""The rule where none is given."""
