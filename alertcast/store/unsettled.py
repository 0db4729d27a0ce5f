"""Attempts of which it is not known what became of them, and those whose end was never told."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    func,
    or_,
    select,
    true,
)

from alertcast.core.task import (
    FINAL_TASKS,
    UNDER_WAY,
    Attempt,
    AttemptState,
    TaskState,
)
from alertcast.store.attempts import COLUMNS
from alertcast.store.db import Tx
from alertcast.store.many import words
from alertcast.store.schema import attempt, task


@dataclass(frozen=True, slots=True)
class Lane:
    """Channels whose attempts are asked about one after the other."""

    only: str | None = None  # this channel; None: all
    but: tuple[str, ...] = ()  # all but these


ALL = Lane()


Interval = tuple[timedelta, timedelta]
"""An age up to which messages are asked about, and how long between two questions until then."""


_SINCE = attempt.alias("since")
_UNSURE = (
    select(*COLUMNS)
    .where(
        attempt.c.state == AttemptState.UNKNOWN,
        attempt.c.requested_real <= bindparam("before"),
    )
    .order_by(attempt.c.asked_at.asc().nulls_first(), attempt.c.id)
    .limit(bindparam("most"))
)


def unsure(tx: Tx, real_before: datetime, limit: int = 100, lane: Lane = ALL) -> list[Attempt]:
    """Return the attempts of unknown outcome claimed before `real_before`.

    First those that were never asked about, then the one whose question is the longest ago.
    """
    rows = tx.execute(_unsure(lane), {"before": real_before, "most": limit})
    return [Attempt(*row) for row in rows]


def taken(tx: Tx, one: Attempt) -> set[str]:
    """Return the provider's ids that other attempts on this channel, to this phone, have got."""
    mine = select(task.c.phone_index).where(task.c.id == one.task_id).scalar_subquery()
    rows = (
        select(attempt.c.provider_ref)
        .join(task, task.c.id == attempt.c.task_id)
        .where(task.c.phone_index == mine, attempt.c.channel == one.channel)
        .where(attempt.c.provider_ref.is_not(None), attempt.c.id != one.id)
    )
    return set(tx.execute(rows).scalars())


def rivals(tx: Tx, one: Attempt) -> list[datetime]:
    """Return when others on this channel, to this phone, were made that may be at the provider.

    Nobody knows by which id: they are on their way, or it was never learnt. Product time.
    """
    mine = select(task.c.phone_index).where(task.c.id == one.task_id).scalar_subquery()
    unknown = or_(
        attempt.c.state.in_((AttemptState.LEAVING, AttemptState.UNKNOWN)),
        and_(attempt.c.state == AttemptState.FAILED, attempt.c.reason == "unknown_outcome"),
    )
    rows = (
        select(attempt.c.requested_at)
        .join(task, task.c.id == attempt.c.task_id)
        .where(task.c.phone_index == mine, attempt.c.channel == one.channel, unknown)
        .where(attempt.c.provider_ref.is_(None), attempt.c.id != one.id)
        .order_by(attempt.c.id)
    )
    return list(tx.execute(rows).scalars())


def silent(
    tx: Tx,
    now: datetime,
    intervals: Sequence[Interval],
    real_before: datetime,
    limit: int = 100,
    lane: Lane = ALL,
) -> list[Attempt]:
    """Return unfinished attempts of which the provider has told no end, the longest silent first.

    `intervals`, in product time, ascending: an attempt is due that was made, and last asked about,
    so long ago; one that is older than the last age is asked about no more. All were made before
    `real_before` in real time.
    """
    asked: dict[str, Any] = {"real_before": real_before, "most": limit}
    for n, (age, interval) in enumerate(intervals):
        asked |= {f"younger_{n}": now - age, f"heard_{n}": now - interval}
    return [Attempt(*row) for row in tx.execute(_silent(len(intervals), lane), asked)]


def unheard(
    tx: Tx,
    askable: Collection[str],
    before: datetime,
    oldest: datetime,
    real_before: datetime,
    limit: int = 100,
    lane: Lane = ALL,
) -> list[Attempt]:
    """Return calls made before `before` of which no end was told, and that can not be asked about.

    They went by no channel of `askable`, or their id is not known, or they were made before
    `oldest` and are asked about no more. All were made before `real_before` in real time. Each is
    the last one of its task: what was called again since is not waited for any more.
    """
    since = select(_SINCE.c.id).where(_SINCE.c.task_id == attempt.c.task_id)
    rows = (
        select(*COLUMNS)
        .join(task, task.c.id == attempt.c.task_id)
        .where(task.c.state == TaskState.UNDERWAY, task.c.kind == "voice")
        .where(attempt.c.state.in_(words(*sorted(UNDER_WAY))), attempt.c.requested_at <= before)
        .where(attempt.c.requested_real <= real_before)
        .where(
            or_(
                attempt.c.channel.not_in(sorted(askable)),
                attempt.c.provider_ref.is_(None),
                attempt.c.requested_at <= oldest,
            )
        )
        .where(~since.where(_SINCE.c.id > attempt.c.id).exists(), _in_lane(lane))
        .order_by(attempt.c.id)
        .limit(limit)
    )
    return [Attempt(*row) for row in tx.execute(rows)]


@cache
def _unsure(lane: Lane) -> Select[Any]:
    return _UNSURE.where(_in_lane(lane))


@cache
def _silent(many: int, lane: Lane) -> Select[Any]:
    """Return the statement for so many intervals; it is asked every few seconds."""
    heard = func.coalesce(attempt.c.asked_at, attempt.c.requested_at)
    due = [
        and_(
            attempt.c.requested_at > bindparam(f"younger_{n}"),
            heard <= bindparam(f"heard_{n}"),
        )
        for n in range(many)
    ]
    return (
        select(*COLUMNS)
        .join(task, task.c.id == attempt.c.task_id)
        .where(attempt.c.state.in_(words(*sorted(UNDER_WAY))), attempt.c.provider_ref.is_not(None))
        .where(or_(*due), attempt.c.requested_real <= bindparam("real_before"))
        .where(task.c.state.notin_(words(*sorted(FINAL_TASKS), TaskState.LEAVING)))
        .where(_in_lane(lane))
        .order_by(heard, attempt.c.id)
        .limit(bindparam("most"))
    )


def _in_lane(lane: Lane) -> ColumnElement[bool]:
    if lane.only is not None:
        return attempt.c.channel == lane.only
    return attempt.c.channel.notin_(lane.but) if lane.but else true()
