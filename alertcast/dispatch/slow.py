"""A channel that takes messages and reports nothing is avoided for a while, if another can carry.

A provider in trouble often goes on accepting. What it has taken already is not sent again by
another (people would get it twice): the ladder goes on without it. `sent` is a report: some
carriers never say more. Run twice, or by several schedulers, it says the same.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

import structlog

from alertcast.channels.abilities import Reports
from alertcast.channels.base import Channel
from alertcast.dispatch.receive import BATCH
from alertcast.dispatch.world import World
from alertcast.store import channels, receipts
from alertcast.store.unheard import Heard, unheard

log = structlog.get_logger()

WINDOW = timedelta(minutes=10)
"""Product time: how far back is looked."""

SOON = timedelta(minutes=2)
"""Product time in which a message is reported on: at least that it was sent."""

SOON_CALL = timedelta(minutes=4)
"""The same for a call: one whose end alone is reported may ring, and be heard, for so long."""

LEAST = 10
"""Messages below which nothing is concluded."""

SHARE = 0.5
"""The share of them, without any report, at which a channel is slow."""


def avoid_slow(world: World, now: datetime) -> list[str]:
    """Find the channels that are slow to report, and let others carry; return their names."""
    suspects = list(_suspects(world))
    if not suspects:
        return []
    with world.db.read() as tx:
        if receipts.how_many_wait(tx) > BATCH:
            return []  # the delay is ours
        real_now = world.db.real_now(tx)
        moods = channels.moods(tx, real_now)
        away = moods.resting | moods.slow
        found = [
            (one.name, heard)
            for one, others in suspects
            if one.name not in away
            and others - away
            and is_slow(heard := unheard(tx, one.name, now - WINDOW, now - _soon(one)))
        ]
    slow = []
    for name, heard in found:
        with world.db.write() as tx:
            if channels.slow(tx, name, world.db.real_now(tx)):
                slow.append(name)
                log.error("channel is slow", channel=name, taken=heard.taken, silent=heard.unheard)
    return slow


def is_slow(heard: Heard) -> bool:
    """Say whether so few messages were reported on that another channel is the better one."""
    return heard.taken >= LEAST and heard.unheard >= SHARE * heard.taken


def _suspects(world: World) -> Iterator[tuple[Channel, set[str]]]:
    """Yield each channel that reports, with the names of those that can do its work."""
    for one in world.channels:
        others = {
            other.name
            for other in world.channels
            if (other.kind, other.is_drill) == (one.kind, one.is_drill) and other is not one
        }
        if others and isinstance(one, Reports) and one.gives_receipts:
            yield one, others


def _soon(channel: Channel) -> timedelta:
    return SOON_CALL if channel.kind == "voice" else SOON
