"""Steps that several schedulers must not do at the same moment take turns, for one transaction.

On PostgreSQL a turn is an advisory lock: it ends with the transaction, and a process that stands
still in the middle of one loses it (see `Database`). On SQLite writers take turns anyway.
"""

from collections.abc import Iterable
from hashlib import sha256

from sqlalchemy import text

from alertcast.store.db import Tx

_TAKE = text("SELECT pg_advisory_xact_lock(:key)")
_TRY = text("SELECT pg_try_advisory_xact_lock(:key)")
_HOLD = text("SELECT pg_advisory_xact_lock_shared(:key)")


def take(tx: Tx, step: str) -> None:
    """Wait until nobody else does `step`; to take the same turn twice changes nothing."""
    if tx.dialect.name == "postgresql":
        tx.execute(_TAKE, {"key": _key(step)})


def is_free(tx: Tx, step: str) -> bool:
    """Take the turn if nobody else does `step` at this moment; say whether it was taken."""
    if tx.dialect.name != "postgresql":
        return True
    return bool(tx.execute(_TRY, {"key": _key(step)}).scalar_one())


def hold(tx: Tx, step: str, ids: Iterable[int]) -> None:
    """Let nobody do `step` to any of these before this transaction has ended; many may hold."""
    for one in sorted(ids):
        tx.execute(_HOLD, {"key": _key(f"{step} {one}")})


def is_unheld(tx: Tx, step: str, one: int) -> bool:
    """Take the turn to do `step` to `one` if nobody holds it; say whether it was taken."""
    return is_free(tx, f"{step} {one}")


def _key(step: str) -> int:
    digest = sha256(f"alertcast {step}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
