"""What the simulator does later: a line of due actions, run by a few threads on the product clock.

The clock is an argument, so that a demo can run it fast or move it. An action is called with the
time at which it was due, not with the time at which a thread was free, and dates what it causes
from there: the story told to the product does not depend on how busy the machine is.
"""

import logging
import threading
from bisect import bisect_right, insort
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import count
from operator import itemgetter

Action = Callable[[datetime], None]
Clock = Callable[[], datetime]

POLL = 0.02
"""Longest real seconds between two looks at a clock that somebody else may move, if nobody says."""

log = logging.getLogger(__name__)

_due_of = itemgetter(0)


def real_time() -> datetime:
    """Return the machine's time, aware, UTC: the product clock of everyday running."""
    return datetime.now(UTC)


class Timeline:
    """Actions in the order in which they fall due; those that are due run side by side.

    Parameters
    ----------
    clock
        Returns the product's time, aware. None: the machine's own time.
    workers
        How many actions may run at once; one that waits for the product's web server holds a place.
    poll
        Longest real seconds between two looks at a clock that somebody else moves; None: whoever
        moves it calls `wake` each time.
    """

    def __init__(
        self, clock: Clock | None = None, workers: int = 8, *, poll: float | None = POLL
    ) -> None:
        self.clock: Clock = clock or real_time
        self._is_movable = clock is not None
        self._poll = poll
        self._workers = workers
        self._line: list[tuple[datetime, int, Action]] = []  # sorted; the counter breaks ties
        self._count = count()
        self._running = 0
        self._wakes = 0
        self._stopping = False
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def at(self, due: datetime, action: Action) -> None:
        """Let `action` be called with `due` (product time, aware) once that moment has come."""
        with self._changed:
            insort(self._line, (due, next(self._count), action), key=lambda item: item[:2])
            if self._line[0][0] == due:
                self._changed.notify_all()

    def pending(self, now: datetime) -> int:
        """Return how many actions are due at or before `now` (product time), or are being done."""
        with self._changed:
            return self._running + bisect_right(self._line, now, key=_due_of)

    def rest(self, now: datetime, patience: float) -> bool:
        """Wait until nothing is due at or before `now` (product time), nor being done; say if so.

        `patience`: longest real seconds to wait.
        """
        with self._changed:
            return self._changed.wait_for(
                lambda: not self._running + bisect_right(self._line, now, key=_due_of), patience
            )

    def next_due(self) -> datetime | None:
        """Return when the first waiting action falls due (product time); None: nothing waits."""
        with self._changed:
            return self._line[0][0] if self._line else None

    def wake(self) -> None:
        """Look at the clock again at once: to be called after it was moved."""
        with self._changed:
            self._wakes += 1
            self._changed.notify_all()

    def start(self) -> None:
        """Begin to run what is due."""
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="simulator-timeline", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Begin nothing more; returns when what was being done has ended."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        with ThreadPoolExecutor(self._workers, thread_name_prefix="simulator-event") as pool:
            while not self._stopping:
                wakes = self._wakes
                # The clock may hold a lock of its own, so it is never asked while we hold ours.
                now = self.clock()
                for due, action in self._take(now, wakes):
                    pool.submit(self._perform, due, action)

    def _take(self, now: datetime, wakes: int) -> list[tuple[datetime, Action]]:
        with self._changed:
            ripe = bisect_right(self._line, now, key=_due_of)
            if not ripe:
                if wakes == self._wakes and not self._stopping:
                    self._changed.wait(self._patience(now))
                return []
            taken = [(due, action) for due, _, action in self._line[:ripe]]
            del self._line[:ripe]
            self._running += ripe
            return taken

    def _patience(self, now: datetime) -> float | None:
        if not self._line:
            return None
        if self._is_movable:
            return self._poll
        return max(0.0, (self._line[0][0] - now).total_seconds())

    def _perform(self, due: datetime, action: Action) -> None:
        try:
            if not self._stopping:
                action(due)
        except Exception:  # one bad event must not end the night for all the others
            log.exception("A simulated event failed")
        finally:
            with self._changed:
                self._running -= 1
                if not self._running:
                    self._changed.notify_all()
