"""Two writers that wait for each other: PostgreSQL undoes one, and that one is begun again."""

from threading import Barrier, BrokenBarrierError, Thread

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import OperationalError

from alertcast.store.again import begun_again
from alertcast.store.schema import episode
from tests.databases import MovableDatabase
from tests.stories.town import EVENING


@pytest.fixture
def rows(db: MovableDatabase) -> list[int]:
    with db.write() as tx:
        for family in ("cold", "rain"):
            tx.execute(insert(episode).values(family=family, started_at=EVENING))
        return list(tx.execute(select(episode.c.id).order_by(episode.c.id)).scalars())


def test_both_writers_are_done_in_the_end(db: MovableDatabase, rows: list[int]) -> None:
    """Each marks both rows, in opposite order, and they meet after the first."""
    meeting, begun, failed = Barrier(2, timeout=0.5), [], []

    @begun_again
    def mark(order: list[int], word: str) -> None:
        begun.append(word)
        with db.write() as tx:
            for episode_id in order:
                here = episode.c.id == episode_id
                tx.execute(update(episode).where(here).values(family=episode.c.family + word))
                try:
                    meeting.wait()
                except BrokenBarrierError:  # SQLite's writers take turns: they never meet
                    continue

    def run(order: list[int], word: str) -> None:
        try:
            mark(order, word)
        except OperationalError as error:
            failed.append(error)

    writers = [
        Thread(target=run, args=(rows, "+")),
        Thread(target=run, args=(rows[::-1], "-")),
    ]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    assert failed == []
    assert len(begun) == (2 if db.is_sqlite else 3)
    with db.read() as tx:
        found = list(tx.execute(select(episode.c.family)).scalars())
    assert all(sorted(family[4:]) == ["+", "-"] for family in found)


def test_any_other_fault_is_raised_at_once(db: MovableDatabase) -> None:
    begun = []

    @begun_again
    def fail() -> None:
        begun.append(1)
        raise OperationalError("SELECT", {}, Exception("disk full"))

    with pytest.raises(OperationalError):
        fail()
    assert len(begun) == 1


def test_it_fails_in_the_end_rather_than_trying_for_ever() -> None:
    class Deadlock(Exception):
        sqlstate = "40P01"

    begun = []

    @begun_again
    def fail() -> None:
        begun.append(1)
        raise OperationalError("UPDATE", {}, Deadlock())

    with pytest.raises(OperationalError):
        fail()
    assert len(begun) == 4
