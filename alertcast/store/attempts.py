"""Attempts: each request about to leave, or made, to a provider; never overwritten by the next."""

import secrets
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    Update,
    bindparam,
    func,
    insert,
    select,
    update,
)

from alertcast.core.task import (
    ATTEMPT_RANK,
    Attempt,
    AttemptState,
    TaskState,
)
from alertcast.store.db import Tx
from alertcast.store.many import among, given, words
from alertcast.store.rows import chunks, columns, new_id
from alertcast.store.schema import attempt, task

NEVER_LEFT = (
    AttemptState.REFUSED,
    AttemptState.THROTTLED,
    AttemptState.WITHHELD,
    AttemptState.ABSENT,
)
"""Attempts in one of these states have certainly reached nobody."""

FAILED = (AttemptState.FAILED, AttemptState.REFUSED, AttemptState.CANCELLED)
"""Attempts in one of these states show that their channel does not reach the phone."""

COLUMNS = columns(Attempt, attempt)

# Made once: these are asked for every receipt, and making a statement costs as much as running it.
_BY_TOKEN = select(*COLUMNS).where(attempt.c.token == bindparam("token")).with_for_update()
_BY_REF = (
    select(*COLUMNS)
    .where(
        attempt.c.channel == bindparam("channel"),
        attempt.c.provider_ref == bindparam("provider_ref"),
    )
    .with_for_update()
)
_BY_TOKENS = (
    select(*COLUMNS)
    .where(among(attempt.c.token, "tokens"))
    .order_by(attempt.c.id)
    .with_for_update()
)
_LAST_IDS = (
    select(attempt.c.task_id, func.max(attempt.c.id).label("last"))
    .where(among(attempt.c.task_id, "task_ids"))
    .group_by(attempt.c.task_id)
)
_MOVED = given(
    "moved",
    *(
        attempt.c[name]
        for name in ("id", "state", "rank", "code", "reason", "provider_ref", "settled_at")
    ),
)
_MOVE = (
    update(attempt)
    .where(attempt.c.id == _MOVED.c.id)
    .values({one.name: one for one in _MOVED.c if one.name != "id"})
)
_LATELY = (
    select(task.c.phone_index, attempt.c.requested_at)
    .join(task, task.c.id == attempt.c.task_id)
    .where(
        among(task.c.phone_index, "phones"),
        task.c.kind == bindparam("kind"),
        attempt.c.requested_at > bindparam("since"),
        attempt.c.state.notin_(words(*NEVER_LEFT)),
    )
    .order_by(attempt.c.requested_at)
)
_LEAVING = select(func.count()).where(
    attempt.c.state == AttemptState.LEAVING, attempt.c.channel == bindparam("channel")
)
_LEFT_BEHIND = (
    select(attempt.c.id)
    .join(task, task.c.id == attempt.c.task_id)
    .where(attempt.c.state == AttemptState.LEAVING, task.c.state != TaskState.LEAVING)
    .where(attempt.c.requested_real <= bindparam("before"))
)
_ANY_LEFT_BEHIND = _LEFT_BEHIND.limit(1)
_LATEST = (
    select(*COLUMNS)
    .where(attempt.c.task_id == bindparam("task_id"))
    .order_by(attempt.c.n.desc())
    .limit(1)
    .with_for_update()
)


def begin(tx: Tx, task_id: int, channel: str, now: datetime, real_now: datetime) -> Attempt:
    """Write the attempt that is about to leave, with a fresh token."""
    last = select(func.max(attempt.c.n)).where(attempt.c.task_id == task_id)
    n = (tx.execute(last).scalar() or 0) + 1
    values = {
        "task_id": task_id,
        "n": n,
        "channel": channel,
        "token": secrets.token_urlsafe(18),
        "state": AttemptState.LEAVING,
        "rank": ATTEMPT_RANK[AttemptState.LEAVING],
        "requested_at": now,
        "requested_real": real_now,
    }
    attempt_id = new_id(tx.execute(insert(attempt).values(**values)))
    return Attempt(
        id=attempt_id,
        task_id=task_id,
        n=n,
        channel=channel,
        token=str(values["token"]),
        state=AttemptState.LEAVING,
        rank=ATTEMPT_RANK[AttemptState.LEAVING],
        requested_at=now,
        requested_real=real_now,
    )


