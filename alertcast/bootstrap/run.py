"""An installation at work: scheduler, senders, the pages and the callbacks."""

import os
import socket
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Protocol

from flask import Flask

from alertcast.bootstrap.app import App
from alertcast.bootstrap.bells import bells_of
from alertcast.core.watch import RECEIPTS, worker
from alertcast.dispatch import receive, send, watch
from alertcast.dispatch.reload import Files
from alertcast.engines.base import Engine, Step
from alertcast.engines.jobs import Crew, Hands
from alertcast.engines.local import LocalEngine
from alertcast.scheduler import Scheduler
from alertcast.sources.inbound import Inbound
from alertcast.store.clock import SharedClock
from alertcast.web import create_app
from alertcast.web.context import left
from alertcast.web.intake import LINGER, answering
from alertcast.web.server import listening

GATHER = 0.1
"""Real seconds in which receipts gather, to be applied together; they are on disk already."""


class Followed(Files, Protocol):
    """The configuration of a process, and where one hears that another holds."""

    def follow(self, told: Callable[[App], None]) -> None:
        """From now on tell `told` of each installation that takes the place of the one before."""


@dataclass(frozen=True, slots=True)
class Running:
    """Scheduler and workers at work."""

    engine: Engine
    scheduler: Scheduler

    def wake(self, steps: str = "") -> None:
        """Let the steps whose name begins with `steps` look for work now; "": everything."""
        if not steps:
            self.scheduler.hurry()
        self.engine.wake(steps)


@contextmanager
def running(
    app: App,
    *,
    every: timedelta = timedelta(seconds=1),
    kinds: Collection[str] | None = None,
    threads: int | None = None,
    is_scheduled: bool = True,
    gather: float = GATHER,
) -> Iterator[Running]:
    """Run scheduler and senders until the block ends; then let what is under way finish.

    `kinds`: what is sent here (none: nothing), else everything; `threads`: for each of them;
    `gather`: see GATHER. What is claimed, and not yet requested when the block ends, is given back
    at once.
    """
    pulse = watch.Pulse(app.world.db, f"{socket.gethostname()[:48]}:{os.getpid()}")
    queues = [
        (kind, mode)
        for kind, mode in sorted(app.world.kinds())
        if kind != "manual" and (kinds is None or kind in kinds)
    ]
    senders = threads or app.config.main.dispatch.senders
    crews = {queue: Crew(senders, "send {} {}".format(*queue)) for queue in queues}
    steps: dict[str, tuple[Step, int]] = {
        "send {} {}".format(*queue): (partial(_send, app, *queue, crew, pulse), 1)
        for queue, crew in crews.items()
    }
    steps["receive"] = (partial(_apply_receipts, app, pulse, gather), 1)
    if isinstance(app.clock, SharedClock):
        steps["look at the clock"] = (app.clock.look, 1)
    engine = _engine(app, steps, {kind for kind, _ in queues})
    scheduler = Scheduler(app.world, app.feeds, app.clock, engine.wake, every=every, pulse=pulse)
    pulse.begin([worker(*queue) for queue in queues] + (_scheduled(app) if is_scheduled else []))
    engine.start()
    if is_scheduled:
        scheduler.start()
    try:
        yield Running(engine, scheduler)
    finally:
        for crew in crews.values():
            crew.stop()
        engine.stop(app.config.main.engine.drain.total_seconds())
        if is_scheduled:
            scheduler.stop()
        for crew in crews.values():
            crew.join()


@contextmanager
def serving(
    app: App,
    *,
    secret_key: str,
    wake: Callable[[str], None],
    host: str,
    port: int,
    pages: Flask | None = None,
    linger: float = LINGER,
    files: Followed | None = None,
    work: Callable[[int], None] = left,
) -> Iterator[str]:
    """Serve the pages and callbacks until the block ends, which gives the address; port 0: any.

    Requests under way when the block ends are still answered. `pages`: made before, for this `app`;
    None: they are made here. `linger`: see LINGER, `work`: create_app. `files`: where another
    configuration comes from, whose pages then take the place of these.
    Raises OSError if the address is taken.
    """

    def made(of: App) -> Flask:
        return _pages(of, secret_key, wake, files, work)

    web = app.config.main.web
    with (
        answering(
            pages or made(app),
            threads=web.threads,
            trusted_proxy=web.trusted_proxy,
            linger=linger,
        ) as answers,
        listening(answers, host, port) as address,
    ):
        if files is not None:
            files.follow(lambda after: answers.show(made(after)))
        yield address


def _pages(
    app: App,
    secret_key: str,
    wake: Callable[[str], None],
    files: Files | None,
    work: Callable[[int], None],
) -> Flask:
    sources = [one.source for one in app.feeds.values()]
    return create_app(
        app.world,
        app.clock,
        secret_key=secret_key,
        is_demo=app.world.is_demo,
        wake=wake,
        inbound_sources={one.name: one for one in sources if isinstance(one, Inbound)},
        feeds={name: (one.source, one.every) for name, one in app.feeds.items()},
        files=files,
        work=work,
    )


def _send(app: App, kind: str, mode: str, hands: Hands, pulse: watch.Pulse) -> int:
    started = send.send_due(app.world, kind, mode, app.clock(), hands)
    pulse.beat(worker(kind, mode))
    return started


def _apply_receipts(app: App, pulse: watch.Pulse, gather: float) -> int:
    time.sleep(gather)
    applied = receive.apply_kept(app.world, app.clock())
    pulse.beat(RECEIPTS)
    return applied


def _scheduled(app: App) -> list[str]:
    """Return the pulses of what a process with a scheduler does, its senders left out."""
    senders = {worker(*queue) for queue in app.world.kinds()}
    return [what for what in watch.expected(app.world) if what not in senders]


def _engine(app: App, steps: Mapping[str, tuple[Step, int]], kinds: Collection[str]) -> Engine:
    threads = LocalEngine(steps)
    bells = bells_of(app.config, [])
    if bells is None:
        return threads
    engine: Engine = bells.ProcrastinateEngine(threads, kinds, app.world.db.address)
    return engine
