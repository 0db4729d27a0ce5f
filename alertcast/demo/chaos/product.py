"""The product's process: every step in turn, until the night is over or it is killed.

It keeps nothing between two lives but its database.
"""

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

import structlog
from flask import Flask

from alertcast.bootstrap import DATA_KEY, App, serving
from alertcast.channels.base import Channel
from alertcast.core.broadcast import BroadcastState
from alertcast.core.task import AttemptState, TaskState
from alertcast.demo.chaos.carrier import Line
from alertcast.demo.chaos.town import START, TownClock
from alertcast.dispatch import ingest, receive, reconcile, send
from alertcast.scheduler import tick
from alertcast.store import alerts, broadcasts, playground, receipts, tasks, unsettled
from alertcast.store.db import Tx
from alertcast.web.context import Desk, install

log = structlog.get_logger()

Wrap = Callable[[Channel], Channel]
"""Puts something between dispatch and a channel: a spoilt sender, to see that it is noticed."""

Strike = tuple[int, bool]
"""The commit of a life, from 1, at which its process kills itself, and whether it is on disk."""

PATIENCE = 240.0
"""Real seconds after which a night that does not end is given up: a slow machine opens breakers."""

LATEST = START + timedelta(hours=3)
"""Product time at which everything must have ended."""

SHORTEST, LONGEST = 0.05, 3.0
"""Real seconds to wait at least, and at most, for what only real time settles."""

PRECISION = 0.005
"""Real seconds by which clocks may differ in the last digit."""


class Stuck(Exception):
    """The night did not come to its end."""


def play(app: App, pages: Flask, line: Line, strike: Strike | None, wrap: Wrap) -> int:
    """Live one life of an installation; return how many commits it had. Raises Stuck.

    `pages`: made before, of whatever installation; they are given this one.
    """
    life = _Life(app, wrap, strike)
    desk = Desk(life.app.world, life.app.clock, is_demo=True, wake=_wake)
    install(pages, desk)
    end = time.monotonic() + PATIENCE
    with serving(
        life.app,
        secret_key=life.app.config.env[DATA_KEY],  # nobody logs in
        wake=desk.wake,
        host="127.0.0.1",
        port=app.config.main.web.port,
        pages=pages,
    ):
        life.now, due = line.rest()
        while True:
            life.work()
            life.now, due = line.rest()
            found = life.look(due)
            if found.has_heard:
                continue
            if found.is_over:
                return life.commits
            if time.monotonic() > end or life.now > LATEST:
                raise Stuck(life.story())
            if found.wait:
                time.sleep(found.wait)
            else:
                life.now, _ = line.rest(found.next_moment)


@dataclass(frozen=True, slots=True)
class _Found:
    """What there is left to do."""

    has_heard: bool  # receipts were kept that are not applied
    wait: float  # real seconds until real time may settle something that waits for it; 0: nothing
    is_over: bool  # nothing more can happen, here or at the carrier
    next_moment: datetime  # product time at which something happens next


class _Life:
    def __init__(self, app: App, wrap: Wrap, strike: Strike | None) -> None:
        self._clock = app.clock
        self.now = START
        world = replace(app.world, channels=tuple(wrap(one) for one in app.world.channels))
        self.app = replace(app, world=world)
        self.commits = 0
        self._is_warned = False
        self._is_silent = self._is_unknown = True  # as far as is known
        self._strike = strike
        world.db.count_commits(self._on_commit)

    @property
    def now(self) -> datetime:
        """Product time, for this life and its channels."""
        return self._clock()

    @now.setter
    def now(self, now: datetime) -> None:
        if isinstance(self._clock, TownClock):
            self._clock.now = now

    def work(self) -> None:
        """Do everything that is due, once."""
        world, now = self.app.world, self.now
        if not self._is_warned:
            with world.db.read() as tx:
                self._is_warned = alerts.count(tx) > 0
        steps: list[Callable[[], object]] = []
        if not self._is_warned:
            steps += [
                partial(ingest.poll_in_turn, world, one.source, now, timedelta(0))
                for one in self.app.feeds.values()
            ]
        steps += [
            partial(receive.apply_kept, world, now),
            partial(tick, world, now),
            *([partial(reconcile.settle_unknown, world, now)] if self._is_unknown else []),
            *(partial(_send_all, self.app, *queue, now) for queue in sorted(world.kinds())),
            *([partial(reconcile.poll_silent, world, now)] if self._is_silent else []),
        ]
        for step in steps:
            try:
                step()
            except Exception:  # as the engine and the scheduler do: it is tried again
                log.exception("step failed")

    def look(self, carrier_due: datetime | None) -> _Found:
        """Return what there is left to do; the carrier's next event is due at `carrier_due`."""
        with self.app.world.db.read() as tx:
            due = tasks.next_due(tx)
            wait = self._wait(tx, is_late=due is not None and due <= self.now)
            is_quiet = due is None and carrier_due is None and not wait
            moments = [at for at in (due, carrier_due) if at is not None]
            return _Found(
                receipts.is_any_waiting(tx),
                wait,
                is_quiet and self._is_closed(tx),
                min(moments, default=self.now + timedelta(minutes=1)),
            )

    def story(self) -> str:
        """Return where everything stands, for whoever looks into it."""
        with self.app.world.db.read() as tx:
            states = {one.value: tasks.moving(tx, (one,)) for one in TaskState}
            told = [f"broadcast {one.id} {one.state}" for one in broadcasts.listed(tx)]
        told += [f"{number} {state}" for state, number in states.items() if number]
        return f"stuck at {self.now:%H:%M:%S}: {', '.join(told)}"

    def _is_closed(self, tx: Tx) -> bool:
        every = broadcasts.listed(tx)
        return bool(every) and all(one.state is BroadcastState.CLOSED for one in every)

    def _wait(self, tx: Tx, *, is_late: bool) -> float:
        """Return for how long to wait: until a lease, a grace or the pause of a channel ends."""
        dispatch, real = self.app.world.config.main.dispatch, self.app.world.db.real_now(tx)
        unknown = dispatch.lease + dispatch.grace
        silent = unsettled.silent(tx, self.now, reconcile.INTERVALS, real)
        ends = [one.requested_real + dispatch.grace for one in silent]
        ends += [begun + dispatch.lease for begun in playground.begun(tx, AttemptState.LEAVING)]
        lost = playground.begun(tx, AttemptState.UNKNOWN)
        ends += [begun + unknown for begun in lost]
        self._is_silent, self._is_unknown = bool(silent), bool(lost)
        if is_late or not self._is_warned:
            ends += playground.pauses(tx, real) or [real]
        if not ends:
            return 0.0
        return min(max(SHORTEST, (min(ends) - real).total_seconds() + PRECISION), LONGEST)

    def _on_commit(self, number: int, is_done: bool) -> None:
        self.commits = number
        if self._strike == (number, is_done):
            os.kill(os.getpid(), signal.SIGKILL)


def _send_all(app: App, kind: str, mode: str, now: datetime) -> None:
    while send.send_due(app.world, kind, mode, now):
        pass


def _wake(_steps: str) -> None:
    """Wake nobody: every step is taken in turn."""
