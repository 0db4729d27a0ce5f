"""A batch is claimed: attempts, leases and frozen texts of many tasks in a few statements."""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, insert, select, update

from alertcast.core.task import ATTEMPT_RANK, Attempt, AttemptState, TaskState
from alertcast.core.wording import Place
from alertcast.store.crypto import Vault
from alertcast.store.db import Tx
from alertcast.store.rows import chunks
from alertcast.store.schema import attempt, callout, grid, respondent, task, task_respondent


@dataclass(frozen=True, slots=True)
class Leaving:
    """A task about to leave on a channel, with its final text."""

    task_id: int
    channel: str
    text: str
    slots: Mapping[str, str] | None = None  # the values that filled it, for approved templates
    ref_bytes: int | None = None  # longest token its provider can carry; None: any


@dataclass(frozen=True, slots=True)
class Leased:
    """The attempt that was written, and the fencing token of its lease."""

    attempt: Attempt
    lease: str


def claim(
    tx: Tx,
    vault: Vault,
    batch: Sequence[Leaving],
    *,
    now: datetime,
    real_now: datetime,
    until: datetime,
) -> list[Leased]:
    """Write an attempt for each task, freeze its text, and lease it until `until` (real time)."""
    if not batch:
        return []
    numbers = _attempts_so_far(tx, [one.task_id for one in batch])
    shared = {
        "state": AttemptState.LEAVING,
        "rank": ATTEMPT_RANK[AttemptState.LEAVING],
        "requested_at": now,
        "requested_real": real_now,
    }
    rows = [
        shared
        | {
            "task_id": one.task_id,
            "n": numbers.get(one.task_id, 0) + 1,
            "channel": one.channel,
            "token": _token(one.ref_bytes),
        }
        for one in batch
    ]
    tx.execute(insert(attempt), rows)
    tokens = [str(row["token"]) for row in rows]
    found = select(attempt.c.token, attempt.c.id).where(attempt.c.token.in_(tokens))
    ids = {row.token: row.id for row in tx.execute(found)}
    leases = [secrets.token_hex(16) for _ in batch]
    tx.execute(
        _LEASE,
        [
            {
                "b_id": one.task_id,
                "b_text": vault.seal(one.text),
                "b_slots": None if one.slots is None else vault.seal(json.dumps(dict(one.slots))),
                "b_lease": lease,
                "b_until": until,
            }
            for one, lease in zip(batch, leases, strict=True)
        ],
    )
    return [
        Leased(Attempt(id=ids[str(row["token"])], **row), lease)  # type: ignore[arg-type]
        for row, lease in zip(rows, leases, strict=True)
    ]


def texts(tx: Tx, vault: Vault, task_ids: Sequence[int]) -> dict[int, str]:
    """Return the texts that are frozen already."""
    rows = select(task.c.id, task.c.text).where(task.c.id.in_(task_ids), task.c.text.is_not(None))
    return {row.id: vault.open(row.text) for row in tx.execute(rows)}


def slots(tx: Tx, vault: Vault, task_ids: Sequence[int]) -> dict[int, Mapping[str, str]]:
    """Return the values that filled the texts that are frozen already."""
    rows = select(task.c.id, task.c.slots).where(task.c.id.in_(task_ids), task.c.slots.is_not(None))
    return {row.id: json.loads(vault.open(row.slots)) for row in tx.execute(rows)}


def places(tx: Tx, task_ids: Sequence[int]) -> dict[int, list[Place]]:
    """Return the places each task is about, by the callouts it serves."""
    found: dict[int, list[Place]] = {}
    for chunk in chunks(task_ids):
        rows = (
            select(
                task_respondent.c.task_id, grid.c.name, grid.c.town, grid.c.county, callout.c.level
            )
            .join(respondent, respondent.c.id == task_respondent.c.respondent_id)
            .join(callout, callout.c.id == respondent.c.callout_id)
            .join(grid, grid.c.id == callout.c.grid_id)
            .where(task_respondent.c.task_id.in_(chunk))
            .order_by(task_respondent.c.task_id, callout.c.grid_code)
        )
        for row in tx.execute(rows):
            place = Place(row.name, row.town, row.county, row.level)
            found.setdefault(row.task_id, []).append(place)
    return found


_LEASE = (
    update(task)
    .where(task.c.id == bindparam("b_id"))
    .values(
        state=TaskState.LEAVING,
        text=func.coalesce(task.c.text, bindparam("b_text")),
        slots=func.coalesce(task.c.slots, bindparam("b_slots")),
        lease_token=bindparam("b_lease"),
        lease_until=bindparam("b_until"),
        tries=task.c.tries + 1,
    )
)


def _token(longest: int | None) -> str:
    """Return a fresh token of 24 characters, or as many as the provider takes.

    The reference that a provider sends back is the token itself, so that a receipt finds its
    attempt by the token's own unique index; 12 characters still hold 72 random bits, and of two
    equal ones the database refuses the second, whose claim is made again.
    """
    return secrets.token_urlsafe(18)[:longest]


def _attempts_so_far(tx: Tx, task_ids: Sequence[int]) -> dict[int, int]:
    rows = select(attempt.c.task_id, func.max(attempt.c.n)).where(attempt.c.task_id.in_(task_ids))
    found = tx.execute(rows.group_by(attempt.c.task_id))
    return {int(task_id): int(n) for task_id, n in found}
