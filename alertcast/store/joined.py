"""Messages that go together: one phone is told once of several warnings that rise at one moment.

Each broadcast keeps its own task. One of them leads: its message speaks of all of them, and serves
all their respondents. The others are joined to it: they are not claimed, and whatever becomes of
the leading one becomes of them.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, insert, or_, select, update

from alertcast.core.broadcast import BroadcastState, Purpose
from alertcast.core.callout import CalloutState
from alertcast.core.task import Task, TaskState
from alertcast.core.wording import Place
from alertcast.store.db import Tx
from alertcast.store.many import among
from alertcast.store.rows import chunks, value
from alertcast.store.schema import (
    attempt,
    broadcast,
    callout,
    grid,
    respondent,
    task,
    task_respondent,
)

TOGETHER = "together."
"""Begins the id of the text of a leading task."""

LATELY = timedelta(days=1)
"""Product time after the end of a broadcast in which its messages may still be under way."""

_CURRENT = select(broadcast.c.id).where(
    or_(
        broadcast.c.state == BroadcastState.RUNNING,
        broadcast.c.ended_at > bindparam("since"),
    )
)
_WITH_JOINED = (
    select(task.c.broadcast_id)
    .where(among(task.c.broadcast_id, "ids"), task.c.joined_to.is_not(None))
    .distinct()
)
_WAITING = (TaskState.QUEUED, TaskState.MANUAL)
_MOVING = (*_WAITING, TaskState.UNDERWAY)


@dataclass(frozen=True, slots=True)
class Joined:
    """A joined task, and where the one it is joined to stands."""

    id: int
    lead_id: int
    kind: str
    state: TaskState
    calls: int
    expires_at: datetime | None
    lead_state: TaskState
    lead_reason: str | None
    lead_tries: int


def may_be_any(tx: Tx) -> bool:
    """Say whether warnings of more than one broadcast are being told at this moment."""
    rows = (
        select(broadcast.c.mode)
        .where(broadcast.c.state == BroadcastState.RUNNING)
        .where(broadcast.c.purpose == Purpose.WARNING)
        .group_by(broadcast.c.mode)
        .having(func.count() > 1)
    )
    return tx.execute(rows).first() is not None


def waiting(tx: Tx, phones: Collection[str], now: datetime) -> list[tuple[str, Task]]:
    """Return, locked, (mode, task) of the warnings that wait for one phone in several broadcasts.

    Only of these phones. None of them has been claimed yet, or has run out; in the order they are
    to leave.
    """
    other, its = task.alias(), broadcast.alias()
    same = (
        exists()
        .where(its.c.id == other.c.broadcast_id, its.c.mode == broadcast.c.mode)
        .where(other.c.phone_index == task.c.phone_index, other.c.kind == task.c.kind)
        .where(other.c.broadcast_id != task.c.broadcast_id)
        .where(_is_open(other, its, now))
    )
    rows = (
        select(broadcast.c.mode, task)
        .join(broadcast, broadcast.c.id == task.c.broadcast_id)
        .where(_is_open(task, broadcast, now), same, among(task.c.phone_index))
        .order_by(task.c.priority, task.c.id)
        .with_for_update(of=task, skip_locked=True)
    )
    return [
        (row["mode"], value(Task, row, state=TaskState(row["state"]), text=None))
        for row in tx.execute(rows, {"ids": phones}).mappings()
    ]


@dataclass(frozen=True, slots=True)
class Group:
    """Tasks that become one message."""

    lead: Task
    others: Sequence[Task]
    template: str  # id of the text that tells all of them


def join(tx: Tx, groups: Sequence[Group]) -> None:
    """Let each lead tell what its others were to tell; it serves their respondents as well."""
    if not groups:
        return
    tx.execute(
        _LEAD,
        [
            {
                "b_id": one.lead.id,
                "b_template": one.template,
                "b_calls": max(task.calls for task in (one.lead, *one.others)),
            }
            for one in groups
        ],
    )
    tx.execute(
        _JOIN,
        [{"b_id": other.id, "b_lead": one.lead.id} for one in groups for other in one.others],
    )
    served = task_respondent.alias()
    known = exists().where(
        served.c.task_id == task.c.joined_to,
        served.c.respondent_id == task_respondent.c.respondent_id,
    )
    rows = (
        select(task.c.joined_to, task_respondent.c.respondent_id)
        .join(task_respondent, task_respondent.c.task_id == task.c.id)
        .where(among(task.c.joined_to), ~known)
        .distinct()
    )
    links = insert(task_respondent).from_select(["task_id", "respondent_id"], rows)
    tx.execute(links, {"ids": [one.lead.id for one in groups]})


def current(tx: Tx, now: datetime) -> list[int]:
    """Return the broadcasts of which a joined message may still move.

    Those that run, and those that ended lately; named by id, so that no database reads all tasks.
    """
    ids = tx.execute(_CURRENT, {"since": now - LATELY}).scalars().all()
    return sorted(tx.execute(_WITH_JOINED, {"ids": ids}).scalars()) if len(ids) > 1 else []


def strays(tx: Tx, broadcast_ids: Sequence[int]) -> list[Joined]:
    """Return the joined tasks that do not stand where their leading one stands."""
    lead = task.alias()
    rows = (
        select(
            task.c.id,
            task.c.joined_to.label("lead_id"),
            task.c.kind,
            task.c.state,
            task.c.calls,
            task.c.expires_at,
            lead.c.state.label("lead_state"),
            lead.c.reason.label("lead_reason"),
            lead.c.tries.label("lead_tries"),
        )
        .join(lead, lead.c.id == task.c.joined_to)
        .where(task.c.broadcast_id.in_(broadcast_ids), task.c.joined_to.is_not(None))
        .where(task.c.state.in_(_MOVING), lead.c.state != task.c.state)
        .where(lead.c.state.not_in((TaskState.LEAVING, TaskState.UNSURE)))
        .order_by(task.c.id)
    )
    return [
        value(
            Joined,
            row,
            state=TaskState(row["state"]),
            lead_state=TaskState(row["lead_state"]),
        )
        for row in tx.execute(rows).mappings()
    ]


def follow(tx: Tx, task_id: int, state: TaskState, reason: str | None) -> None:
    """Let a joined task stand where its leading one does: it takes no step of its own."""
    tx.execute(update(task).where(task.c.id == task_id).values(state=state, reason=reason))


def release(tx: Tx, one: Joined, now: datetime) -> None:
    """Let a joined task go its own way: it is due now."""
    state = TaskState.MANUAL if one.kind == "manual" else TaskState.QUEUED
    values = {"state": state, "joined_to": None, "due_at": now, "tries": one.lead_tries}
    tx.execute(update(task).where(task.c.id == one.id).values(**values))


def answered(tx: Tx, lead_id: int) -> None:
    """End what was joined to a task that a person has answered."""
    mine = and_(task.c.joined_to == lead_id, task.c.state.in_(_MOVING))
    tx.execute(update(task).where(mine).values(state=TaskState.ANSWERED))


def run_out(tx: Tx, broadcast_ids: Sequence[int], now: datetime) -> list[int]:
    """Return the joined tasks whose warning ran out before their leading one has left."""
    lead = task.alias()
    rows = (
        select(task.c.id)
        .join(lead, lead.c.id == task.c.joined_to)
        .where(task.c.broadcast_id.in_(broadcast_ids), task.c.joined_to.is_not(None))
        .where(task.c.state.in_(_WAITING), task.c.expires_at <= now)
        .where(lead.c.state.in_(_WAITING))
    )
    return list(tx.execute(rows).scalars())


def stale(tx: Tx, broadcast_ids: Sequence[int]) -> list[int]:
    """Return the waiting tasks whose frozen text speaks of a warning that is not told any more."""
    lead = task.alias()
    rows = (
        select(lead.c.id)
        .join(task, task.c.joined_to == lead.c.id)
        .where(task.c.broadcast_id.in_(broadcast_ids), task.c.joined_to.is_not(None))
        .where(task.c.state.not_in((*_MOVING, TaskState.ANSWERED)))
        .where(lead.c.state == TaskState.QUEUED, lead.c.text.is_not(None))
        .distinct()
    )
    return list(tx.execute(rows).scalars())


def thaw(tx: Tx, task_ids: Iterable[int]) -> None:
    """Let the text of these tasks be made anew before it leaves again."""
    for chunk in chunks(task_ids):
        mine = and_(task.c.id.in_(chunk), task.c.state == TaskState.QUEUED)
        tx.execute(update(task).where(mine).values(text=None, slots=None))


def shares(tx: Tx, one: Task, served: Sequence[int]) -> dict[int, list[int]]:
    """Return broadcast -> those of the respondents of a task who are its own, the task's first."""
    if not one.template.startswith(TOGETHER):
        return {one.broadcast_id: list(served)}
    return {one.broadcast_id: []} | by_broadcast(tx, served)


