"""Sessions: only the hash of what a cookie holds is kept, so that nobody can read one here."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, exists, insert, or_, select, update

from alertcast.core.broadcast import BroadcastState
from alertcast.core.session import Limits, Session
from alertcast.store.db import Tx
from alertcast.store.rows import value
from alertcast.store.schema import broadcast, session

OFTEN = timedelta(minutes=1)
"""Real time in which a session that is used again is not written down again."""


def begin(tx: Tx, user_id: int, address: str, real_now: datetime) -> str:
    """Write a session that begins; return the secret that its cookie holds."""
    secret = secrets.token_urlsafe(32)
    row = insert(session).values(
        user_id=user_id,
        digest=_digest(secret),
        address=address[:64],
        created_at=real_now,
        used_at=real_now,
    )
    tx.execute(row)
    return secret


def by_secret(tx: Tx, secret: str, limits: Limits, real_now: datetime) -> Session | None:
    """Return the session with this secret, None if it is over; that of a night's work is not."""
    row = tx.execute(select(session).where(session.c.digest == _digest(secret))).mappings().first()
    if row is None:
        return None
    found = _session(row)
    is_over = limits.has_run_out(found, real_now) and not is_at_work(tx)
    return None if is_over else found


def is_to_note(found: Session, real_now: datetime) -> bool:
    """Say whether it is to be written down that a session is used now."""
    return found.used_at < real_now - OFTEN


def note_used(tx: Tx, session_id: int, real_now: datetime) -> None:
    """Write down that a session is used."""
    rows = update(session).where(session.c.id == session_id, session.c.used_at < real_now)
    tx.execute(rows.values(used_at=real_now))


def of_user(tx: Tx, user_id: int) -> Sequence[Session]:
    """Return where a user is logged in, the last used first."""
    rows = select(session).where(session.c.user_id == user_id).order_by(session.c.used_at.desc())
    return [_session(row) for row in tx.execute(rows).mappings()]


def end(tx: Tx, secret: str) -> None:
    """End the session with this secret."""
    tx.execute(delete(session).where(session.c.digest == _digest(secret)))


def end_all(tx: Tx, user_id: int, *, but: int | None = None) -> int:
    """End every session of a user, but for one if it is named; return how many ended."""
    rows = delete(session).where(session.c.user_id == user_id)
    if but is not None:
        rows = rows.where(session.c.id != but)
    return tx.execute(rows).rowcount


def clear(tx: Tx, limits: Limits, real_now: datetime) -> int:
    """Remove the sessions that have run out, unless a broadcast runs; return how many."""
    if is_at_work(tx):
        return 0
    over = or_(
        session.c.used_at <= real_now - limits.idle,
        session.c.created_at <= real_now - limits.longest,
    )
    return tx.execute(delete(session).where(over)).rowcount


def is_at_work(tx: Tx) -> bool:
    """Say whether a broadcast runs."""
    runs = exists().where(broadcast.c.state == BroadcastState.RUNNING)
    return bool(tx.execute(select(runs)).scalar())


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _session(row: Mapping[Any, Any]) -> Session:
    return value(Session, row)
