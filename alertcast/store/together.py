"""Group commits: what several threads ask to be written at one moment shares one transaction.

SQLite waits for the disk at each commit. Whoever gets the writer's lock first does the work of all
who wait for it, commits once, and each of them returns with its own result.
"""

from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from threading import RLock
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection

Item = TypeVar("Item")
T = TypeVar("T")

MOST = 200
"""How many pieces of work share one commit at most."""


class Together:
    """The pieces of work that wait for the next commit."""

    def __init__(
        self, writer: RLock, write: Callable[[], AbstractContextManager[Connection]]
    ) -> None:
        """Take the lock that every writer holds, and what opens a transaction that writes."""
        self._writer, self._write = writer, write
        self._asked: deque[_Asked[Any]] = deque()

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
        self._asked.append(asked)
        while not asked.is_done:
            with self._writer:
                if not asked.is_done:  # else a thread before us has done it with its own
                    self._do(self._next())
        return asked.outcome()

    def _next(self) -> list["_Asked[Any]"]:
        return [self._asked.popleft() for _ in range(min(len(self._asked), MOST))]

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
        self._result: list[T] = []
        self._error: BaseException | None = None

    def done(self, result: T) -> None:
        self._result.append(result)
        self.is_done = True

    def failed(self, error: BaseException) -> None:
        self._error = error
        self.is_done = True

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
