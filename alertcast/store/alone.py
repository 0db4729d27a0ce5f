"""Broadcasts that an officer let begin without the second person who was to approve them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from alertcast.store.db import Tx
from alertcast.store.schema import alone, broadcast


def write(tx: Tx, broadcast_id: int, user: str, why: str, now: datetime) -> None:
    """Write down who let a broadcast begin alone, and why."""
    row = insert(alone).values(broadcast_id=broadcast_id, user=user, why=why, at=now)
    tx.execute(row)


def seen(tx: Tx, broadcast_id: int, user: str, now: datetime) -> bool:
    """Write down which second person has seen it; False if it was seen, or nobody was alone."""
    rows = (
        update(alone)
        .where(alone.c.broadcast_id == broadcast_id, alone.c.seen_at.is_(None))
        .values(seen_by=user, seen_at=now)
    )
    return bool(tx.execute(rows).rowcount)


def of(tx: Tx, broadcast_id: int) -> Mapping[Any, Any] | None:
    """Return who let a broadcast begin alone and who has seen it, None if nobody did."""
    rows = select(alone).where(alone.c.broadcast_id == broadcast_id)
    return tx.execute(rows).mappings().first()


def unseen(tx: Tx) -> Sequence[Mapping[Any, Any]]:
    """Return those that no second person has seen, oldest first."""
    rows = (
        select(alone, broadcast.c.title, broadcast.c.mode)
        .join(broadcast, broadcast.c.id == alone.c.broadcast_id)
        .where(alone.c.seen_at.is_(None))
        .order_by(alone.c.at)
    )
    return tx.execute(rows).mappings().all()
