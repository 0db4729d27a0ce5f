"""Whom a phone speaks for when it texts or calls us: the broadcast that told it, and its tasks.

Of tasks that are joined to another, the leading one told them: its answer is theirs.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, func, or_, select

from alertcast.core.broadcast import BroadcastState, Purpose
from alertcast.core.callout import CalloutState
from alertcast.core.task import Task, TaskState
from alertcast.store.attempts import NEVER_LEFT
from alertcast.store.db import Tx
from alertcast.store.many import among
from alertcast.store.rows import value
from alertcast.store.schema import (
    attempt,
    broadcast,
    callout,
    episode,
    respondent,
    task,
    task_respondent,
)

QUESTIONS = (Purpose.CONFIRM, Purpose.STATION)
"""Broadcasts that ask something else than whether a warning was understood."""

_ASK_NOTHING = (Purpose.ALL_CLEAR, Purpose.PART_CLEAR, Purpose.DOWNGRADE)

LATELY = timedelta(days=7)
"""Product time after which a broadcast that is over is not meant by a text or a call any more."""


def understood(tx: Tx, phone_index: str, now: datetime) -> list[Task]:
    """Return the tasks of the newest broadcast that told this phone and still holds.

    An end and a downgrade ask for no answer: a warning that holds for this phone goes before them.
    """
    told = _told(phone_index).where(_holds()).params(**_times(now))
    told = told.order_by(_is_past(), broadcast.c.id.desc())
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

    A warning that holds for this phone goes before the end of another. Also those that nobody
    needs any more, since somebody else has answered.
    """
    told = (
        _told(phone_index)
        .where(_holds())
        .order_by(case((broadcast.c.mode == "live", 0), else_=1), _is_past())
        .order_by(broadcast.c.id.desc())
        .params(**_times(now))
    )
    return [one for one in _tasks(tx, phone_index, told) if one.purpose != "help"]


def holding(tx: Tx, broadcast_ids: Iterable[int], now: datetime) -> set[int]:
    """Return those of the broadcasts that were not stopped or lifted, and have not run out."""
    asked = {"ids": sorted(broadcast_ids), **_times(now)}
    return set(tx.execute(_IN_FORCE, asked).scalars())


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
    .where(among(broadcast.c.id, "ids"), _holds())
)


def _is_past() -> ColumnElement[int]:
    """Return 0 for what a row of `task` with its `broadcast` asks for an answer to, then 1, 2.

    1: an end or a downgrade. 2: a warning of whose grids none is called any more on this phone.
    """
    called = (
        select(callout.c.id)
        .join(respondent, respondent.c.callout_id == callout.c.id)
        .join(task_respondent, task_respondent.c.respondent_id == respondent.c.id)
        .where(task_respondent.c.task_id == task.c.id, callout.c.broadcast_id == broadcast.c.id)
        .correlate(task, broadcast)
    )
    told = (CalloutState.OPEN, CalloutState.ANSWERED, CalloutState.UNREACHED)
    gone = and_(called.exists(), ~called.where(callout.c.state.in_(told)).exists())
    return case((gone, 2), (broadcast.c.purpose.in_(_ASK_NOTHING), 1), else_=0)


def _told(phone_index: str, only: Purpose | None = None) -> Select[tuple[int]]:
    """Return the broadcasts whose message to this phone left, or may have left; no questions."""
    meant = broadcast.c.purpose == only if only else broadcast.c.purpose.not_in(QUESTIONS)
    return (
        select(broadcast.c.id)
        .join(task, task.c.broadcast_id == broadcast.c.id)
        .join(attempt, attempt.c.task_id == func.coalesce(task.c.joined_to, task.c.id))
        .outerjoin(episode, episode.c.id == broadcast.c.episode_id)
        .where(task.c.phone_index == phone_index, attempt.c.state.notin_(NEVER_LEFT))
        .where(meant)  # a "1" by text must let no warning out, and open no station
    )


def _tasks(
    tx: Tx, phone_index: str, told: Select[tuple[int]], *, only_for_grids: bool = False
) -> list[Task]:
    newest = tx.execute(told.limit(1)).scalar()
    told_by = select(func.coalesce(task.c.joined_to, task.c.id)).where(
        task.c.phone_index == phone_index, task.c.broadcast_id == newest
    )
    if only_for_grids:
        serves = select(task_respondent.c.task_id).where(task_respondent.c.task_id == task.c.id)
        told_by = told_by.where(serves.exists())
    rows = select(task).where(task.c.id.in_(told_by))
    return [
        value(Task, row, state=TaskState(row["state"]), text=None)
        for row in tx.execute(rows.order_by(task.c.id)).mappings()
    ]
