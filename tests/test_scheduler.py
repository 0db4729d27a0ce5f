"""The scheduler runs feeds and ticks by itself, and no fault of one stops the others."""

import time
from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from apscheduler.schedulers import base as timers
from shapely.geometry.base import BaseGeometry

from alertcast import scheduler as ours
from alertcast.channels.base import Request, Sent
from alertcast.channels.events import StatusEvent
from alertcast.channels.memory import MemoryChannel
from alertcast.dispatch import claim, send
from alertcast.scheduler import Feed, Scheduler
from alertcast.sources.base import Document, Outcome, Polled, Source
from alertcast.store import source_states
from tests.databases import database
from tests.stories.published import Warned, cap, info
from tests.stories.town import EAST_LEADER, IN_EAST, IN_WEST, Town

WAIT = 5.0  # seconds before a test gives up


class Wire:
    """A feed that brings one document, or raises."""

    def __init__(self, name: str, raw: bytes | None) -> None:
        self.name, self._raw = name, raw
        self.polled = Event()

    def poll(self, memory: Mapping[str, Any], now: datetime) -> Polled:
        self.polled.set()
        if self._raw is None:
            raise RuntimeError(self.name)
        document = Document(self._raw, content_type="application/xml", where="wire")
        return Polled(Outcome.OK, (document,), memory=memory)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with database("sqlite", tmp_path) as db:
        yield Town(db, tmp_path)


@contextmanager
def scheduled(town: Town, *sources: Source) -> Iterator[Event]:
    """Run a scheduler over the town; yields what is set when messages may be due."""
    woken = Event()
    feeds = {one.name: Feed(one, timedelta(hours=1)) for one in sources}
    scheduler = Scheduler(
        town.world, feeds, lambda: town.now, lambda _: woken.set(), every=timedelta(seconds=0.05)
    )
    scheduler.start()
    try:
        yield woken
    finally:
        scheduler.stop()


def document(town: Town, number: int = 1, over: BaseGeometry = IN_EAST) -> bytes:
    warned = Warned(f"44122441600000_2026122617200{number}", town.now)
    return cap(warned, info(town.now, over, "orange")).encode()


def test_a_feed_is_polled_at_once_and_what_it_brings_is_decided(town: Town) -> None:
    with scheduled(town, Wire("wire", document(town))) as woken:
        assert woken.wait(WAIT)
    assert town.messages(EAST_LEADER) == [("sms", "queued", None)]


def test_what_is_kept_is_decided_by_the_tick_alone(town: Town) -> None:
    town.keep(document(town))
    with scheduled(town) as woken:
        assert woken.wait(WAIT)
    assert town.count() == 1


def test_a_feed_that_raises_is_failed_and_the_others_are_polled(town: Town) -> None:
    broken = Wire("broken", None)
    with scheduled(town, broken, Wire("wire", document(town))) as woken:
        assert broken.polled.wait(WAIT)
        assert woken.wait(WAIT)
    with town.db.read() as tx:
        outcomes = {row["name"]: row["outcome"] for row in source_states.sources(tx)}
    assert outcomes == {"inbox": "no_data", "broken": "failed", "wire": "ok"}


def test_nobody_is_woken_while_nothing_is_due(town: Town) -> None:
    quiet = Wire("quiet", b"<alert>")
    with scheduled(town, quiet) as woken:
        assert quiet.polled.wait(WAIT)
        assert not woken.wait(0.05)


class Clock(datetime):
    """The clock of this machine, which somebody sets."""

    off = timedelta(0)

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return datetime.now(tz) + cls.off


