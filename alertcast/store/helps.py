"""Help requests: opened by key 2, red until an officer writes what was done."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, insert, or_, select, update

from alertcast.store.db import Tx
from alertcast.store.rows import new_id
from alertcast.store.schema import broadcast, help_request


def open_request(
    tx: Tx,
    broadcast_id: int,
    person_id: int,
    *,
    role: str,
    places: Sequence[str],
    area: str,
    now: datetime,
) -> tuple[int, bool]:
    """Open a help request, one per person and broadcast at a time; return its id, is new."""
    rows = select(help_request.c.id).where(
        help_request.c.broadcast_id == broadcast_id,
        help_request.c.person_id == person_id,
        help_request.c.closed_at.is_(None),
    )
    known = tx.execute(rows).scalar()
    if known is not None:
        return int(known), False
    row = insert(help_request).values(
        broadcast_id=broadcast_id,
        person_id=person_id,
        role=role,
        places=list(places),
        area=area,
        opened_at=now,
    )
    return new_id(tx.execute(row)), True


def close(tx: Tx, help_id: int, user: str, done: str, now: datetime) -> bool:
    """Close a help request with what was done; False if it is closed already or does not exist."""
    rows = and_(help_request.c.id == help_id, help_request.c.closed_at.is_(None))
    values = {"closed_at": now, "closed_by": user, "done": done}
    return bool(tx.execute(update(help_request).where(rows).values(**values)).rowcount)


def same_need(tx: Tx, help_id: int) -> list[int]:
    """Return the open requests of whoever asked in this one, in the same round of warnings.

    A drill is never the same as what is live. What belongs to no episode, or to another town,
    stands alone.
    """
    one, its = help_request.alias("one"), broadcast.alias("its")
    rows = (
        select(help_request.c.id)
        .join(broadcast, broadcast.c.id == help_request.c.broadcast_id)
        .join(one, one.c.person_id == help_request.c.person_id)
        .join(its, its.c.id == one.c.broadcast_id)
        .where(one.c.id == help_id, help_request.c.closed_at.is_(None))
        .where(help_request.c.area == one.c.area)
        .where(
            or_(
                broadcast.c.id == its.c.id,
                and_(broadcast.c.episode_id == its.c.episode_id, broadcast.c.mode == its.c.mode),
            )
        )
    )
    return list(tx.execute(rows.order_by(help_request.c.id)).scalars())


def get(tx: Tx, help_id: int) -> Mapping[Any, Any] | None:
    """Return the row of a help request, or None."""
    rows = select(help_request).where(help_request.c.id == help_id)
    return tx.execute(rows).mappings().first()


def listed(
    tx: Tx, *, broadcast_id: int | None = None, only_open: bool = False
) -> Sequence[Mapping[Any, Any]]:
    """Return the rows of help requests, oldest first."""
    rows = select(help_request).order_by(help_request.c.id)
    if broadcast_id is not None:
        rows = rows.where(help_request.c.broadcast_id == broadcast_id)
    if only_open:
        rows = rows.where(help_request.c.closed_at.is_(None))
    return tx.execute(rows).mappings().all()
