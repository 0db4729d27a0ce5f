"""Who is being told at this moment: phones whose message by one kind has not come to its end."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, func, or_, select, update

from alertcast.core.task import FINAL_TASKS, TaskState
from alertcast.store import bells
from alertcast.store.db import Tx
from alertcast.store.many import among, words
from alertcast.store.schema import person, task

_ON_ITS_WAY = (TaskState.LEAVING, TaskState.UNSURE, TaskState.UNDERWAY)
_WAITING = (TaskState.QUEUED, TaskState.LEAVING, TaskState.UNSURE, TaskState.MANUAL)


def still_told(kind: str) -> frozenset[TaskState]:
    """Return the states in which a message of a kind is still being told.

    A call is underway until it has ended. A text that the provider has is told: no receipt need
    ever come.
    """
    return frozenset((*_WAITING, TaskState.UNDERWAY) if kind == "voice" else _WAITING)


class Call(NamedTuple):
    """A call to a person, or what an officer is to dial, that has not come to its end."""

    id: int  # of the task that carries it
    state: TaskState


def calls(tx: Tx, broadcast_id: int, person_id: int) -> list[Call]:
    """Return the calls of a broadcast to a person that still move, on either number."""
    lead = task.alias()
    rows = (
        select(lead.c.id, lead.c.state)
        .select_from(task)
        .join(lead, lead.c.id == func.coalesce(task.c.joined_to, task.c.id))
        .where(_to(broadcast_id, person_id), task.c.kind.in_(("voice", "manual")))
        .where(task.c.state.notin_(sorted(FINAL_TASKS)), lead.c.state.notin_(sorted(FINAL_TASKS)))
        .distinct()
    )
    return [Call(row.id, TaskState(row.state)) for row in tx.execute(rows)]


def newest(tx: Tx, broadcast_id: int, person_id: int) -> int:
    """Return the id of the newest message of a broadcast to a person; 0 if there is none."""
    rows = select(func.max(task.c.id)).where(_to(broadcast_id, person_id))
    return int(tx.execute(rows).scalar() or 0)


def hurry(tx: Tx, task_ids: Collection[int], now: datetime) -> int:
    """Let these calls, which wait, be due now; return how many were not due yet."""
    waiting = and_(task.c.id.in_(task_ids), task.c.state == TaskState.QUEUED)
    bells.note(tx, "voice")
    return tx.execute(update(task).where(waiting, task.c.due_at > now).values(due_at=now)).rowcount


def behind_another(tx: Tx, call_ids: Collection[int]) -> set[int]:
    """Return those of these queued calls whose phone another call of the same broadcast goes to.

    It may be ringing, heard at this moment, or its outcome unknown; or it was planned earlier and
    has not made all its tries. What is joined to a call counts for it. Calls for help wait for
    none, and none for them.
    """
    return set(tx.execute(_BEHIND_ANOTHER, {"ids": sorted(call_ids)}).scalars())


def _to(broadcast_id: int, person_id: int) -> ColumnElement[bool]:
    """Return the condition that a row of `task` goes to a number of a person."""
    numbers = select(person.c.phone_index).where(
        or_(person.c.id == person_id, person.c.other_of == person_id)
    )
    return and_(
        task.c.broadcast_id == broadcast_id,
        task.c.phone_index.in_(numbers),
        task.c.help_request_id.is_(None),
    )


_OTHER = task.alias("other")
_MESSAGE = func.coalesce(task.c.joined_to, task.c.id)  # that tells it
_BEHIND_ANOTHER = (
    select(_MESSAGE)
    .join(
        _OTHER,
        and_(
            _OTHER.c.broadcast_id == task.c.broadcast_id,
            _OTHER.c.phone_index == task.c.phone_index,
            _OTHER.c.kind == task.c.kind,
            func.coalesce(_OTHER.c.joined_to, _OTHER.c.id) != _MESSAGE,
        ),
    )
    .where(or_(among(task.c.id), among(task.c.joined_to)))
    .where(task.c.help_request_id.is_(None), _OTHER.c.help_request_id.is_(None))
    .where(
        or_(
            _OTHER.c.state.in_(words(*_ON_ITS_WAY)),
            and_(_OTHER.c.state.in_(words(TaskState.QUEUED)), _OTHER.c.id < task.c.id),
        )
    )
)
