"""Offline call lists: which are wanted, who is on them, whether they were written."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, delete, exists, func, insert, literal, or_, select, update

from alertcast.core.broadcast import BroadcastState
from alertcast.core.callout import CalloutState
from alertcast.core.watch import Finding
from alertcast.store.callers import QUESTIONS
from alertcast.store.db import Tx
from alertcast.store.schema import (
    acknowledgement,
    broadcast,
    call_list,
    callout,
    grid,
    person,
    respondent,
    task,
)

CURRENT = (
    BroadcastState.APPROVAL,
    BroadcastState.WAITING,
    BroadcastState.RUNNING,
    BroadcastState.HELD,
)
"""States of a broadcast for which a list is kept up to date."""

EVERYWHERE = "all"
"""Stands for the county where people are told without any callout (an all-clear)."""

_FIRST = person.c.id == respondent.c.person_id
_OTHER = person.c.other_of == respondent.c.person_id
_LEFT_OUT = (CalloutState.SUPERSEDED, CalloutState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One list that is to exist."""

    broadcast_id: int
    county_code: str
    county: str
    targets: str  # changes with whoever is to be called
    answers: int


def wanted(tx: Tx) -> list[Wanted]:
    """Return every list that is to exist now.

    None for a broadcast whose first rung begins at this moment: its messages go first.
    """
    left_out = callout.c.state.in_(_LEFT_OUT)
    begins = and_(
        broadcast.c.state == BroadcastState.RUNNING,
        callout.c.state == CalloutState.OPEN,
        callout.c.rung < 0,
    )
    said = exists().where(
        respondent.c.callout_id == callout.c.id, acknowledgement.c.respondent_id == respondent.c.id
    )
    rows = (
        select(
            broadcast.c.id,
            grid.c.county_code,
            grid.c.county,
            func.sum(case((left_out, 0), else_=1)),
            func.sum(case((left_out, 0), else_=callout.c.id)),
            func.sum(case((said, 1), else_=0)),
        )
        .join(callout, callout.c.broadcast_id == broadcast.c.id)
        .join(grid, grid.c.id == callout.c.grid_id)
        .where(broadcast.c.state.in_(CURRENT))
        .group_by(broadcast.c.id, grid.c.county_code, grid.c.county)
        .having(func.sum(case((begins, 1), else_=0)) == 0)
        .order_by(broadcast.c.id, grid.c.county_code)
    )
    without = select(broadcast.c.id).where(  # named by id, so that no database reads all tasks
        broadcast.c.state.in_(CURRENT),
        broadcast.c.purpose.not_in(QUESTIONS),  # whoever dials may answer it himself
        ~exists().where(callout.c.broadcast_id == broadcast.c.id),
    )
    alone = (
        select(task.c.broadcast_id, literal(EVERYWHERE), literal("全部"))
        .add_columns(func.count(), func.sum(task.c.id), literal(0))
        .where(task.c.broadcast_id.in_(tx.execute(without).scalars().all()))
        .where(task.c.help_request_id.is_(None))
        .group_by(task.c.broadcast_id)
        .order_by(task.c.broadcast_id)
    )
    return [
        Wanted(int(one), code, county, f"{int(count)}-{int(sum_)}", int(answers))
        for found in (rows, alone)
        for one, code, county, count, sum_, answers in tx.execute(found)
    ]


def respondents(tx: Tx, one: Wanted) -> Iterator[Mapping[str, Any]]:
    """Yield everybody who is to be called in a county; names are sealed.

    A row for each grid, and another one for a person's other number.
    """
    said = exists().where(acknowledgement.c.respondent_id == respondent.c.id)
    rows = (
        select(
            person.c.name,
            person.c.phone,
            respondent.c.role,
            respondent.c.rungs,
            respondent.c.counts,
            grid.c.name.label("grid"),
            grid.c.town,
            callout.c.level,
            said.label("answered"),
        )
        .join(callout, callout.c.id == respondent.c.callout_id)
        .join(grid, grid.c.id == callout.c.grid_id)
        .join(person, or_(_FIRST, _OTHER))
        .where(callout.c.broadcast_id == one.broadcast_id, callout.c.state.not_in(_LEFT_OUT))
        .where(grid.c.county_code == one.county_code)
        .order_by(grid.c.town_code, grid.c.code, respondent.c.id, person.c.id)
    )
    yield from (dict(row) for row in tx.execute(rows).mappings())


