"""What several ask to be written at one moment: one commit, or one refusal for all of them."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock, Thread

from sqlalchemy import Connection

from alertcast.store.together import Together

WAIT = 10.0


def test_where_no_transaction_can_be_begun_all_hear_of_it_at_once() -> None:
    """Each would have waited for the lock of another process, one after the other."""
    begun: list[float] = []

    @contextmanager
    def write() -> Iterator[Connection]:
        begun.append(time.monotonic())
        raise TimeoutError("database is locked")
        yield

    writer, failed = RLock(), list[str]()
    together = Together(writer, write)

    def ask() -> None:
        try:
            together.run(lambda tx: None)
        except TimeoutError as error:
            failed.append(str(error))

    threads = [Thread(target=ask) for _ in range(5)]
    with writer:
        for one in threads:
            one.start()
        end = time.monotonic() + WAIT
        while len(together._asked) < len(threads) and time.monotonic() < end:
            time.sleep(0.001)
    for one in threads:
        one.join(WAIT)
    assert failed == ["database is locked"] * 5
    assert len(begun) == 1
