"""What a roster lacks (名册体检), and when people may be asked about their numbers."""

from datetime import datetime, time, timedelta
from enum import StrEnum


class Gap(StrEnum):
    """One kind of gap; the order is that of pages."""

    NO_LEADER = "no_leader"  # a grid without anybody in a role that leads
    SEVERAL = "several"  # somebody leads several grids
    SHARED = "shared"  # a number that several people have
    UNREACHED = "unreached"  # somebody whom none of the last broadcasts to him reached
    UNCONFIRMED = "unconfirmed"  # a number from which no answer has come for long, or ever
    ENDS = "ends"  # a post that runs out soon, or did, with nobody in it after


RED = frozenset({Gap.NO_LEADER})
"""What is a red item on the first page."""

ENDS_WITHIN = timedelta(days=30)
"""How long before its last day a post is said to run out."""

LOOKED_AT = time(8)
"""Local time from which a new day's roster is checked: what is found rings nobody out of bed."""

ASKED_FROM, ASKED_UNTIL = time(9), time(20)
"""Local hours in which people are asked to confirm their numbers: never at night."""


def is_due(checked: datetime | None, local: datetime) -> bool:
    """Say whether a roster that was checked last at `checked` is to be checked again.

    Once a day, not before LOOKED_AT. Both are local times.
    """
    if checked is None:
        return True
    return checked.date() < local.date() and local.time() >= LOOKED_AT


def asking_hours(local: datetime) -> tuple[datetime, datetime]:
    """Return when asking begins and ends: now if it is day, else from the next morning on."""
    begin = local
    if local.time() < ASKED_FROM:
        begin = _at(local, ASKED_FROM)
    elif local.time() >= ASKED_UNTIL:
        begin = _at(local + timedelta(days=1), ASKED_FROM)
    return begin, _at(begin, ASKED_UNTIL)


def _at(local: datetime, at: time) -> datetime:
    return local.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
