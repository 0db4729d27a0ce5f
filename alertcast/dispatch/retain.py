"""What is kept too long goes, kind by kind and piece by piece; never while a broadcast runs.

What went is counted in the audit, in the transaction in which it went. Killed at any moment, or run
twice, nothing is removed that was not due.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog

from alertcast.dispatch.world import World
from alertcast.store import audit, retention, turns
from alertcast.store.db import Tx

log = structlog.get_logger()

REAL = frozenset({"api_keys", "link_guesses"})
"""Kinds that are dated by real time."""


def due(world: World, now: datetime) -> dict[str, int]:
    """Return how much of each kind would go at this moment; kinds that are kept are left out."""
    with world.db.read() as tx:
        limits = _limits(world, tx, now)
        return {kind: retention.count(tx, kind, before) for kind, before in limits.items()}


def retain(world: World, now: datetime, user: str = "scheduler") -> Mapping[str, int] | None:
    """Remove what is kept too long; return how much of each kind went, None: a broadcast runs."""
    removed: dict[str, int] = {}
    with world.db.read() as tx:
        limits = _limits(world, tx, now)
    for kind, before in limits.items():
        while (gone := _piece(world, kind, before, now, user)) is not None:
            removed[kind] = removed.get(kind, 0) + gone
            if gone < retention.PIECE:
                break
        if gone is None:  # one began meanwhile: the rest waits
            return None if not any(removed.values()) else removed
    log.info("retention", **removed)
    return removed


def is_at_work(world: World) -> bool:
    """Say whether a broadcast runs, is about to, or waits for a human."""
    with world.db.read() as tx:
        return retention.is_at_work(tx)


def _piece(world: World, kind: str, before: datetime, now: datetime, user: str) -> int | None:
    with world.db.write() as tx:
        turns.take(tx, "decide")  # nobody begins a broadcast meanwhile
        if retention.is_at_work(tx):
            return None
        gone = retention.remove(tx, world.db.vault, kind, before)
        if gone:
            audit.record(tx, user, "retention", kind, now, removed=gone, before=before.isoformat())
    return gone


def _limits(world: World, tx: Tx, now: datetime) -> dict[str, datetime]:
    """Return for each kind that is not kept for ever before when it must have ended to go."""
    section, real_now = world.config.main.retention, world.db.real_now(tx)
    days = {kind: getattr(section, kind) for kind in retention.KINDS}
    return {
        kind: (real_now if kind in REAL else now) - timedelta(days=number)
        for kind, number in days.items()
        if number
    }
