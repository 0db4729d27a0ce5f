"""Who did what: written in the transaction of the action itself, and chained as its last deed.

A row is written when its action is. Its link in the chain (see core.chain) is added right before
the commit, so that those who do something at the same moment wait for each other's commit and for
nothing else. Triggers refuse to change or remove rows of both tables.
"""

from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, exists, insert, select

from alertcast.core.chain import START, Anchor, ChainBroken, Entry, check, sealed
from alertcast.store import last, turns
from alertcast.store.db import Tx
from alertcast.store.rows import chunks, new_id
from alertcast.store.schema import audit, audit_link

PIECE = 1000
"""Rows that are in memory at once while the chain is checked."""


def record(tx: Tx, user: str, action: str, subject: str, now: datetime, **detail: object) -> None:
    """Write that `user` did `action` to `subject`; `detail` is ids and counts, nothing personal."""
    row = insert(audit).values(at=now, user=user, action=action, subject=subject, detail=detail)
    last.note(tx, _chain, new_id(tx.execute(row)))


def listed(
    tx: Tx, limit: int = 200, subject: str | None = None, action: str | None = None
) -> Sequence[Mapping[Any, Any]]:
    """Return the newest entries, those about `subject`, and of `action`, if one is named."""
    rows = select(audit).order_by(audit.c.id.desc()).limit(limit)
    if subject is not None:
        rows = rows.where(audit.c.subject == subject)
    if action is not None:
        rows = rows.where(audit.c.action == action)
    return tx.execute(rows).mappings().all()


def has_any(tx: Tx, actions: Iterable[str], subjects: Iterable[str]) -> bool:
    """Say whether any of these actions was ever done to any of these subjects."""
    same = and_(audit.c.subject.in_(list(subjects)), audit.c.action.in_(list(actions)))
    return bool(tx.execute(select(exists().where(same))).scalar())


def end(tx: Tx) -> Anchor:
    """Return the end of the chain: kept elsewhere, it proves all there is until now."""
    rows = select(audit_link.c.n, audit_link.c.hash).order_by(audit_link.c.n.desc()).limit(1)
    row = tx.execute(rows).first()
    return Anchor(0, START) if row is None else Anchor(row.n, row.hash)


def verify(tx: Tx, anchors: Iterable[Anchor] = ()) -> Anchor:
    """Check the whole chain and return its end; raises ChainBroken with the first broken row."""
    with closing(_links(tx)) as links:
        found = check(links, anchors)
    linked = exists().where(audit_link.c.audit_id == audit.c.id)
    row = tx.execute(select(audit.c.id).where(~linked).order_by(audit.c.id).limit(1)).first()
    if row is not None:
        raise ChainBroken(found.n + 1, row.id, f"row {row.id} is in no link: it was slipped in")
    return found


def _chain(tx: Tx, ids: list[int]) -> None:
    """Add the rows `ids` to the chain; those that a savepoint took back are none any more."""
    turns.take(tx, "audit")
    before = end(tx)
    for chunk in chunks(ids):
        rows = select(audit).where(audit.c.id.in_(chunk)).order_by(audit.c.id)
        for row in tx.execute(rows).mappings().all():
            entry = _entry(row)
            before = Anchor(before.n + 1, sealed(before.hash, before.n + 1, entry))
            link = {"n": before.n, "audit_id": entry.id, "hash": before.hash}
            tx.execute(insert(audit_link).values(link))


def _links(tx: Tx) -> Generator[tuple[Anchor, Entry | None], None, None]:
    rows: Select[Any] = select(audit_link.c.n, audit_link.c.hash, *audit.c).join_from(
        audit_link, audit, audit.c.id == audit_link.c.audit_id, isouter=True
    )
    rows = rows.order_by(audit_link.c.n).execution_options(yield_per=PIECE)
    with tx.execute(rows) as found:
        for row in found.mappings():
            yield Anchor(row["n"], row["hash"]), None if row["id"] is None else _entry(row)


def _entry(row: Mapping[Any, Any]) -> Entry:
    names = ("id", "at", "user", "action", "subject", "detail")
    return Entry(*(row[name] for name in names))
