"""What could not be read (隔离): each document as it came, why, and what reading it again gave."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import insert, select, update

from alertcast.store import witnesses
from alertcast.store.crypto import Vault
from alertcast.store.db import Tx
from alertcast.store.schema import quarantine


class ReasonFacts(TypedDict):
    """Why one item of a document was refused."""

    item: int  # its place in the document, from 0
    code: str
    kind: str  # core.alert.ReasonKind
    where: str
    message: str


class PutAside(TypedDict):
    """A document of which something could not be read."""

    id: int
    source: str
    location: str  # file or address it came from
    received_at: datetime
    reasons: list[ReasonFacts]  # of the first reading
    retried_at: datetime | None  # when it was last read again
    left: list[ReasonFacts] | None  # why that still failed; None: never read again
    settled_at: datetime | None  # when nothing was left of it


def put_aside(
    tx: Tx,
    vault: Vault,
    *,
    source: str,
    location: str,
    raw: bytes,
    reasons: Sequence[ReasonFacts],
    now: datetime,
    content_type: str = "",
    title: str = "",
    place: str = "",
) -> None:
    """Keep a document for the officer; the same bytes of a source a second time change nothing."""
    digest = hashlib.sha256(raw).hexdigest()
    same = quarantine.c.source == source, quarantine.c.sha256 == digest
    if tx.execute(select(quarantine.c.id).where(*same)).first() is None:
        tx.execute(
            insert(quarantine).values(
                source=source,
                location=_writable(location),
                sha256=digest,
                raw=witnesses.sealed(vault, raw),
                content_type=_writable(content_type)[:128],
                title=_writable(title),
                place=_writable(place)[:16],
                reasons=_writable_reasons(reasons),
                received_at=now,
            )
        )


def listed(tx: Tx, *, since: datetime | None = None, with_settled: bool = False) -> list[PutAside]:
    """Return what was put aside at or after `since`, newest first; else all that is unsettled."""
    rows = select(quarantine).order_by(quarantine.c.received_at.desc(), quarantine.c.id.desc())
    if since is not None:
        rows = rows.where(quarantine.c.received_at >= since)
    if not with_settled:
        rows = rows.where(quarantine.c.settled_at.is_(None))
    return [facts(row) for row in tx.execute(rows).mappings()]


def row_of(tx: Tx, quarantine_id: int, *, lock: bool = False) -> Mapping[Any, Any] | None:
    """Return the whole row, its document sealed; None if there is none."""
    rows = select(quarantine).where(quarantine.c.id == quarantine_id)
    return tx.execute(rows.with_for_update() if lock else rows).mappings().first()


def facts(row: Mapping[Any, Any]) -> PutAside:
    """Return what may be shown of a row to anybody: not the document, which may name somebody."""
    return PutAside(
        id=row["id"],
        source=row["source"],
        location=row["location"],
        received_at=row["received_at"],
        reasons=_whole(row["reasons"]),
        retried_at=row["retried_at"],
        left=None if row["left"] is None else _whole(row["left"]),
        settled_at=row["settled_at"],
    )


def retried(tx: Tx, quarantine_id: int, left: Sequence[ReasonFacts], now: datetime) -> None:
    """Write down what is left of a document that was read again; the first reasons stay."""
    said = _writable_reasons(left)
    values = {"retried_at": now, "left": said, "settled_at": None if said else now}
    tx.execute(update(quarantine).where(quarantine.c.id == quarantine_id).values(**values))


def _whole(reasons: Iterable[Mapping[str, Any]]) -> list[ReasonFacts]:
    """Return reasons as they are written now; those of an older version name no item."""
    return [
        ReasonFacts(
            item=int(one.get("item", 0)),
            code=one["code"],
            kind=one["kind"],
            where=one["where"],
            message=one["message"],
        )
        for one in reasons
    ]


def _writable_reasons(reasons: Iterable[ReasonFacts]) -> list[ReasonFacts]:
    return [
        {**one, "where": _writable(one["where"]), "message": _writable(one["message"])}
        for one in reasons
    ]


def _writable(text: str) -> str:
    """Return `text` without what no database holds: this is where everything else ends up."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
