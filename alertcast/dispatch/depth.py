"""Whether so many receipts wait to be applied that a provider is better asked to come again."""

import time
from threading import Lock

import structlog

from alertcast.dispatch.world import World
from alertcast.store import receipts

log = structlog.get_logger()

COUNTED_EVERY = 1.0
"""Real seconds between two counts by one process: a burst of receipts costs one."""


class Depth:
    """How many receipts were waiting when this process counted them last."""

    def __init__(self) -> None:
        """Begin without any count."""
        self._lock = Lock()
        self._counted = -COUNTED_EVERY
        self._is_too_deep = False

    def is_too_deep(self, world: World, at: float | None = None) -> bool:
        """Say whether more wait than `dispatch.receipts_most`; `at`: monotonic seconds."""
        at = time.monotonic() if at is None else at
        with self._lock:
            if at - self._counted < COUNTED_EVERY:
                return self._is_too_deep
            self._counted = at
        with world.db.read() as tx:
            waiting = receipts.how_many_wait(tx)
        is_too_deep = waiting > world.config.main.dispatch.receipts_most
        if is_too_deep and not self._is_too_deep:
            log.error("too many receipts wait: providers are asked to come again", count=waiting)
        self._is_too_deep = is_too_deep
        return is_too_deep
