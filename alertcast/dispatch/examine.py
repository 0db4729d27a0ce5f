"""The doctor: everything that is stuck, overdue or missing at this moment, from the rows."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from alertcast.core.broadcast import BroadcastState
from alertcast.core.watch import CALL_LIST, RECEIPTS, TICK, WATCH
from alertcast.dispatch import watch
from alertcast.dispatch.advice import Advice, advise
from alertcast.dispatch.world import World
from alertcast.store import data_keys, grids, people, pulses, unsettled, users
from alertcast.store.db import Tx
from alertcast.store.figures import Figures, figures
from alertcast.store.report_now import Now

PATIENCE = timedelta(minutes=1)
"""Real time after its grace in which a lost request should have been settled by asking."""

APPLIED_WITHIN = 60.0
"""Seconds in which a receipt should have been applied."""

APART = 5.0
"""Seconds that two clocks may differ."""

OF_PROCESSES = frozenset({TICK, WATCH, RECEIPTS, CALL_LIST, "worker", "feed", "pull", "beat"})
"""Findings of the watch that go without saying where nothing runs at all."""

LEAST_FREE = 1_000_000_000
"""Bytes of disk below which something is to be done."""


def examine(world: World, tx: Tx, now: datetime) -> list[Advice]:
    """Return what is to be done about the rows at `now`, the most urgent first."""
    counted = figures(tx, now, world.db.real_now(tx))
    page = watch.first_page(world, tx, now)
    return [
        *_for_humans(page),
        *_watched(world, tx, page),
        *_messages(world, tx, counted, page),
        *_channels(world, counted, page),
        *_sources(page),
        *_brought_in(tx),
    ]


def clocks(machine: datetime, database: datetime) -> list[Advice]:
    """Return what is to be done about two clocks."""
    apart = abs((machine - database).total_seconds())
    return [advise("clock_skew", count=round(apart))] if apart > APART else []


def disk(free: int, folder: str) -> list[Advice]:
    """Return what is to be done about the disk that `folder` is on, with `free` bytes left."""
    if free >= LEAST_FREE:
        return []
    return [advise("disk", subject=f"{folder} {free / 1e6:.0f} MB")]


def _for_humans(page: Now) -> Iterator[Advice]:
    if page["help_open"]:
        opened = min(one["asked_at"][0] for one in page["help_open"])
        yield advise("help", count=len(page["help_open"]), since=opened)
    for one in page["approvals"]:
        key = "held" if one["state"] == BroadcastState.HELD else "approval"
        yield advise(key, subject=str(one["id"]), since=one["created_at"])
    if page["held"]:
        since = min((one["decided_at"] for one in page["held"] if one["decided_at"]), default=None)
        yield advise("alert", count=len(page["held"]), since=since)
    if page["manual"]:
        yield advise("manual", count=page["manual"])


def _watched(world: World, tx: Tx, page: Now) -> Iterator[Advice]:
    felt = pulses.latest(tx, world.db.real_now(tx))
    silent = {one["what"] for one in page["watch"]}
    is_asleep = not felt or {TICK, WATCH, RECEIPTS} <= silent
    if is_asleep:
        yield advise("asleep", since=max(felt.values(), default=None))
    for one in page["watch"]:
        if not (is_asleep and one["what"] in OF_PROCESSES):
            yield advise(
                one["what"], subject=one["subject"], count=one["count"], since=one["since"]
            )


def _messages(world: World, tx: Tx, counted: Figures, page: Now) -> Iterator[Advice]:
    if page["overdue"]:
        yield advise("overdue", count=page["overdue"]["count"], since=page["overdue"]["oldest"])
    dispatch = world.config.main.dispatch
    settled = world.db.real_now(tx) - dispatch.lease - dispatch.grace - PATIENCE
    if unsure := unsettled.unsure(tx, settled):
        since = min(one.requested_at for one in unsure)
        yield advise("unsure", count=len(unsure), since=since)
    if counted.unapplied and counted.unapplied_age > APPLIED_WITHIN:
        since = page["at"] - timedelta(seconds=counted.unapplied_age)
        yield advise("receipts_waiting", count=counted.unapplied, since=since)
    for (channel, effect), count in sorted(counted.receipts.items()):
        if effect in ("unreadable", "unmatched", "broken"):
            yield advise(f"receipts_{effect}", subject=channel, count=count)


def _channels(world: World, counted: Figures, page: Now) -> Iterator[Advice]:
    for name in page["stopped"]:
        yield advise("stopped", subject=name)
    for name, channel in sorted(counted.channels.items()):
        if channel.paused_for and not channel.is_stopped and world.channel(name):
            yield advise("paused", subject=name, count=round(channel.paused_for))
    for one in page["resting"]:
        if one["why"] == "slow":
            yield advise("slow", subject=one["name"], since=one["since"])
    for name, count in page["forged"].items():
        yield advise("forged", subject=name, count=count)


def _sources(page: Now) -> Iterator[Advice]:
    for one in page["failing"]:
        yield advise("source", subject=one["name"], count=one["failures"], since=one["ok_at"])


def _brought_in(tx: Tx) -> Iterator[Advice]:
    if (since := data_keys.unfinished(tx)) is not None:
        yield advise("rotation", since=since)
    if grids.active_layer(tx) is None:
        yield advise("grids")
    if people.active_roster(tx) is None:
        yield advise("roster")
    if all(user.is_disabled for user in users.listed(tx)):
        yield advise("users")
