"""What would leave if a broadcast began: its phones, and what is queued before it."""

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import func, select

from alertcast.core.broadcast import BroadcastState
from alertcast.core.task import TaskState
from alertcast.store.db import Tx
from alertcast.store.many import among
from alertcast.store.schema import broadcast, person, respondent, task


def phones_at(tx: Tx, callout_ids: Collection[int], rung: int) -> dict[str, set[str]]:
    """Return the blind indexes of the phones that these callouts tell at a rung.

    By what their people prefer: voice, sms or "".
    """
    rows = (
        select(person.c.prefers, person.c.phone_index)
        .join(respondent, respondent.c.person_id == person.c.id)
        .where(among(respondent.c.callout_id), respondent.c.rungs.op("&")(1 << rung) != 0)
        .distinct()
    )
    found: dict[str, set[str]] = {}
    for prefers, phone in tx.execute(rows, {"ids": callout_ids}):
        found.setdefault(prefers, set()).add(phone)
    return found


class Told(NamedTuple):
    """Somebody who would be told."""

    phone_index: str
    prefers: str  # voice, sms or neither


def people_of(tx: Tx, person_ids: Collection[int]) -> dict[int, Told]:
    """Return each person's phone, and what he prefers."""
    rows = select(person.c.id, person.c.phone_index, person.c.prefers).where(among(person.c.id))
    found = tx.execute(rows, {"ids": person_ids})
    return {int(one): Told(phone, prefers) for one, phone, prefers in found}


def queued_before(tx: Tx, kind: str, mode: str, priority: int) -> int:
    """Return how many messages of a kind are queued that are as urgent as `priority`, or more."""
    rows = (
        select(func.count())
        .select_from(task)
        .join(broadcast, broadcast.c.id == task.c.broadcast_id)
        .where(broadcast.c.state == BroadcastState.RUNNING, broadcast.c.mode == mode)
        .where(task.c.kind == kind, task.c.state == TaskState.QUEUED)
        .where(task.c.priority <= priority, task.c.joined_to.is_(None))
    )
    return int(tx.execute(rows).scalar_one())


class Queued(NamedTuple):
    """Messages of one broadcast that wait, alike in kind and urgency."""

    broadcast_id: int
    mode: str
    kind: str
    priority: int
    messages: int


def queued(tx: Tx) -> list[Queued]:
    """Return what waits to leave, of all broadcasts that run."""
    own = (task.c.broadcast_id, broadcast.c.mode, task.c.kind, task.c.priority)
    rows = (
        select(*own, func.count())
        .join(broadcast, broadcast.c.id == task.c.broadcast_id)
        .where(broadcast.c.state == BroadcastState.RUNNING)
        .where(task.c.state == TaskState.QUEUED, task.c.joined_to.is_(None))
        .group_by(*own)
    )
    return [Queued(*row) for row in tx.execute(rows)]
