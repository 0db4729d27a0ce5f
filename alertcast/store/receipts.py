"""Receipts: every word a provider sent back, raw and append-only; applied once, in batches."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update

from alertcast.store.crypto import Vault
from alertcast.store.db import Tx
from alertcast.store.rows import chunks
from alertcast.store.schema import receipt


@dataclass(frozen=True, slots=True)
class Arrived:
    """One word of a provider, as it came and as its channel read it."""

    channel: str
    what: str  # the last part of the callback's address, or "polled"
    raw: str
    word: str  # the provider's own word
    rank: int
    state: str | None = None  # channels.events.State; null: not a receipt of a state
    token: str | None = None
    provider_ref: str | None = None
    code: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A receipt that is on disk and has not been applied."""

    id: int
    channel: str
    word: str
    state: str
    token: str | None
    provider_ref: str | None
    code: str | None
    reason: str | None


def keep(
    tx: Tx,
    vault: Vault,
    arrived: Iterable[Arrived],
    now: datetime,
    *,
    effect: str | None = None,
    attempt_id: int | None = None,
) -> None:
    """Keep what came. Without `effect` it is applied later, see `waiting`."""
    tx.execute(
        _KEEP,
        [
            {
                "attempt_id": attempt_id,
                "channel": one.channel,
                "what": one.what,
                "raw": vault.seal(one.raw),
                "word": one.word[:64],
                "rank": one.rank,
                "received_at": now,
                "token": one.token,
                "provider_ref": one.provider_ref,
                "state": one.state,
                "code": one.code,
                "reason": one.reason,
                "effect": effect,
            }
            for one in arrived
        ],
    )


def waiting(tx: Tx, limit: int) -> list[Kept]:
    """Return and lock the receipts that are not applied yet, in the order they came."""
    return [Kept(**row) for row in tx.execute(_WAITING, {"most": limit}).mappings()]


def is_any_waiting(tx: Tx) -> bool:
    """Say whether any receipt is not applied yet, locking nothing."""
    return tx.execute(_ANY_WAITING).first() is not None


def how_many_wait(tx: Tx) -> int:
    """Return how many receipts are not applied yet."""
    return int(tx.execute(_HOW_MANY).scalar_one())


def applied(tx: Tx, effects: Sequence[tuple[int, int | None, str]]) -> None:
    """Write for each receipt (its id) to which attempt it belongs and what it changed."""
    tx.execute(
        _APPLIED,
        [
            {"b_id": receipt_id, "b_attempt": attempt_id, "b_effect": effect}
            for receipt_id, attempt_id, effect in effects
        ],
    )


def of_attempts(tx: Tx, attempt_ids: Sequence[int]) -> list[Mapping[Any, Any]]:
    """Return the rows of the receipts of these attempts, in the order they came."""
    found: list[Mapping[Any, Any]] = []
    for chunk in chunks(attempt_ids):
        rows = select(receipt).where(receipt.c.attempt_id.in_(chunk)).order_by(receipt.c.id)
        found += tx.execute(rows).mappings().all()
    return found


# Made once: making a statement costs as much as running it, and these are run all the time.
_KEEP = insert(receipt)
_NOT_APPLIED = receipt.c.effect.is_(None)
_WAITING = (
    select(
        receipt.c.id,
        receipt.c.channel,
        receipt.c.word,
        receipt.c.state,
        receipt.c.token,
        receipt.c.provider_ref,
        receipt.c.code,
        receipt.c.reason,
    )
    .where(_NOT_APPLIED)
    .order_by(receipt.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_ANY_WAITING = select(receipt.c.id).where(_NOT_APPLIED).limit(1)
_HOW_MANY = select(func.count()).where(_NOT_APPLIED)
_APPLIED = (
    update(receipt)
    .where(receipt.c.id == bindparam("b_id"))
    .values(attempt_id=bindparam("b_attempt"), effect=bindparam("b_effect"))
)
