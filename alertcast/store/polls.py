"""Of several schedulers one polls a source at a time, and no more often together than one would."""

import secrets
from datetime import datetime

from sqlalchemy import and_, insert, select, update

from alertcast.store import turns
from alertcast.store.db import Tx
from alertcast.store.schema import source_lease


def lease(tx: Tx, source: str, real_now: datetime, until: datetime) -> str | None:
    """Take the lease of a source until `until` (real time); None: somebody has it."""
    turns.take(tx, f"lease {source}")
    held = ends(tx, source)
    if held is not None and held > real_now:
        return None
    token = secrets.token_hex(16)
    values = {"token": token, "until": until}
    same = source_lease.c.name == source
    if held is None:
        tx.execute(insert(source_lease).values(name=source, **values))
    else:
        tx.execute(update(source_lease).where(same).values(**values))
    return token


def release(tx: Tx, source: str, token: str, until: datetime) -> None:
    """Let the next poll of a source be made from `until` (real time) on, unless the lease is gone.

    Whoever polled longer than its lease changes nothing.
    """
    ours = and_(source_lease.c.name == source, source_lease.c.token == token)
    tx.execute(update(source_lease).where(ours).values(until=until))


def ends(tx: Tx, source: str) -> datetime | None:
    """Return the real time from which a source may be polled; None: it never was."""
    rows = select(source_lease.c.until).where(source_lease.c.name == source)
    return tx.execute(rows).scalar()
