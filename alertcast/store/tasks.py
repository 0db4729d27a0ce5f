"""Tasks: the outbox. Planned with the callouts, claimed under a lease, moved by what comes back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, and_, bindparam, func, insert, or_, select, update

from alertcast.core.broadcast import BroadcastState
from alertcast.core.callout import CalloutState
from alertcast.core.plan import PlannedTask
from alertcast.core.task import FINAL_TASKS, Task, TaskState
from alertcast.store import bells
from alertcast.store.attempts import NEVER_LEFT
from alertcast.store.crypto import Vault
from alertcast.store.db import Tx
from alertcast.store.needs import MAY_LEAVE
from alertcast.store.rows import chunks, value
from alertcast.store.schema import (
    attempt,
    broadcast,
    callout,
    person,
    respondent,
    task,
    task_respondent,
)

# Made once: making a statement costs as much as running it, and these are asked all the time.
_BY_ID = select(task).where(task.c.id == bindparam("task_id")).with_for_update()
_BY_IDS = (
    select(task)
    .where(task.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(task.c.id)
    .with_for_update()
)
_MOVE = (
    update(task)
    .where(task.c.id == bindparam("b_id"))
    .values(
        {
            name: bindparam(f"b_{name}")
            for name in ("state", "reason", "due_at", "tries", "priority")
        }
        | {"lease_token": None, "lease_until": None}
    )
)
_RESPONDENTS_OF = select(task_respondent.c.respondent_id).where(
    task_respondent.c.task_id == bindparam("task_id")
)
_OF_RESPONDENTS = select(task_respondent.c.task_id).where(
    task_respondent.c.respondent_id.in_(bindparam("ids", expanding=True))
)
_SERVING_CALLOUTS = (
    select(task.c.id)
    .join(task_respondent, task_respondent.c.task_id == task.c.id)
    .join(respondent, respondent.c.id == task_respondent.c.respondent_id)
    .where(
        respondent.c.callout_id.in_(bindparam("ids", expanding=True)),
        task.c.state.notin_(FINAL_TASKS),
    )
)
_DROP = (
    update(task)
    .where(task.c.id.in_(bindparam("ids", expanding=True)))
    .where(task.c.state.in_((TaskState.QUEUED, TaskState.MANUAL)))
    .values(state=bindparam("to"), reason=bindparam("why"))
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


@dataclass(frozen=True, slots=True)
class Order:
    """What the tasks of one fan-out step have in common."""

    broadcast_id: int
    kind: str
    purpose: str
    template: str
    due_at: datetime
    expires_at: datetime | None
    calls: int = 1
    every: float = 100.0  # product seconds from one attempt to the next
    reason: str | None = None  # manual tasks: why no channel carries it
    help_request_id: int | None = None


def plan(tx: Tx, order: Order, planned: Sequence[tuple[PlannedTask, int]], now: datetime) -> int:
    """Write one task for each planned one (with its priority); return how many are new.

    A task of the same phone and kind whose text is not frozen yet is widened instead: one phone is
    told once for all it stands for. Otherwise a new wave begins.
    """
    waves, open_tasks = _existing(tx, order, {p.phone_index for p, _ in planned})
    known = [
        (one, open_tasks[one.phone_index], priority)
        for one, priority in planned
        if one.phone_index in open_tasks
    ]
    news = [(one, priority) for one, priority in planned if one.phone_index not in open_tasks]
    ids = {one.phone_index: task.id for one, task, _ in known}
    for one, before, priority in known:
        values: dict[str, Any] = {"priority": min(before.priority, priority)}
        if priority < before.priority:
            values["level"] = one.level
        tx.execute(update(task).where(task.c.id == before.id).values(**values))
    if news:
        shared = _shared(order, now)
        rows = [
            shared
            | {
                "person_id": one.person_id,
                "phone_index": one.phone_index,
                "wave": waves.get(one.phone_index, -1) + 1,
                "level": one.level,
                "priority": priority,
                "language": one.language,
            }
            for one, priority in news
        ]
        written = tx.execute(insert(task).returning(task.c.phone_index, task.c.id), rows)
        ids |= {row.phone_index: row.id for row in written}
    _link(
        tx,
        [
            {"task_id": ids[one.phone_index], "respondent_id": found}
            for one, _ in planned
            for found in one.respondents
        ],
    )
    bells.note(tx, order.kind)
    return len(news)


def _shared(order: Order, now: datetime) -> dict[str, Any]:
    return {
        "broadcast_id": order.broadcast_id,
        "kind": order.kind,
        "state": TaskState.MANUAL if order.kind == "manual" else TaskState.QUEUED,
        "purpose": order.purpose,
        "due_at": order.due_at,
        "expires_at": order.expires_at,
        "calls": order.calls,
        "every": order.every,
        "tries": 0,
        "template": order.template,
        "reason": order.reason,
        "help_request_id": order.help_request_id,
        "created_at": now,
    }


def get(tx: Tx, task_id: int) -> Task | None:
    """Return a task, locked, or None."""
    row = tx.execute(_BY_ID, {"task_id": task_id}).mappings().first()
    return None if row is None else _task(row)


def by_id(tx: Tx, ids: Iterable[int]) -> dict[int, Task]:
    """Return these tasks, locked in the order of their ids."""
    found: dict[int, Task] = {}
    for chunk in chunks(sorted(set(ids))):
        found |= {row["id"]: _task(row) for row in tx.execute(_BY_IDS, {"ids": chunk}).mappings()}
    return found


def move(tx: Tx, moved: Iterable[Task]) -> None:
    """Write where these tasks stand now; none of them is leaving, so their leases end."""
    rows = [
        {
            "b_id": one.id,
            "b_state": one.state,
            "b_reason": one.reason,
            "b_due_at": one.due_at,
            "b_tries": one.tries,
            "b_priority": one.priority,
        }
        for one in moved
    ]
    if rows:
        tx.execute(_MOVE, rows)


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


def respondents_of(tx: Tx, task_id: int) -> list[int]:
    """Return the ids of the respondents a task serves."""
    return list(tx.execute(_RESPONDENTS_OF, {"task_id": task_id}).scalars())


def of_respondents(tx: Tx, respondent_ids: Iterable[int]) -> list[int]:
    """Return the ids of the tasks that serve any of these respondents."""
    found: set[int] = set()
    for chunk in chunks(sorted(set(respondent_ids))):
        found |= set(tx.execute(_OF_RESPONDENTS, {"ids": chunk}).scalars())
    return sorted(found)


def of_help(tx: Tx, help_request_id: int) -> list[int]:
    """Return the ids of the tasks that call for help in one request."""
    rows = select(task.c.id).where(task.c.help_request_id == help_request_id)
    return list(tx.execute(rows).scalars())


def drop(tx: Tx, task_ids: Iterable[int], state: TaskState, reason: str) -> int:
    """End those of the tasks that have not left yet; return how many."""
    dropped = 0
    for chunk in chunks(sorted(set(task_ids))):
        asked = {"ids": chunk, "to": state, "why": reason}
        dropped += tx.execute(_DROP, asked).rowcount
    return dropped


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
    found: set[int] = set()
    for chunk in chunks(sorted(set(callout_ids))):
        found |= set(tx.execute(_SERVING_CALLOUTS, {"ids": chunk}).scalars())
    return sorted(found)


def told_people(tx: Tx, broadcast_ids: Sequence[int]) -> list[tuple[int, str, str]]:
    """Return (person, phone index, language) of everybody who was, or may have been, told."""
    gone = select(attempt.c.id).where(
        attempt.c.task_id == func.coalesce(task.c.joined_to, task.c.id),
        attempt.c.state.notin_(NEVER_LEFT),
    )
    rows = (
        select(func.min(task.c.person_id), task.c.phone_index, func.min(task.c.language))
        .where(task.c.broadcast_id.in_(broadcast_ids), task.c.purpose != "help")
        .where(or_(gone.exists(), task.c.state == TaskState.ANSWERED))
        .group_by(task.c.phone_index)
        .order_by(func.min(task.c.person_id))
    )
    return [(int(person_id), phone, language) for person_id, phone, language in tx.execute(rows)]


def manual_of(tx: Tx, broadcast_id: int, person_id: int) -> list[Task]:
    """Return the tasks of a broadcast by which an officer is to dial this person's phone."""
    phone = select(person.c.phone_index).where(person.c.id == person_id).scalar_subquery()
    rows = select(task).where(
        task.c.broadcast_id == broadcast_id,
        task.c.phone_index == phone,
        task.c.state == TaskState.MANUAL,
    )
    return [_task(row) for row in tx.execute(rows).mappings()]