def parts(tx: Tx, lead: Task, only: Collection[int] | None = None) -> dict[int, list[Place]]:
    """Return broadcast -> places of what a leading task still has to tell, its own first.

    What was stopped, superseded, or has run out is left out. `only`: of these broadcasts, whatever
    became of the messages.
    """
    told = (CalloutState.OPEN, CalloutState.UNREACHED, CalloutState.ANSWERED)
    live = select(task.c.broadcast_id).where(
        task.c.joined_to == lead.id, task.c.state.in_((*_MOVING, TaskState.ANSWERED))
    )
    rows = (
        select(callout.c.broadcast_id, grid.c.name, grid.c.town, grid.c.county, callout.c.level)
        .join(respondent, respondent.c.callout_id == callout.c.id)
        .join(task_respondent, task_respondent.c.respondent_id == respondent.c.id)
        .join(grid, grid.c.id == callout.c.grid_id)
        .where(task_respondent.c.task_id == lead.id, callout.c.state.in_(told))
        .where(
            or_(callout.c.broadcast_id == lead.broadcast_id, callout.c.broadcast_id.in_(live))
            if only is None
            else callout.c.broadcast_id.in_(only)
        )
        .order_by(callout.c.broadcast_id != lead.broadcast_id, callout.c.broadcast_id)
        .order_by(callout.c.grid_code)
    )
    found: dict[int, list[Place]] = {}
    for row in tx.execute(rows):
        place = Place(row.name, row.town, row.county, row.level)
        found.setdefault(row.broadcast_id, []).append(place)
    return found


