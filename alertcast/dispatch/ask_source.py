"""A source is asked now, by hand; never more often than its publisher bears."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from alertcast.dispatch import ingest
from alertcast.dispatch.ingest import Taken
from alertcast.dispatch.world import World
from alertcast.sources.base import Source
from alertcast.store import audit, source_states

LEAST = timedelta(seconds=10)
"""Time between two polls of a source, whoever asks for them."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a poll brought, or how long to wait instead (real time)."""

    taken: Taken | None
    wait: timedelta = timedelta(0)


def ask_source(world: World, source: Source, every: timedelta, user: str, now: datetime) -> Asked:
    """Poll a source once unless it rests or was just polled; recorded."""
    with world.db.write() as tx:
        if wait := _wait(source_states.of(tx, source.name), now, world.db.real_now(tx)):
            return Asked(None, wait)
        audit.record(tx, user, "poll_source", f"source:{source.name}", now)
    found = ingest.poll_in_turn(world, source, now, min(every, LEAST))
    return Asked(None, found) if isinstance(found, timedelta) else Asked(found)


def _wait(state: source_states.State | None, now: datetime, real_now: datetime) -> timedelta:
    if state is None:
        return timedelta(0)
    rests = state.rests_until - real_now if state.rests_until else timedelta(0)
    polled = state.polled_at + LEAST - now if state.polled_at <= now else timedelta(0)
    return max(rests, polled, timedelta(0))
