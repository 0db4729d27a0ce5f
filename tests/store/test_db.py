"""Times are aware, transactions whole, and the real clock is the database's own."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import StatementError

from alertcast.store.crypto import Vault
from alertcast.store.db import Database, Unreachable
from alertcast.store.schema import episode
from tests.databases import DATA_KEY, MovableDatabase

NOW = datetime(2026, 12, 26, 17, 20, tzinfo=timezone(timedelta(hours=8)))


def count(db: MovableDatabase) -> int:
    with db.read() as tx:
        return int(tx.execute(select(func.count()).select_from(episode)).scalar_one())


def test_a_time_without_a_zone_is_refused(db: MovableDatabase) -> None:
    naive = NOW.replace(tzinfo=None)
    with pytest.raises(StatementError, match="a time without a zone"), db.write() as tx:
        tx.execute(insert(episode).values(family="cold", started_at=naive))


def test_a_time_comes_back_as_utc(db: MovableDatabase) -> None:
    with db.write() as tx:
        tx.execute(insert(episode).values(family="cold", started_at=NOW))
    with db.read() as tx:
        (found,) = tx.execute(select(episode.c.started_at)).scalars()
    assert found == NOW
    assert found.tzinfo is UTC


def test_a_transaction_that_raises_leaves_nothing(db: MovableDatabase) -> None:
    with pytest.raises(LookupError), db.write() as tx:
        tx.execute(insert(episode).values(family="cold", started_at=NOW))
        raise LookupError
    assert count(db) == 0


def test_writers_take_turns(db: MovableDatabase) -> None:
    def write() -> None:
        for _ in range(5):
            with db.write() as tx:
                tx.execute(insert(episode).values(family="cold", started_at=NOW))

    threads = [Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count(db) == 20


def test_real_time_is_aware_and_goes_on(db: MovableDatabase) -> None:
    with db.read() as tx:
        first, later = db.real_now(tx), db.real_after(tx, 60)
    assert first.tzinfo is UTC
    assert timedelta(seconds=59) < later - first < timedelta(seconds=65)


@pytest.mark.parametrize(
    "url", ["sqlite:///{folder}", "postgresql+psycopg://wang:secret@127.0.0.1:9/alertcast"]
)
def test_a_database_that_is_not_there_is_named_without_its_password(
    url: str, tmp_path: Path
) -> None:
    db = Database(url.format(folder=tmp_path), Vault.from_text(DATA_KEY))
    for opened in (db.read, db.write):
        with pytest.raises(Unreachable, match="can not be reached") as said, opened():
            pass
        assert str(said.value).startswith(str(db.url))
        assert "secret" not in str(said.value)
        assert len(str(said.value).splitlines()) == 1
    db.close()


def test_whoever_counts_commits_is_told_before_and_after_each_from_one_on(
    db: MovableDatabase,
) -> None:
    def keep() -> None:
        with db.write() as tx:
            tx.execute(insert(episode).values(family="cold", started_at=NOW))

    keep()  # nobody counts yet
    told: list[tuple[int, bool]] = []
    db.count_commits(lambda number, is_done: told.append((number, is_done)))
    keep()
    keep()
    assert told == [(1, False), (1, True), (2, False), (2, True)]
    db.count_commits(lambda number, is_done: told.append((number, is_done)))
    keep()
    assert told[4:] == [(1, False), (1, True)]
