"""So many in so long, by key, in memory of this process."""

import time
from collections import deque
from collections.abc import Callable
from threading import Lock

KEPT = 10_000
"""Most keys that are remembered; the one heard of longest ago is forgotten first."""


class Window:
    """Counts what happened lately; `clock` is monotonic seconds."""

    def __init__(
        self, most: int, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Take how many may happen in how many seconds."""
        self._most, self._seconds, self._clock = most, seconds, clock
        self._at: dict[str, deque[float]] = {}
        self._lock = Lock()

    def wait(self, key: str) -> float:
        """Return after how many seconds one more may happen; 0: now."""
        with self._lock:
            at = self._lately(key)
            return at[0] + self._seconds - self._clock() if len(at) >= self._most else 0.0

    def count(self, key: str) -> None:
        """Count one."""
        with self._lock:
            at = self._lately(key)
            at.append(self._clock())
            self._at[key] = at

    def _lately(self, key: str) -> deque[float]:
        at = self._at.pop(key, deque(maxlen=self._most))
        while at and at[0] <= self._clock() - self._seconds:
            at.popleft()
        if at:
            self._at[key] = at
        if len(self._at) > KEPT:
            del self._at[next(iter(self._at))]
        return at
