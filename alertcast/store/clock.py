"""Product time that several machines share: that of their database, carried on between two looks.

A machine whose own clock is wrong, or is set while it runs, would climb ladders early or end
warnings that hold. Between two looks at the database only the seconds that passed are counted.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from alertcast.store.db import Database

log = structlog.get_logger()

LOOK = 10.0
"""Real seconds between two looks at the database's clock."""

STEP = timedelta(seconds=2)
"""A difference at a look that is no drift: somebody has set the database's clock."""


class SharedClock:
    """The database's time, aware, in UTC; asked for anywhere, also while no database answers."""

    def __init__(self, database: Callable[[], Database]) -> None:
        """Take what gives the database; it is not opened before the first call."""
        self._database = database
        self._at: tuple[datetime, float] | None = None  # a time, and time.monotonic() then
        self._looked = 0.0

    def __call__(self) -> datetime:
        """Return the time; only the first call waits for the database. Raises Unreachable."""
        at, passed = self._at or self._look()
        return at + timedelta(seconds=time.monotonic() - passed)

    def look(self) -> int:
        """Look at the database's clock if it is time to; return 0: a step that is run for ever."""
        known = self._at
        if known is None or time.monotonic() - self._looked >= LOOK:
            at, passed = self._look()
            if known is not None:
                step = at - known[0] - timedelta(seconds=passed - known[1])
                if abs(step) > STEP:
                    log.error("the clock of the database was set", seconds=step.total_seconds())
        return 0

    def _look(self) -> tuple[datetime, float]:
        self._looked = time.monotonic()
        database = self._database()
        with database.read() as tx:
            before = time.monotonic()
            found = database.real_now(tx)
            self._at = found, (before + time.monotonic()) / 2
        return self._at