def find(
    tx: Tx, *, token: str | None = None, channel: str = "", provider_ref: str | None = None
) -> Attempt | None:
    """Return, locked, the attempt with this token, else with this id at the provider."""
    if token:
        row = tx.execute(_BY_TOKEN, {"token": token}).first()
    elif provider_ref:
        named = {"channel": channel, "provider_ref": provider_ref}
        row = tx.execute(_BY_REF, named).first()
    else:
        return None
    return None if row is None else Attempt(*row)


def with_tokens(tx: Tx, tokens: Iterable[str]) -> dict[str, Attempt]:
    """Return, locked in the order of their ids, the attempts with these tokens, by token."""
    rows = tx.execute(_BY_TOKENS, {"tokens": sorted(set(tokens))}).all()
    return {row.token: Attempt(*row) for row in rows}


def last_ids(tx: Tx, task_ids: Iterable[int]) -> dict[int, int]:
    """Return the id of the last attempt of each task."""
    rows = tx.execute(_LAST_IDS, {"task_ids": sorted(set(task_ids))}).all()
    return {row.task_id: row.last for row in rows}


def move(tx: Tx, moved: Iterable[Attempt]) -> None:
    """Write where these attempts stand now."""
    rows = [
        (one.id, one.state, one.rank, one.code, one.reason, one.provider_ref, one.settled_at)
        for one in moved
    ]
    if rows:
        tx.execute(_MOVE, {"moved": rows})


def latest(tx: Tx, task_id: int) -> Attempt | None:
    """Return the last attempt of a task, locked."""
    row = tx.execute(_LATEST, {"task_id": task_id}).first()
    return None if row is None else Attempt(*row)


def of_task(tx: Tx, task_id: int) -> list[Attempt]:
    """Return the attempts of a task, first to last."""
    rows = select(*COLUMNS).where(attempt.c.task_id == task_id).order_by(attempt.c.n)
    return [Attempt(*row) for row in tx.execute(rows)]


def channels_of(tx: Tx, task_ids: Iterable[int]) -> dict[int, frozenset[str]]:
    """Return the channels on which each task was tried and failed."""
    found: dict[int, set[str]] = {}
    for chunk in chunks(sorted(set(task_ids))):
        rows = select(attempt.c.task_id, attempt.c.channel).where(
            attempt.c.task_id.in_(chunk), attempt.c.state.in_(FAILED)
        )
        for task_id, channel in tx.execute(rows):
            found.setdefault(task_id, set()).add(channel)
    return {task_id: frozenset(names) for task_id, names in found.items()}


def lately(tx: Tx, phones: Iterable[str], kind: str, since: datetime) -> dict[str, list[datetime]]:
    """Return when each phone (blind index) was called or texted after `since`, in order."""
    found: dict[str, list[datetime]] = {}
    asked = {"phones": sorted(set(phones)), "kind": kind, "since": since}
    for phone, at in tx.execute(_LATELY, asked):
        found.setdefault(phone, []).append(at)
    return found


def leaving(tx: Tx, channel: str) -> int:
    """Return how many requests to a channel are about to leave, or have no answer yet."""
    return int(tx.execute(_LEAVING, {"channel": channel}).scalar_one())


def is_any_left_behind(tx: Tx, real_before: datetime) -> bool:
    """Say whether a request claimed before `real_before` is leaving whose task is not any more."""
    return tx.execute(_ANY_LEFT_BEHIND, {"before": real_before}).first() is not None


def lose_left_behind(tx: Tx, real_before: datetime) -> int:
    """Let the outcome of such requests be unknown, wherever their tasks stand; return how many."""
    rows = _LEFT_BEHIND.with_for_update(of=attempt, skip_locked=True)
    found = tx.execute(rows, {"before": real_before}).scalars().all()
    lost = {"state": AttemptState.UNKNOWN, "rank": ATTEMPT_RANK[AttemptState.UNKNOWN]}
    for attempt_id in found:
        change(tx, attempt_id, **lost)
    return len(found)


def change(tx: Tx, attempt_id: int, **values: object) -> None:
    """Write what is now known of an attempt."""
    tx.execute(_changing(*values), {**values, "of": attempt_id})


@cache
def _changing(*names: str) -> Update:
    """Return what changes these columns; making it costs more than running it."""
    changed: dict[str, Any] = {name: bindparam(name) for name in names}
    return update(attempt).where(attempt.c.id == bindparam("of")).values(changed)
