"""Ladders that are due: a part of them is climbed at a time, and told whole, phone by phone."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import (
    ColumnElement,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    update,
)

from alertcast.core.broadcast import BroadcastState
from alertcast.core.callout import Callout, CalloutState, Step
from alertcast.store.db import Tx
from alertcast.store.many import among, among_many
from alertcast.store.rows import columns
from alertcast.store.schema import acknowledgement, broadcast, callout, person, respondent


class Candidate(NamedTuple):
    """A respondent without an answer, and the phone on which it would be told."""

    id: int
    callout_id: int
    person_id: int
    rungs: int  # bit i is set: told at rung i
    ahead: int | None  # see Respondent
    phone_index: str
    language: str  # tags, the preferred first
    prefers: str  # voice, sms or neither


def due_broadcasts(tx: Tx, now: datetime) -> list[int]:
    """Return the ids of the running broadcasts that have a callout whose next step is due."""
    return list(tx.execute(_DUE_BROADCASTS, {"now": now}).scalars())


def due(tx: Tx, broadcast_ids: Sequence[int], now: datetime, levels: Sequence[str]) -> list[int]:
    """Return the ids of the callouts of these broadcasts whose next step is due.

    The most urgent first: what is live before drills, then by `levels`, the highest first.
    """
    ranks = {level: rank for rank, level in enumerate(levels)}
    urgency = case(ranks, value=callout.c.level, else_=len(ranks)) if ranks else callout.c.level
    rows = (
        select(callout.c.id)
        .join(broadcast, broadcast.c.id == callout.c.broadcast_id)
        .where(_is_due(broadcast_ids, now))
        .order_by(broadcast.c.mode.desc(), urgency, callout.c.next_step_at, callout.c.id)
    )
    return list(tx.execute(rows).scalars())


def still_due(
    tx: Tx, broadcast_ids: Sequence[int], ids: Collection[int], now: datetime
) -> list[Callout]:
    """Return and lock those of the callouts `ids` whose next step is due now."""
    rows = (
        select(*columns(Callout, callout))
        .join(broadcast, broadcast.c.id == callout.c.broadcast_id)
        .where(among_many(callout.c.id), _is_due(broadcast_ids, now))
        .order_by(callout.c.id)
        .with_for_update(of=callout, skip_locked=True)
    )
    return [Callout(*row) for row in tx.execute(rows, {"ids": ids})]


def candidates(tx: Tx, callout_ids: Collection[int]) -> dict[int, list[Candidate]]:
    """Return the candidates of each callout."""
    found: dict[int, list[Candidate]] = {}
    for row in tx.execute(_OF_CALLOUTS, {"ids": callout_ids}):
        one = Candidate._make(row)
        found.setdefault(one.callout_id, []).append(one)
    return found


def elsewhere(
    tx: Tx, broadcast_ids: Sequence[int], phones: Collection[str], now: datetime
) -> list[tuple[Candidate, Callout]]:
    """Return the candidates with one of these phones, of all callouts that are due.

    Those who were told ahead are left out.
    """
    oldest = select(func.min(callout.c.id)).where(callout.c.broadcast_id.in_(broadcast_ids))
    theirs = (
        _CANDIDATES.where(among_many(person.c.phone_index))
        .where(respondent.c.callout_id >= oldest.scalar_subquery())
        .offset(0)  # first these few, then where they stand: no database knows better
        .subquery()
    )
    still = (
        select(callout.c.id)
        .join(broadcast, broadcast.c.id == callout.c.broadcast_id)
        .where(callout.c.id == theirs.c.callout_id, _is_due(broadcast_ids, now))
        .where(or_(theirs.c.ahead.is_(None), theirs.c.ahead != callout.c.step))
    )
    rows = select(theirs).where(still.exists()).order_by(theirs.c.id)
    found = [Candidate._make(row) for row in tx.execute(rows, {"ids": phones})]
    asked = tx.execute(_BY_ID, {"ids": {one.callout_id for one in found}})
    callouts = {one.id: one for one in (Callout(*row) for row in asked)}
    return [(one, callouts[one.callout_id]) for one in found]


def rungs_left(tx: Tx, callout_ids: Collection[int], rungs: int) -> dict[int, int]:
    """Return for each callout at which of its rungs somebody is left to tell; bit i is rung i."""
    bits = [func.max(respondent.c.rungs.op("&")(1 << rung)) for rung in range(rungs)]
    rows = (
        select(respondent.c.callout_id, *bits)
        .where(among(respondent.c.callout_id), ~_HAS_ANSWERED)
        .group_by(respondent.c.callout_id)
    )
    found = tx.execute(rows, {"ids": callout_ids})
    return {callout_id: sum(left) for callout_id, *left in found}


def start_rung(tx: Tx, steps: Iterable[tuple[Callout, Step, datetime]]) -> None:
    """Write for each callout which rung runs now, or is repeated, and when its next step is due.

    A callout that changed since it was read (its step token is another) is left alone.
    """
    alike: dict[tuple[int, int | None, int, datetime], list[int]] = {}
    for one, step, next_at in steps:
        alike.setdefault((one.step, step.rung, step.repeat, next_at), []).append(one.id)
    for (at, rung, repeat, next_at), ids in alike.items():
        asked = {"b_step": at, "b_rung": rung, "b_repeat": repeat, "b_next": next_at, "ids": ids}
        tx.execute(_START_RUNG, asked)


def tell_ahead(tx: Tx, steps: Mapping[int, int]) -> None:
    """Write which respondents (id -> step of the callout) are told before their callout climbs."""
    rows = [{"b_id": one, "b_step": step} for one, step in steps.items()]
    if rows:
        tx.execute(_TELL_AHEAD, rows)


def _is_due(broadcast_ids: Sequence[int], now: datetime) -> ColumnElement[bool]:
    return and_(
        callout.c.broadcast_id.in_(broadcast_ids),
        callout.c.state == CalloutState.OPEN,
        callout.c.next_step_at <= now,
        broadcast.c.state == BroadcastState.RUNNING,
    )


# Made once: making a statement costs as much as running it, and these are asked all the time.
_DUE_BROADCASTS = (
    select(broadcast.c.id)
    .join(callout, broadcast.c.id == callout.c.broadcast_id)
    .where(callout.c.state == CalloutState.OPEN, callout.c.next_step_at <= bindparam("now"))
    .where(broadcast.c.state == BroadcastState.RUNNING)
    .order_by(broadcast.c.id)
    .distinct()
)
_HAS_ANSWERED = exists().where(acknowledgement.c.respondent_id == respondent.c.id)
_CANDIDATES = (
    select(
        respondent.c.id,
        respondent.c.callout_id,
        respondent.c.person_id,
        respondent.c.rungs,
        respondent.c.ahead,
        person.c.phone_index,
        person.c.languages.label("language"),
        person.c.prefers,
    )
    .join(person, person.c.id == respondent.c.person_id)
    .where(~_HAS_ANSWERED)
)
_BY_ID = select(*columns(Callout, callout)).where(among(callout.c.id))
_OF_CALLOUTS = _CANDIDATES.where(among_many(respondent.c.callout_id)).order_by(respondent.c.id)
_START_RUNG = (
    update(callout)
    .where(
        among(callout.c.id),
        callout.c.step == bindparam("b_step"),
        callout.c.state == CalloutState.OPEN,
    )
    .values(
        rung=bindparam("b_rung"),
        repeat=bindparam("b_repeat"),
        step=callout.c.step + 1,
        next_step_at=bindparam("b_next"),
    )
)
_TELL_AHEAD = (
    update(respondent).where(respondent.c.id == bindparam("b_id")).values(ahead=bindparam("b_step"))
)
