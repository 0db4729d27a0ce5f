"""Which of the calls and messages that a provider lists is the one whose answer was lost.

A provider shows no reference of ours in them, only when it made them, by its own clock. So one is
ours if it was made when our request may have been, seen by a clock whose distance from ours was
measured, and if nobody else can have made it.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

RECENT = 100
"""How many of a phone's latest messages or calls are looked through."""

SKEW = timedelta(seconds=10)
"""What a measured distance between two clocks may still be wrong by; dates are whole seconds."""

LONGEST_BACK = timedelta(hours=1)
"""How far before a request something may have been made that can still be ours, if clocks jump."""


class InDoubt(Exception):
    """Neither is one of them certainly ours, nor is it certain that none is."""


@dataclass(frozen=True, slots=True)
class Distance:
    """By how much a provider's clock is ahead of ours: at least, and at most."""

    least: timedelta = timedelta(0)
    most: timedelta = timedelta(0)

    @classmethod
    def measured(cls, theirs: datetime, before: datetime, after: datetime) -> "Distance":
        """Return what an answer dated `theirs`, in whole seconds, says; asked and read by ours."""
        return cls(theirs - after, theirs + timedelta(seconds=1) - before)


@dataclass(frozen=True, slots=True)
class Sought:
    """A request that may have been made, and those that may have made what is found."""

    since: datetime  # by our clock
    lasts: timedelta  # after which it was certainly made, or never
    rivals: Sequence[datetime] = ()  # `since` of others to the same phone of unknown outcome


def found(sought: Sought, made: Mapping[str, datetime], distance: Distance) -> str | None:
    """Return the id of what `sought` made, of those `made` at a time (their clock); None: none.

    Whatever the order in which several requests are asked about, each gets another. `made` holds
    only what nobody is known to have made. Raises InDoubt.
    """
    claims = (sought.since, *sought.rivals)
    fits = {
        (who, ref): abs(at - since - (distance.least + distance.most) / 2)
        for who, since in enumerate(claims)
        for ref, at in made.items()
        if distance.least - SKEW <= at - since <= sought.lasts + distance.most + SKEW
    }
    given: dict[int, str] = {}
    for who, ref in sorted(fits, key=lambda pair: (fits[pair], pair[1], claims[pair[0]])):
        if who not in given and ref not in given.values():
            given[who] = ref
    mine = {ref for who, ref in fits if who == 0}
    if any(who not in given for who, ref in fits if ref in mine):
        raise InDoubt  # there are fewer than requests that may have made them
    if 0 not in given and any(
        at >= sought.since + distance.least - LONGEST_BACK
        for ref, at in made.items()
        if ref not in given.values()
    ):
        raise InDoubt  # a clock may have jumped meanwhile
    return given.get(0)


def is_all(listed: Sequence[Any], taken: Container[str], since: datetime) -> bool:
    """Say whether resources that were listed are all that may have been made, with their times."""
    if any(one.date_created is None and one.sid not in taken for one in listed):
        return False
    dates = [one.date_created for one in listed if one.date_created is not None]
    return len(listed) < RECENT or min(dates, default=since) < since - LONGEST_BACK
