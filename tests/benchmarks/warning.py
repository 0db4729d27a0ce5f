"""A warning is published that 54,000 people are to be told of: when does the first text leave?"""

import time
from dataclasses import replace
from datetime import datetime, timedelta

from shapely import box
from shapely.geometry.base import BaseGeometry

from alertcast.bootstrap import App, running, utc_now
from alertcast.core.task import TaskState
from alertcast.scheduler import Feed
from alertcast.sources.base import Memory, Polled
from alertcast.sources.folder import Folder
from alertcast.store import tasks
from tests.benchmarks.figures import Figure
from tests.benchmarks.place import ALL, Place, place, settle
from tests.stories.published import Warned, cap, info

EVERYWHERE = box(*ALL)


class Watched(Folder):
    """A folder of warnings that knows when the poll began that found one."""

    seen_at = 0.0

    def poll(self, memory: Memory, now: datetime) -> Polled:
        begun = time.time()
        polled = super().poll(memory, now)
        if polled.documents and not self.seen_at:
            self.seen_at = begun
        return polled


def warning(number: int = 54_000, in_a_grid: int = 10) -> Figure:
    """Publish an orange warning over all grids, and wait for the first request at the carrier."""
    with place(sms=500, is_silent=True) as where:
        app = where.open()
        settle(app, number, in_a_grid=in_a_grid)
        source = Watched("inbox", Folder.Settings(path=where.folder / "inbox"))
        app = replace(app, feeds={"inbox": Feed(source, timedelta(seconds=1))})
        with running(app):
            time.sleep(2.5)  # the layer has been read, as it has been hours before a warning
            publish(where, "orange")
            taken = where.book.wait_for(1, 300)
            planned = _planned(app)
        app.close()
    took = min(one.at for one in taken) - source.seen_at
    return Figure(
        f"warning published to first request, {number} tasks",
        "within 2 s of the poll that sees it",
        {"seconds": round(took, 2), "grids": -(-number // in_a_grid), "planned by then": planned},
        took <= 2.0,
    )


def publish(where: Place, level: str, shape: BaseGeometry = EVERYWHERE, number: int = 0) -> None:
    """Drop the warning of this number over `shape` into the folder that is polled."""
    now = utc_now()
    warned = Warned(f"44122441600000_{now:%Y%m%d%H%M%S}{number:03d}", now)
    inbox = where.folder / "inbox"
    (inbox / ".warning").write_text(cap(warned, info(now, shape, level)), "utf-8")
    (inbox / ".warning").rename(inbox / f"warning-{number}.xml")


def _planned(app: App) -> int:
    with app.world.db.read() as tx:
        return tasks.moving(tx, list(TaskState))
