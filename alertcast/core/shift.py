"""Duty shifts (值班表): who is on duty when, where nobody is, and where the table is in doubt."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from operator import attrgetter


class Seat(StrEnum):
    """As what somebody is on duty."""

    DESK = "desk"  # 值班员: is called first, and nobody there is red
    LEADER = "leader"  # 带班领导: the one above


@dataclass(frozen=True, slots=True)
class Shift:
    """One person on duty for one area, from the first moment to before the last."""

    area: str  # code of a county or a city, as in the places of grids
    seat: Seat
    person_code: str  # of the roster, so that a new version of it changes nothing
    starts_at: datetime
    ends_at: datetime

    def holds(self, at: datetime) -> bool:
        """Say whether this person is on duty at this moment."""
        return self.starts_at <= at < self.ends_at


class FlawKind(StrEnum):
    """What may be wrong with a table of shifts."""

    GAP = "gap"  # nobody between two shifts, or after the last one
    OVERLAP = "overlap"  # two shifts run into each other
    TWICE = "twice"  # one person in two shifts at once
    UNKNOWN = "unknown"  # the roster in use does not have this person


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing to look at. A gap after the last shift has no end."""

    kind: FlawKind
    area: str
    seat: Seat
    starts_at: datetime
    ends_at: datetime | None
    person_code: str = ""  # twice, unknown


def flaws(
    shifts: Sequence[Shift], known: Iterable[str], since: datetime, until: datetime
) -> list[Flaw]:
    """Return what is wrong between `since` and `until`, in the order of time.

    `known` are the codes of the people of the roster in use. Shifts of the others count for nobody:
    where there is nobody else there is a gap.
    """
    people = frozenset(known)
    found = [
        Flaw(FlawKind.UNKNOWN, one.area, one.seat, one.starts_at, one.ends_at, one.person_code)
        for one in shifts
        if one.person_code not in people and one.ends_at > since and one.starts_at < until
    ]
    manned = [one for one in shifts if one.person_code in people]
    for _, those in _by_seat(manned):
        found += _gaps(those, since, until)
        found += [one for one in _overlaps(those) if since < (one.ends_at or until)]
    found += [one for one in _twice(manned) if since < (one.ends_at or until)]
    shown = [one for one in found if one.starts_at < until]
    return sorted(shown, key=lambda one: (one.starts_at, one.area, one.seat, one.kind))


def _by_seat(shifts: Sequence[Shift]) -> Iterator[tuple[tuple[str, Seat], list[Shift]]]:
    ordered = sorted(shifts, key=lambda one: (one.area, one.seat, one.starts_at, one.ends_at))
    for key, those in groupby(ordered, key=attrgetter("area", "seat")):
        yield key, list(those)


def _gaps(those: Sequence[Shift], since: datetime, until: datetime) -> Iterator[Flaw]:
    area, seat = those[0].area, those[0].seat
    end = those[0].ends_at
    for one in those[1:]:
        if one.starts_at > end and one.starts_at > since:
            yield Flaw(FlawKind.GAP, area, seat, end, one.starts_at)
        end = max(end, one.ends_at)
    if end < until:
        yield Flaw(FlawKind.GAP, area, seat, end, None)


def _overlaps(those: Sequence[Shift]) -> Iterator[Flaw]:
    """Yield where shifts of other times run into each other; several people of one do not."""
    times = sorted({(one.starts_at, one.ends_at) for one in those})
    latest = times[0][1]
    for start, end in times[1:]:
        if start < latest:
            yield Flaw(FlawKind.OVERLAP, those[0].area, those[0].seat, start, min(end, latest))
        latest = max(end, latest)


def _twice(shifts: Sequence[Shift]) -> Iterator[Flaw]:
    ordered = sorted(shifts, key=lambda one: (one.person_code, one.starts_at, one.ends_at))
    for code, those in groupby(ordered, key=attrgetter("person_code")):
        latest: datetime | None = None
        for one in those:
            if latest is not None and one.starts_at < latest:
                end = min(one.ends_at, latest)
                yield Flaw(FlawKind.TWICE, one.area, one.seat, one.starts_at, end, code)
            latest = one.ends_at if latest is None else max(latest, one.ends_at)
