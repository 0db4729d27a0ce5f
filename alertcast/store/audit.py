"""Who did what: written in the transaction of the action itself."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from alertcast.store.db import Tx
from alertcast.store.schema import audit


def record(tx: Tx, user: str, action: str, subject: str, now: datetime, **detail: object) -> None:
    """Write that `user` did `action` to `subject`; `detail` is ids and counts, nothing personal."""
    tx.execute(
        insert(audit).values(at=now, user=user, action=action, subject=subject, detail=detail)
    )


def listed(tx: Tx, limit: int = 200, subject: str | None = None) -> Sequence[Mapping[Any, Any]]:
    """Return the newest entries, those about `subject` if one is named."""
    rows = select(audit).order_by(audit.c.id.desc()).limit(limit)
    if subject is not None:
        rows = rows.where(audit.c.subject == subject)
    return tx.execute(rows).mappings().all()
