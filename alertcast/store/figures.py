"""The installation in numbers, from the rows: right with any number of processes, and nobody in it.

What grows for ever is counted for the broadcasts that are not over, or were not a day ago; of the
receipts, the last ten thousand. So it costs the same after a year.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, func, or_, select

from alertcast.core.broadcast import BroadcastState
from alertcast.core.callout import CalloutState
from alertcast.core.task import TaskState
from alertcast.store import pulses
from alertcast.store.db import Tx
from alertcast.store.needs import MAY_LEAVE
from alertcast.store.schema import (
    attempt,
    broadcast,
    callout,
    channel_state,
    help_request,
    receipt,
    source_state,
    task,
)

DAY = timedelta(days=1)

LAST = 10_000
"""Receipts of which it is counted what they changed."""

OVERDUE = timedelta(minutes=1)
"""Product time after which a ladder's next step has not come when it should have."""

_OVER = (BroadcastState.CLOSED, BroadcastState.CANCELLED, BroadcastState.DRAFT)


@dataclass(frozen=True, slots=True)
class Channel:
    """What is known of a channel."""

    is_stopped: bool  # until an officer starts it
    paused_for: float  # real seconds from now
    forged: int  # callbacks refused since somebody took note of them


@dataclass(frozen=True, slots=True)
class Source:
    """What is known of a source."""

    is_ok: bool
    failures: int  # in a row
    polled_age: float  # seconds of product time
    ok_age: float | None  # the same; None: never
    rests_for: float  # real seconds from now


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that is counted, at one moment."""

    tasks: Mapping[tuple[str, str], int]  # kind, state
    due_age: float  # seconds of product time; of the message that is due for longest
    attempts: Mapping[tuple[str, str], int]  # channel, state
    receipts: Mapping[tuple[str, str], int]  # channel, effect
    unapplied: int  # receipts
    unapplied_age: float  # seconds of product time; of the oldest of them
    broadcasts: Mapping[str, int]  # state
    callouts: Mapping[str, int]  # state
    overdue: int  # callouts whose next step has not come
    help_open: int
    leases_expired: int
    channels: Mapping[str, Channel]
    sources: Mapping[str, Source]
    pulses: Mapping[str, float]  # what is done -> real seconds since somebody last did it


def figures(tx: Tx, now: datetime, real_now: datetime) -> Figures:
    """Return what is counted at `now`, product time, and `real_now`, the database's."""
    current = _current(tx, now)
    kept = select(func.count(), func.min(receipt.c.received_at)).where(receipt.c.effect.is_(None))
    unapplied, oldest = tx.execute(kept).one()
    return Figures(
        tasks=_pairs(tx, _tasks(current)),
        due_age=_age(_one(tx, _due(now)), now),
        attempts=_pairs(tx, _attempts(current)),
        receipts=_pairs(tx, _receipts(tx)),
        unapplied=int(unapplied),
        unapplied_age=_age(oldest, now),
        broadcasts=_singles(tx, _broadcasts(current)),
        callouts=_singles(tx, _callouts(current)),
        overdue=int(_one(tx, _overdue(now))),
        help_open=int(_one(tx, select(func.count()).where(help_request.c.closed_at.is_(None)))),
        leases_expired=int(_one(tx, _leases(real_now))),
        channels=_channels(tx, real_now),
        sources=_sources(tx, now, real_now),
        pulses={
            what: abs((real_now - at).total_seconds())  # one of the future is as bad as an old one
            for what, at in pulses.latest(tx, real_now).items()
        },
    )


def _current(tx: Tx, now: datetime) -> list[int]:
    """Return the broadcasts that count; named by id, so that no database reads all tasks."""
    rows = select(broadcast.c.id).where(
        or_(broadcast.c.state.not_in(_OVER), broadcast.c.ended_at > now - DAY)
    )
    return list(tx.execute(rows).scalars())


def _tasks(current: Sequence[int]) -> Select[Any]:
    rows = select(task.c.kind, task.c.state, func.count())
    return rows.where(task.c.broadcast_id.in_(current)).group_by(task.c.kind, task.c.state)


def _due(now: datetime) -> Select[Any]:
    rows = select(func.min(task.c.due_at)).join(broadcast, broadcast.c.id == task.c.broadcast_id)
    waits = and_(task.c.state == TaskState.QUEUED, task.c.joined_to.is_(None))
    return rows.where(waits, task.c.due_at <= now, MAY_LEAVE)


def _broadcasts(current: Sequence[int]) -> Select[Any]:
    rows = select(broadcast.c.state, func.count()).where(broadcast.c.id.in_(current))
    return rows.group_by(broadcast.c.state)


def _attempts(current: Sequence[int]) -> Select[Any]:
    rows = select(attempt.c.channel, attempt.c.state, func.count()).join(
        task, task.c.id == attempt.c.task_id
    )
    mine = task.c.broadcast_id.in_(current)
    return rows.where(mine).group_by(attempt.c.channel, attempt.c.state)


def _receipts(tx: Tx) -> Select[Any]:
    newest = _one(tx, select(func.max(receipt.c.id))) or 0
    rows = select(receipt.c.channel, receipt.c.effect, func.count())
    last = (receipt.c.id > newest - LAST, receipt.c.effect.is_not(None))
    return rows.where(*last).group_by(receipt.c.channel, receipt.c.effect)


def _callouts(current: Sequence[int]) -> Select[Any]:
    rows = select(callout.c.state, func.count()).where(callout.c.broadcast_id.in_(current))
    return rows.group_by(callout.c.state)


def _overdue(now: datetime) -> Select[Any]:
    rows = select(func.count(callout.c.id)).join(
        broadcast, broadcast.c.id == callout.c.broadcast_id
    )
    late = callout.c.next_step_at < now - OVERDUE
    return rows.where(
        late, callout.c.state == CalloutState.OPEN, broadcast.c.state == BroadcastState.RUNNING
    )


def _leases(real_now: datetime) -> Select[Any]:
    gone = task.c.lease_until <= real_now
    return select(func.count()).where(task.c.state == TaskState.LEAVING, gone)


def _channels(tx: Tx, real_now: datetime) -> dict[str, Channel]:
    return {
        row["name"]: Channel(
            is_stopped=row["stopped"] is not None,
            paused_for=_age(real_now, row["paused_until"]) if row["paused_until"] else 0.0,
            forged=row["forged"],
        )
        for row in tx.execute(select(channel_state)).mappings()
    }


def _sources(tx: Tx, now: datetime, real_now: datetime) -> dict[str, Source]:
    return {
        row["name"]: Source(
            is_ok=row["outcome"] != "failed",
            failures=row["failures"],
            polled_age=_age(row["polled_at"], now),
            ok_age=None if row["ok_at"] is None else _age(row["ok_at"], now),
            rests_for=_age(real_now, row["rests_until"]) if row["rests_until"] else 0.0,
        )
        for row in tx.execute(select(source_state)).mappings()
    }


def _age(at: datetime | None, now: datetime) -> float:
    return 0.0 if at is None else max(0.0, (now - at).total_seconds())


def _one(tx: Tx, rows: Select[Any]) -> Any:
    return tx.execute(rows).scalar_one()


def _pairs(tx: Tx, rows: Select[Any]) -> dict[tuple[str, str], int]:
    return {(str(first), str(second)): int(count) for first, second, count in tx.execute(rows)}


def _singles(tx: Tx, rows: Select[Any]) -> dict[str, int]:
    return {str(state): int(count) for state, count in tx.execute(rows)}
