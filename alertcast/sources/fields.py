"""Fields of a JSON object as a reader wants them, whatever the object holds."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from alertcast.core.national_id import BEIJING
from alertcast.sources.parsed import Findings

_TIME = re.compile(
    r"(\d{4})([-/])(\d{1,2})\2(\d{1,2})[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?"
    r"(Z|[+-]\d\d:?\d\d)?",
    re.ASCII,
)
_YEARS = range(1970, 2400)


class Fields:
    """The fields of one object."""

    def __init__(self, item: object, findings: Findings) -> None:
        """Take an object, else an empty one is read."""
        self.item: Mapping[str, object] = item if isinstance(item, Mapping) else {}
        self.findings = findings

    def text(self, *names: str) -> str | None:
        """Return the first text of these names that is not empty; a number is its digits."""
        for name in names:
            value = self.item.get(name)
            if isinstance(value, int | float) and not isinstance(value, bool):
                return str(value)
            if isinstance(value, str) and value.strip():
                return value.strip()
        return None

    def needed(self, *names: str) -> str | None:
        """Return a text; without it the item is refused."""
        text = self.text(*names)
        if text is None:
            self.findings.error(f"no_{names[0].lower()}", names[0], f"{names[0]} is missing")
        return text

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts, or the one text that stands for it."""
        value = self.item.get(name)
        values: Iterable[object] = value if isinstance(value, list) else [value]
        return tuple(one.strip() for one in values if isinstance(one, str) and one.strip())

    def inner(self, name: str) -> "Fields":
        """Return the fields of an object within."""
        return Fields(self.item.get(name), self.findings)

    def word(self, name: str, allowed: Iterable[str], otherwise: str) -> str:
        """Return one of CAP's words, in any case; what is absent or unknown is `otherwise`."""
        known = {word.casefold(): word for word in allowed}
        return known.get((self.text(name) or "").casefold(), otherwise)

    def time(self, *names: str, vital: bool = True) -> datetime | None:
        """Return an aware time; without an offset it is that of Beijing.

        `vital`: what can not be read refuses the item; otherwise it is left out.
        """
        text = self.text(*names)
        if text is None:
            return None
        time = time_in(text)
        if time is None:
            told = self.findings.error if vital else self.findings.repair
            told("bad_time", names[0], f"{text[:40]!r} is not a time")
        return time

    def moment(self, name: str, *others: str) -> datetime | None:
        """Return the time of seconds since 1970 (UTC); without one the item is refused."""
        text = self.needed(name, *others)
        try:
            found = datetime.fromtimestamp(float(text), UTC) if text else None
        except (ValueError, OverflowError, OSError):
            found = None
        if text and (found is None or found.year not in _YEARS):
            self.findings.error("bad_time", name, f"{text[:40]!r} is not a time")
            return None
        return found


def time_in(text: str, zone: tzinfo = BEIJING) -> datetime | None:
    """Return the time that a text is, in `zone` where it names no offset; None: it is none."""
    match = _TIME.fullmatch(text)
    if match is None or int(match[1]) not in _YEARS:
        return None
    year, month, day, hour, minute = (int(match[n]) for n in (1, 3, 4, 5, 6))
    try:
        return datetime(
            year, month, day, hour, minute, int(match[7] or 0), tzinfo=_zone(match[8], zone)
        )
    except ValueError:
        return None


def _zone(text: str | None, zone: tzinfo) -> tzinfo:
    if text is None:
        return zone
    if text == "Z":
        return UTC
    hours, minutes = int(text[1:3]), int(text[-2:])
    if hours > 14 or minutes > 59:
        msg = f"offset {text} is beyond 14 hours"
        raise ValueError(msg)
    return timezone(timedelta(hours=hours, minutes=minutes) * (-1 if text[0] == "-" else 1))
