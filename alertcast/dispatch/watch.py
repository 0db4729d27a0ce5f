"""The watch: finds what is overdue and who has fallen silent, and says so in the log.

It changes nothing but its own pulse. Pages look for themselves, so that a watch that has died is
seen as well.
"""

import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from threading import Lock

import structlog

from alertcast.channels.abilities import Pulls
from alertcast.core.policy import duration
from alertcast.core.watch import (
    BEAT,
    CALL_LIST,
    RECEIPTS,
    TICK,
    WATCH,
    Finding,
    feed,
    pulled,
    silent,
    worker,
)
from alertcast.dispatch import duty, estimate, roster_check
from alertcast.dispatch.world import World
from alertcast.store import call_lists, data_keys, pulses, report_watch, source_states, witnesses
from alertcast.store.db import Database, Tx
from alertcast.store.report_now import LATELY, Now, now_report

log = structlog.get_logger()

PULSE = 5.0
"""Real seconds between two writes of one pulse."""

FORGOTTEN = timedelta(minutes=5)
"""Real time after which a machine that could not write a call list, and has not tried, is gone."""


STALLED = timedelta(minutes=30)
"""How long others may have a warning before a mirror that lacks it is taken to have stalled."""

_OF_CHINA = ("swic", "cma_map", "nmc", "caiyun", "feed")
"""Kinds of sources that bring all warnings of a region by the national identifier; a feed may."""

OLD = timedelta(hours=6)
"""Age after which a warning may have left a mirror that keeps the newest ones only."""


class Pulse:
    """The pulses of this process, written at most every few seconds each."""

    def __init__(self, db: Database, process: str) -> None:
        """Take a name of this process that no other has."""
        self._db, self._process = db, process
        self._lock = Lock()
        self._written: dict[str, float] = {}

    def begin(self, whats: Iterable[str]) -> None:
        """Write what this process is going to do: if it never does, that is missed.

        Raises DataKeyError if the data key was replaced since the process looked.
        """
        begun = list(whats)
        with self._db.write() as tx:
            data_keys.hold(tx, self._db.vault)
            real_now = self._db.real_now(tx)
            pulses.forget(tx, real_now)
            pulses.write(tx, self._process, begun, real_now)

    def beat(self, what: str) -> None:
        """Say that this was done just now; twice within a few seconds is written once."""
        at = time.monotonic()
        with self._lock:
            if at - self._written.get(what, -PULSE) < PULSE:
                return
            self._written[what] = at
        self.write(what)

    def write(self, what: str) -> None:
        """Write a pulse, and return when it is on disk."""

        def written(tx: Tx) -> None:
            pulses.write(tx, self._process, [what], self._db.real_now(tx))

        self._db.together(written)


def look(world: World, tx: Tx, now: datetime) -> list[Finding]:
    """Return everything that is overdue or silent at this moment."""
    limits = world.config.main.watch
    real_now = world.db.real_now(tx)
    return [
        *report_watch.undecided(tx, now - limits.step_late),
        *report_watch.steps(tx, now - limits.step_late),
        *report_watch.queue(tx, now - limits.queue_late),
        *report_watch.leases(tx, real_now - limits.lease_late),
        *report_watch.still(tx, now, limits.still),
        *call_lists.missing(tx, real_now - FORGOTTEN),
        *witnesses.contradicted(tx, now - LATELY),
        *witnesses.withdrawn(tx),
        *roster_check.findings(tx),
        *duty.findings(tx, now),
        *_stalled(world, tx, now),
        *silent(pulses.latest(tx, real_now), _longest(world), real_now),
    ]


def first_page(world: World, tx: Tx, now: datetime, area: str = "") -> Now:
    """Return what holds at this moment in `area`, with everything that is red."""
    late = world.config.main.watch.queue_late
    found, real_now = look(world, tx, now), world.db.real_now(tx)
    ladder = world.config.hazards.ordered
    report = now_report(
        tx, now, area=area, late=late, real_now=real_now, found=found, ladder=ladder
    )
    report["through"] = estimate.of_running(world, tx, now)
    return report


def expected(world: World) -> list[str]:
    """Return the pulses that this installation must have, whichever process they come from."""
    return list(_longest(world))


class Watch:
    """Looks again and again, and logs what it finds once, until it is gone."""

    def __init__(self, world: World, pulse: Pulse) -> None:
        """Take the pulse by which it is known to be alive."""
        self._world, self._pulse = world, pulse
        self._known: set[tuple[str, str]] = set()

    def run(self, now: datetime) -> list[Finding]:
        """Look once; log what is new and what is over."""
        with self._world.db.read() as tx:
            found = look(self._world, tx, now)
        keys = {(one.what, one.subject) for one in found}
        for one in found:
            if (one.what, one.subject) not in self._known:
                log.error(
                    "watch found",
                    what=one.what,
                    subject=one.subject,
                    count=one.count,
                    since=one.since,
                )
        for what, subject in self._known - keys:
            log.info("watch finds it well again", what=what, subject=subject)
        self._known = keys
        self._pulse.beat(WATCH)
        return found


def _stalled(world: World, tx: Tx, now: datetime) -> Iterator[Finding]:
    """Yield the sources that answer and lack what others have, or bring no news for too long."""
    for name, section in world.config.main.sources.items():
        if section.get("type") in _OF_CHINA:
            named = section.get("region") or section.get("id_prefixes") or ()
            region = [str(one) for one in named]
            yield from witnesses.lacking(tx, name, region, now - OLD, now - STALLED)
        if within := section.get("news_within"):
            yield from source_states.without_news(tx, name, now - duration(within))


def _longest(world: World) -> Mapping[str, timedelta]:
    """Return how long each pulse may be silent (real time)."""
    main = world.config.main
    quiet = main.watch.silent
    found = {TICK: quiet, WATCH: quiet, RECEIPTS: quiet, CALL_LIST: quiet}
    found |= {worker(*queue): quiet for queue in sorted(world.kinds()) if queue[0] != "manual"}
    for name, section in main.sources.items():
        every = duration(section.get("every", "60s"))
        found[feed(name)] = max(main.watch.feed_silent, 3 * every)
    for one in world.channels:
        if isinstance(one, Pulls) and one.pull_every is not None:
            found[pulled(one.name)] = max(quiet, 3 * one.pull_every)
    if main.heartbeat.url:
        found[BEAT] = max(quiet, 3 * main.heartbeat.every)
    return found
