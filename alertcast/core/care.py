"""How carefully somebody is asked before a broadcast begins: the more it reaches, the more so."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from alertcast.core.grid import Grid

MANY = 100
"""From so many grids on a broadcast is confirmed as a county is."""

_SEPARATORS = re.compile(r"[\s、，,;；/]+")


class Care(StrEnum):
    """What somebody has to do to confirm a broadcast that he looked at."""

    ONCE = "once"  # press the button: some grids, in a drill
    TWICE = "twice"  # tick that it is right, then press: some grids, live
    TYPED = "typed"  # type the names of its counties: a whole one, or many grids


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What is asked, and the words that have to be typed ("" where none have)."""

    care: Care
    word: str = ""

    def is_met(self, ticked: bool, typed: str) -> bool:
        """Say whether somebody who ticked, or typed this, may begin."""
        if self.care is Care.TYPED:
            return _SEPARATORS.sub("", typed) == _SEPARATORS.sub("", self.word)
        return self.care is Care.ONCE or ticked


def confirmation(mode: str, meant: Collection[Grid], layer: Iterable[Grid]) -> Confirmation:
    """Return what is asked before the grids `meant` of a layer are told.

    To be typed is every county of them, in the order of their codes: whoever did not mean one of
    them finds it there.
    """
    whole: dict[str, int] = {}
    for grid in layer:
        whole[grid.county_code] = whole.get(grid.county_code, 0) + 1
    here: dict[str, list[Grid]] = {}
    for grid in sorted(meant, key=lambda one: one.town_code):
        here.setdefault(grid.county_code, []).append(grid)
    is_wide = any(len(grids) == whole.get(code, 0) > 1 for code, grids in here.items())
    if not here or not (is_wide or len(meant) >= MANY):
        return Confirmation(Care.ONCE if mode == "drill" else Care.TWICE)
    return Confirmation(
        Care.TYPED, "、".join(dict.fromkeys(one[0].county for one in here.values()))
    )
