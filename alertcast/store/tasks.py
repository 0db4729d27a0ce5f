"""Tasks: the outbox. Claimed under a lease, moved by what comes back; see `orders` too."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, func, null, select, update

from alertcast.core.broadcast import BroadcastState
from alertcast.core.callout import CalloutState
from alertcast.core.task import FINAL_TASKS, Course, Task, TaskState
from alertcast.store.attempts import NEVER_LEFT
from alertcast.store.crypto import Vault
from alertcast.store.db import Tx
from alertcast.store.many import among, given, words
from alertcast.store.needs import MAY_LEAVE
from alertcast.store.rows import columns
from alertcast.store.schema import (
    attempt,
    broadcast,
    callout,
    person,
    respondent,
    task,
    task_respondent,
)

COLUMNS = columns(Task, task, text=null())
"""What a task is made of, in the order of its fields; its text stays sealed."""

# Made once: making a statement costs as much as running it, and these are asked all the time.
_BY_ID = select(*COLUMNS).where(task.c.id == bindparam("task_id")).with_for_update()
_BY_IDS = select(*COLUMNS).where(among(task.c.id, "ids")).order_by(task.c.id).with_for_update()
_COURSES = _BY_IDS.with_only_columns(*columns(Course, task))
_MOVED = given(
    "moved",
    *(task.c[name] for name in ("id", "state", "reason", "due_at", "tries", "priority")),
)
_MOVE = (
    update(task)
    .where(task.c.id == _MOVED.c.id)
    .values({one.name: one for one in _MOVED.c if one.name != "id"})
    .values(lease_token=None, lease_until=None)
)
_RESPONDENTS_OF = select(task_respondent.c.respondent_id).where(
    task_respondent.c.task_id == bindparam("task_id")
)
_OF_RESPONDENTS = select(task_respondent.c.task_id).where(
    among(task_respondent.c.respondent_id, "ids")
)
_SERVING_CALLOUTS = (
    select(task.c.id)
    .join(task_respondent, task_respondent.c.task_id == task.c.id)
    .join(respondent, respondent.c.id == task_respondent.c.respondent_id)
    .where(
        among(respondent.c.callout_id, "ids"),
        task.c.state.notin_(words(*sorted(FINAL_TASKS))),
    )
)
_DROP = (
    update(task)
    .where(among(task.c.id, "ids"))
    .where(task.c.state.in_(words(TaskState.QUEUED, TaskState.MANUAL)))
    .values(state=bindparam("to"), reason=bindparam("why"))
)
_REST = (
    update(task)
    .where(among(task.c.id, "ids"), task.c.state == TaskState.QUEUED)
    .where(task.c.due_at < bindparam("until"))
    .values(due_at=bindparam("until"))
)
_NEXT_TASK = (
    select(func.min(task.c.due_at))
    .join(broadcast, broadcast.c.id == task.c.broadcast_id)
    .where(MAY_LEAVE, task.c.state == TaskState.QUEUED, task.c.joined_to.is_(None))
)
_NEXT_STEP = (
    select(func.min(callout.c.next_step_at))
    .join(broadcast, broadcast.c.id == callout.c.broadcast_id)
    .where(broadcast.c.state == BroadcastState.RUNNING, callout.c.state == CalloutState.OPEN)
)
_EXPIRED_LEASE = (
    select(task.c.id)
    .where(task.c.state == TaskState.LEAVING, task.c.lease_until <= bindparam("now"))
    .limit(1)
)


def get(tx: Tx, task_id: int) -> Task | None:
    """Return a task, locked, or None."""
    row = tx.execute(_BY_ID, {"task_id": task_id}).first()
    return None if row is None else Task(*row)


def by_id(tx: Tx, ids: Iterable[int]) -> dict[int, Task]:
    """Return these tasks, locked in the order of their ids."""
    rows = tx.execute(_BY_IDS, {"ids": sorted(set(ids))}).all()
    return {row.id: Task(*row) for row in rows}


def courses(tx: Tx, ids: Iterable[int]) -> dict[int, Course]:
    """Return how far these tasks have come, locked in the order of their ids."""
    rows = tx.execute(_COURSES, {"ids": sorted(set(ids))}).all()
    return {row.id: Course(*row) for row in rows}


def move(tx: Tx, moved: Iterable[Course]) -> None:
    """Write where these tasks stand now; none of them is leaving, so their leases end."""
    rows = [(one.id, one.state, one.reason, one.due_at, one.tries, one.priority) for one in moved]
    if rows:
        tx.execute(_MOVE, {"moved": rows})


def text_of(tx: Tx, vault: Vault, task_id: int) -> str | None:
    """Return the frozen text of a task, or None before its first attempt."""
    sealed = tx.execute(select(task.c.text).where(task.c.id == task_id)).scalar()
    return None if sealed is None else vault.open(sealed)


def holds_lease(tx: Tx, task_id: int, token: str) -> bool:
    """Say whether a lease is still the current one."""
    row = select(task.c.id).where(task.c.id == task_id, task.c.lease_token == token)
    return tx.execute(row).first() is not None


def has_expired_lease(tx: Tx, real_now: datetime) -> bool:
    """Say whether any lease ran out, locking nothing."""
    return tx.execute(_EXPIRED_LEASE, {"now": real_now}).first() is not None


def expired_leases(tx: Tx, real_now: datetime) -> list[int]:
    """Return the ids of the tasks whose lease ran out while their request was leaving."""
    rows = select(task.c.id).where(
        task.c.state == TaskState.LEAVING, task.c.lease_until <= real_now
    )
    return list(tx.execute(rows.with_for_update(skip_locked=True)).scalars())


def settle(
    tx: Tx,
    task_id: int,
    state: TaskState,
    *,
    reason: str | None = None,
    due_at: datetime | None = None,
    give_back: bool = False,
    later: int = 0,
) -> None:
    """Move a task; a queued one gets its next due time, `later` is added to its priority.

    `give_back`: the attempt does not count (throttled, withheld, certainly absent).
    """
    values: dict[str, Any] = {"state": state, "reason": reason}
    if state is not TaskState.LEAVING:
        values |= {"lease_token": None, "lease_until": None}
    if due_at is not None:
        values["due_at"] = due_at
    if give_back:
        values["tries"] = task.c.tries - 1
    if later:
        values["priority"] = task.c.priority + later
    tx.execute(update(task).where(task.c.id == task_id).values(**values))


def rest(tx: Tx, task_ids: Iterable[int], until: datetime) -> None:
    """Let those of these tasks that are queued not leave before `until`."""
    asked = {"ids": sorted(set(task_ids)), "until": until}
    if asked["ids"]:
        tx.execute(_REST, asked)


def respondents_of(tx: Tx, task_id: int) -> list[int]:
    """Return the ids of the respondents a task serves."""
    return list(tx.execute(_RESPONDENTS_OF, {"task_id": task_id}).scalars())


def of_respondents(tx: Tx, respondent_ids: Iterable[int]) -> list[int]:
    """Return the ids of the tasks that serve any of these respondents."""
    ids = sorted(set(respondent_ids))
    return sorted(set(tx.execute(_OF_RESPONDENTS, {"ids": ids}).scalars())) if ids else []


def of_help(tx: Tx, help_request_id: int) -> list[int]:
    """Return the ids of the tasks that call for help in one request."""
    rows = select(task.c.id).where(task.c.help_request_id == help_request_id)
    return list(tx.execute(rows).scalars())


def drop(tx: Tx, task_ids: Iterable[int], state: TaskState, reason: str) -> int:
    """End those of the tasks that have not left yet; return how many."""
    asked = {"ids": sorted(set(task_ids)), "to": state, "why": reason}
    return tx.execute(_DROP, asked).rowcount if asked["ids"] else 0


def drop_all(tx: Tx, broadcast_id: int, reason: str) -> int:
    """End every task of a broadcast that has not left yet; return how many.

    Calls for help go on: they end with their own request.
    """
    waiting = (TaskState.QUEUED, TaskState.MANUAL)
    rows = and_(
        task.c.broadcast_id == broadcast_id,
        task.c.state.in_(waiting),
        task.c.help_request_id.is_(None),
    )
    values = {"state": TaskState.CANCELLED, "reason": reason}
    return tx.execute(update(task).where(rows).values(**values)).rowcount


def left(tx: Tx, broadcast_id: int) -> int:
    """Return how many messages of a broadcast have left, or may have left."""
    rows = (
        select(func.count(func.distinct(task.c.id)))
        .join(attempt, attempt.c.task_id == func.coalesce(task.c.joined_to, task.c.id))
        .where(task.c.broadcast_id == broadcast_id, attempt.c.state.notin_(NEVER_LEFT))
    )
    return int(tx.execute(rows).scalar_one())


def serving_callouts(tx: Tx, callout_ids: Iterable[int]) -> list[int]:
    """Return the ids of the unfinished tasks that serve any of these callouts."""
    ids = sorted(set(callout_ids))
    return sorted(set(tx.execute(_SERVING_CALLOUTS, {"ids": ids}).scalars())) if ids else []


def manual_of(tx: Tx, broadcast_id: int, person_id: int) -> list[Task]:
    """Return the tasks of a broadcast by which an officer is to dial this person's phone."""
    phone = select(person.c.phone_index).where(person.c.id == person_id).scalar_subquery()
    rows = select(*COLUMNS).where(
        task.c.broadcast_id == broadcast_id,
        task.c.phone_index == phone,
        task.c.state == TaskState.MANUAL,
    )
    return [Task(*row) for row in tx.execute(rows)]


def next_due(tx: Tx) -> datetime | None:
    """Return the earliest time at which a task or a callout of a running broadcast is due."""
    found = (tx.execute(_NEXT_TASK).scalar(), tx.execute(_NEXT_STEP).scalar())
    return min((at for at in found if at is not None), default=None)


def moving(tx: Tx, states: Sequence[TaskState]) -> int:
    """Return how many tasks are in one of `states`."""
    rows = select(func.count()).select_from(task).where(task.c.state.in_(states))
    return int(tx.execute(rows).scalar_one())
