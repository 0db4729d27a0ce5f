"""Which alerts refer to which: what an update or an end is about, and what is about an alert."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
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
from alertcast.store.events import PUT_ASIDE, SAME_YEAR
from alertcast.store.schema import (
    alert,
    alert_event,
)


def referenced(tx: Tx, message: Alert) -> list[int]:
    """Return the ids of the alerts that `message` refers to, itself left out.

    The time that it says they were sent is not looked at: China's feed repeats the new message's.
    None was sent after the message itself, for the newest holds.
    """
    named = [(one.sender, one.identifier) for one in message.references]
    return _earlier(tx, named, message.identifier, message.key, message.sent)


def _named(tx: Tx, row: Any) -> list[int]:
    whole = [one for one in row.references if one.get("identifier")]
    named = [(one.get("sender") or "", one["identifier"]) for one in whole]
    return _earlier(tx, named, row.identifier, row.key, row.sent)


def _earlier(
    tx: Tx, named: Sequence[tuple[str, str]], identifier: str, key: str, sent: datetime
) -> list[int]:
    """Return the ids of what was sent up to `sent` under these senders and identifiers."""
    names = [name for _, name in named]
    if not names:
        return []
    keys = [found for name in names if (found := key_of(name))]
    meant = or_(alert.c.identifier.in_(names), alert.c.key.in_(keys))
    known = select(alert.c.id, alert.c.identifier, alert.c.sender, alert.c.sent)
    earlier = and_(meant, alert.c.key != key, alert.c.sent <= sent)
    return [
        row.id
        for row in tx.execute(known.where(earlier))
        if any(_means(sender, name, row) for sender, name in named)
        and (row.identifier != identifier or row.sent < sent)
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


def replaced_by(tx: Tx, ids: Collection[int]) -> list[int]:
    """Return the ids of the alerts in force that replaced the alerts `ids`, at once or in turn."""
    decided = and_(alert.c.decided_at.is_not(None), ~PUT_ASIDE)
    warns = and_(decided, alert.c.msg_type.in_(("Alert", "Update")))
    known, new = set(ids), set(ids)
    while new:
        new = set(_referring(tx, new, warns)) - known
        known |= new
    holds = and_(alert.c.id.in_(known - set(ids)), alert.c.standing == "in_force")
    return list(tx.execute(select(alert.c.id).where(holds).order_by(alert.c.sent)).scalars())


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


def decide_again(tx: Tx, alert_id: int) -> None:
    """Let what gave way to an alert, and was never sent, be decided on once more.

    It named them, or they are earlier messages of an event that it names. What they say themselves
    is read; of the alert only its references, so that one that can not be read hides nothing.
    """
    row = tx.execute(select(*_REFERRING).where(alert.c.id == alert_id)).one()
    events_of = select(alert_event.c.event).where(alert_event.c.alert_id == alert_id)
    kin = select(alert_event.c.alert_id).where(alert_event.c.event.in_(events_of))
    earlier = and_(alert.c.sent <= row.sent, alert.c.sent > row.sent - SAME_YEAR)
    meant = or_(alert.c.id.in_(_named(tx, row)), and_(alert.c.id.in_(kin), earlier))
    gave_way = and_(meant, alert.c.id != alert_id, alert.c.decision == "superseded")
    values: dict[str, Any] = {"decision": None, "decided_at": None, "standing": "in_force"}
    tx.execute(update(alert).where(gave_way).values(**values))


_REFERRING = (alert.c.references, alert.c.identifier, alert.c.key, alert.c.sent)


def left_in_force(tx: Tx, ids: Iterable[int]) -> list[int]:
    """Return what those of the alerts `ids` refer to that were put aside: it holds beside them."""
    rows = select(alert.c.id).where(alert.c.id.in_(list(ids)), PUT_ASIDE)
    return [
        found
        for one in tx.execute(rows).scalars()
        for found in referenced(tx, alert_words.read(tx, one))
    ]
