"""Tasks: the outbox. Planned with the callouts, claimed under a lease, moved by what comes back."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, insert, or_, select, update

from alertcast.core.broadcast import BroadcastState
from alertcast.core.callout import CalloutState
from alertcast.core.plan import PlannedTask
from alertcast.core.task import FINAL_TASKS, AttemptState, Task, TaskState
from alertcast.store.crypto import Vault
from alertcast.store.db import Tx
from alertcast.store.rows import chunks, new_id, value
from alertcast.store.schema import (
    acknowledgement,
    attempt,
    broadcast,
    callout,
    person,
    respondent,
    task,
    task_respondent,
)

NEVER_LEFT = (
    AttemptState.REFUSED,
    AttemptState.THROTTLED,
    AttemptState.WITHHELD,
    AttemptState.ABSENT,
)
"""Attempts in one of these states have certainly reached nobody."""


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
    written = 0
    links: list[dict[str, int]] = []
    for one, priority in planned:
        known = open_tasks.get(one.phone_index)
        if known is None:
            state = TaskState.MANUAL if order.kind == "manual" else TaskState.QUEUED
            row = insert(task).values(
                broadcast_id=order.broadcast_id,
                person_id=one.person_id,
                phone_index=one.phone_index,
                kind=order.kind,
                wave=waves.get(one.phone_index, -1) + 1,
                state=state,
                purpose=order.purpose,
                level=one.level,
                priority=priority,
                due_at=order.due_at,
                expires_at=order.expires_at,
                calls=order.calls,
                every=order.every,
                tries=0,
                template=order.template,
                language=one.language,
                reason=order.reason,
                help_request_id=order.help_request_id,
                created_at=now,
            )
            task_id = new_id(tx.execute(row))
            written += 1
        else:
            task_id = known.id
            values: dict[str, Any] = {"priority": min(known.priority, priority)}
            if priority < known.priority:
                values["level"] = one.level
            tx.execute(update(task).where(task.c.id == task_id).values(**values))
        links += [{"task_id": task_id, "respondent_id": found} for found in one.respondents]
    _link(tx, links)
    return written


def ready(tx: Tx, kind: str, mode: str, now: datetime, limit: int) -> list[Task]:
    """Return and lock the queued tasks that may leave now, in the order they are to leave."""
    rows = (
        select(task)
        .join(broadcast, broadcast.c.id == task.c.broadcast_id)
        .where(task.c.state == TaskState.QUEUED, task.c.kind == kind, task.c.due_at <= now)
        .where(broadcast.c.state == BroadcastState.RUNNING, broadcast.c.mode == mode)
        .order_by(task.c.priority, task.c.due_at, task.c.id)
        .limit(limit)
        .with_for_update(of=task, skip_locked=True)
    )
    return [_task(row) for row in tx.execute(rows).mappings()]


def get(tx: Tx, task_id: int) -> Task | None:
    """Return a task, locked, or None."""
    row = tx.execute(select(task).where(task.c.id == task_id).with_for_update()).mappings().first()
    return None if row is None else _task(row)


def text_of(tx: Tx, vault: Vault, task_id: int) -> str | None:
    """Return the frozen text of a task, or None before its first attempt."""
    sealed = tx.execute(select(task.c.text).where(task.c.id == task_id)).scalar()
    return None if sealed is None else vault.open(sealed)


def freeze(tx: Tx, vault: Vault, task_id: int, text: str) -> None:
    """Write the text of a task, once: a later text is ignored."""
    unfrozen = and_(task.c.id == task_id, task.c.text.is_(None))
    tx.execute(update(task).where(unfrozen).values(text=vault.seal(text)))


def lease(tx: Tx, task_id: int, until: datetime) -> str:
    """Claim a task until `until` (real time); return the fencing token of the lease."""
    token = secrets.token_hex(16)
    tx.execute(
        update(task)
        .where(task.c.id == task_id)
        .values(
            state=TaskState.LEAVING,
            lease_token=token,
            lease_until=until,
            tries=task.c.tries + 1,
        )
    )
    return token


def holds_lease(tx: Tx, task_id: int, token: str) -> bool:
    """Say whether a lease is still the current one."""
    row = select(task.c.id).where(task.c.id == task_id, task.c.lease_token == token)
    return tx.execute(row).first() is not None


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


def levels_and_grids(tx: Tx, task_id: int) -> list[tuple[int, str | None]]:
    """Return (grid id, level) of each callout that a task serves."""
    rows = (
        select(callout.c.grid_id, callout.c.level)
        .join(respondent, respondent.c.callout_id == callout.c.id)
        .join(task_respondent, task_respondent.c.respondent_id == respondent.c.id)
        .where(task_respondent.c.task_id == task_id)
        .order_by(callout.c.grid_code)
    )
    return [(row.grid_id, row.level) for row in tx.execute(rows)]


def respondents_of(tx: Tx, task_id: int) -> list[int]:
    """Return the ids of the respondents a task serves."""
    rows = select(task_respondent.c.respondent_id).where(task_respondent.c.task_id == task_id)
    return list(tx.execute(rows).scalars())


def of_respondents(tx: Tx, respondent_ids: Iterable[int]) -> list[int]:
    """Return the ids of the tasks that serve any of these respondents."""
    found: set[int] = set()
    for chunk in chunks(sorted(set(respondent_ids))):
        rows = select(task_respondent.c.task_id).where(task_respondent.c.respondent_id.in_(chunk))
        found |= set(tx.execute(rows).scalars())
    return sorted(found)


def needless(tx: Tx, task_ids: Sequence[int]) -> set[int]:
    """Return those of the tasks that serve callouts, and are needed by none of them any more.

    A call is needed while one of its callouts is open and that respondent has not answered. A text
    message still informs when somebody else has answered, but not after it was stopped.
    """
    needed: set[int] = set()
    serving: set[int] = set()
    said = select(acknowledgement.c.respondent_id).where(
        acknowledgement.c.respondent_id == respondent.c.id
    )
    for chunk in chunks(task_ids):
        rows = (
            select(task.c.id, task.c.kind, callout.c.state, said.exists().label("said"))
            .join(task_respondent, task_respondent.c.task_id == task.c.id)
            .join(respondent, respondent.c.id == task_respondent.c.respondent_id)
            .join(callout, callout.c.id == respondent.c.callout_id)
            .where(task.c.id.in_(chunk))
        )
        for row in tx.execute(rows):
            serving.add(row.id)
            informs = row.kind == "sms" and row.state == CalloutState.ANSWERED
            if (row.state == CalloutState.OPEN or informs) and not row.said:
                needed.add(row.id)
    return serving - needed


def drop(tx: Tx, task_ids: Iterable[int], state: TaskState, reason: str) -> int:
    """End those of the tasks that have not left yet; return how many."""
    dropped = 0
    waiting = (TaskState.QUEUED, TaskState.MANUAL)
    for chunk in chunks(sorted(set(task_ids))):
        rows = and_(task.c.id.in_(chunk), task.c.state.in_(waiting))
        values = {"state": state, "reason": reason}
        dropped += tx.execute(update(task).where(rows).values(**values)).rowcount
    return dropped


def drop_all(tx: Tx, broadcast_id: int, reason: str) -> int:
    """End every task of a broadcast that has not left yet; return how many."""
    waiting = (TaskState.QUEUED, TaskState.MANUAL)
    rows = and_(task.c.broadcast_id == broadcast_id, task.c.state.in_(waiting))
    values = {"state": TaskState.CANCELLED, "reason": reason}
    return tx.execute(update(task).where(rows).values(**values)).rowcount


def left(tx: Tx, broadcast_id: int) -> int:
    """Return how many messages of a broadcast have left, or may have left."""
    rows = (
        select(func.count(func.distinct(task.c.id)))
        .join(attempt, attempt.c.task_id == task.c.id)
        .where(task.c.broadcast_id == broadcast_id, attempt.c.state.notin_(NEVER_LEFT))
    )
    return int(tx.execute(rows).scalar_one())


def serving_callouts(tx: Tx, callout_ids: Iterable[int]) -> list[int]:
    """Return the ids of the unfinished tasks that serve any of these callouts."""
    found: set[int] = set()
    for chunk in chunks(sorted(set(callout_ids))):
        rows = (
            select(task.c.id)
            .join(task_respondent, task_respondent.c.task_id == task.c.id)
            .join(respondent, respondent.c.id == task_respondent.c.respondent_id)
            .where(respondent.c.callout_id.in_(chunk), task.c.state.notin_(FINAL_TASKS))
        )
        found |= set(tx.execute(rows).scalars())
    return sorted(found)


def told_people(tx: Tx, broadcast_ids: Sequence[int]) -> list[tuple[int, str, str]]:
    """Return (person, phone index, language) of everybody who was, or may have been, told."""
    gone = select(attempt.c.id).where(
        attempt.c.task_id == task.c.id, attempt.c.state.notin_(NEVER_LEFT)
    )
    rows = (
        select(func.min(task.c.person_id), task.c.phone_index, func.min(task.c.language))
        .where(task.c.broadcast_id.in_(broadcast_ids), task.c.purpose != "help")
        .where(or_(gone.exists(), task.c.state == TaskState.ANSWERED))
        .group_by(task.c.phone_index)
        .order_by(func.min(task.c.person_id))
    )
    return [(int(person_id), phone, language) for person_id, phone, language in tx.execute(rows)]


def latest_to(tx: Tx, phone_index: str, now: datetime) -> list[Task]:
    """Return the tasks of the newest broadcast that told this phone, for an answer by text."""
    newest = (
        select(func.max(task.c.broadcast_id))
        .join(attempt, attempt.c.task_id == task.c.id)
        .join(broadcast, broadcast.c.id == task.c.broadcast_id)
        .where(task.c.phone_index == phone_index, broadcast.c.state != BroadcastState.CANCELLED)
        .where(or_(broadcast.c.expires_at.is_(None), broadcast.c.expires_at > now))
        .scalar_subquery()
    )
    rows = select(task).where(
        task.c.phone_index == phone_index,
        task.c.broadcast_id == newest,
        task.c.state.notin_((TaskState.CANCELLED, TaskState.EXPIRED)),
    )
    return [_task(row) for row in tx.execute(rows.order_by(task.c.id)).mappings()]


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
    running = broadcast.c.state == BroadcastState.RUNNING
    tasks = select(func.min(task.c.due_at)).join(broadcast, broadcast.c.id == task.c.broadcast_id)
    first = tx.execute(tasks.where(running, task.c.state == TaskState.QUEUED)).scalar()
    steps = select(func.min(callout.c.next_step_at)).join(
        broadcast, broadcast.c.id == callout.c.broadcast_id
    )
    second = tx.execute(steps.where(running, callout.c.state == CalloutState.OPEN)).scalar()
    return min((at for at in (first, second) if at is not None), default=None)


def in_flight(tx: Tx) -> int:
    """Return how many tasks are leaving."""
    rows = select(func.count()).select_from(task).where(task.c.state == TaskState.LEAVING)
    return int(tx.execute(rows).scalar_one())


def delay(tx: Tx, task_id: int, until: datetime) -> None:
    """Let a queued task wait until `until`."""
    tx.execute(update(task).where(task.c.id == task_id).values(due_at=until))


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
            if is_open and found.purpose == order.purpose:
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


def _task(row: Mapping[Any, Any]) -> Task:
    return value(Task, row, state=TaskState(row["state"]), text=None)
