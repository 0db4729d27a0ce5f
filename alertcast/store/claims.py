"""A batch is claimed: attempts, leases and frozen texts of many tasks in a few statements."""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, insert, literal, null, select, update

from alertcast.core.task import ATTEMPT_RANK, Attempt, AttemptState, TaskState
from alertcast.core.wording import Place
from alertcast.store.crypto import Vault
from alertcast.store.db import Tx
from alertcast.store.many import among, given
from alertcast.store.schema import (
    attempt,
    callout,
    grid,
    respondent,
    task,
    task_grid,
    task_respondent,
)


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """A final text and the values that filled it; several messages may share them."""

    text: str
    slots: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Leaving:
    """A task about to leave on a channel."""

    task_id: int
    channel: str
    words: Words | None = None  # its final words; None: they were frozen at an earlier attempt
    ref_bytes: int | None = None  # longest token its provider can carry; None: any


def claim(
    tx: Tx,
    vault: Vault,
    batch: Sequence[Leaving],
    *,
    now: datetime,
    real_now: datetime,
    until: datetime,
) -> tuple[list[Attempt], str]:
    """Write an attempt for each task, freeze its words, and lease it until `until` (real time).

    Return the attempts, and the fencing token of the lease.
    """
    if not batch:
        return [], ""
    leaving = [
        (one.task_id, one.channel, token[: one.ref_bytes])
        for one, token in zip(batch, _tokens(len(batch)), strict=True)
    ]
    asked = {"leaving": leaving, "requested_at": now, "requested_real": real_now}
    written = {row.token: row for row in tx.execute(_BEGIN, asked).all()}
    sealed = {words: _sealed(vault, words) for words in {one.words for one in batch}}
    frozen = [(one.task_id, *sealed[one.words]) for one in batch]
    lease = secrets.token_hex(16)
    tx.execute(_LEASE, {"frozen": frozen, "lease": lease, "until": until})
    state, rank = AttemptState.LEAVING, ATTEMPT_RANK[AttemptState.LEAVING]
    made = [
        Attempt(
            written[token].id,
            task_id,
            written[token].n,
            channel,
            token,
            state,
            rank,
            now,
            real_now,
        )
        for task_id, channel, token in leaving
    ]
    return made, lease


def places(tx: Tx, task_ids: Sequence[int]) -> dict[int, list[Place]]:
    """Return the places each task is about, by the callouts it serves, else by its own grids."""
    found: dict[int, list[Place]] = {}
    for task_id, *named in tx.execute(_PLACES, {"ids": task_ids}).all():
        found.setdefault(task_id, []).append(Place(*named))
    if alone := [one for one in task_ids if one not in found]:
        for task_id, *named in tx.execute(_OWN_PLACES, {"ids": alone}).all():
            found.setdefault(task_id, []).append(Place(*named))
    return found


_NAMED = (grid.c.name, grid.c.town, grid.c.county)
_PLACES = (
    select(task_respondent.c.task_id, *_NAMED, callout.c.level, grid.c.id)
    .join(respondent, respondent.c.id == task_respondent.c.respondent_id)
    .join(callout, callout.c.id == respondent.c.callout_id)
    .join(grid, grid.c.id == callout.c.grid_id)
    .where(among(task_respondent.c.task_id, "ids"))
    .order_by(task_respondent.c.task_id, callout.c.grid_code)
)
_OWN_PLACES = (
    select(task_grid.c.task_id, *_NAMED, null(), grid.c.id)
    .join(grid, grid.c.id == task_grid.c.grid_id)
    .where(among(task_grid.c.task_id, "ids"))
    .order_by(task_grid.c.task_id, grid.c.code)
)
_LEAVING = given("leaving", attempt.c.task_id, attempt.c.channel, attempt.c.token)
_EARLIER = attempt.alias()
_BEGIN = (
    insert(attempt)
    .from_select(
        ["task_id", "n", "channel", "token", "state", "rank", "requested_at", "requested_real"],
        select(
            _LEAVING.c.task_id,
            select(func.coalesce(func.max(_EARLIER.c.n), 0) + 1)
            .where(_EARLIER.c.task_id == _LEAVING.c.task_id)
            .scalar_subquery(),
            _LEAVING.c.channel,
            _LEAVING.c.token,
            literal(AttemptState.LEAVING, attempt.c.state.type),
            literal(ATTEMPT_RANK[AttemptState.LEAVING]),
            bindparam("requested_at", type_=attempt.c.requested_at.type),
            bindparam("requested_real", type_=attempt.c.requested_real.type),
        ),
    )
    .returning(attempt.c.token, attempt.c.id, attempt.c.n)
)
_FROZEN = given("frozen", task.c.id, task.c.text, task.c.slots)
_LEASE = (
    update(task)
    .where(task.c.id == _FROZEN.c.id)
    .values(
        state=TaskState.LEAVING,
        text=func.coalesce(task.c.text, _FROZEN.c.text),
        slots=func.coalesce(task.c.slots, _FROZEN.c.slots),
        lease_token=bindparam("lease"),
        lease_until=bindparam("until"),
        tries=task.c.tries + 1,
    )
)


def _sealed(vault: Vault, words: Words | None) -> tuple[str | None, str | None]:
    """Return text and values as they are written: sealed, in hexadecimal digits."""
    if words is None:
        return None, None
    return vault.seal(words.text).hex(), vault.seal(
        json.dumps(dict(words.slots), ensure_ascii=False)
    ).hex()


def _tokens(number: int) -> list[str]:
    """Return fresh tokens of 24 characters; a provider may take less of each.

    The reference that a provider sends back is the token itself, so that a receipt finds its
    attempt by the token's own unique index; 12 characters still hold 72 random bits, and of two
    equal ones the database refuses the second, whose claim is made again.
    """
    drawn = secrets.token_urlsafe(18 * number)
    return [drawn[at : at + 24] for at in range(0, len(drawn), 24)]
