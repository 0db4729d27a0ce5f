"""When a grid counts as touched: how much of it, or of the warning, must lie in both."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alertcast.core.cells import Shared

MIN_SHARE = 0.01
"""A touch counts from this share of the smaller of grid and warning; less is a near miss (0..1)."""

HOW = ("share", "area", "part")
"""By what a touch counts: the share of the grid, its square metres, or the share of a part."""

_KEYS = frozenset({"min_share", "min_area"})
_ROUNDING = 1e-9  # of a share: what lies on the line is told, however the machine rounds it


@dataclass(frozen=True, slots=True)
class Touch:
    """A rule: enough is a share of the grid, or so many square metres of it, in the warning.

    Enough is also that share of a connected part of the warning: a small cloud over a large village
    is no sliver. A share of 0 counts any touch.
    """

    share: float = MIN_SHARE  # 0..1
    area: float | None = None  # square metres; None: only shares count

    def frozen(self) -> dict[str, float | None]:
        """Return the rule as JSON values."""
        return {"min_share": self.share, "min_area": self.area}

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


def read_touch(where: str, section: Any, mistakes: list[str]) -> Touch | None:
    """Return the rule written as `section`, None where nothing is; mistakes are added."""
    if section is None:
        return None
    if not isinstance(section, Mapping):
        mistakes.append(f"{where} is {section!r}, not {{ min_share = 0.1, min_area = 20000 }}")
        return None
    mistakes += [f"{where}: unknown key {key!r}" for key in sorted(section.keys() - _KEYS)]
    share: Any = section.get("min_share")
    area: Any = section.get("min_area")
    if not _is_number(share) or share > 1:
        mistakes.append(f"{where}.min_share is {share!r}, not a number from 0 to 1")
        share = MIN_SHARE
    if area is not None and not _is_number(area):
        mistakes.append(f"{where}.min_area is {area!r}, not a number of square metres")
        area = None
    return Touch(share, area)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
