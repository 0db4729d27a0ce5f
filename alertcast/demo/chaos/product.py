"""The product's process: every step in turn, until the night is over or it is killed.

It keeps nothing between two lives but its database.
"""

import os
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from alertcast.bootstrap import DATA_KEY, App, serving
from alertcast.channels.base import Channel
from alertcast.core.broadcast import BroadcastState
from alertcast.core.task import TaskState
from alertcast.demo.chaos.carrier import Line
from alertcast.demo.chaos.cases import Kill
from alertcast.demo.chaos.town import START
from alertcast.dispatch import ingest, receive, reconcile, send
from alertcast.scheduler import tick
from alertcast.store import alerts, broadcasts, receipts, tasks

log = structlog.get_logger()

Wrap = Callable[[Channel], Channel]
"""Puts something between dispatch and a channel: a spoilt sender, to see that it is noticed."""

PATIENCE = 75.0
"""Real seconds after which a night that does not end is given up: a slow machine opens breakers."""

LATEST = START + timedelta(hours=3)
"""Product time at which everything must have ended."""

WAIT = 0.05
"""Real seconds between two looks at what only real time settles: leases, pauses, the grace."""


class Stuck(Exception):
    """The night did not come to its end."""


def play(app: App, line: Line, kill: Kill | None, wrap: Wrap) -> int:
    """Live one life; return how many commits it had. Raises Stuck."""
    life = _Life(app, wrap, kill)
    port = app.config.main.web.port
    end = time.monotonic() + PATIENCE
    with serving(
        life.app,
        secret_key=life.app.config.env[DATA_KEY],  # nobody logs in
        wake=lambda _: None,
        host="127.0.0.1",
        port=port,
    ):
        life.now, due = line.rest()
        while True:
            life.work()
            life.now, due = line.rest()
            if life.has_heard():
                continue
            if life.is_over(due):
                return life.commits
            if time.monotonic() > end or life.now > LATEST:
                raise Stuck(life.story())
            if life.waits_for_real_time():
                time.sleep(WAIT)
            else:
                life.now, _ = line.rest(life.next_moment(due))


class _Life:
    def __init__(self, app: App, wrap: Wrap, kill: Kill | None) -> None:
        self.now = START
        world = replace(app.world, channels=tuple(wrap(one) for one in app.world.channels))
        self.app = replace(app, world=world, clock=lambda: self.now)
        self.commits = 0
        self._kill = kill
        world.db.on_commit = self._on_commit

    def work(self) -> None:
        """Do everything that is due, once."""
        world, now = self.app.world, self.now
        with world.db.read() as tx:
            is_warned = alerts.count(tx) > 0
        steps: list[Callable[[], object]] = []
        if not is_warned:
            steps += [
                partial(ingest.poll_in_turn, world, one.source, now, timedelta(0))
                for one in self.app.feeds.values()
            ]
        steps += [
            partial(receive.apply_kept, world, now),
            partial(tick, world, now),
            partial(reconcile.settle_unknown, world, now),
            *(partial(_send_all, self.app, *queue, now) for queue in sorted(world.kinds())),
            partial(reconcile.poll_silent, world, now),
        ]
        for step in steps:
            try:
                step()
            except Exception:  # as the engine and the scheduler do: it is tried again
                log.exception("step failed")

    def has_heard(self) -> bool:
        """Say whether receipts were kept that are not applied."""
        with self.app.world.db.read() as tx:
            return receipts.is_any_waiting(tx)

    def waits_for_real_time(self) -> bool:
        """Say whether something is due that only real time settles."""
        with self.app.world.db.read() as tx:
            due = tasks.next_due(tx)
            moving = tasks.moving(tx, (TaskState.LEAVING, TaskState.UNSURE))
            is_late = due is not None and due <= self.now
            return moving > 0 or is_late or not alerts.count(tx)

    def is_over(self, carrier_due: datetime | None) -> bool:
        """Say whether nothing more can happen, here or at the carrier."""
        if carrier_due is not None or self.waits_for_real_time():
            return False
        with self.app.world.db.read() as tx:
            every = broadcasts.listed(tx)
        return bool(every) and all(one.state is BroadcastState.CLOSED for one in every)

    def next_moment(self, carrier_due: datetime | None) -> datetime:
        """Return the product time at which something happens next."""
        with self.app.world.db.read() as tx:
            found = [tasks.next_due(tx), carrier_due]
        return min((at for at in found if at is not None), default=self.now + timedelta(minutes=1))

    def story(self) -> str:
        """Return where everything stands, for whoever looks into it."""
        with self.app.world.db.read() as tx:
            states = {one.value: tasks.moving(tx, (one,)) for one in TaskState}
            told = [f"broadcast {one.id} {one.state}" for one in broadcasts.listed(tx)]
        told += [f"{number} {state}" for state, number in states.items() if number]
        return f"stuck at {self.now:%H:%M:%S}: {', '.join(told)}"

    def _on_commit(self, number: int, is_done: bool) -> None:
        self.commits = number
        if self._kill == Kill(number, is_done):
            os.kill(os.getpid(), signal.SIGKILL)


def _send_all(app: App, kind: str, mode: str, now: datetime) -> None:
    while send.send_due(app.world, kind, mode, now):
        pass