@pytest.mark.parametrize("step", [timedelta(hours=-1), timedelta(days=400 * 365)])
def test_a_clock_that_is_set_stops_no_timer(
    town: Town, step: timedelta, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (timers, ours):
        monkeypatch.setattr(module, "datetime", Clock)
    monkeypatch.setattr(Clock, "off", timedelta(0))
    town.keep(document(town))
    with scheduled(town) as woken:
        assert woken.wait(WAIT)
        Clock.off = step
        town.keep(document(town, 2, IN_WEST))
        end = time.monotonic() + WAIT
        while town.count() < 2:
            assert time.monotonic() < end
            time.sleep(0.01)


def test_a_source_is_asked_at_its_interval_or_a_little_later_never_in_step(town: Town) -> None:
    every, now = timedelta(minutes=1), datetime.now(UTC)
    feeds = {"wire": Feed(Wire("wire", None), every)}
    waiting = Scheduler(town.world, feeds, lambda: town.now, lambda _: None)
    waiting._jobs.start(paused=True)
    try:
        trigger = waiting._jobs.get_job("poll wire").trigger
        waits = {trigger.get_next_fire_time(now, now) - now for _ in range(50)}
    finally:
        waiting.stop()
    assert len(waits) > 1
    assert every <= min(waits) <= max(waits) <= every * 1.1


class Asked(MemoryChannel):
    """A provider that notes that it was asked."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind, kind)
        self.asked = Event()

    def look_up(
        self,
        request: Request,
        since: datetime,
        taken: Container[str] = frozenset(),
        **more: Any,
    ) -> Sent | None:
        self.asked.set()
        return super().look_up(request, since, taken, **more)

    def status_of(self, provider_ref: str) -> StatusEvent | None:
        self.asked.set()
        return super().status_of(provider_ref)


class Hanging(Asked):
    """A provider that hangs when it is asked, until it is let go."""

    def __init__(self, kind: str = "sms") -> None:
        super().__init__(kind)
        self.let_go = Event()

    def look_up(
        self,
        request: Request,
        since: datetime,
        taken: Container[str] = frozenset(),
        **more: Any,
    ) -> Sent | None:
        found = super().look_up(request, since, taken, **more)
        self.let_go.wait(2 * WAIT)
        return found

    def status_of(self, provider_ref: str) -> StatusEvent | None:
        found = super().status_of(provider_ref)
        self.let_go.wait(2 * WAIT)
        return found


@pytest.mark.parametrize("became", ["unknown", "silent"])
def test_a_provider_that_hangs_when_asked_does_not_keep_others_from_being_asked(
    town: Town, became: str
) -> None:
    hanging, other = Hanging("sms"), Asked("voice")
    town.channels = [hanging, other]
    town.warn_asleep(IN_WEST, "red")
    for channel in (hanging, other):
        if became == "unknown":
            assert claim.claim(town.world, channel.kind, "live", town.now)
        else:
            assert send.send_due(town.world, channel.kind, "live", town.now)
    town.db.ahead += timedelta(minutes=1)
    town.climb(minutes=3)
    with scheduled(town):
        assert hanging.asked.wait(WAIT)
        assert other.asked.wait(WAIT)
        hanging.let_go.set()


def test_a_provider_that_hangs_when_asked_does_not_stop_the_ladders(town: Town) -> None:
    hanging = Hanging()
    town.channels = [hanging, town.voice]
    town.climb_first(IN_WEST)
    claim.claim(town.world, "sms", "live", town.now)
    town.db.ahead += timedelta(minutes=1)
    town.climb(minutes=0)
    with scheduled(town) as woken:
        assert hanging.asked.wait(WAIT)
        town.keep(document(town, 2))
        assert woken.wait(WAIT)
        assert town.messages(EAST_LEADER) == [("sms", "queued", None)]
        hanging.let_go.set()


class Resting:
    """A feed that wants to be left alone; it counts who asks all the same."""

    def __init__(self, name: str, wait: timedelta | None) -> None:
        self.name, self._wait, self.polls = name, wait, 0
        self.often = Event()

    def poll(self, memory: Mapping[str, Any], now: datetime) -> Polled:
        self.polls += 1
        if self.polls >= 5:
            self.often.set()
        return Polled(Outcome.FAILED, (), "answered 503", memory, wait=self._wait)


def test_a_feed_that_asks_to_be_left_alone_is_and_the_others_are_not(town: Town) -> None:
    resting, busy = Resting("resting", timedelta(minutes=5)), Resting("busy", None)
    feeds = {one.name: Feed(one, timedelta(seconds=0.02)) for one in (resting, busy)}
    scheduler = Scheduler(town.world, feeds, lambda: town.now, lambda _: None)
    scheduler.start()
    try:
        assert busy.often.wait(WAIT)
    finally:
        scheduler.stop()
    assert resting.polls == 1
