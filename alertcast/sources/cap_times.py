"""Times as CAP writes them (CAP 1.2 section 3.3.2), and as feeds write them instead.

A time without an offset is never guessed. `datetime.fromisoformat` is not used: it takes dates
without a time, weeks and digits without separators, and refuses 24:00.
"""

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import cache

from alertcast.sources.parsed import Findings

_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?(Z|[-+]\d\d:\d\d)?", re.ASCII
)
_BUDDHIST_FROM = 2400  # no warning is of that year; Thailand counts 543 years ahead
_BUDDHIST_YEARS = 543
_OLDEST = 1970
_MAX_OFFSET = timedelta(hours=14)  # XML Schema part 2, section 3.2.7.3


def read_time(text: str, where: str, findings: Findings, *, vital: bool) -> datetime | None:
    """Return the aware time in its published offset, or None with the reason in `findings`.

    `vital`: an unreadable time refuses the whole alert (sent, expires); otherwise the element is
    left out (effective, onset), for which CAP has a default.
    """
    try:
        match = _match(text)
        time = _built(match)
    except _NotATimeError as error:
        if vital:
            findings.error(error.code, where, str(error))
        else:
            findings.repair(error.code, where, f"{error}; left out")
        return None
    _name_repairs(match, where, findings)
    return time


class _NotATimeError(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def _match(text: str) -> re.Match[str]:
    match = _TIME.fullmatch(text)
    if match is None:
        raise _NotATimeError("bad_time", f"{text[:40]!r} is not a CAP time")
    if match.group(8) is None:
        raise _NotATimeError("no_offset", f"{text!r} has no offset from UTC; never guessed")
    return match


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


def _name_repairs(match: re.Match[str], where: str, findings: Findings) -> None:
    text = match.group()
    if match.group(8) == "Z":
        findings.repair("utc_z", where, f"{text!r} ends in Z; read as UTC")
    if match.group(7):
        findings.repair("fraction", where, f"{text!r} has a fraction of a second; dropped")
    if match.group(6) is None:
        findings.repair("no_seconds", where, f"{text!r} has no seconds; read as 00")
    if match.group(4) == "24":
        findings.repair("hour_24", where, f"{text!r} read as midnight of the next day")
    if int(match.group(1)) >= _BUDDHIST_FROM:
        findings.repair("buddhist_year", where, f"{text!r} read as 543 years earlier")