def told_alone(tx: Tx, broadcast_id: int) -> Iterator[Mapping[str, Any]]:
    """Yield everybody whom a broadcast tells without any callout; names are sealed."""
    once = (
        select(func.min(task.c.person_id))
        .where(task.c.broadcast_id == broadcast_id, task.c.help_request_id.is_(None))
        .group_by(task.c.phone_index)
    )
    rows = select(person.c.name, person.c.phone).where(person.c.id.in_(once)).order_by(person.c.id)
    yield from (dict(row) for row in tx.execute(rows).mappings())


def note(tx: Tx, one: Wanted, host: str, real_now: datetime, error: str | None) -> None:
    """Write down that a list was written on a machine, or why it was not."""
    key = (
        (call_list.c.broadcast_id == one.broadcast_id)
        & (call_list.c.county_code == one.county_code)
        & (call_list.c.host == host)
    )
    values: dict[str, Any] = {"error": error, "tried_at": real_now}
    if error is None:
        values["written_at"] = real_now
    if tx.execute(update(call_list).where(key).values(**values)).rowcount:
        return
    first = {"broadcast_id": one.broadcast_id, "county_code": one.county_code, "host": host}
    tx.execute(insert(call_list).values(county=one.county, **first | values))


def of_broadcast(tx: Tx, broadcast_id: int) -> dict[str, tuple[str, datetime]]:
    """Return county code -> (county, when it was written last) of the lists that exist."""
    rows = (
        select(call_list.c.county_code, call_list.c.county, func.max(call_list.c.written_at))
        .where(call_list.c.broadcast_id == broadcast_id, call_list.c.written_at.is_not(None))
        .group_by(call_list.c.county_code, call_list.c.county)
        .order_by(call_list.c.county_code)
    )
    return {code: (county, at) for code, county, at in tx.execute(rows)}


def kept(tx: Tx, broadcast_ids: Iterable[int], since: datetime) -> set[int]:
    """Return those of the broadcasts whose lists are kept: not over, or not before `since`."""
    rows = select(broadcast.c.id).where(
        broadcast.c.id.in_(list(broadcast_ids)),
        or_(broadcast.c.state.in_(CURRENT), broadcast.c.ended_at > since),
    )
    return set(tx.execute(rows).scalars())


def forget(tx: Tx, broadcast_id: int, host: str) -> None:
    """Forget the lists of a broadcast that were removed from a machine."""
    mine = (call_list.c.broadcast_id == broadcast_id) & (call_list.c.host == host)
    tx.execute(delete(call_list).where(mine))


def failed(tx: Tx, host: str, real_since: datetime) -> set[tuple[int, str]]:
    """Return (broadcast, county) of the lists that could not be written here since `real_since`."""
    rows = select(call_list.c.broadcast_id, call_list.c.county_code).where(
        call_list.c.host == host,
        call_list.c.error.is_not(None),
        call_list.c.tried_at > real_since,
    )
    return {(int(broadcast_id), county) for broadcast_id, county in tx.execute(rows)}


def missing(tx: Tx, real_since: datetime) -> Iterator[Finding]:
    """Yield each broadcast one of whose lists could not be written, on any machine, since then.

    A machine that has not tried since is gone, and its lists with it.
    """
    rows = (
        select(broadcast.c.id, func.count(), func.min(call_list.c.written_at))
        .join(call_list, call_list.c.broadcast_id == broadcast.c.id)
        .where(call_list.c.error.is_not(None), call_list.c.tried_at > real_since)
        .where(broadcast.c.state.in_(CURRENT))
        .group_by(broadcast.c.id)
        .order_by(broadcast.c.id)
    )
    for broadcast_id, count, written_at in tx.execute(rows):
        yield Finding("call_list", str(broadcast_id), int(count), written_at)
