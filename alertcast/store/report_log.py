"""The shift log (值班日志) of a time: what officers wrote, and the key events of broadcasts.

Events are read from the rows that they left, not written a second time: none can be missing, and
made twice the log says the same twice.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import TypedDict

from sqlalchemy import and_, func, or_, select

from alertcast.core.broadcast import BroadcastState, Purpose
from alertcast.core.callout import CalloutState
from alertcast.store.crypto import Vault
from alertcast.store.db import Tx
from alertcast.store.report_areas import touches
from alertcast.store.schema import (
    audit,
    broadcast,
    callout,
    handover,
    help_request,
    shift_note,
    task,
)

DEEDS = (
    "approve",
    "break_glass",
    "confirm_end",
    "correct",
    "dismiss",
    "lift",
    "refuse",
    "restart_channel",
    "restore",
    "second_source",
    "seen",
    "stop",
)
"""Actions of the audit that the log tells; others have rows of their own, or are no event."""

BEGUN = (BroadcastState.RUNNING, BroadcastState.HELD, BroadcastState.CLOSED)
"""States of a broadcast that has begun; a cancelled one has, if messages of it were planned."""


class LogEntry(TypedDict):
    """One line of the log."""

    at: datetime
    what: str  # note, handed_over, taken_over, began, ended, unreached, help, help_closed; a deed
    user: str  # "" where it happened by itself
    broadcast_id: int | None
    title: str
    mode: str | None
    count: int  # grids
    text: str  # what was written


def log_entries(
    tx: Tx, vault: Vault, since: datetime, until: datetime, *, area: str = ""
) -> list[LogEntry]:
    """Return the log from `since` to before `until` within an area, in the order of time."""
    found = [
        *_begun_and_ended(tx, since, until, area),
        *_deeds(tx, since, until, area),
        *_unreached(tx, since, until, area),
        *_helps(tx, since, until, area),
        *_written(tx, vault, since, until, area),
    ]
    return sorted(found, key=lambda one: one["at"])


def _entry(
    at: datetime,
    what: str,
    user: str = "",
    broadcast_id: int | None = None,
    title: str = "",
    mode: str | None = None,
    count: int = 0,
    text: str = "",
) -> LogEntry:
    return LogEntry(
        at=at,
        what=what,
        user=user,
        broadcast_id=broadcast_id,
        title=title,
        mode=mode,
        count=count,
        text=text,
    )


def _written(
    tx: Tx, vault: Vault, since: datetime, until: datetime, area: str
) -> Iterator[LogEntry]:
    for table, what in ((shift_note, "note"), (handover, "handed_over")):
        rows = select(table).where(
            table.c.at >= since, table.c.at < until, table.c.area.startswith(area, autoescape=True)
        )
        for row in tx.execute(rows.order_by(table.c.id)).mappings():
            yield _entry(row["at"], what, row["user"], text=vault.read(row["text"]))
    taken = select(handover).where(
        handover.c.accepted_at >= since,
        handover.c.accepted_at < until,
        handover.c.area.startswith(area, autoescape=True),
    )
    for row in tx.execute(taken).mappings():
        yield _entry(row["accepted_at"], "taken_over", row["accepted_by"], text=row["user"])


def _begun_and_ended(tx: Tx, since: datetime, until: datetime, area: str) -> Iterator[LogEntry]:
    shown = broadcast.c.purpose != Purpose.CONFIRM
    planned = select(task.c.id).where(task.c.broadcast_id == broadcast.c.id).exists()
    stopped = and_(broadcast.c.state == BroadcastState.CANCELLED, planned)
    for column, what, states in (
        (broadcast.c.starts_at, "began", or_(broadcast.c.state.in_(BEGUN), stopped)),
        (broadcast.c.ended_at, "ended", broadcast.c.state == BroadcastState.CLOSED),
    ):
        rows = select(broadcast).where(column >= since, column < until, states, shown)
        for row in tx.execute(rows.order_by(broadcast.c.id)).mappings():
            if touches(tx, row["id"], area):
                who = row["created_by"] if what == "began" else ""
                user = "" if who == "scheduler" else who
                yield _entry(row[column.name], what, user, row["id"], row["title"], row["mode"])


def _deeds(tx: Tx, since: datetime, until: datetime, area: str) -> Iterator[LogEntry]:
    rows = select(audit).where(audit.c.at >= since, audit.c.at < until, audit.c.action.in_(DEEDS))
    for row in tx.execute(rows.order_by(audit.c.id)).mappings():
        kind, _, number = row["subject"].partition(":")
        about = int(number) if kind == "broadcast" and number.isdecimal() else None
        if about is None:
            yield _entry(row["at"], row["action"], row["user"], title=row["subject"])
        elif touches(tx, about, area):
            named = select(broadcast.c.title, broadcast.c.mode).where(broadcast.c.id == about)
            title, mode = tx.execute(named).first() or ("", None)
            text = str(row["detail"].get("why", ""))
            yield _entry(row["at"], row["action"], row["user"], about, title, mode, text=text)


def _unreached(tx: Tx, since: datetime, until: datetime, area: str) -> Iterator[LogEntry]:
    rows = (
        select(broadcast.c.id, broadcast.c.title, broadcast.c.mode)
        .add_columns(func.count().label("n"), func.min(callout.c.ended_at).label("at"))
        .join(callout, callout.c.broadcast_id == broadcast.c.id)
        .where(callout.c.state == CalloutState.UNREACHED)
        .where(callout.c.ended_at >= since, callout.c.ended_at < until)
        .group_by(broadcast.c.id, broadcast.c.title, broadcast.c.mode)
    )
    for row in tx.execute(rows):
        if touches(tx, row.id, area):
            yield _entry(row.at, "unreached", "", row.id, row.title, row.mode, count=row.n)


def _helps(tx: Tx, since: datetime, until: datetime, area: str) -> Iterator[LogEntry]:
    here = help_request.c.area.startswith(area, autoescape=True)
    for column, what in (
        (help_request.c.opened_at, "help"),
        (help_request.c.closed_at, "help_closed"),
    ):
        rows = select(help_request).where(column >= since, column < until, here)
        for row in tx.execute(rows.order_by(help_request.c.id)).mappings():
            places = "、".join(row["places"])
            is_closed = what == "help_closed"
            yield _entry(
                row[column.name],
                what,
                (row["closed_by"] or "") if is_closed else "",
                row["broadcast_id"],
                places,
                text=(row["done"] or "") if is_closed else "",
            )
