"""Users as the page lists them: with where they are logged in, and whether a code is asked."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from alertcast.core.access import User
from alertcast.store import users
from alertcast.store.db import Tx
from alertcast.store.schema import audit, second_factor, session


@dataclass(frozen=True, slots=True)
class Listed:
    """One user."""

    user: User
    sessions: int
    has_code: bool
    logged_in_at: datetime | None  # product time, the last time


def listed(tx: Tx) -> list[Listed]:
    """Return all users by name."""
    rows = select(session.c.user_id, func.count()).group_by(session.c.user_id)
    sessions = {row[0]: row[1] for row in tx.execute(rows)}
    confirmed = second_factor.c.confirmed_at.is_not(None)
    coded = set(tx.execute(select(second_factor.c.user_id).where(confirmed)).scalars())
    entered = select(audit.c.subject, func.max(audit.c.at)).where(audit.c.action == "log_in")
    last = {row[0]: row[1] for row in tx.execute(entered.group_by(audit.c.subject))}
    return [
        Listed(one, sessions.get(one.id, 0), one.id in coded, last.get(f"user:{one.id}"))
        for one in users.listed(tx)
    ]
