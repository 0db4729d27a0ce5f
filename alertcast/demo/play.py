"""The night is played: the script goes into the feed, time passes, and the end is waited for."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event

from alertcast.core.broadcast import BroadcastState
from alertcast.core.task import TaskState
from alertcast.demo.night import END, Scene, scenes
from alertcast.demo.stage import Stage
from alertcast.store import alerts, broadcasts, receipts, tasks

LATEST = timedelta(hours=1)
"""Product time after the end in which the last broadcast must have closed."""

PATIENCE = 600.0
"""Real seconds after which a night that does not end is given up as stuck."""


class Stuck(Exception):
    """The night did not come to its end."""


class Player:
    """Feeds the script to the simulator as time reaches each scene."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._scenes = scenes(stage.grids)
        self._shown = 0

    @property
    def shown(self) -> int:
        """How many scenes the feed has published."""
        return self._shown

    def start(self) -> None:
        """Let the night begin."""
        self._stage.clock.start(self._is_behind, self._next_due, self._moved)

    def wait(self, tell: Callable[[], None], stopped: Event, *, every: float = 0.25) -> None:
        """Return when the night is over or `stopped` is set; `tell` is called each `every` seconds.

        A broadcast that is still running a while after the end is left to the report.

        Raises
        ------
        Stuck
            Nothing has moved for far too long.
        """
        begun = time.monotonic()
        while not stopped.wait(every):
            tell()
            now = self._stage.clock()
            if now >= END and not self._is_behind(now) and self._is_closed():
                return
            if time.monotonic() - begun > PATIENCE:
                msg = f"the night stands still at {now.isoformat()}"
                raise Stuck(msg)

    def _is_closed(self) -> bool:
        with self._stage.app.world.db.read() as tx:
            running = broadcasts.listed(tx, states=(BroadcastState.RUNNING,))
        return not running or self._stage.clock() >= END + LATEST

    def _moved(self) -> None:
        now = self._stage.clock()
        for scene in self._due(now):
            self._stage.simulator.publisher.publish_document(
                scene.document, scene.title, scene.at, scene.identifier
            )
            self._shown += 1
        self._stage.simulator.wake()

    def _due(self, now: datetime) -> list[Scene]:
        return [scene for scene in self._scenes[self._shown :] if scene.at <= now]

    def _is_behind(self, now: datetime) -> bool:
        """Say whether anything that is due by `now` has not been done yet."""
        stage = self._stage
        if stage.simulator.pending(now) or stage.at_work.engine.is_busy:
            return True
        with stage.app.world.db.read() as tx:
            due = tasks.next_due(tx)
            if due is not None and due <= now:
                stage.at_work.wake()
                return True
            return (
                tasks.moving(tx, (TaskState.LEAVING, TaskState.UNSURE)) > 0
                or alerts.count(tx) < self._shown
                or bool(alerts.undecided(tx))
                or receipts.how_many_wait(tx) > 0
            )

    def _next_due(self) -> datetime | None:
        with self._stage.app.world.db.read() as tx:
            found = [tasks.next_due(tx), self._stage.simulator.next_due()]
        found += [scene.at for scene in self._scenes[self._shown : self._shown + 1]]
        if self._shown == len(self._scenes):
            found.append(END)
        return min((at for at in found if at is not None), default=None)
