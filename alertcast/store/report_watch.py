"""What is overdue, by the rows alone: steps, messages, leases, broadcasts that stand still."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import Executable, and_, exists, func, or_, select, union_all

from alertcast.core.broadcast import BroadcastState
from alertcast.core.callout import CalloutState
from alertcast.core.task import TaskState
from alertcast.core.watch import Finding
from alertcast.store.db import Tx
from alertcast.store.needs import MAY_LEAVE
from alertcast.store.schema import alert, attempt, broadcast, callout, task

_RUNNING = broadcast.c.state == BroadcastState.RUNNING


def undecided(tx: Tx, before: datetime) -> Iterator[Finding]:
    """Yield how many alerts came before `before` and were not decided on."""
    rows = select(func.count(), func.min(alert.c.received_at)).where(
        alert.c.decided_at.is_(None), alert.c.received_at < before
    )
    yield from _counted(tx, "undecided", rows)


def steps(tx: Tx, before: datetime) -> Iterator[Finding]:
    """Yield how many callouts should have moved before `before`, and who will never move.

    So does a broadcast whose time to begin has passed and that has not begun.
    """
    due = func.coalesce(callout.c.next_step_at, callout.c.opened_at)
    late = (
        select(due.label("at"))
        .join(broadcast, broadcast.c.id == callout.c.broadcast_id)
        .where(
            or_(
                and_(_RUNNING, callout.c.state == CalloutState.OPEN, due < before),
                and_(
                    broadcast.c.state == BroadcastState.WAITING,
                    callout.c.state == CalloutState.PLANNED,
                    broadcast.c.starts_at < before,
                ),
            )
        )
    )
    has_callouts = exists().where(callout.c.broadcast_id == broadcast.c.id)
    unbegun = select(broadcast.c.starts_at.label("at")).where(
        broadcast.c.state == BroadcastState.WAITING,
        broadcast.c.starts_at < before,
        ~has_callouts,
    )
    every = union_all(late, unbegun).subquery()
    yield from _counted(tx, "step", select(func.count(), func.min(every.c.at)).select_from(every))


def queue(tx: Tx, before: datetime) -> Iterator[Finding]:
    """Yield how many messages were due before `before` and were not claimed."""
    rows = (
        select(func.count(), func.min(task.c.due_at))
        .join(broadcast, broadcast.c.id == task.c.broadcast_id)
        .where(task.c.state == TaskState.QUEUED, task.c.joined_to.is_(None))
        .where(task.c.due_at < before, MAY_LEAVE)
    )
    yield from _counted(tx, "queue", rows)


def leases(tx: Tx, before: datetime) -> Iterator[Finding]:
    """Yield how many leases ran out before `before` (real time) and were not taken back."""
    rows = select(func.count(), func.min(task.c.lease_until)).where(
        task.c.state == TaskState.LEAVING, task.c.lease_until < before
    )
    yield from _counted(tx, "lease", rows)


def still(tx: Tx, now: datetime, longest: timedelta) -> Iterator[Finding]:
    """Yield each running broadcast in which nothing has happened for `longest`, nor will.

    After its warning has run out nobody is called for it, so it may stand.
    """
    since = now - longest
    lately = (
        exists()
        .where(task.c.broadcast_id == broadcast.c.id)
        .where(attempt.c.task_id == func.coalesce(task.c.joined_to, task.c.id))
        .where(or_(attempt.c.requested_at > since, attempt.c.settled_at > since))
    )
    soon = exists().where(
        callout.c.broadcast_id == broadcast.c.id,
        callout.c.state == CalloutState.OPEN,
        callout.c.next_step_at > since,
    )
    queued = exists().where(
        task.c.broadcast_id == broadcast.c.id,
        task.c.state == TaskState.QUEUED,
        task.c.due_at > since,
    )
    moved = exists().where(callout.c.broadcast_id == broadcast.c.id, callout.c.ended_at > since)
    rows = (
        select(broadcast.c.id, broadcast.c.starts_at)
        .where(_RUNNING, broadcast.c.starts_at < since, broadcast.c.created_at < since)
        .where(or_(broadcast.c.expires_at.is_(None), broadcast.c.expires_at > now))
        .where(~lately, ~soon, ~queued, ~moved)
        .order_by(broadcast.c.id)
    )
    for broadcast_id, starts_at in tx.execute(rows):
        yield Finding("still", str(broadcast_id), since=starts_at)


def _counted(tx: Tx, what: str, rows: Executable) -> Iterator[Finding]:
    count, oldest = tx.execute(rows).one()
    if count:
        yield Finding(what, count=int(count), since=oldest)
