"""Group commits: what several threads ask to be written at one moment shares one transaction.

SQLite waits for the disk at each commit. Whoever comes first leads: it does the work of all who
came while others held the writer's lock, commits once, and each returns with its own result. The
first of those who came meanwhile leads next; the others sleep until their work is done.
"""

import time
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from threading import Event, Lock, RLock
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection

Item = TypeVar("Item")
T = TypeVar("T")

MOST = 200
"""How many pieces of work share one commit at most."""

LINGER = 0.004
"""Real seconds that a leader waits for more, where another led before it: many are at work."""


class Together:
    """The pieces of work that wait for the next commit."""

    def __init__(
        self, writer: RLock, write: Callable[[], AbstractContextManager[Connection]]
    ) -> None:
        """Take the lock that every writer holds, and what opens a transaction that writes."""
        self._writer, self._write = writer, write
        self._asked: deque[_Asked[Any]] = deque()
        self._guard = Lock()  # of the two: what is asked, and whether somebody leads
        self._is_led = False

    def run(self, work: Callable[[Connection], T]) -> T:
        """Return what `work` returns, once it is on disk.

        If any piece of work raises, each is begun again by itself, so that only that one fails.
        Where not even a transaction can be begun, all of them fail at once.
        """
        return self._wait(_Asked(lambda tx, _: [work(tx)], None))

    def run_alike(self, work: Callable[[Connection, list[Item]], list[T]], item: Item) -> T:
        """Return what `work` returns for `item`, once it is on disk.

        All items that wait with the same `work` are given to it in one call.
        """
        return self._wait(_Asked(work, item))

    def _wait(self, asked: "_Asked[T]") -> T:
        with self._guard:
            self._asked.append(asked)
            leads, self._is_led = not self._is_led, True
        if not leads:
            asked.called.wait()
        if not asked.is_done:
            try:
                if not leads:
                    time.sleep(LINGER)
                with self._writer:
                    self._do(self._next())
            finally:
                self._hand_on()
        return asked.outcome()

    def _next(self) -> list["_Asked[Any]"]:
        """Return what is asked, the leader's own first."""
        with self._guard:
            return [self._asked.popleft() for _ in range(min(len(self._asked), MOST))]

    def _hand_on(self) -> None:
        """Let whoever came first meanwhile lead."""
        with self._guard:
            self._is_led = bool(self._asked)
            if self._asked:
                self._asked[0].called.set()

    def _do(self, batch: list["_Asked[Any]"]) -> None:
        has_begun = False
        try:
            with self._write() as tx:
                has_begun = True
                found = _results(tx, batch)
        except BaseException as error:
            if has_begun and len(batch) > 1 and isinstance(error, Exception):
                for one in batch:
                    self._do([one])
                return
            for one in batch:
                one.failed(error)
            if not isinstance(error, Exception):
                raise  # the process is being ended
        else:
            for one, result in zip(batch, found, strict=True):
                one.done(result)


class _Asked(Generic[T]):
    """A piece of work that waits for its commit."""

    def __init__(self, work: Callable[[Connection, list[Any]], list[T]], item: Any) -> None:
        self.work, self.item = work, item
        self.is_done = False
        self.called = Event()  # its work is done, or it is to lead
        self._result: list[T] = []
        self._error: BaseException | None = None

    def done(self, result: T) -> None:
        self._result.append(result)
        self.is_done = True
        self.called.set()

    def failed(self, error: BaseException) -> None:
        self._error = error
        self.is_done = True
        self.called.set()

    def outcome(self) -> T:
        if self._error is not None:
            raise self._error
        return self._result[0]


def _results(tx: Connection, batch: list[_Asked[Any]]) -> list[Any]:
    """Return the result of each piece of work, in their order."""
    alike: dict[Any, list[int]] = {}
    for number, one in enumerate(batch):
        alike.setdefault(one.work, []).append(number)
    found: list[Any] = [None] * len(batch)
    for work, numbers in alike.items():
        results = work(tx, [batch[number].item for number in numbers])
        for number, result in zip(numbers, results, strict=True):
            found[number] = result
    return found
