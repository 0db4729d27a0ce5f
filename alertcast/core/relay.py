"""转告: how many households and growers a leader has told. Counts only; no household is named."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Relay:
    """What one person said of one grid, at one moment; the newest of a grid is what holds."""

    id: int
    broadcast_id: int
    respondent_id: int
    households_told: int
    households_not_told: int
    growers_told: int | None  # None: nothing was said of growers
    at: datetime  # product time
    via: str  # link: written by the person; spoken: written down by an officer
    by_user: str | None  # spoken: the officer who wrote it down


@dataclass(frozen=True, slots=True)
class Counts:
    """The three numbers of one grid."""

    households_told: int
    households_not_told: int
    growers_told: int | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest plausible numbers of one grid."""

    households: int = 5000
    growers: int = 2000


class Wrong(StrEnum):
    """Why numbers are not taken."""

    MISSING = "missing"  # one of the two numbers of households was left out
    NOT_WHOLE = "not_whole"  # not a whole number from 0 up
    NO_HOUSEHOLD = "no_household"  # told and not told are both 0
    TOO_MANY_HOUSEHOLDS = "too_many_households"  # told and not told together
    TOO_MANY_GROWERS = "too_many_growers"


class CountsError(ValueError):
    """Numbers can not be what they say; nothing is kept of them."""

    def __init__(self, wrong: Wrong) -> None:
        super().__init__(wrong.value)
        self.wrong = wrong


def read_counts(told: str, not_told: str, growers: str, limits: Limits) -> Counts | None:
    """Return the numbers that were typed for one grid, or None if nothing was.

    Digits of any script are read, also the wide ones of a Chinese keyboard. Raises CountsError.
    """
    told, not_told, growers = (typed.strip() for typed in (told, not_told, growers))
    if not (told or not_told or growers):
        return None
    if not (told and not_told):
        raise CountsError(Wrong.MISSING)
    found = Counts(_whole(told), _whole(not_told), _whole(growers) if growers else None)
    households = found.households_told + found.households_not_told
    if households == 0:
        raise CountsError(Wrong.NO_HOUSEHOLD)
    if households > limits.households:
        raise CountsError(Wrong.TOO_MANY_HOUSEHOLDS)
    if (found.growers_told or 0) > limits.growers:
        raise CountsError(Wrong.TOO_MANY_GROWERS)
    return found


def _whole(typed: str) -> int:
    if not typed.isdecimal() or len(typed) > 9:
        raise CountsError(Wrong.NOT_WHOLE)
    return int(typed)
