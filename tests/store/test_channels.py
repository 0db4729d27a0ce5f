"""The token bucket of a channel: shared, refilled by real time, paused, stopped."""

from datetime import UTC, datetime, timedelta

import pytest

from alertcast.store import channels
from tests.databases import MovableDatabase

START = datetime(2026, 12, 26, 9, 20, tzinfo=UTC)


def take(db: MovableDatabase, wanted: int, after: float = 0.0) -> int:
    with db.write() as tx:
        now = START + timedelta(seconds=after)
        return channels.take(tx, "sms", wanted, rate=2.0, burst=5.0, real_now=now)


@pytest.mark.parametrize(("wanted", "taken"), [(0, 0), (3, 3), (5, 5), (9, 5)])
def test_a_full_bucket(db: MovableDatabase, wanted: int, taken: int) -> None:
    assert take(db, wanted) == taken


def test_it_fills_at_its_rate_and_never_over_the_brim(db: MovableDatabase) -> None:
    assert take(db, 5) == 5
    assert take(db, 5) == 0
    assert take(db, 5, after=0.4) == 0
    assert take(db, 5, after=0.5) == 1
    assert take(db, 9, after=3600) == 5


def test_a_clock_that_was_set_back_gives_nothing_away(db: MovableDatabase) -> None:
    take(db, 5)
    assert take(db, 5, after=-60) == 0


def test_paused(db: MovableDatabase) -> None:
    take(db, 1)
    with db.write() as tx:
        channels.pause(tx, "sms", START + timedelta(seconds=10))
    assert take(db, 1, after=9) == 0
    assert take(db, 1, after=10) == 1


def test_stopped_until_somebody_starts_it(db: MovableDatabase) -> None:
    take(db, 1)
    with db.write() as tx:
        channels.stop(tx, "sms", "account")
    assert take(db, 1, after=3600) == 0
    with db.write() as tx:
        channels.start(tx, "sms")
    assert take(db, 1, after=3600) == 1


def test_resting(db: MovableDatabase) -> None:
    take(db, 1)
    with db.write() as tx:
        channels.take(tx, "sms2", 1, rate=1.0, burst=1.0, real_now=START)
        channels.pause(tx, "sms", START + timedelta(seconds=10))
        assert channels.resting(tx, START + timedelta(seconds=9)) == {"sms"}
        assert channels.resting(tx, START + timedelta(seconds=10)) == set()
        channels.stop(tx, "sms2", "account")
        assert channels.resting(tx, START + timedelta(days=1)) == {"sms2"}


def test_forged_callbacks_are_counted(db: MovableDatabase) -> None:
    with db.write() as tx:
        channels.count_forged(tx, "sms", START)
        channels.count_forged(tx, "sms", START)
        assert [row["forged"] for row in channels.listed(tx)] == [2]
