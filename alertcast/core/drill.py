"""Drills that are scheduled (演练): what may become of one, and when one may begin."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from alertcast.core.opening import Block

LONGEST_AHEAD = timedelta(days=366)
"""A drill is scheduled at most so far ahead."""


class DrillState(StrEnum):
    """How it stands with a drill that was scheduled."""

    PLANNED = "planned"  # begins by itself at its time
    BEGUN = "begun"  # its broadcast says the rest
    CANCELLED = "cancelled"  # an officer called it off before its time
    MISSED = "missed"  # nothing ran at its time, and then it was too late
    FAILED = "failed"  # it could not begin; the reason says why


@dataclass(frozen=True, slots=True)
class PlannedDrill:
    """One drill that was scheduled."""

    id: int
    key: str
    text: str
    codes: tuple[str, ...]  # grids, towns or counties
    policy: str | None
    starts_at: datetime
    state: DrillState
    why: str | None
    broadcast_id: int | None
    created_at: datetime
    created_by: str
    cancelled_by: str | None


def is_too_late(starts_at: datetime, now: datetime, late: timedelta) -> bool:
    """Say whether a drill that has not begun by `now` does not begin any more."""
    return now - starts_at > late


def runs_out(local: datetime, night: Block) -> datetime:
    """Return when a drill that begins at a local time by day runs out: when the night begins."""
    start = local.replace(hour=night.start.hour, minute=night.start.minute, second=0, microsecond=0)
    return start if start > local else start + timedelta(days=1)
