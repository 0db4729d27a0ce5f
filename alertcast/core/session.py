"""Sessions: a log-in lasts as long as it is used, and not for ever.

While a broadcast runs nobody is logged out by the clock: somebody is at work.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Session:
    """One log-in of one user in one browser; times are real."""

    id: int
    user_id: int
    address: str
    created_at: datetime
    used_at: datetime


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a session lasts without being used, and at most."""

    idle: timedelta
    longest: timedelta

    def has_run_out(self, session: Session, now: datetime) -> bool:
        """Say whether a session is over by the clock."""
        is_idle = now - session.used_at >= self.idle
        return is_idle or now - session.created_at >= self.longest
