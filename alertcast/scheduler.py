"""Time passes: sources are polled, alerts decided, ladders climbed, uncertain things settled.

Every job is an idempotent step over the database. Several schedulers are slow together, not wrong.
"""

import logging
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog
from apscheduler.executors.pool import BasePoolExecutor
from apscheduler.job import Job
from apscheduler.jobstores.base import JobLookupError
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler

from alertcast.channels.abilities import Pulls
from alertcast.core.watch import CALL_LIST, TICK, feed, pulled
from alertcast.dispatch import (
    call_list,
    confirm,
    drill_plan,
    escalate,
    fanout,
    ingest,
    log_in,
    pull,
    reconcile,
    retain,
    retell,
    roster_check,
    run_out,
    send,
    slow,
    stations,
    together,
    uncarried,
    uploads,
)
from alertcast.dispatch.heartbeat import Heartbeat
from alertcast.dispatch.watch import Pulse, Watch
from alertcast.dispatch.world import World
from alertcast.engines.crowd import filled
from alertcast.sources.base import Outcome, Source
from alertcast.store import counts
from alertcast.store.db import TROUBLE
from alertcast.store.unsettled import Lane

log = structlog.get_logger()

MANY = 100
"""Callouts that advanced in one tick after which the database counts what it has."""

SPREAD = 0.1
"""Part of its interval by which a poll may come later, drawn anew each time: no publisher is asked
in step by all who follow it, nor all publishers by one."""

DAY = 24 * 3600.0
"""Real seconds between two times that what is kept too long is removed."""

Clock = Callable[[], datetime]
"""Product time, aware UTC; a demo's may run fast."""


@dataclass(frozen=True, slots=True)
class Feed:
    """A source, and how often it is polled in real time."""

    source: Source
    every: timedelta


def tick(world: World, now: datetime, wake: escalate.Wake = escalate.nobody) -> int:
    """Do once everything that time makes due; return how much was done. Safe at any moment.

    Each step is done although one before it failed; the first fault is raised in the end, so that a
    tick that did not go well leaves no pulse.

    It asks no provider anything: a provider that hangs must not stop the ladders. `wake` is called
    each time that messages were planned, while others may still be.
    """
    faults: list[Exception] = []

    def step(name: str, work: Callable[[], int]) -> int:
        try:
            return work()
        except TROUBLE:
            raise  # the database: nothing else would go better
        except Exception as error:  # a fault in one step must not stop the ladders, or the leases
            log.exception("step of a tick failed", step=name)
            faults.append(error)
            return 0

    done = step("expire", partial(run_out.expire, world, now))
    done += step("retell", partial(retell.sweep, world, now))
    done += step("confirm", partial(confirm.settle, world, now))
    done += step("decide", partial(fanout.decide_all, world, now))
    done += step("drills", partial(drill_plan.begin_due, world, now))
    done += step("follow", partial(together.follow, world, now))
    advanced = step("advance", partial(escalate.advance, world, now, wake))
    done += advanced
    done += step("stations", partial(stations.ask_keepers, world, now))
    done += step("uncarried", partial(uncarried.give_to_officer, world, now))
    done += step("reap", partial(send.reap, world))
    if advanced >= MANY:
        counts.recount(world.db)
    if faults:
        raise faults[0]
    return done


