"""The engine of one process: a thread per kind of step, woken when there is work, polling anyway.

The database is the queue: a wake that is lost costs one poll interval, one too many finds nothing.
"""

import time
from collections.abc import Mapping
from threading import Event, Lock, Thread

import structlog

from alertcast.engines import heap
from alertcast.engines.base import Step

log = structlog.get_logger()

TIDY_EVERY = 60.0
"""Real seconds after which memory that lies free is given back to the machine, again and again."""


class LocalEngine:
    """Runs named steps in threads until it is stopped."""

    def __init__(self, steps: Mapping[str, tuple[Step, int]], *, every: float = 0.5) -> None:
        """Take steps with the number of threads each; `every`: real seconds between polls."""
        self._every = every
        self._stop = Event()
        self._bells = {name: Event() for name in steps}
        self._lock = Lock()
        self._busy = 0
        self._threads = [
            Thread(target=self._run, args=(name, step), name=f"{name}-{number}", daemon=True)
            for name, (step, threads) in steps.items()
            for number in range(threads)
        ]
        self._threads.append(Thread(target=self._tidy, name="tidy", daemon=True))

    def start(self) -> None:
        """Start all threads; they share one heap with all that begin after them."""
        heap.share_one()
        for thread in self._threads:
            thread.start()

    def wake(self, steps: str = "") -> None:
        """Let the steps whose name begins with `steps` look for work now; "": all of them."""
        for name, bell in self._bells.items():
            if name.startswith(steps):
                bell.set()

    @property
    def is_busy(self) -> bool:
        """Say whether a step is at work at this moment."""
        return self._busy > 0 or any(bell.is_set() for bell in self._bells.values())

    def stop(self, timeout: float = 30.0) -> bool:
        """Stop claiming, let what is under way finish; False if a thread did not end in time."""
        self._stop.set()
        self.wake()
        end = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _tidy(self) -> None:
        while not self._stop.wait(TIDY_EVERY):
            heap.give_back()

    def _run(self, name: str, step: Step) -> None:
        bell = self._bells[name]
        while not self._stop.is_set():
            bell.wait(self._every)
            with self._lock:
                self._busy += 1
                bell.clear()
            try:
                while not self._stop.is_set() and step():
                    pass
            except Exception:  # a step's fault is logged and tried again; the thread goes on
                log.exception("step failed", step=name)
            finally:
                with self._lock:
                    self._busy -= 1
