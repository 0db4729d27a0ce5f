"""Forged callbacks are counted; whoever sends many of them costs few writes."""

import time
from collections import Counter
from threading import Lock

from alertcast.store import channels
from alertcast.store.db import Database

EVERY = 1.0
"""Least real seconds between two writes."""


class Tally:
    """Counts of one process: the first is written at once, those after it with the next write."""

    def __init__(self) -> None:
        """Begin with nothing counted."""
        self._lock = Lock()
        self._waiting: Counter[str] = Counter()
        self._written = -EVERY

    def count(self, db: Database, channel: str) -> None:
        """Count a callback of `channel` that was refused."""
        with self._lock:
            self._waiting[channel] += 1
            at = time.monotonic()
            if at - self._written < EVERY:
                return
            self._written = at
            counted, self._waiting = self._waiting, Counter()
        try:
            with db.write() as tx:
                for name, number in counted.items():
                    channels.count_forged(tx, name, number)
        except Exception:
            with self._lock:
                self._waiting.update(counted)  # they come with the next write
            raise