class Scheduler:
    """APScheduler with a job per feed, one for all that is due, and those that ask providers."""

    def __init__(
        self,
        world: World,
        feeds: Mapping[str, Feed],
        clock: Clock,
        wake: Callable[[str], None],
        *,
        every: timedelta = timedelta(seconds=1),
        pulse: Pulse | None = None,
    ) -> None:
        """Take the clock of product time, and what to call when messages may be due."""
        self._world, self._clock, self._wake = world, clock, wake
        self._pulse = pulse or Pulse(world.db, "scheduler")
        self._watch = Watch(world, self._pulse)
        self._heartbeat = Heartbeat(world, self._pulse)
        logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a tick left out is ordinary
        pulls = {
            one.name: one.pull_every
            for one in world.channels
            if isinstance(one, Pulls) and one.pull_every is not None
        }
        lanes = reconcile.lanes(world)
        threads = len(feeds) + len(pulls) + 2 * len(lanes) + 8
        pool = {"default": _Crowd(threads)}
        defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        self._retained = 0.0  # monotonic time at which what is kept too long was removed
        self._rests: dict[str, float] = {}  # source -> monotonic time before which it rests
        self._jobs = BackgroundScheduler(
            jobstores={"default": _NearJobs()},
            executors=pool,
            job_defaults=defaults,
            timezone=UTC,
        )
        self._add("read grids", self._read_grids, timedelta(seconds=30))
        self._add("tick", self._tick, every)
        for name, lane in lanes.items():
            settle, poll = partial(self._settle_unknown, lane), partial(self._poll_silent, lane)
            self._add(f"settle unknown {name}", settle, timedelta(seconds=5))
            self._add(f"poll silent {name}", poll, timedelta(seconds=15))
        self._add("early receipts", self._apply_early, timedelta(seconds=5))
        self._add("slow channels", self._avoid_slow, timedelta(seconds=10))
        for name, wait in pulls.items():
            self._add(f"pull {name}", partial(self._pull, name), wait)
        self._add("call lists", self._write_call_lists, timedelta(seconds=2))
        self._add("clear call lists", self._clear_call_lists, timedelta(hours=1))
        self._add("check roster", self._check_roster, timedelta(minutes=10))
        self._add("clear log-ins", self._clear_log_ins, timedelta(minutes=10))
        self._add("clear uploads", self._clear_uploads, timedelta(minutes=5))
        self._add("retention", self._retain, timedelta(hours=1))
        self._add("watch", self._look, world.config.main.watch.every)
        if world.config.main.heartbeat.url:
            self._add("heartbeat", self._beat, world.config.main.heartbeat.every)
        for name, one in feeds.items():
            self._add(f"poll {name}", partial(self._poll, name, one), one.every, SPREAD)

    def start(self) -> None:
        """Start the jobs, each at once and then at its interval."""
        self._jobs.start()

    def hurry(self) -> None:
        """Tick now: something may have become due."""
        self._jobs.modify_job("tick", next_run_time=datetime.now(UTC))

    def stop(self) -> None:
        """Let the running jobs finish, and start no further one."""
        self._jobs.shutdown(wait=True)

    def _add(
        self, name: str, job: Callable[[], None], every: timedelta, spread: float = 0.0
    ) -> None:
        seconds = every.total_seconds()
        self._jobs.add_job(
            job,
            "interval",
            seconds=seconds,
            jitter=spread * seconds or None,
            id=name,
            next_run_time=datetime.now(UTC),
        )

    def _tick(self) -> None:
        try:
            wake = partial(self._wake, "send")
            if tick(self._world, self._clock(), wake):
                wake()
            self._pulse.beat(TICK)
        except Exception:  # logged, and tried again at the next tick; the other jobs go on
            log.exception("tick failed")

    def _read_grids(self) -> None:
        try:
            fanout.read_ahead(self._world)
        except Exception:  # a warning reads them itself
            log.exception("grids could not be read ahead")

    def _settle_unknown(self, lane: Lane) -> None:
        try:
            if reconcile.settle_unknown(self._world, self._clock(), lane):
                self._wake("send")
        except Exception:
            log.exception("settling of unknown outcomes failed")

    def _poll_silent(self, lane: Lane) -> None:
        try:
            reconcile.poll_silent(self._world, self._clock(), lane)
        except Exception:
            log.exception("poll of silent messages failed")

    def _apply_early(self) -> None:
        try:
            if pull.apply_early(self._world, self._clock()):
                self._wake("send")
        except Exception:
            log.exception("early receipts could not be applied")

    def _avoid_slow(self) -> None:
        try:
            if slow.avoid_slow(self._world, self._clock()):
                self._wake("send")
        except Exception:
            log.exception("slow channels could not be found")

    def _pull(self, name: str) -> None:
        try:
            fetched = pull.pull(self._world, name, self._clock())
            if fetched.events:
                self._wake("send")
            if fetched.is_well:
                self._pulse.beat(pulled(name))
        except Exception:
            log.exception("pull failed", channel=name)

    def _write_call_lists(self) -> None:
        try:
            call_list.write_due(self._world, self._clock())
            self._pulse.beat(CALL_LIST)
        except Exception:
            log.exception("call lists failed")

    def _clear_call_lists(self) -> None:
        try:
            call_list.clear(self._world, self._clock())
        except Exception:
            log.exception("clearing of call lists failed")

    def _check_roster(self) -> None:
        try:
            roster_check.check_due(self._world, self._clock())
        except Exception:  # what it found last is still shown
            log.exception("roster could not be checked")

    def _clear_log_ins(self) -> None:
        try:
            log_in.clear(self._world)
        except Exception:  # what has run out opens nothing all the same
            log.exception("clearing of log-ins failed")

    def _clear_uploads(self) -> None:
        try:
            uploads.clear(self._world)
        except Exception:  # what is too old can be applied no more; it is sealed all the same
            log.exception("clearing of uploads failed")

    def _retain(self) -> None:
        if time.monotonic() < self._retained + DAY and self._retained:
            return
        try:
            if retain.retain(self._world, self._clock()) is not None:
                self._retained = time.monotonic()
        except Exception:
            log.exception("retention failed")

    def _look(self) -> None:
        try:
            self._watch.run(self._clock())
        except Exception:
            log.exception("watch failed")

    def _beat(self) -> None:
        try:
            self._heartbeat.beat(self._clock())
        except Exception:
            log.exception("heartbeat failed")

    def _poll(self, name: str, one: Feed) -> None:
        if time.monotonic() < self._rests.get(name, 0.0):
            return
        try:
            taken = ingest.poll_in_turn(self._world, one.source, self._clock(), one.every)
        except Exception:
            log.exception("poll failed", source=name)
            return
        if isinstance(taken, timedelta):  # another scheduler has polled it, or is at it
            later = datetime.now(UTC) + min(taken, one.every)
            with suppress(JobLookupError):  # the scheduler is being stopped
                self._jobs.modify_job(f"poll {name}", next_run_time=later)
            return
        if taken.wait is not None:
            self._rests[name] = time.monotonic() + taken.wait.total_seconds()
        if taken.outcome != Outcome.FAILED:
            self._pulse.beat(feed(name))
        if taken.new:
            self._tick()


