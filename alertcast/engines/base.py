"""What every engine can: run named steps in threads, be woken, and come to rest."""

from collections.abc import Callable
from typing import Protocol

Step = Callable[[], int]
"""Does what is due and returns how much it did; it is called again at once until that is 0."""


class Engine(Protocol):
    """Runs steps until it is stopped. It holds no truth: the database is the queue."""

    def start(self) -> None:
        """Start all threads."""

    def wake(self, steps: str = "") -> None:
        """Let the steps whose name begins with `steps` look for work now; "": all of them."""

    @property
    def is_busy(self) -> bool:
        """Say whether a step is at work at this moment."""

    def stop(self, timeout: float = 30.0) -> bool:
        """Stop claiming, let what is under way finish; False if that took longer than `timeout`."""
