"""Corrections: whom a wrong broadcast told, who has no correction yet, whom none has reached."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Subquery, and_, case, exists, func, literal, or_, select, union_all

from alertcast.core.broadcast import BroadcastState, Purpose
from alertcast.core.correction import Told
from alertcast.core.task import AttemptState, TaskState
from alertcast.store.attempts import NEVER_LEFT
from alertcast.store.db import Tx
from alertcast.store.schema import (
    acknowledgement,
    alert,
    attempt,
    broadcast,
    callout,
    person,
    receipt,
    respondent,
    task,
)

KINDS = ("sms", "voice", "robot", "manual")
"""Every way in which somebody can have been told."""

_RUNNING = (
    select(broadcast.c.id)
    .where(broadcast.c.purpose == Purpose.CORRECTION)
    .where(broadcast.c.state == BroadcastState.RUNNING)
    .order_by(broadcast.c.id)
)
_LOST = (TaskState.FAILED, TaskState.UNANSWERED)
_OVER = (*_LOST, TaskState.CANCELLED, TaskState.EXPIRED)


@dataclass(frozen=True, slots=True)
class Missed:
    """A phone that a correction could not reach over any channel."""

    person_id: int
    phone_index: str
    language: str
    reason: str | None  # why the last of its messages failed


def of(tx: Tx, broadcast_id: int) -> int | None:
    """Return the id of the broadcast that corrects this one, if it was corrected."""
    rows = select(broadcast.c.id).where(broadcast.c.corrects_id == broadcast_id)
    return tx.execute(rows.order_by(broadcast.c.id).limit(1)).scalar()


def root(tx: Tx, broadcast_id: int) -> int:
    """Return the broadcast that a chain of corrections began with; itself if it corrects none."""
    found = broadcast_id
    while True:
        rows = select(broadcast.c.corrects_id).where(broadcast.c.id == found)
        before = tx.execute(rows).scalar()
        if before is None:
            return found
        found = int(before)


def running(tx: Tx) -> list[int]:
    """Return the ids of the corrections that may still have somebody to tell, oldest first."""
    return list(tx.execute(_RUNNING).scalars())


def counts(tx: Tx, broadcast_id: int) -> dict[str, int]:
    """Return how many phones were, or may have been, told: in all (`phones`), and by each kind."""
    pairs = _told(broadcast_id)
    rows = select(pairs.c.kind, func.count(func.distinct(pairs.c.phone_index)))
    found = {kind: int(number) for kind, number in tx.execute(rows.group_by(pairs.c.kind))}
    phones = select(func.count(func.distinct(pairs.c.phone_index)))
    return {"phones": int(tx.execute(phones).scalar_one())} | {
        kind: found[kind] for kind in KINDS if kind in found
    }


def untold(tx: Tx, wrong_id: int, correction_id: int, limit: int) -> list[Told]:
    """Return up to `limit` phones that `wrong_id` told, and for which no correction is planned."""
    pairs = _told(wrong_id)
    planned = exists().where(
        task.c.broadcast_id == correction_id, task.c.phone_index == pairs.c.phone_index
    )
    has = [func.max(case((pairs.c.kind == kind, 1), else_=0)) for kind in KINDS]
    rows = (
        select(func.min(pairs.c.person_id), pairs.c.phone_index, func.min(pairs.c.language), *has)
        .where(~planned)
        .group_by(pairs.c.phone_index)
        .order_by(func.min(pairs.c.person_id))
        .limit(limit)
    )
    return [
        Told(
            int(person_id),
            phone,
            language,
            tuple(kind for kind, is_told in zip(KINDS, by, strict=True) if is_told),
        )
        for person_id, phone, language, *by in tx.execute(rows)
    ]


def missed(tx: Tx, correction_id: int, limit: int) -> list[Missed]:
    """Return up to `limit` phones of which every message failed, and that nobody is to dial yet."""
    other = task.alias()
    hopeful = exists().where(
        other.c.broadcast_id == correction_id,
        other.c.phone_index == task.c.phone_index,
        other.c.state.notin_(_OVER),
    )
    rows = (
        select(
            func.min(task.c.person_id),
            task.c.phone_index,
            func.min(task.c.language),
            func.max(task.c.reason),
        )
        .where(task.c.broadcast_id == correction_id, task.c.state.in_(_LOST), ~hopeful)
        .group_by(task.c.phone_index)
        .order_by(func.min(task.c.person_id))
        .limit(limit)
    )
    return [
        Missed(int(person_id), phone, language, reason)
        for person_id, phone, language, reason in tx.execute(rows)
    ]


def holding(tx: Tx, episode_id: int, now: datetime, *, or_ended: bool = False) -> list[int]:
    """Return the ids of an episode's warnings that hold at `now`; `or_ended`: lifted ones too.

    A lifted warning whose time has not run out holds again if lifting it was the mistake.
    """
    standings: Sequence[str] = ("in_force", "ended") if or_ended else ("in_force",)
    rows = (
        select(alert.c.id)
        .where(alert.c.episode_id == episode_id, alert.c.standing.in_(standings))
        .where(alert.c.status == "Actual", alert.c.msg_type.in_(("Alert", "Update")))
        .where(or_(alert.c.expires.is_(None), alert.c.expires > now))
        .order_by(alert.c.sent, alert.c.id)
    )
    return list(tx.execute(rows).scalars())


def _told(broadcast_id: int) -> Subquery:
    """Return (phone_index, person_id, language, kind) of every way in which anybody was told.

    A request that is leaving at this moment, or whose outcome is unknown, may tell; so may one that
    was thought never to have been made, if a receipt of it has come all the same. Whoever an
    officer dialled in vain was not told by that; whoever rang back and was noted down, was.
    """
    by_hand = attempt.c.channel == "manual"
    heard = exists().where(receipt.c.attempt_id == attempt.c.id)
    has_left = or_(attempt.c.state.notin_(NEVER_LEFT), heard)
    sent = (
        select(
            task.c.phone_index,
            task.c.person_id,
            task.c.language,
            case((by_hand, "manual"), else_=task.c.kind).label("kind"),
        )
        .join(attempt, attempt.c.task_id == func.coalesce(task.c.joined_to, task.c.id))
        .where(task.c.broadcast_id == broadcast_id, task.c.purpose != "help")
        .where(
            or_(
                and_(by_hand, attempt.c.state == AttemptState.COMPLETED),
                and_(~by_hand, has_left),
            )
        )
    )
    spoken = (
        select(
            person.c.phone_index,
            person.c.id.label("person_id"),
            person.c.languages.label("language"),
            literal("manual").label("kind"),
        )
        .join(respondent, respondent.c.person_id == person.c.id)
        .join(callout, callout.c.id == respondent.c.callout_id)
        .join(acknowledgement, acknowledgement.c.respondent_id == respondent.c.id)
        .where(callout.c.broadcast_id == broadcast_id, acknowledgement.c.via == "spoken")
    )
    return union_all(sent, spoken).subquery()
