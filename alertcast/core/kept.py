"""Towns whose level a text does not write (其余乡镇预警信号继续生效): what held there before it.

Only the warnings before can tell. Where one of them is missing, the higher level counts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from alertcast.core.plan import highest

Levels = Mapping[str, str | None]
"""Code -> level."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What holds in the grids of such towns."""

    levels: Levels  # of grids
    is_known: bool  # by the warnings before; else the higher level, and an officer has to look


def kept_levels(
    grids: Mapping[str, str],
    kept: Levels,
    here: Levels,
    had: Levels,
    before: Levels,
    ladder: Sequence[str],
    *,
    is_complete: bool,
) -> Kept:
    """Return what holds in the grids of towns that keep a level which the text does not write.

    Parameters
    ----------
    grids
        Grid code -> town code, of every grid of the place.
    kept
        Of the towns in question: the least that the text says holds there; None: it says nothing.
    here
        Of the grids in question: the level taken from the text alone, the highest that it names.
    had
        Of towns that the text changes: the level that it says they had.
    before
        Of grids: what held by the warnings before. A warning is missing from them if a grid in
        question is not there, or a town that the text changes had another level.
    ladder
        From the highest to the lowest.
    is_complete
        No warning is known to be missing from `before`.
    """
    agrees = all(before.get(code) == had[town] for code, town in grids.items() if town in had)
    is_known = is_complete and agrees and all(before.get(code) for code in here)
    least = {code: kept[grids[code]] for code in here} if is_known else here
    levels = {code: highest((level, before.get(code)), ladder) for code, level in least.items()}
    return Kept(levels, is_known)
