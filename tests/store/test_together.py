"""What several ask to be written at one moment: one commit, or one refusal for all of them."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock, Thread

import pytest
from sqlalchemy import Connection, create_engine, text

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


class Piled:
    """Work that waited while another wrote, and the calls in which it was done."""

    def __init__(self, tmp_path: Path) -> None:
        file = tmp_path / "piled.sqlite3"
        self.engine = create_engine(f"sqlite:///{file}", connect_args={"check_same_thread": False})
        with self.engine.begin() as tx:
            tx.execute(text("CREATE TABLE kept (number INTEGER)"))
        self.writer = RLock()
        self.together = Together(self.writer, self.engine.begin)
        self.calls: list[list[int]] = []
        self.found: dict[int, object] = {}

    def keep(self, tx: Connection, numbers: list[int]) -> list[int]:
        self.calls.append(numbers)
        if 13 in numbers:
            raise ValueError("13 can not be kept")
        for number in numbers:
            tx.execute(text("INSERT INTO kept VALUES (:number)"), {"number": number})
        return [number * 10 for number in numbers]

    def ask_at_once(self, *numbers: int) -> None:
        def ask(number: int) -> None:
            try:
                self.found[number] = self.together.run_alike(keep, number)
            except ValueError as error:
                self.found[number] = str(error)

        keep = self.keep
        threads = [Thread(target=ask, args=(number,)) for number in numbers]
        with self.writer:
            for one in threads:
                one.start()
            end = time.monotonic() + WAIT
            while len(self.together._asked) < len(threads) and time.monotonic() < end:
                time.sleep(0.001)
        for one in threads:
            one.join(WAIT)

    def kept(self) -> list[int]:
        with self.engine.begin() as tx:
            rows = tx.execute(text("SELECT number FROM kept ORDER BY number"))
            return list(rows.scalars())


@pytest.fixture
def piled(tmp_path: Path) -> Iterator[Piled]:
    made = Piled(tmp_path)
    yield made
    made.engine.dispose()


def test_items_of_the_same_work_share_one_call_and_each_hears_its_own_result(piled: Piled) -> None:
    piled.ask_at_once(1, 2, 3)
    assert [sorted(call) for call in piled.calls] == [[1, 2, 3]]
    assert piled.found == {1: 10, 2: 20, 3: 30}
    assert piled.kept() == [1, 2, 3]


def test_an_item_that_can_not_be_written_fails_alone(piled: Piled) -> None:
    piled.ask_at_once(1, 13, 3)
    assert piled.found == {1: 10, 13: "13 can not be kept", 3: 30}
    assert piled.kept() == [1, 3]
