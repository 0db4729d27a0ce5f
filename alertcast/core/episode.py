"""The episode (本轮预警): what people experience as "the warning", across messages and feeds.

People are told again only when the level rises where they are, or when their place is newly inside.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from alertcast.core.plan import rank


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds for one grid in an episode, and what its people were last told."""

    grid_code: str
    level: str | None  # the level in force now
    told_level: str | None  # the level of the last callout
    was_told: bool


@dataclass(frozen=True, slots=True)
class Turn:
    """What a new message of an episode changes."""

    tell: frozenset[str]  # codes of the grids whose people are to be told
    quiet: frozenset[str]  # codes of the grids inside it whose people already know
    standings: tuple[Standing, ...]  # the rows to write


def turn(
    levels_now: Mapping[str, str | None],
    standings: Mapping[str, Standing],
    levels: Sequence[str],
    said: Mapping[str, str | None] | None = None,
) -> Turn:
    """Return who is to be told of a message under which `levels_now` hold (grid code -> level).

    `standings` is what held before, by grid code; `levels` runs from the highest to the lowest.
    `said` is what the message itself says, where that may be less than what holds. A downgrade and
    a repetition are quiet, but not the repetition of what people were never told: it waited, or was
    refused. The same message twice tells nobody the second time.
    """
    tell, rows = set(), []
    for code, level in levels_now.items():
        before = standings.get(code)
        rises = before is None or rank(level, levels) < rank(before.level, levels)
        own = rank(level if said is None else said[code], levels)
        is_news = before is None or not before.was_told or own < rank(before.told_level, levels)
        if rises or is_news:
            tell.add(code)
            rows.append(Standing(code, level, level, was_told=True))
        elif before:
            rows.append(Standing(code, level, before.told_level, before.was_told))
    return Turn(frozenset(tell), frozenset(levels_now) - tell, tuple(rows))
