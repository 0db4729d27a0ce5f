"""Times as CAP writes them (CAP 1.2 section 3.3.2), and as feeds write them instead.

A time without an offset is never guessed. `datetime.fromisoformat` is not used: it takes dates
without a time, weeks and digits without separators, and refuses 24:00.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from functools import cache, lru_cache

from alertcast.sources.parsed import Findings

_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?(Z|[-+]\d\d:\d\d)?", re.ASCII
)
_BUDDHIST_FROM = 2400  # no warning is of that year; Thailand counts 543 years ahead
_BUDDHIST_YEARS = 543
_OLDEST = 1970
_LONGEST = 64  # characters; what is longer is not kept read
_MAX_OFFSET = timedelta(hours=14)  # XML Schema part 2, section 3.2.7.3


def read_time(text: str, where: str, findings: Findings, *, vital: bool) -> datetime | None:
    """Return the aware time in its published offset, or None with the reason in `findings`.

    `vital`: an unreadable time refuses the whole alert (sent, expires); otherwise the element is
    left out (effective, onset), for which CAP has a default.
    """
    found = _read(text) if len(text) <= _LONGEST else _NotATimeError("bad_time", _no_time(text))
    if isinstance(found, _NotATimeError):
        if vital:
            findings.error(found.code, where, str(found))
        else:
            findings.repair(found.code, where, f"{found}; left out")
        return None
    time, repairs = found
    for code, message in repairs:
        findings.repair(code, where, message)
    return time


class _NotATimeError(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@lru_cache(4096)  # one alert says most of its times several times
def _read(text: str) -> "tuple[datetime, tuple[tuple[str, str], ...]] | _NotATimeError":
    """Return the time, and what was mended to read it, each with its code; else why it is none."""
    try:
        match = _match(text)
        return _built(match), tuple(_repairs(match))
    except _NotATimeError as error:
        return error


def _match(text: str) -> re.Match[str]:
    match = _TIME.fullmatch(text)
    if match is None:
        raise _NotATimeError("bad_time", _no_time(text))
    if match.group(8) is None:
        raise _NotATimeError("no_offset", f"{text!r} has no offset from UTC; never guessed")
    return match


def _no_time(text: str) -> str:
    return f"{text[:40]!r} is not a CAP time"


def _built(match: re.Match[str]) -> datetime:
    year, month, day, hour, minute = (int(match.group(n)) for n in range(1, 6))
    second = int(match.group(6) or 0)
    if year >= _BUDDHIST_FROM:
        year -= _BUDDHIST_YEARS
    if year < _OLDEST:
        raise _NotATimeError("bad_time", f"{match.group()!r}: no warning is of that year")
    try:
        if (hour, minute, second) == (24, 0, 0):
            return datetime(year, month, day, tzinfo=_zone(match.group(8))) + timedelta(days=1)
        return datetime(year, month, day, hour, minute, second, tzinfo=_zone(match.group(8)))
    except ValueError as error:
        raise _NotATimeError("bad_time", f"{match.group()!r}: {error}") from error


@cache
def _zone(text: str) -> timezone:
    if text == "Z":
        return UTC
    offset = timedelta(hours=int(text[1:3]), minutes=int(text[4:6]))
    if offset > _MAX_OFFSET or int(text[4:6]) > 59:
        msg = f"offset {text} is beyond 14 hours"
        raise ValueError(msg)
    return timezone(-offset if text[0] == "-" else offset)


def _repairs(match: re.Match[str]) -> Iterator[tuple[str, str]]:
    text = match.group()
    if match.group(8) == "Z":
        yield "utc_z", f"{text!r} ends in Z; read as UTC"
    if match.group(7):
        yield "fraction", f"{text!r} has a fraction of a second; dropped"
    if match.group(6) is None:
        yield "no_seconds", f"{text!r} has no seconds; read as 00"
    if match.group(4) == "24":
        yield "hour_24", f"{text!r} read as midnight of the next day"
    if int(match.group(1)) >= _BUDDHIST_FROM:
        yield "buddhist_year", f"{text!r} read as 543 years earlier"
