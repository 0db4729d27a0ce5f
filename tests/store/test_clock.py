"""Several machines go by one clock: that of their database, whatever their own ones say."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alertcast.store import clock as module
from alertcast.store.clock import LONGEST_BACK, SharedClock, SteadyClock
from alertcast.store.crypto import Vault
from alertcast.store.db import Database, StoreError
from tests.databases import DATA_KEY, MovableDatabase


def test_it_is_the_databases_time_and_goes_on(db: MovableDatabase) -> None:
    db.ahead = timedelta(hours=3)  # as seen from a machine whose own clock is three hours behind
    clock = SharedClock(lambda: db)
    first = clock()
    assert first.tzinfo is UTC
    assert timedelta(hours=2.9) < first - datetime.now(UTC) < timedelta(hours=3.1)
    time.sleep(0.02)
    assert timedelta(0) < clock() - first < timedelta(seconds=5)


def test_between_two_looks_it_goes_on_without_the_database(db: MovableDatabase) -> None:
    clock = SharedClock(lambda: db)
    first = clock()
    db.ahead = timedelta(hours=1)
    assert clock.look() == 0
    assert clock() - first < timedelta(minutes=1)


def test_a_database_whose_clock_was_set_is_followed_and_told(
    db: MovableDatabase, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "LOOK", 0.0)
    clock = SharedClock(lambda: db)
    first = clock()
    clock.look()
    assert "was set" not in capsys.readouterr().out
    db.ahead = timedelta(hours=1)
    clock.look()
    assert clock() - first > timedelta(minutes=59)
    assert "the clock of the database was set" in capsys.readouterr().out


class Wall:
    """A clock on the wall, and the seconds that pass."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.shown, self.passed = datetime(2026, 1, 1, 12, 0, tzinfo=UTC), 1000.0
        monkeypatch.setattr(module, "monotonic", lambda: self.passed)
        self.clock = SteadyClock(lambda: self.shown)

    def after(self, seconds: float) -> datetime:
        self.passed += seconds
        self.shown += timedelta(seconds=seconds)
        return self.clock()


def test_a_clock_that_is_set_back_goes_on_slowly_until_it_is_overtaken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wall = Wall(monkeypatch)
    before = wall.after(60)
    wall.shown -= timedelta(minutes=10)
    assert wall.clock() == before
    assert wall.after(60) == before + timedelta(seconds=30)
    assert wall.after(19 * 60) == before + timedelta(minutes=10)
    assert wall.after(60) == wall.shown == before + timedelta(minutes=11)


def test_a_clock_that_is_set_ahead_is_followed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    wall = Wall(monkeypatch)
    wall.clock()
    wall.shown += timedelta(days=3)
    assert wall.clock() == wall.shown


def test_a_clock_that_was_wrong_by_hours_is_followed_back_and_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wall = Wall(monkeypatch)
    wall.clock()
    wall.shown -= LONGEST_BACK + timedelta(seconds=1)
    assert wall.clock() == wall.shown
    assert "the clock was set back" in capsys.readouterr().out


def test_a_database_whose_clock_is_set_back_makes_nothing_undone(
    db: MovableDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOOK", 0.0)
    clock = SharedClock(lambda: db)
    first = clock()
    db.ahead = -timedelta(minutes=10)
    clock.look()
    assert clock() >= first


def test_before_the_first_look_there_is_no_time(tmp_path: Path) -> None:
    folder = tmp_path / "not there"
    db = Database(f"sqlite:///{folder}/x.sqlite3", Vault.from_text(DATA_KEY))
    with pytest.raises(StoreError):
        SharedClock(lambda: db)()
    db.close()
