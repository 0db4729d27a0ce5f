"""The shift log (值班日志) and hand-overs (交接班): rows are added, and only accepted once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from alertcast.store.crypto import Vault
from alertcast.store.db import Tx
from alertcast.store.rows import new_id
from alertcast.store.schema import handover, shift_note


def write(tx: Tx, vault: Vault, area: str, user: str, text: str, now: datetime) -> int:
    """Add a note; return its id."""
    row = insert(shift_note).values(area=area, at=now, user=user, text=vault.seal(text))
    return new_id(tx.execute(row))


def hand_over(
    tx: Tx,
    vault: Vault,
    area: str,
    user: str,
    text: str,
    is_open: Sequence[Mapping[str, Any]],
    now: datetime,
) -> int:
    """Add a hand-over with what is open at this moment; return its id."""
    row = insert(handover).values(
        area=area, at=now, user=user, text=vault.seal(text), open=list(is_open)
    )
    return new_id(tx.execute(row))


def accept(tx: Tx, handover_id: int, user: str, now: datetime) -> bool:
    """Write down who took over; False if somebody has, or there is no such hand-over."""
    waits = (handover.c.id == handover_id) & handover.c.accepted_at.is_(None)
    values = {"accepted_at": now, "accepted_by": user}
    return bool(tx.execute(update(handover).where(waits).values(values)).rowcount)


def get(tx: Tx, handover_id: int) -> Mapping[Any, Any] | None:
    """Return the row of a hand-over, or None."""
    return tx.execute(select(handover).where(handover.c.id == handover_id)).mappings().first()


def latest(tx: Tx, area: str, limit: int = 10) -> Sequence[Mapping[Any, Any]]:
    """Return the rows of the newest hand-overs within an area, the newest first."""
    inside = handover.c.area.startswith(area, autoescape=True)
    rows = select(handover).where(inside).order_by(handover.c.id.desc()).limit(limit)
    return tx.execute(rows).mappings().all()
