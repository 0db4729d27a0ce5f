"""How fast people were called and answered (叫应统计): counted by grid, role and channel."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypedDict, TypeVar

K = TypeVar("K", bound=Hashable)

CALLED_WITHIN = timedelta(minutes=3)
"""In which the first call or text is to have left."""

ANSWERED_WITHIN = (5, 15, 60)
"""Minutes in which an answer is counted."""

WEEKS_UP_TO = timedelta(days=92)
"""What is longer is shown by months."""


@dataclass(frozen=True, slots=True)
class Called:
    """One grid, person or message: when it began, when somebody was called, and answered."""

    began: datetime  # from here the first call is counted
    called: datetime | None
    answered: datetime | None
    since: datetime | None  # from here answers are counted; None: it was never called


class Measure(TypedDict):
    """How many, and how many of them in time. Whoever answers in 5 minutes does so in 15 too."""

    total: int
    called: int  # at all
    called_3: int  # within 3 minutes
    answered: int  # at all
    answered_5: int
    answered_15: int
    answered_60: int


def measure(those: Iterable[Called]) -> Measure:
    """Count them."""
    found = Measure(
        total=0, called=0, called_3=0, answered=0, answered_5=0, answered_15=0, answered_60=0
    )
    for one in those:
        found["total"] += 1
        if one.called is not None:
            found["called"] += 1
            found["called_3"] += one.called - one.began <= CALLED_WITHIN
        if one.answered is not None:
            found["answered"] += 1
            took = one.answered - (one.since or one.began)
            found["answered_5"] += took <= timedelta(minutes=5)
            found["answered_15"] += took <= timedelta(minutes=15)
            found["answered_60"] += took <= timedelta(minutes=60)
    return found


def by(those: Iterable[Called], keys: Iterable[K]) -> dict[K, Measure]:
    """Count them for each key; `keys` stands beside `those`, one for one."""
    found: dict[K, list[Called]] = {}
    for one, key in zip(those, keys, strict=True):
        found.setdefault(key, []).append(one)
    return {key: measure(group) for key, group in found.items()}


def period(since: datetime, until: datetime) -> Callable[[datetime], date]:
    """Return what gives the first day of the week or month of a local time; weeks for a quarter."""
    if until - since <= WEEKS_UP_TO:
        return lambda at: at.date() - timedelta(days=at.weekday())
    return lambda at: at.date().replace(day=1)
