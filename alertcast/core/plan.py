"""From touched grids to people and tasks: who may answer for a grid, and what one phone is told."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from alertcast.core.grid import Grid
from alertcast.core.policy import Policy


@dataclass(frozen=True, slots=True)
class Holder:
    """A person of the roster who holds a post at some place."""

    person_id: int
    role: str
    place: str


@dataclass(frozen=True, slots=True)
class Duty:
    """What a policy asks of a role."""

    rungs: int  # bit i is set: told at rung i
    counts: bool  # an answer of theirs answers for the grid


def duties(policy: Policy) -> dict[str, Duty]:
    """Return what `policy` asks of each role that it tells, on whichever rung."""
    told: dict[str, int] = {}
    for number, rung in enumerate(policy.rungs):
        for role in rung.roles:
            told[role] = told.get(role, 0) | 1 << number
    return {role: Duty(rungs, role in policy.counts) for role, rungs in told.items()}


def places_of(grid: Grid) -> tuple[str, ...]:
    """Return the codes at which people answer for `grid`, from the grid itself to the city."""
    city = grid.county_code[:4] + "00"
    codes = (grid.code, grid.parent_code, grid.town_code, grid.county_code, city)
    return tuple(dict.fromkeys(code for code in codes if code))


class Telling(NamedTuple):
    """One respondent who is to be told now, and the phone he is told on."""

    respondent_id: int | None  # None: no callout is behind it (an all-clear)
    person_id: int
    phone_index: str
    language: str  # one tag, or several, the preferred first: "hak,yue,zh-CN"
    level: str | None
    grid_id: int | None = None  # what it is about, where no callout says it


def in_one(sharing: Sequence[Telling], levels: Sequence[str]) -> Telling:
    """Return what one phone is told for all who share it: to the first, at the highest level.

    `levels` runs from the highest to the lowest; an unknown or absent level is the lowest of all.
    """
    return sharing[0]._replace(level=highest((one.level for one in sharing), levels))


def highest(found: Iterable[str | None], levels: Sequence[str]) -> str | None:
    """Return the highest of the levels `found`; `levels` runs from the highest to the lowest."""
    return min(found, key=lambda level: rank(level, levels), default=None)


def rank(level: str | None, levels: Sequence[str]) -> int:
    """Return the place of `level` in `levels`, 0 the highest; an unknown one comes after all."""
    return levels.index(level) if level in levels else len(levels)
