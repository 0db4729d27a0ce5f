"""The hours in which a line is closed: some carriers refuse calls at noon and at night.

A channel with a closed line is not used. What is urgent goes to a human at once; what can wait
waits until the line opens, if the warning still holds by then.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from alertcast.core.task import Task

_BLOCK = re.compile(r"^(\d{2}:\d{2})-(\d{2}:\d{2})$")

URGENT_LEVELS = frozenset({"red", "orange"})
"""Levels that never wait for a line to open."""

URGENT_PURPOSES = frozenset({"help", "correction", "confirm"})
"""Purposes that never wait for a line to open, whatever the level."""

PATIENT_PURPOSES = frozenset({"downgrade"})
"""Purposes that are not urgent, whatever the level."""


@dataclass(frozen=True, slots=True)
class Block:
    """Local hours in which a line is closed; `start` may be after `end` (over midnight)."""

    start: time  # local time of the office, included
    end: time  # local time of the office, not included

    def covers(self, local: datetime) -> bool:
        """Say whether the local time `local` lies in these hours."""
        at = local.timetz().replace(tzinfo=None)
        if self.start < self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end

    def end_after(self, local: datetime) -> datetime:
        """Return the first end of these hours after the local time `local`."""
        end = local.replace(
            hour=self.end.hour, minute=self.end.minute, second=0, microsecond=0, fold=0
        )
        return end if end > local else end + timedelta(days=1)


def read_block(text: object) -> Block:
    """Return the hours written as e.g. "21:00-09:00"; raises ValueError otherwise."""
    match = _BLOCK.match(str(text))
    try:
        if match is None:
            raise ValueError
        start, end = time.fromisoformat(match[1]), time.fromisoformat(match[2])
    except ValueError:
        msg = f"{text!r} is not a time of day such as 21:00-09:00"
        raise ValueError(msg) from None
    if start == end:
        msg = f"{text!r} begins where it ends"
        raise ValueError(msg)
    return Block(start, end)


def is_open(blocks: Iterable[Block], local: datetime) -> bool:
    """Say whether none of `blocks` covers the local time `local`."""
    return not any(one.covers(local) for one in blocks)


def opens_at(blocks: Sequence[Block], local: datetime) -> datetime | None:
    """Return the first local time from `local` on that no block covers; None: never."""
    at = local
    while at - local <= timedelta(days=1):
        closed = next((one for one in blocks if one.covers(at)), None)
        if closed is None:
            return at
        at = closed.end_after(at)
    return None


def may_wait(task: Task, opens: datetime | None) -> bool:
    """Say whether `task` may wait for a line that opens at `opens` (aware; None: never)."""
    is_urgent = task.level in URGENT_LEVELS and task.purpose not in PATIENT_PURPOSES
    if opens is None or is_urgent or task.purpose in URGENT_PURPOSES:
        return False
    return task.expires_at is None or opens < task.expires_at
