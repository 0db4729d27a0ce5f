"""Ladders that are due: a part of them is climbed at a time, and told whole, phone by phone."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import (
    ColumnElement,
    and_,
    bindparam,
    case,
    func,
    select,
    update,
)

from alertcast.core.broadcast import BroadcastState
from alertcast.core.callout import CalloutState
from alertcast.store.db import Tx
from alertcast.store.many import among, among_many
from alertcast.store.schema import broadcast, callout, person, respondent
from alertcast.store.tellings import has_not_answered, telling


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


class Climbing(NamedTuple):
    """A callout that is due: what says where it goes next."""

    id: int
    broadcast_id: int
    level: str | None
    policy: str
    rung: int
    repeat: int
    step: int


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
) -> list[Climbing]:
    """Return and lock those of the callouts `ids` whose next step is due now."""
    rows = (
        select(*_CLIMBING)
        .join(broadcast, broadcast.c.id == callout.c.broadcast_id)
        .where(among_many(callout.c.id), _is_due(broadcast_ids, now))
        .order_by(callout.c.id)
        .with_for_update(of=callout, skip_locked=True)
    )
    return [Climbing(*row) for row in tx.execute(rows, {"ids": ids}).all()]


def candidates(tx: Tx, callout_ids: Collection[int]) -> dict[int, list[Candidate]]:
    """Return the candidates of each callout."""
    found: dict[int, list[Candidate]] = {}
    for row in tx.execute(_OF_CALLOUTS, {"ids": callout_ids}):
        one = Candidate._make(row)
        found.setdefault(one.callout_id, []).append(one)
    return found


def elsewhere(
    tx: Tx, broadcast_ids: Sequence[int], now: datetime
) -> list[tuple[Candidate, Climbing]]:
    """Return the candidates of all callouts that are due on phones that are to be told anyway.

    Those who were told ahead are left out.
    """
    others = tx.execute(_ELSEWHERE, {"broadcasts": broadcast_ids}).all()
    if not others:
        return []
    # Two statements: where one asked for both, PostgreSQL looked for them anew for each callout.
    rows = (
        select(*_CLIMBING)
        .join(broadcast, broadcast.c.id == callout.c.broadcast_id)
        .where(among_many(callout.c.id), _is_due(broadcast_ids, now))
    )
    asked = tx.execute(rows, {"ids": sorted({one.callout_id for one in others})})
    callouts = {row.id: Climbing(*row) for row in asked}
    still = [
        one.id
        for one in others
        if one.callout_id in callouts and one.ahead != callouts[one.callout_id].step
    ]
    found = [Candidate._make(row) for row in tx.execute(_BY_RESPONDENT, {"ids": still})]
    return [(one, callouts[one.callout_id]) for one in found]


def rungs_left(tx: Tx, callout_ids: Collection[int]) -> dict[int, int]:
    """Return for each callout at which of its rungs somebody is left to tell; bit i is rung i."""
    found: dict[int, int] = {}
    for callout_id, rungs in tx.execute(_RUNGS, {"ids": callout_ids}).all():
        found[callout_id] = found.get(callout_id, 0) | rungs
    return found


def start_rung(tx: Tx, steps: Iterable[tuple[Climbing, int, int, datetime]]) -> None:
    """Write for each callout which rung runs now, its repeat, and when its next step is due.

    A callout that changed since it was read (its step token is another) is left alone.
    """
    alike: dict[tuple[int, int, int, datetime], list[int]] = {}
    for one, rung, repeat, next_at in steps:
        alike.setdefault((one.step, rung, repeat, next_at), []).append(one.id)
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


_CLIMBING = [callout.c[name] for name in Climbing._fields]
# Made once: making a statement costs as much as running it, and these are asked all the time.
_DUE_BROADCASTS = (
    select(broadcast.c.id)
    .join(callout, broadcast.c.id == callout.c.broadcast_id)
    .where(callout.c.state == CalloutState.OPEN, callout.c.next_step_at <= bindparam("now"))
    .where(broadcast.c.state == BroadcastState.RUNNING)
    .order_by(broadcast.c.id)
    .distinct()
)
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
    .where(has_not_answered())
)
_RUNGS = (
    select(respondent.c.callout_id, respondent.c.rungs)
    .where(among_many(respondent.c.callout_id), has_not_answered())
    .distinct()
)
_OWNER = person.alias()
_OLDEST = select(func.min(callout.c.id)).where(among(callout.c.broadcast_id, "broadcasts"))
_ELSEWHERE = (
    select(respondent.c.id, respondent.c.callout_id, respondent.c.ahead)
    .select_from(telling)
    .join(_OWNER, _OWNER.c.phone_index == telling.c.phone_index)
    .join(respondent, respondent.c.person_id == _OWNER.c.id)
    .where(respondent.c.callout_id >= _OLDEST.scalar_subquery())
    .where(respondent.c.callout_id != telling.c.callout_id)
    .distinct()
)
_BY_RESPONDENT = _CANDIDATES.where(among_many(respondent.c.id)).order_by(respondent.c.id)
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
