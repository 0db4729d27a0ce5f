"""The engine of many machines: bells that are rung with what was written, heard, lost, doubled."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import psycopg
import pytest
from sqlalchemy import text

from alertcast.engines.local import LocalEngine
from alertcast.engines.procrastinate import Doorbell, ProcrastinateEngine
from alertcast.store import bells, turns
from tests.databases import MovableDatabase, database

WAIT = 10.0  # seconds before a test gives up


@pytest.fixture
def db(tmp_path: Path) -> Iterator[MovableDatabase]:
    with database("postgresql", tmp_path) as db:
        db._ring = Doorbell().ring
        yield db


@contextmanager
def listening(db: MovableDatabase, heard: Event, kinds: set[str]) -> Iterator[ProcrastinateEngine]:
    """Listen with threads that never poll: only a bell can wake them."""

    def step() -> int:
        heard.set()
        return 0

    steps = {"send sms live": (step, 1), "send voice live": (step, 1)}
    threads = LocalEngine(steps, every=3600)
    engine = ProcrastinateEngine(threads, kinds, db.address)
    engine.start()
    try:
        assert heard.wait(WAIT)  # once at the start, for whatever was rung while nobody listened
        time.sleep(0.3)
        heard.clear()
        yield engine
    finally:
        assert engine.stop(WAIT)


def write(db: MovableDatabase, *kinds: str) -> None:
    with db.write() as tx:
        for kind in kinds:
            bells.note(tx, kind)


def waiting(db: MovableDatabase) -> list[str]:
    with db.read() as tx:
        rows = text("SELECT queue_name FROM procrastinate_jobs WHERE status = 'todo' ORDER BY 1")
        return list(tx.execute(rows).scalars())


def test_what_was_written_is_rung_for_once_however_often(db: MovableDatabase) -> None:
    write(db, "voice", "sms", "sms")
    write(db, "sms")
    assert waiting(db) == ["alertcast-sms", "alertcast-voice"]


def test_a_bell_is_undone_with_what_it_was_rung_for(db: MovableDatabase) -> None:
    with pytest.raises(LookupError), db.write() as tx:
        bells.note(tx, "sms")
        raise LookupError
    assert waiting(db) == []
    write(db)
    assert waiting(db) == []


def test_a_bell_wakes_the_threads_and_is_gone(db: MovableDatabase) -> None:
    heard = Event()
    with listening(db, heard, {"sms", "voice"}):
        write(db, "sms")
        assert heard.wait(WAIT)
        heard.clear()
        write(db, "voice")
        assert heard.wait(WAIT)
    assert waiting(db) == []


def test_a_bell_of_another_kind_is_left_to_those_who_send_it(db: MovableDatabase) -> None:
    heard = Event()
    with listening(db, heard, {"sms"}):
        write(db, "voice")
        assert not heard.wait(0.5)
    assert waiting(db) == ["alertcast-voice"]


def test_whoever_rings_the_same_bell_does_not_wait_for_one_that_stands_still(
    db: MovableDatabase,
) -> None:
    """What was written is kept, in time, though the bell could not be rung."""
    begun, go_on = Event(), Event()

    def stand_still() -> None:
        with db.write() as tx:
            Doorbell().ring(tx, "sms")
            begun.set()
            go_on.wait(WAIT)

    other = Thread(target=stand_still)
    other.start()
    assert begun.wait(WAIT)
    started = time.monotonic()
    with db.write() as tx:
        tx.execute(text("INSERT INTO episode (family, started_at) VALUES ('cold', now())"))
        bells.note(tx, "sms")
    assert time.monotonic() - started < 2
    go_on.set()
    other.join()
    with db.read() as tx:
        assert tx.execute(text("SELECT count(*) FROM episode")).scalar_one() == 1


def test_what_is_written_after_a_bell_waits_for_its_turn(db: MovableDatabase) -> None:
    held, began = Event(), time.monotonic()

    def hold() -> None:
        with db.write() as tx:
            turns.take(tx, "audit")
            held.set()
            time.sleep(1.0)

    other = Thread(target=hold)
    other.start()
    held.wait()
    with db.write() as tx:
        Doorbell().ring(tx, "sms")
        turns.take(tx, "audit")  # longer than a bell is waited for
    assert time.monotonic() - began >= 1.0
    other.join()


def test_without_its_tables_a_bell_costs_nothing_but_itself(db: MovableDatabase) -> None:
    with db.write() as tx:
        tx.execute(text("ALTER FUNCTION procrastinate_defer_jobs_v1 RENAME TO gone"))
    try:
        with db.write() as tx:
            tx.execute(text("INSERT INTO episode (family, started_at) VALUES ('cold', now())"))
            bells.note(tx, "sms")
        with db.read() as tx:
            assert tx.execute(text("SELECT count(*) FROM episode")).scalar_one() == 1
    finally:
        with db.write() as tx:
            tx.execute(text("ALTER FUNCTION gone RENAME TO procrastinate_defer_jobs_v1"))


def test_a_listener_that_lost_the_database_comes_back(
    db: MovableDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alertcast.engines.procrastinate.AGAIN", 0.1)
    heard = Event()
    with listening(db, heard, {"sms"}):
        with psycopg.connect(**db.address, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        end = time.monotonic() + WAIT
        while not heard.is_set() and time.monotonic() < end:
            with db.write() as tx:
                Doorbell().ring(tx, "sms")
            heard.wait(0.2)
        assert heard.is_set()


def test_a_bell_that_a_dead_listener_held_is_cleared_away(db: MovableDatabase) -> None:
    with db.write() as tx:
        tx.execute(
            text(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, status)"
                " VALUES ('alertcast-sms', 'alertcast.bell', 'doing')"
            )
        )
    with listening(db, Event(), {"sms"}):
        pass
    with db.read() as tx:
        assert tx.execute(text("SELECT count(*) FROM procrastinate_jobs")).scalar_one() == 0


def test_it_stops_though_the_database_is_gone(db: MovableDatabase) -> None:
    engine = ProcrastinateEngine(
        LocalEngine({"send sms live": (lambda: 0, 1)}), {"sms"}, db.address | {"host": "/nowhere"}
    )
    engine.start()
    time.sleep(0.3)
    started = time.monotonic()
    assert engine.stop(WAIT)
    assert time.monotonic() - started < 3
