"""Product time: never set back, and where several machines share it, that of their database.

A machine whose own clock is wrong, or is set while it runs, would climb ladders early or end
warnings that hold. Between two looks at the database only the seconds that passed are counted.
Where a clock is set back, what was due a moment ago would not be due any more, and nothing would
leave until then: so time goes slowly instead until it is right again.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock
from time import monotonic

import structlog

from alertcast.store.db import Database

log = structlog.get_logger()

LOOK = 10.0
"""Real seconds between two looks at the database's clock."""

STEP = timedelta(seconds=2)
"""A difference at a look that is no drift: somebody has set the database's clock."""

PACE = 0.5
"""How fast time goes while it is ahead of a clock that was set back: twice as long to wait."""

LONGEST_BACK = timedelta(hours=1)
"""A clock that is set back by more was so wrong that it is followed at once."""


class SteadyClock:
    """The time of another clock that does not go back where that one does; safe from any thread."""

    def __init__(self, source: Callable[[], datetime]) -> None:
        """Take the clock to follow; it gives an aware time."""
        self._source = source
        self._last: tuple[datetime, float] | None = None  # a time, and `monotonic` then
        self._lock = Lock()

    def __call__(self) -> datetime:
        """Return the time; raises what the clock that is followed raises."""
        found, passed = self._source(), monotonic()
        with self._lock:
            if self._last is not None:
                found = self._onward(found, *self._last, passed)
            self._last = found, passed
            return found

    def _onward(self, found: datetime, last: datetime, then: float, passed: float) -> datetime:
        own = last + timedelta(seconds=PACE * max(0.0, passed - then))
        if found >= own:
            return found
        if own - found > LONGEST_BACK:
            log.error("the clock was set back", seconds=(own - found).total_seconds())
            return found
        return own


class SharedClock:
    """The database's time, aware, in UTC; asked for anywhere, also while no database answers."""

    def __init__(self, database: Callable[[], Database]) -> None:
        """Take what gives the database; it is not opened before the first call."""
        self._database = database
        self._at: tuple[datetime, float] | None = None  # a time, and `monotonic` then
        self._looked = 0.0
        self._steady = SteadyClock(self._carried)

    def __call__(self) -> datetime:
        """Return the time; only the first call waits for the database. Raises Unreachable."""
        return self._steady()

    def look(self) -> int:
        """Look at the database's clock if it is time to; return 0: a step that is run for ever."""
        known = self._at
        if known is None or monotonic() - self._looked >= LOOK:
            at, passed = self._look()
            if known is not None:
                step = at - known[0] - timedelta(seconds=passed - known[1])
                if abs(step) > STEP:
                    log.error("the clock of the database was set", seconds=step.total_seconds())
        return 0

    def _carried(self) -> datetime:
        at, passed = self._at or self._look()
        return at + timedelta(seconds=monotonic() - passed)

    def _look(self) -> tuple[datetime, float]:
        self._looked = monotonic()
        database = self._database()
        with database.read() as tx:
            before = monotonic()
            found = database.real_now(tx)
            self._at = found, (before + monotonic()) / 2
        return self._at
