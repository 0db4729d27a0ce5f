"""Which messages leave next: by priority, and among equals one of each broadcast in turn.

A warning of fifty grids does not wait behind one of five thousand that is no more urgent.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, func, or_, select

from alertcast.core.broadcast import BroadcastState
from alertcast.core.task import Task, TaskState
from alertcast.store import tasks
from alertcast.store.db import Tx
from alertcast.store.needs import MAY_LEAVE
from alertcast.store.schema import attempt, broadcast, task

_QUEUED = (
    task.c.state == TaskState.QUEUED,
    task.c.kind == bindparam("kind"),
    task.c.due_at <= bindparam("now"),
    task.c.joined_to.is_(None),  # else another message tells it
)
_READY = (
    select(task)
    .join(broadcast, broadcast.c.id == task.c.broadcast_id)
    .where(*_QUEUED, broadcast.c.mode == bindparam("mode"), MAY_LEAVE)
)
_ANY_READY = _READY.with_only_columns(task.c.id).limit(1)
_CALLS_FOR_HELP = select(task.c.broadcast_id).where(
    task.c.help_request_id.is_not(None), task.c.state == TaskState.QUEUED
)
_BROADCASTS = (
    select(broadcast.c.id)
    .where(
        broadcast.c.mode == bindparam("mode"),
        or_(broadcast.c.state == BroadcastState.RUNNING, broadcast.c.id.in_(_CALLS_FOR_HELP)),
    )
    .order_by(broadcast.c.id)
)
_REQUESTS_SO_FAR = select(func.max(attempt.c.id))
_FIRST_OF = (
    select(task.c.id, task.c.priority)
    .join(broadcast, broadcast.c.id == task.c.broadcast_id)
    .where(*_QUEUED, task.c.broadcast_id == bindparam("broadcast_id"), MAY_LEAVE)
    .order_by(task.c.priority, task.c.due_at, task.c.id)
    .limit(bindparam("most"))
)
_LOCKED = (
    _READY.where(task.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(task.c.id)
    .with_for_update(of=task, skip_locked=True)
)


def ready(
    tx: Tx,
    kind: str,
    mode: str,
    now: datetime,
    limit: int,
    skipped: int = 0,
    only: int | None = None,
) -> list[Task]:
    """Return and lock the queued tasks that may leave now, in the order they are to leave.

    `skipped`: how many of the first are left out; `only`: the id of the one that is asked for.
    """
    asked = {"kind": kind, "mode": mode, "now": now}
    ids = [only] if only else _in_order(tx, asked, limit, skipped)
    found = {one.id: one for one in tasks.read(tx.execute(_LOCKED, {**asked, "ids": ids}))}
    return [found[one] for one in ids if one in found]


def is_any(tx: Tx, kind: str, mode: str, now: datetime) -> bool:
    """Say whether any queued task may leave now, locking nothing."""
    asked = {"kind": kind, "mode": mode, "now": now}
    return tx.execute(_ANY_READY, asked).first() is not None


def queued_among(tx: Tx, ids: Sequence[int]) -> int:
    """Return how many of these tasks are queued."""
    return sum(one.state is TaskState.QUEUED for one in tasks.by_id(tx, ids).values())


def _in_order(tx: Tx, asked: dict[str, object], limit: int, skipped: int) -> list[int]:
    running = tx.execute(_BROADCASTS, asked).scalars().all()
    begins = tx.execute(_REQUESTS_SO_FAR).scalar() or 0  # whose turn it is moves on with each
    waiting: list[tuple[int, int, int, int]] = []
    for place, broadcast_id in enumerate(running):
        turns: Counter[int] = Counter()
        mine = {**asked, "broadcast_id": broadcast_id, "most": limit + skipped}
        for task_id, priority in tx.execute(_FIRST_OF, mine):
            turn = (place - begins) % len(running)
            waiting.append((priority, turns[priority], turn, task_id))
            turns[priority] += 1
    return [task_id for *_, task_id in sorted(waiting)[skipped : skipped + limit]]
