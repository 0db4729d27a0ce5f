"""Every message that was to leave, and what we believe became of it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from alertcast.core.callout import ANSWERS
from alertcast.core.task import AttemptState, TaskState
from alertcast.store.crypto import Vault
from alertcast.store.db import Tx
from alertcast.store.pulled import KEY
from alertcast.store.schema import (
    attempt,
    callout,
    person,
    receipt,
    respondent,
    task,
    task_respondent,
)


@dataclass(frozen=True, slots=True)
class Tried:
    """One request as our own record has it."""

    state: AttemptState
    provider_ref: str | None
    requested_at: datetime
    pressed_at: datetime | None  # a key answered in it, or in the call back to it


@dataclass(frozen=True, slots=True)
class PlannedMessage:
    """One task: a phone that was to be told once."""

    task_id: int
    broadcast_id: int
    kind: str
    state: TaskState
    phone: str  # E.164
    tried: tuple[Tried, ...]


def planned_messages(tx: Tx, vault: Vault) -> list[PlannedMessage]:
    """Return every task with its attempts, oldest first."""
    tried: dict[int, list[Tried]] = {}
    words = [f"{KEY}{one}" for one in sorted(ANSWERS)]  # another key belongs to the menu
    presses = (
        select(receipt.c.attempt_id, func.min(receipt.c.received_at).label("at"))
        .where(receipt.c.what == "keys", receipt.c.word.in_(words))
        .group_by(receipt.c.attempt_id)
        .subquery()
    )
    own = (attempt.c.task_id, attempt.c.state, attempt.c.provider_ref, attempt.c.requested_at)
    pressed = func.coalesce(presses.c.at, attempt.c.settled_at).label("at")
    attempts = (
        select(*own, attempt.c.key, pressed)
        .outerjoin(presses, presses.c.attempt_id == attempt.c.id)
        .order_by(attempt.c.task_id, attempt.c.n)
    )
    for row in tx.execute(attempts):
        pressed_at = row.at if row.key in ANSWERS else None
        one = Tried(AttemptState(row.state), row.provider_ref, row.requested_at, pressed_at)
        tried.setdefault(row.task_id, []).append(one)
    rows = (
        select(task.c.id, task.c.broadcast_id, task.c.kind, task.c.state, person.c.phone)
        .join(person, person.c.id == task.c.person_id)
        .order_by(task.c.id)
    )
    return [
        PlannedMessage(
            row.id,
            row.broadcast_id,
            row.kind,
            TaskState(row.state),
            vault.open(row.phone),
            tuple(tried.get(row.id, ())),
        )
        for row in tx.execute(rows)
    ]


def untold(tx: Tx) -> list[int]:
    """Return the ids of those who belong to a started first rung, and for whom there is no task."""
    told = select(task_respondent.c.task_id).where(
        task_respondent.c.respondent_id == respondent.c.id
    )
    rows = (
        select(respondent.c.id)
        .join(callout, callout.c.id == respondent.c.callout_id)
        .where(callout.c.rung >= 0, respondent.c.rungs.op("&")(1) == 1, ~told.exists())
    )
    return list(tx.execute(rows).scalars())