def by_broadcast(tx: Tx, respondent_ids: Iterable[int]) -> dict[int, list[int]]:
    """Return broadcast -> those of the respondents who belong to it."""
    found: dict[int, list[int]] = {}
    for chunk in chunks(sorted(set(respondent_ids))):
        rows = (
            select(callout.c.broadcast_id, respondent.c.id)
            .join(callout, callout.c.id == respondent.c.callout_id)
            .where(respondent.c.id.in_(chunk))
            .order_by(respondent.c.id)
        )
        for broadcast_id, respondent_id in tx.execute(rows):
            found.setdefault(int(broadcast_id), []).append(int(respondent_id))
    return found


def _is_open(one: Any, its: Any, now: datetime) -> ColumnElement[bool]:
    """Return the condition that a task waits to tell what still holds, and was never claimed."""
    never = ~exists().where(attempt.c.task_id == one.c.id)
    return and_(
        its.c.state == BroadcastState.RUNNING,
        its.c.purpose == Purpose.WARNING,
        one.c.state.in_(_WAITING),
        one.c.text.is_(None),
        one.c.purpose == Purpose.WARNING,
        one.c.help_request_id.is_(None),
        one.c.joined_to.is_(None),
        or_(one.c.expires_at.is_(None), one.c.expires_at > now),
        never,
    )


_LEAD = (
    update(task)
    .where(task.c.id == bindparam("b_id"))
    .values(template=bindparam("b_template"), calls=bindparam("b_calls"))
)
_JOIN = (
    update(task)
    .where((task.c.id == bindparam("b_id")) | (task.c.joined_to == bindparam("b_id")))
    .values(joined_to=bindparam("b_lead"))
)
