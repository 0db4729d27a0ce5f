"""Whom a phone speaks for when it texts or calls us: the broadcast that told it, and its tasks."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, or_, select

from alertcast.core.broadcast import BroadcastState, Purpose
from alertcast.core.task import Task, TaskState
from alertcast.store.attempts import NEVER_LEFT
from alertcast.store.db import Tx
from alertcast.store.rows import value
from alertcast.store.schema import attempt, broadcast, episode, task, task_respondent

QUESTIONS = (Purpose.CONFIRM, Purpose.STATION)
"""Broadcasts that ask something else than whether a warning was understood."""

LATELY = timedelta(days=7)
"""Product time after which a broadcast that is over is not meant by a text or a call any more."""


def understood(tx: Tx, phone_index: str, now: datetime) -> list[Task]:
    """Return the tasks of the newest broadcast that told this phone and still holds."""
    told = _told(phone_index).where(_holds()).params(**_times(now)).order_by(broadcast.c.id.desc())
    gone = (TaskState.CANCELLED, TaskState.EXPIRED)
    return [one for one in _tasks(tx, phone_index, told) if one.state not in gone]


def asked(tx: Tx, phone_index: str, now: datetime) -> list[Task]:
    """Return the tasks that asked this phone last whether a station is open."""
    told = _told(phone_index, only=Purpose.STATION).where(_holds()).params(**_times(now))
    return _tasks(tx, phone_index, told.order_by(broadcast.c.id.desc()))


def crying(tx: Tx, phone_index: str, now: datetime) -> list[Task]:
    """Return the tasks by which this phone was last called for a grid: a cry for help finds it.

    Whatever became of them: stopped, ended or expired. A live broadcast that holds goes before a
    drill; one that is over, or LATELY ago, never does.
    """
    for_a_grid = select(task_respondent.c.task_id).where(task_respondent.c.task_id == task.c.id)
    holds = _holds()
    told = (
        select(broadcast.c.id)
        .join(task, task.c.broadcast_id == broadcast.c.id)
        .outerjoin(episode, episode.c.id == broadcast.c.episode_id)
        .where(task.c.phone_index == phone_index, for_a_grid.exists())
        .where(or_(broadcast.c.created_at > now - LATELY, holds))
        .order_by(case((and_(broadcast.c.mode == "live", holds), 0), else_=1))
        .order_by(broadcast.c.id.desc())
        .params(**_times(now))
    )
    return _tasks(tx, phone_index, told, only_for_grids=True)


def in_force(tx: Tx, phone_index: str, now: datetime) -> list[Task]:
    """Return the tasks that told this phone what is in force now, a live broadcast before a drill.

    Also those that nobody needs any more, since somebody else has answered.
    """
    told = (
        _told(phone_index)
        .where(_holds())
        .order_by(case((broadcast.c.mode == "live", 0), else_=1), broadcast.c.id.desc())
        .params(**_times(now))
    )
    return [one for one in _tasks(tx, phone_index, told) if one.purpose != "help"]


def is_over(tx: Tx, broadcast_id: int, now: datetime) -> bool:
    """Say whether what a broadcast told has been stopped, lifted, or has run out."""
    asked = {"broadcast_id": broadcast_id, **_times(now)}
    return tx.execute(_IN_FORCE, asked).first() is None


def _times(now: datetime) -> dict[str, datetime]:
    return {"now": now, "lately": now - LATELY}


def _holds() -> ColumnElement[bool]:
    """Return the condition that a row of `broadcast` with its `episode` is neither over nor old.

    What was corrected is over, also where it had come to its end before.
    """
    later = broadcast.alias("later")
    corrected = select(later.c.id).where(later.c.corrects_id == broadcast.c.id)
    lately = and_(broadcast.c.expires_at.is_(None), broadcast.c.created_at > bindparam("lately"))
    lifted = and_(episode.c.ended_at.is_not(None), broadcast.c.purpose == "warning")
    return and_(
        broadcast.c.state != BroadcastState.CANCELLED,
        or_(broadcast.c.expires_at > bindparam("now"), lately),
        ~lifted,
        ~corrected.correlate(broadcast).exists(),
    )


_IN_FORCE = (
    select(broadcast.c.id)
    .outerjoin(episode, episode.c.id == broadcast.c.episode_id)
    .where(broadcast.c.id == bindparam("broadcast_id"), _holds())
)


def _told(phone_index: str, only: Purpose | None = None) -> Select[tuple[int]]:
    """Return the broadcasts whose message to this phone left, or may have left; no questions."""
    meant = broadcast.c.purpose == only if only else broadcast.c.purpose.not_in(QUESTIONS)
    return (
        select(broadcast.c.id)
        .join(task, task.c.broadcast_id == broadcast.c.id)
        .join(attempt, attempt.c.task_id == task.c.id)
        .outerjoin(episode, episode.c.id == broadcast.c.episode_id)
        .where(task.c.phone_index == phone_index, attempt.c.state.notin_(NEVER_LEFT))
        .where(meant)  # a "1" by text must let no warning out, and open no station
    )


def _tasks(
    tx: Tx, phone_index: str, told: Select[tuple[int]], *, only_for_grids: bool = False
) -> list[Task]:
    newest = tx.execute(told.limit(1)).scalar()
    rows = select(task).where(task.c.phone_index == phone_index, task.c.broadcast_id == newest)
    if only_for_grids:
        serves = select(task_respondent.c.task_id).where(task_respondent.c.task_id == task.c.id)
        rows = rows.where(serves.exists())
    return [
        value(Task, row, state=TaskState(row["state"]), text=None)
        for row in tx.execute(rows.order_by(task.c.id)).mappings()
    ]
