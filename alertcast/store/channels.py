"""The shared state of each channel: its token bucket, its pauses, why it is stopped."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from sqlalchemy import insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from alertcast.store.db import Tx
from alertcast.store.schema import channel_state


def take(tx: Tx, name: str, wanted: int, *, rate: float, burst: float, real_now: datetime) -> int:
    """Take up to `wanted` slots from a channel's bucket; return how many there were.

    `rate` is slots per real second, `burst` the most that can be saved up. None while the channel
    is paused or stopped.
    """
    row = _row(tx, name, burst, real_now)
    if row["stopped"] or (row["paused_until"] and row["paused_until"] > real_now):
        return 0
    elapsed = max(0.0, (real_now - row["filled_at"]).total_seconds())
    tokens = min(burst, row["tokens"] + elapsed * rate)
    taken = min(wanted, int(tokens))
    _change(tx, name, tokens=tokens - taken, filled_at=real_now)
    return taken


def pause(tx: Tx, name: str, until: datetime) -> None:
    """Let a channel rest until `until` (real time): its provider asked for it."""
    _change(tx, name, paused_until=until)


def stop(tx: Tx, name: str, reason: str) -> None:
    """Stop a channel until an officer starts it again; its messages are kept."""
    _change(tx, name, stopped=reason)


def start(tx: Tx, name: str) -> None:
    """Let a stopped or paused channel work again; its forged callbacks are counted anew."""
    _change(tx, name, stopped=None, paused_until=None, forged=0)


def resting(tx: Tx, real_now: datetime) -> set[str]:
    """Return the names of the channels that are stopped or paused."""
    rests = or_(channel_state.c.stopped.is_not(None), channel_state.c.paused_until > real_now)
    return set(tx.execute(select(channel_state.c.name).where(rests)).scalars())


def count_forged(tx: Tx, name: str, real_now: datetime) -> None:
    """Count a callback that was refused because its signature was wrong."""
    _row(tx, name, 1.0, real_now)
    _change(tx, name, forged=channel_state.c.forged + 1)


def listed(tx: Tx) -> Sequence[Mapping[Any, Any]]:
    """Return the state of every channel that was ever used."""
    return tx.execute(select(channel_state).order_by(channel_state.c.name)).mappings().all()


def _row(tx: Tx, name: str, burst: float, real_now: datetime) -> Mapping[Any, Any]:
    rows = select(channel_state).where(channel_state.c.name == name).with_for_update()
    row = tx.execute(rows).mappings().first()
    if row is not None:
        return row
    first = insert(channel_state).values(name=name, tokens=burst, filled_at=real_now, forged=0)
    # another process may write it between our two statements: then its row is taken
    with suppress(IntegrityError), tx.begin_nested():
        tx.execute(first)
    return tx.execute(rows).mappings().one()


def _change(tx: Tx, name: str, **values: object) -> None:
    tx.execute(update(channel_state).where(channel_state.c.name == name).values(**values))