def next_due(tx: Tx) -> datetime | None:
    """Return the earliest time at which a task or a callout of a running broadcast is due."""
    found = (tx.execute(_NEXT_TASK).scalar(), tx.execute(_NEXT_STEP).scalar())
    return min((at for at in found if at is not None), default=None)


def moving(tx: Tx, states: Sequence[TaskState]) -> int:
    """Return how many tasks are in one of `states`."""
    rows = select(func.count()).select_from(task).where(task.c.state.in_(states))
    return int(tx.execute(rows).scalar_one())


def _existing(tx: Tx, order: Order, phones: set[str]) -> tuple[dict[str, int], dict[str, Task]]:
    waves: dict[str, int] = {}
    open_tasks: dict[str, Task] = {}
    waiting = (TaskState.QUEUED, TaskState.MANUAL)
    for chunk in chunks(sorted(phones)):
        rows = select(task).where(
            task.c.broadcast_id == order.broadcast_id,
            task.c.kind == order.kind,
            task.c.phone_index.in_(chunk),
        )
        for row in tx.execute(rows.order_by(task.c.wave)).mappings():
            found = _task(row)
            waves[found.phone_index] = found.wave
            is_open = found.state in waiting and row["text"] is None
            same = found.help_request_id == order.help_request_id
            if is_open and same and found.purpose == order.purpose:
                open_tasks[found.phone_index] = found
    return waves, open_tasks


def _link(tx: Tx, links: Sequence[Mapping[str, int]]) -> None:
    known: set[tuple[int, int]] = set()
    for chunk in chunks(sorted({link["task_id"] for link in links})):
        rows = select(task_respondent).where(task_respondent.c.task_id.in_(chunk))
        known |= {(row.task_id, row.respondent_id) for row in tx.execute(rows)}
    news = [link for link in links if (link["task_id"], link["respondent_id"]) not in known]
    if news:
        tx.execute(insert(task_respondent), [dict(link) for link in news])


def read(rows: CursorResult[Any]) -> list[Task]:
    """Return the tasks of selected rows; their texts stay sealed."""
    return [_task(row) for row in rows.mappings()]


def _task(row: Mapping[Any, Any]) -> Task:
    return value(Task, row, state=TaskState(row["state"]), text=None)
