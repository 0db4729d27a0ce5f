"""The rows behind the statistics of calling: when each grid, person and message was called.

Grids that were taken over by a later broadcast, or whose calling was stopped, are left out: nobody
had to answer for them any more.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from alertcast.core.broadcast import BroadcastState, Purpose
from alertcast.core.callout import CalloutState
from alertcast.core.statistics import Called
from alertcast.store.attempts import NEVER_LEFT
from alertcast.store.db import Tx
from alertcast.store.report_areas import inside
from alertcast.store.rows import chunks
from alertcast.store.schema import (
    acknowledgement,
    attempt,
    broadcast,
    callout,
    grid,
    respondent,
    task,
    task_respondent,
)

COUNTED = (CalloutState.OPEN, CalloutState.ANSWERED, CalloutState.UNREACHED)
"""States of grids that had to be answered for."""

PURPOSES = (Purpose.WARNING, Purpose.DESK)
"""Broadcasts with a ladder."""

BEGUN = (BroadcastState.RUNNING, BroadcastState.HELD, BroadcastState.CLOSED)


@dataclass(frozen=True, slots=True)
class Row:
    """One grid, person or message, and what it is counted under."""

    broadcast_id: int
    key: str  # code of the county, role, or channel
    name: str  # of the county; else the key
    state: str  # of the grid; else ""
    called: Called


@dataclass(frozen=True, slots=True)
class Rows:
    """All that is counted."""

    grids: Sequence[Row]
    people: Sequence[Row]
    messages: Sequence[Row]


def broadcasts_between(
    tx: Tx, since: datetime, until: datetime, mode: str
) -> dict[int, tuple[datetime, str]]:
    """Return start and title of the broadcasts with ladders that began in a time, by id."""
    rows = select(broadcast.c.id, broadcast.c.starts_at, broadcast.c.title).where(
        broadcast.c.starts_at >= since,
        broadcast.c.starts_at < until,
        broadcast.c.mode == mode,
        broadcast.c.purpose.in_(PURPOSES),
        broadcast.c.state.in_(BEGUN),
    )
    found = tx.execute(rows.order_by(broadcast.c.starts_at, broadcast.c.id))
    return {row.id: (row.starts_at, row.title) for row in found}


def rows_of(tx: Tx, ids: Iterable[int], area: str = "") -> Rows:
    """Return what is counted of these broadcasts within an area."""
    grids: list[Row] = []
    people: list[Row] = []
    messages: list[Row] = []
    for part in chunks(sorted(ids)):
        firsts, said = _firsts(tx, part, area), _answers(tx, part)
        by_callout: dict[int, datetime] = {}
        for one in firsts:
            known = by_callout.get(one.callout_id)
            if known is None or one.first < known:
                by_callout[one.callout_id] = one.first
            called = Called(one.opened_at, one.first, said.get(one.id), one.first)
            people.append(Row(one.broadcast_id, one.role, one.role, "", called))
        grids += _grids(tx, part, area, by_callout)
        messages += _messages(tx, part, area)
    return Rows(grids, people, messages)


def _grids(tx: Tx, ids: Sequence[int], area: str, firsts: dict[int, datetime]) -> Iterable[Row]:
    columns = (callout.c.id, callout.c.broadcast_id, callout.c.state, callout.c.opened_at)
    rows = (
        select(*columns, callout.c.ended_at, grid.c.county_code, grid.c.county)
        .join(grid, grid.c.id == callout.c.grid_id)
        .where(callout.c.broadcast_id.in_(ids), callout.c.state.in_(COUNTED), inside(area))
    )
    for row in tx.execute(rows):
        answered = row.ended_at if row.state == CalloutState.ANSWERED else None
        called = Called(row.opened_at, firsts.get(row.id), answered, row.opened_at)
        yield Row(row.broadcast_id, row.county_code, row.county, row.state, called)


def _firsts(tx: Tx, ids: Sequence[int], area: str) -> Sequence[Any]:
    """Return the people who were called, with their first call or text."""
    columns = [respondent.c.id, respondent.c.callout_id, respondent.c.role]
    columns += [callout.c.broadcast_id, callout.c.opened_at]
    rows = (
        select(*columns, func.min(attempt.c.requested_at).label("first"))
        .join(callout, callout.c.id == respondent.c.callout_id)
        .join(grid, grid.c.id == callout.c.grid_id)
        .join(task_respondent, task_respondent.c.respondent_id == respondent.c.id)
        .join(task, task.c.id == task_respondent.c.task_id)
        .join(attempt, attempt.c.task_id == func.coalesce(task.c.joined_to, task.c.id))
        .where(callout.c.broadcast_id.in_(ids), attempt.c.state.notin_(NEVER_LEFT))
        .where(callout.c.state.in_(COUNTED), inside(area))
        .group_by(*columns)
    )
    return tx.execute(rows).all()


def _answers(tx: Tx, ids: Sequence[int]) -> dict[int, datetime]:
    rows = (
        select(acknowledgement.c.respondent_id, func.min(acknowledgement.c.at))
        .where(acknowledgement.c.broadcast_id.in_(ids))
        .where(acknowledgement.c.respondent_id.is_not(None))
        .group_by(acknowledgement.c.respondent_id)
    )
    return {row[0]: row[1] for row in tx.execute(rows)}


def _messages(tx: Tx, ids: Sequence[int], area: str) -> Iterable[Row]:
    """Yield each message by each channel that carried it, and the answer that came over it."""
    serves = (
        select(task_respondent.c.task_id)
        .join(respondent, respondent.c.id == task_respondent.c.respondent_id)
        .join(callout, callout.c.id == respondent.c.callout_id)
        .join(grid, grid.c.id == callout.c.grid_id)
        .where(callout.c.broadcast_id.in_(ids), inside(area))
    )
    heard = (
        select(acknowledgement.c.task_id, attempt.c.channel)
        .add_columns(func.min(acknowledgement.c.at).label("at"))
        .join(attempt, attempt.c.id == acknowledgement.c.attempt_id, isouter=True)
        .where(acknowledgement.c.broadcast_id.in_(ids), acknowledgement.c.task_id.is_not(None))
        .group_by(acknowledgement.c.task_id, attempt.c.channel)
    )
    said = {(row.task_id, row.channel): row.at for row in tx.execute(heard)}
    columns = (task.c.broadcast_id, task.c.id, task.c.created_at, attempt.c.channel)
    rows = (
        select(*columns, func.min(attempt.c.requested_at).label("first"))
        .join(attempt, attempt.c.task_id == task.c.id)
        .where(task.c.broadcast_id.in_(ids), attempt.c.state.notin_(NEVER_LEFT))
        .where(task.c.id.in_(serves), task.c.purpose.in_(PURPOSES))
        .group_by(*columns)
    )
    for row in tx.execute(rows):
        answered = said.get((row.id, row.channel)) or said.get((row.id, None))
        called = Called(row.created_at or row.first, row.first, answered, row.first)
        yield Row(row.broadcast_id, row.channel, row.channel, "", called)