class _Crowd(BasePoolExecutor):  # type: ignore[misc]  # APScheduler is not typed
    """Threads that all begin with the scheduler."""

    def __init__(self, size: int) -> None:
        super().__init__(None)
        self._size = size

    def start(self, scheduler: BackgroundScheduler, alias: str) -> None:
        super().start(scheduler, alias)
        self._pool = filled(self._size, "scheduler")

    def shutdown(self, wait: bool = True) -> None:
        """Let them end, if they ever began."""
        if self._pool is not None:
            super().shutdown(wait)


class _NearJobs(MemoryJobStore):  # type: ignore[misc]  # APScheduler is not typed
    """Jobs of which each is planned at most one interval away, whatever the clock did.

    APScheduler's timers follow the machine's clock. Where that is set back, all would stand still
    until it has come so far again; where it is set far ahead, each run left out would be counted.
    """

    def get_due_jobs(self, now: datetime) -> list[Job]:
        """Return the jobs that are due; one planned further off than it can be is due now."""
        for job in self.get_all_jobs():
            longest = job.trigger.interval + timedelta(seconds=job.trigger.jitter or 0.0)
            if abs(job.next_run_time - now) > longest:
                job.modify(next_run_time=now)
        due: list[Job] = super().get_due_jobs(now)
        return due
