"""Which messages leave next: by priority, and among equals one of each broadcast in turn.

A warning of fifty grids does not wait behind one of five thousand that is no more urgent.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, or_, select

from alertcast.core.broadcast import BroadcastState
from alertcast.core.task import Task, TaskState
from alertcast.store import tasks
from alertcast.store.claims import Words
from alertcast.store.crypto import Vault
from alertcast.store.db import Tx
from alertcast.store.many import among, word
from alertcast.store.needs import MAY_LEAVE, is_needless
from alertcast.store.schema import attempt, broadcast, person, task

_IS_QUEUED = task.c.state == word(TaskState.QUEUED)
_QUEUED = (
    _IS_QUEUED,
    task.c.kind == bindparam("kind"),
    task.c.due_at <= bindparam("now"),
    task.c.joined_to.is_(None),  # else another message tells it
)
_READY = (
    select(task.c.id)
    .join(broadcast, broadcast.c.id == task.c.broadcast_id)
    .where(*_QUEUED, broadcast.c.mode == bindparam("mode"), MAY_LEAVE)
)
_ANY_READY = _READY.limit(1)
_LENGTH = _READY.with_only_columns(func.count())
_CALLS_FOR_HELP = select(task.c.id).where(
    task.c.broadcast_id == broadcast.c.id, _IS_QUEUED, task.c.help_request_id.is_not(None)
)
_BROADCASTS = (
    select(broadcast.c.id)
    .where(
        broadcast.c.mode == bindparam("mode"),
        or_(broadcast.c.state == BroadcastState.RUNNING, _CALLS_FOR_HELP.exists()),
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
    .with_for_update(of=task, skip_locked=True)  # whoever claims beside us takes the next ones
)
_LOCKED = (
    select(*tasks.COLUMNS, person.c.phone, task.c.text, task.c.slots, is_needless())
    .join(broadcast, broadcast.c.id == task.c.broadcast_id)
    .join(person, person.c.id == task.c.person_id)
    .where(*_QUEUED, broadcast.c.mode == bindparam("mode"), MAY_LEAVE)
    .where(among(task.c.id, "ids"))
    .order_by(task.c.id)
    .with_for_update(of=task, skip_locked=True)
)


@dataclass(frozen=True, slots=True)
class Due:
    """A message that may leave now, as far as nobody has to be asked."""

    task: Task
    phone: str  # E.164; "" where it can not be read
    is_needless: bool  # nobody needs it any more
    frozen: Words | None  # at an earlier attempt


def ready(
    tx: Tx,
    vault: Vault,
    kind: str,
    mode: str,
    now: datetime,
    limit: int,
    skipped: int = 0,
    only: int | None = None,
) -> list[Due]:
    """Return and lock the queued tasks that may leave now, in the order they are to leave.

    `skipped`: how many of the first are left out; `only`: the id of the one that is asked for.
    """
    ids = [only] if only else in_order(tx, kind, mode, now, limit, skipped)
    asked = {"kind": kind, "mode": mode, "now": now, "ids": ids}
    found = {row.id: _due(vault, row) for row in tx.execute(_LOCKED, asked).all()}
    return [found[one] for one in ids if one in found]


def is_any(tx: Tx, kind: str, mode: str, now: datetime) -> bool:
    """Say whether any queued task may leave now, locking nothing."""
    asked = {"kind": kind, "mode": mode, "now": now}
    return tx.execute(_ANY_READY, asked).first() is not None


def length(tx: Tx, kind: str, mode: str, now: datetime) -> int:
    """Return how many queued tasks may leave now, locking nothing."""
    return int(tx.execute(_LENGTH, {"kind": kind, "mode": mode, "now": now}).scalar_one())


def in_order(
    tx: Tx, kind: str, mode: str, now: datetime, limit: int, skipped: int = 0
) -> list[int]:
    """Return the ids of the queued tasks that may leave now, in the order they are to leave.

    Those that another process is claiming are left out.
    """
    asked = {"kind": kind, "mode": mode, "now": now}
    running = tx.execute(_BROADCASTS, asked).scalars().all()
    begins = tx.execute(_REQUESTS_SO_FAR).scalar() or 0  # whose turn it is moves on with each
    waiting: list[tuple[int, int, int, int]] = []
    for place, broadcast_id in enumerate(running):
        turns: Counter[int] = Counter()
        mine = {**asked, "broadcast_id": broadcast_id, "most": limit + skipped}
        for task_id, priority in tx.execute(_FIRST_OF, mine).all():
            turn = (place - begins) % len(running)
            waiting.append((priority, turns[priority], turn, task_id))
            turns[priority] += 1
    return [task_id for *_, task_id in sorted(waiting)[skipped : skipped + limit]]


def _due(vault: Vault, row: Sequence[Any]) -> Due:
    *told, phone, text, slots, needless = row
    return Due(
        Task(*told),
        vault.read(phone),
        needless,
        None if text is None else Words(vault.open(text), _values(vault, slots)),
    )


def _values(vault: Vault, sealed: bytes | None) -> dict[str, str]:
    return {} if sealed is None else dict(json.loads(vault.open(sealed)))
