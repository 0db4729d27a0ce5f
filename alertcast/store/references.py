"""Which alerts refer to which: what an update or an end is about, and what is about an alert."""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    or_,
    select,
    update,
)

from alertcast.core.alert import Alert
from alertcast.core.national_id import NationalId
from alertcast.store import alert_words
from alertcast.store.db import Tx
from alertcast.store.events import PUT_ASIDE
from alertcast.store.schema import (
    alert,
)


def referenced(tx: Tx, message: Alert) -> list[int]:
    """Return the ids of the alerts that `message` refers to, itself left out.

    The time that it says they were sent is not looked at: China's feed repeats the new message's.
    None was sent after the message itself, for the newest holds.
    """
    names = [one.identifier for one in message.references]
    if not names:
        return []
    keys = [key for name in names if (key := key_of(name))]
    named = or_(alert.c.identifier.in_(names), alert.c.key.in_(keys))
    known = select(alert.c.id, alert.c.identifier, alert.c.sender, alert.c.sent)
    earlier = and_(named, alert.c.key != message.key, alert.c.sent <= message.sent)
    return [
        row.id
        for row in tx.execute(known.where(earlier))
        if any(_means(one.sender, one.identifier, row) for one in message.references)
        and (row.identifier != message.identifier or row.sent < message.sent)
    ]


def _means(sender: str, identifier: str, found: Any) -> bool:
    """Say whether a reference is to what was found; two senders may use one identifier."""
    national = key_of(identifier)
    if national is not None:
        return national == key_of(found.identifier)
    if sender and sender.casefold() != str(found.sender).casefold():
        return False
    return identifier == str(found.identifier)


def key_of(identifier: str) -> str | None:
    """Return the key of the alert that a feed calls `identifier`; None: it is no national one."""
    national = NationalId.read(identifier)
    return national.text if national else None


def is_awaited(tx: Tx, alert_id: int, ids: Iterable[int]) -> bool:
    """Say whether another message that refers to any of the alerts `ids` is to be decided on."""
    rows = select(alert.c.identifier).where(alert.c.id.in_(list(ids)))
    names = set(tx.execute(rows).scalars())
    waiting = select(alert.c.references).where(
        alert.c.decided_at.is_(None), alert.c.id != alert_id, alert.c.status == "Actual"
    )
    found = (one["identifier"] for listed in tx.execute(waiting).scalars() for one in listed)
    return any(one in names for one in found)


def updates_of(tx: Tx, ids: Collection[int]) -> list[int]:
    """Return the ids of the updates in force, decided on, that refer to any of the alerts `ids`."""
    decided = and_(alert.c.decided_at.is_not(None), alert.c.standing == "in_force", ~PUT_ASIDE)
    return _referring(tx, ids, and_(decided, alert.c.msg_type == "Update"))


def held_beside(tx: Tx, ids: Collection[int]) -> list[int]:
    """Return the ids of the messages that refer to the alerts `ids` and wait for an officer."""
    return _referring(tx, ids, and_(PUT_ASIDE, alert.c.decision == "held"))


def _referring(tx: Tx, ids: Collection[int], those: ColumnElement[bool]) -> list[int]:
    if not ids:
        return []
    named = select(alert.c.identifier, alert.c.sender, alert.c.sent).where(alert.c.id.in_(ids))
    meant = tx.execute(named).all()
    first = min(one.sent for one in meant)
    rows = select(alert.c.id, alert.c.references).where(alert.c.status == "Actual", those)
    return [
        row.id
        for row in tx.execute(rows.where(alert.c.sent >= first, alert.c.id.notin_(ids)))
        if any(_means(r["sender"], r["identifier"], one) for r in row.references for one in meant)
    ]


def later_than(tx: Tx, message: Alert) -> list[int]:
    """Return the ids of real messages kept already that update or end `message`: it comes late.

    One that was put aside for an officer is none of them: it replaces nothing until it is started.
    """
    rows = select(alert.c.id, alert.c.references).where(
        alert.c.sent >= message.sent,
        alert.c.status == "Actual",
        alert.c.is_trusted,
        alert.c.msg_type.in_(("Update", "Cancel")),
        alert.c.key != message.key,
        ~PUT_ASIDE,
    )
    return [
        row.id
        for row in tx.execute(rows)
        if any(_means(one["sender"], one["identifier"], message) for one in row.references)
    ]


def decide_again(tx: Tx, message: Alert) -> None:
    """Let what gave way to `message`, and was never sent, be decided on once more."""
    gave_way = and_(alert.c.id.in_(referenced(tx, message)), alert.c.decision == "superseded")
    values: dict[str, Any] = {"decision": None, "decided_at": None, "standing": "in_force"}
    tx.execute(update(alert).where(gave_way).values(**values))


def left_in_force(tx: Tx, ids: Iterable[int]) -> list[int]:
    """Return what those of the alerts `ids` refer to that were put aside: it holds beside them."""
    rows = select(alert.c.id).where(alert.c.id.in_(list(ids)), PUT_ASIDE)
    return [
        found
        for one in tx.execute(rows).scalars()
        for found in referenced(tx, alert_words.read(tx, one))
    ]
