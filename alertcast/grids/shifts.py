"""Read a table of duty shifts (值班表): a line is a shift, its people in the cells of seats."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from alertcast.core.role import PlaceLevel
from alertcast.core.shift import Seat, Shift
from alertcast.grids.masking import shown
from alertcast.grids.phones import PhoneError, normalise
from alertcast.grids.places import KnownPlaces
from alertcast.grids.problem import Problem
from alertcast.grids.table import Row, read_table

HEADERS = {
    "date": "date",
    "日期": "date",
    "值班日期": "date",
    "from": "from",
    "开始": "from",
    "开始时间": "from",
    "to": "to",
    "结束": "to",
    "结束时间": "to",
    "area": "area",
    "地区": "area",
    "地区编码": "area",
    "县区编码": "area",
    "desk": "desk",
    "值班员": "desk",
    "值班人员": "desk",
    "leader": "leader",
    "带班领导": "leader",
    "带班": "leader",
}
"""Headers a table of shifts may have, lower case, and our fields."""

LONGEST = timedelta(hours=36)
"""Most of one shift; more is a slip of the pen."""

_BETWEEN = re.compile(r"[、,，;；/\n]+|\s{1,}")
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]0{1,2}:00(?::00)?)?")
_CLOCK = re.compile(r"(\d{1,2})(?:[:：时h](\d{2})?)?(?::00)?分?")
_SERIAL = re.compile(r"\d{5}(\.0+)?")  # a date as a workbook keeps it: days since 1899-12-30
_FRACTION = re.compile(r"[01]?\.\d+|[01]")  # a time as a workbook keeps it: part of a day


@dataclass(frozen=True, slots=True)
class KnownPeople:
    """Whom a table of shifts may name: codes of the people of the roster, by what they are called.

    A name, or a number (E.164), of several people has several codes.
    """

    codes: frozenset[str]
    by_word: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class ShiftsRead:
    """The good shifts, and every problem of the others (see RosterRead)."""

    shifts: tuple[Shift, ...]
    problems: tuple[Problem, ...]


def read_shifts(
    path: Path, *, people: KnownPeople, places: KnownPlaces, zone: ZoneInfo
) -> ShiftsRead:
    """Read a table of shifts (CSV, XLSX); nothing is raised, every mistake is in `problems`.

    Times are local. A shift that ends no later than it begins ends on the next day; 24:00 is the
    end of its day. Several people stand in one cell, by name, number or code.
    """
    table = read_table(path, HEADERS, frozenset({"date", "from", "to", "area", "desk"}))
    reader = _Reader(people, places, zone, list(table.problems))
    for row in table.rows:
        reader.take(row)
    return ShiftsRead(tuple(reader.shifts), tuple(reader.problems))


@dataclass(slots=True)
class _Reader:
    """Takes rows one by one, and remembers which shifts it has seen."""

    people: KnownPeople
    places: KnownPlaces
    zone: ZoneInfo
    problems: list[Problem]
    shifts: list[Shift] = field(default_factory=list)
    seen: set[Shift] = field(default_factory=set)

    def take(self, row: Row) -> None:
        before = len(self.problems)
        hours, area = self._hours(row), self._area(row)
        named = [(seat, code) for seat in Seat for code in self._people(row, seat)]
        if len(self.problems) == before and not named:
            self.problems.append(row.problem("nobody", "nobody is named for this shift", "desk"))
        if len(self.problems) > before or hours is None or area is None:
            return
        for seat, code in named:
            one = Shift(area, seat, code, *hours)
            if one in self.seen:
                message = "the same person has the same shift on an earlier line"
                self.problems.append(row.problem("duplicate", message, seat.value))
                return
            self.seen.add(one)
            self.shifts.append(one)

    def _hours(self, row: Row) -> tuple[datetime, datetime] | None:
        day = read_date(row.get("date"))
        if day is None:
            message = f"date {shown('date', row.get('date'))!r} is no date like 2026-12-26"
            self.problems.append(row.problem("bad_date", message, "date"))
        clocks = []
        for name in ("from", "to"):
            clock = read_clock(row.get(name))
            if clock is None:
                message = f"{name} {shown(name, row.get(name))!r} is no time like 20:00"
                self.problems.append(row.problem("bad_time", message, name))
            clocks.append(clock)
        start, end = clocks
        if day is None or start is None or end is None:
            return None
        hours = shift_hours(day, start, end, self.zone)
        if hours[1] - hours[0] > LONGEST:
            most = LONGEST // timedelta(hours=1)
            message = f"a shift has at most {most} hours"
            self.problems.append(row.problem("too_long", message, "to"))
        return hours

    def _area(self, row: Row) -> str | None:
        place = self.places.find(row.get("area"))
        if place is None or place.level not in (PlaceLevel.COUNTY, PlaceLevel.CITY):
            said = shown("area", row.get("area"))
            message = f"area {said!r} is no county or city of the layer in use"
            self.problems.append(row.problem("unknown_area", message, "area"))
            return None
        return place.code

    def _people(self, row: Row, seat: Seat) -> Iterable[str]:
        found: dict[str, None] = {}
        for word in filter(None, _BETWEEN.split(row.get(seat.value))):
            codes = self._codes(word)
            if len(codes) == 1:
                found[next(iter(codes))] = None
                continue
            who = shown(seat.value, word)
            rule, message = (
                (
                    "ambiguous",
                    f"several people of the roster are {who!r}: write number or code",
                )
                if codes
                else ("unknown_person", f"the roster does not have {who!r}: add the person first")
            )
            self.problems.append(row.problem(rule, message, seat.value))
        return found

    def _codes(self, word: str) -> frozenset[str]:
        name = unicodedata.normalize("NFKC", word).strip()
        if name in self.people.codes:
            return frozenset({name})
        if name in self.people.by_word:
            return self.people.by_word[name]
        try:
            return self.people.by_word.get(normalise(name), frozenset())
        except PhoneError:
            return frozenset()


def read_date(text: str) -> date | None:
    """Return the date that a cell says, or None."""
    plain = unicodedata.normalize("NFKC", text).strip()
    try:
        if _SERIAL.fullmatch(plain):
            return date(1899, 12, 30) + timedelta(days=int(float(plain)))
        found = _DATE.fullmatch(plain)
        return None if found is None else date(*(int(part) for part in found.groups()))
    except ValueError:
        return None


def read_clock(text: str) -> timedelta | None:
    """Return the time of day that a cell says, from its beginning up to 24 hours; or None."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if _FRACTION.fullmatch(plain):
        return timedelta(minutes=round(float(plain) * 24 * 60))
    found = _CLOCK.fullmatch(plain)
    if found is None or not re.search(r"\D", plain):
        return None
    clock = timedelta(hours=int(found[1]), minutes=int(found[2] or 0))
    is_fine = clock <= timedelta(hours=24) and int(found[2] or 0) < 60
    return clock if is_fine else None


def shift_hours(
    day: date, start: timedelta, end: timedelta, zone: ZoneInfo
) -> tuple[datetime, datetime]:
    """Return the moments (UTC) of a shift that begins on a local day; it may end on the next."""
    midnight = datetime.combine(day, time(), zone)  # arithmetic on it is that of clocks on walls
    until = midnight + (end if end > start else end + timedelta(days=1))
    return (midnight + start).astimezone(UTC), until.astimezone(UTC)
