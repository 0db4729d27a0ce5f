"""Attempts: each request about to leave, or made, to a provider; never overwritten by the next."""

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update

from alertcast.core.task import ATTEMPT_RANK, FINAL_TASKS, Attempt, AttemptState, TaskState
from alertcast.store.db import Tx
from alertcast.store.rows import chunks, new_id, value
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

# Made once: these are asked for every receipt, and making a statement costs as much as running it.
_BY_TOKEN = select(attempt).where(attempt.c.token == bindparam("token")).with_for_update()
_BY_REF = (
    select(attempt)
    .where(
        attempt.c.channel == bindparam("channel"),
        attempt.c.provider_ref == bindparam("provider_ref"),
    )
    .with_for_update()
)
_BY_TOKENS = (
    select(attempt)
    .where(attempt.c.token.in_(bindparam("tokens", expanding=True)))
    .order_by(attempt.c.id)
    .with_for_update()
)
_LAST_IDS = (
    select(attempt.c.task_id, func.max(attempt.c.id))
    .where(attempt.c.task_id.in_(bindparam("task_ids", expanding=True)))
    .group_by(attempt.c.task_id)
)
_MOVE = (
    update(attempt)
    .where(attempt.c.id == bindparam("b_id"))
    .values(
        {
            name: bindparam(f"b_{name}")
            for name in ("state", "rank", "code", "reason", "provider_ref", "settled_at")
        }
    )
)
_LATELY = (
    select(task.c.phone_index, attempt.c.requested_at)
    .join(task, task.c.id == attempt.c.task_id)
    .where(
        task.c.phone_index.in_(bindparam("phones", expanding=True)),
        task.c.kind == bindparam("kind"),
        attempt.c.requested_at > bindparam("since"),
        attempt.c.state.notin_(NEVER_LEFT),
    )
    .order_by(attempt.c.requested_at)
)
_LEAVING = select(func.count()).where(
    attempt.c.state == AttemptState.LEAVING, attempt.c.channel == bindparam("channel")
)
_LATEST = (
    select(attempt)
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
        row = tx.execute(_BY_TOKEN, {"token": token}).mappings().first()
    elif provider_ref:
        named = {"channel": channel, "provider_ref": provider_ref}
        row = tx.execute(_BY_REF, named).mappings().first()
    else:
        return None
    return None if row is None else _attempt(row)


def with_tokens(tx: Tx, tokens: Iterable[str]) -> dict[str, Attempt]:
    """Return, locked in the order of their ids, the attempts with these tokens, by token."""
    found: dict[str, Attempt] = {}
    for chunk in chunks(sorted(set(tokens))):
        for row in tx.execute(_BY_TOKENS, {"tokens": chunk}).mappings():
            found[row["token"]] = _attempt(row)
    return found


def last_ids(tx: Tx, task_ids: Iterable[int]) -> dict[int, int]:
    """Return the id of the last attempt of each task."""
    found: dict[int, int] = {}
    for chunk in chunks(sorted(set(task_ids))):
        rows = tx.execute(_LAST_IDS, {"task_ids": chunk})
        found |= {int(task_id): int(last) for task_id, last in rows}
    return found


def move(tx: Tx, moved: Iterable[Attempt]) -> None:
    """Write where these attempts stand now."""
    rows = [
        {
            "b_id": one.id,
            "b_state": one.state,
            "b_rank": one.rank,
            "b_code": one.code,
            "b_reason": one.reason,
            "b_provider_ref": one.provider_ref,
            "b_settled_at": one.settled_at,
        }
        for one in moved
    ]
    if rows:
        tx.execute(_MOVE, rows)


def latest(tx: Tx, task_id: int) -> Attempt | None:
    """Return the last attempt of a task, locked."""
    row = tx.execute(_LATEST, {"task_id": task_id}).mappings().first()
    return None if row is None else _attempt(row)


def of_task(tx: Tx, task_id: int) -> list[Attempt]:
    """Return the attempts of a task, first to last."""
    rows = select(attempt).where(attempt.c.task_id == task_id).order_by(attempt.c.n)
    return [_attempt(row) for row in tx.execute(rows).mappings()]


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
    for chunk in chunks(sorted(set(phones))):
        asked = {"phones": chunk, "kind": kind, "since": since}
        for phone, at in tx.execute(_LATELY, asked):
            found.setdefault(phone, []).append(at)
    return found


def leaving(tx: Tx, channel: str) -> int:
    """Return how many requests to a channel are about to leave, or have no answer yet."""
    return int(tx.execute(_LEAVING, {"channel": channel}).scalar_one())


def change(tx: Tx, attempt_id: int, **values: object) -> None:
    """Write what is now known of an attempt."""
    tx.execute(update(attempt).where(attempt.c.id == attempt_id).values(**values))


def unsure(tx: Tx, real_before: datetime, limit: int = 100) -> list[Attempt]:
    """Return the attempts of unknown outcome claimed before `real_before`.

    First those that were never asked about, then the one whose question is the longest ago.
    """
    rows = (
        select(attempt)
        .where(attempt.c.state == AttemptState.UNKNOWN, attempt.c.requested_real <= real_before)
        .order_by(attempt.c.asked_at.asc().nulls_first(), attempt.c.id)
        .limit(limit)
    )
    return [_attempt(row) for row in tx.execute(rows).mappings()]


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


def silent(tx: Tx, before: datetime, real_before: datetime, limit: int = 100) -> list[Attempt]:
    """Return unfinished attempts of which the provider has told no end, the longest silent first.

    Made, and last asked about, before `before`; made before `real_before` in real time.
    """
    heard = func.coalesce(attempt.c.asked_at, attempt.c.requested_at)
    waiting = (AttemptState.ACCEPTED, AttemptState.SENT, AttemptState.CONNECTED)
    rows = (
        select(attempt)
        .join(task, task.c.id == attempt.c.task_id)
        .where(attempt.c.state.in_(waiting), attempt.c.provider_ref.is_not(None))
        .where(heard <= before, attempt.c.requested_real <= real_before)
        .where(task.c.state.notin_(FINAL_TASKS), task.c.state != TaskState.LEAVING)
        .order_by(heard, attempt.c.id)
        .limit(limit)
    )
    return [_attempt(row) for row in tx.execute(rows).mappings()]


def _attempt(row: Mapping[Any, Any]) -> Attempt:
    return value(Attempt, row, state=AttemptState(row["state"]))
