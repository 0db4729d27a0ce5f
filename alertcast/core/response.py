"""The response level (应急响应): an office decides it by a document; it is no signal (预警信号).

防冻 Ⅳ级 may hold while the signal is orange, and go on after the signal was lifted. Neither follows
from the other, here or on any page.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

KINDS = ("freeze", "flood", "wind", "drought", "weather")
"""防冻, 防汛, 防风, 防旱, 气象灾害."""

LEVELS = ("I", "II", "III", "IV")
"""From the highest to the lowest."""

AHEAD = timedelta(minutes=5)
"""Clocks differ: what begins no later than this from now has begun."""


class CanNotRespond(ValueError):
    """A response can not be written down so; `rule` says why."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


@dataclass(frozen=True, slots=True)
class Response:
    """One level that holds, or held, in an area; another level is another one."""

    kind: str  # one of KINDS
    level: str  # one of LEVELS
    area: str  # code; "" is everywhere
    place: str  # how the area was called
    office: str  # who decided it
    document: str  # by which document
    starts_at: datetime

    def check(self, now: datetime) -> None:
        """Raise CanNotRespond if something is missing, unknown, or still to come."""
        if self.kind not in KINDS or self.level not in LEVELS:
            raise CanNotRespond("unknown")
        check_words(self.office, self.document)
        if self.starts_at > now + AHEAD:
            raise CanNotRespond("to_come")


def check_words(office: str, document: str) -> None:
    """Raise CanNotRespond unless both who decided and the document are named."""
    if not all(word.strip() and word.isprintable() for word in (office, document)):
        raise CanNotRespond("missing")
