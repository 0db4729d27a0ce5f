"""A product clock that runs fast, waits while work is under way, and passes over quiet hours.

Nothing that was due is ever overtaken: a slow machine plays the same night, only later.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event, Lock, Thread

LOOK = 0.01
"""Real seconds between two looks at whether time may pass."""

QUIET = timedelta(minutes=3)
"""Product time without anything due that counts as a quiet stretch."""


class NightClock:
    """Product time for a demo; reading it is safe from any thread."""

    def __init__(self, start: datetime, *, speed: float, skip: float | None) -> None:
        """Take how much faster than real time it runs.

        `skip`: how much faster still in quiet stretches; None: they are passed at once.
        """
        self._now, self._lock = start, Lock()
        self._speed, self._skip = speed, skip
        self._stop = Event()
        self._thread: Thread | None = None

    def __call__(self) -> datetime:
        """Return product time, aware, UTC."""
        with self._lock:
            return self._now

    def start(
        self,
        is_behind: Callable[[datetime], bool],
        next_due: Callable[[], datetime | None],
        moved: Callable[[], None],
    ) -> None:
        """Let time pass while not `is_behind`, towards `next_due`; `moved` is told each time."""
        self._thread = Thread(
            target=self._run, args=(is_behind, next_due, moved), name="night clock", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Let time stand still."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _run(
        self,
        is_behind: Callable[[datetime], bool],
        next_due: Callable[[], datetime | None],
        moved: Callable[[], None],
    ) -> None:
        last = time.monotonic()
        while not self._stop.wait(LOOK):
            real = time.monotonic()
            passed, last = real - last, real
            now = self()
            if is_behind(now):
                continue
            self._move(now, timedelta(seconds=min(passed, 0.5) * self._speed), next_due())
            moved()

    def _move(self, now: datetime, step: timedelta, due: datetime | None) -> None:
        to = now + step
        if due is not None and due > to and due - now > QUIET:
            to = due if self._skip is None else min(due, now + step * self._skip)
        with self._lock:
            self._now = to
