"""What was done, as the page and the command list it: newest first, a piece at a time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict, cast

from sqlalchemy import select

from alertcast.store.db import Tx
from alertcast.store.schema import audit, audit_link, user


class Act(TypedDict):
    """One thing that somebody did, and its place in the chain."""

    id: int
    n: int | None  # null: it is in no link
    at: datetime
    user: str
    action: str
    subject: str
    detail: dict[str, Any]
    hash: str | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which acts are looked for; what is left out is not looked at."""

    user: str = ""
    action: str = ""
    subject: str = ""  # e.g. broadcast:7
    since: datetime | None = None
    until: datetime | None = None  # before it
    area: str = ""  # of the users: only what people of this area did


def acts(tx: Tx, wanted: Wanted, *, limit: int = 200, before: int | None = None) -> list[Act]:
    """Return the newest acts that are wanted, of those with an id below `before` if it is given."""
    rows = (
        select(audit, audit_link.c.n, audit_link.c.hash)
        .join_from(audit, audit_link, audit_link.c.audit_id == audit.c.id, isouter=True)
        .order_by(audit.c.id.desc())
        .limit(limit)
    )
    for name in ("user", "action", "subject"):
        if given := getattr(wanted, name):
            rows = rows.where(audit.c[name] == given)
    if wanted.since is not None:
        rows = rows.where(audit.c.at >= wanted.since)
    if wanted.until is not None:
        rows = rows.where(audit.c.at < wanted.until)
    if wanted.area:
        inside = user.c.area.startswith(wanted.area, autoescape=True)
        rows = rows.where(audit.c.user.in_(select(user.c.name).where(inside)))
    if before is not None:
        rows = rows.where(audit.c.id < before)
    return [cast(Act, dict(row)) for row in tx.execute(rows).mappings()]
