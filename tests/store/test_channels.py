"""The slots of a channel: shared, at its rate in real time; paused, throttled, broken, stopped."""

from datetime import UTC, datetime, timedelta

import pytest

from alertcast.store import channels
from tests.databases import MovableDatabase

START = datetime(2026, 12, 26, 9, 20, tzinfo=UTC)


def slots(
    db: MovableDatabase, wanted: int, after: float = 0.0, *, rate: float = 2.0, burst: float = 1.0
) -> list[float]:
    """Take slots `after` seconds from the start; return the seconds from the start they begin."""
    with db.write() as tx:
        now = START + timedelta(seconds=after)
        found = channels.take(tx, "sms", wanted, rate=rate, burst=burst, real_now=now)
        return [after + wait for wait in found.waits]


def take(db: MovableDatabase, wanted: int, after: float = 0.0) -> int:
    return len(slots(db, wanted, after))


def test_slots_come_at_the_rate_and_only_for_the_next_second(db: MovableDatabase) -> None:
    assert slots(db, 9) == pytest.approx([0.0, 0.48, 0.98])
    assert slots(db, 9) == []
    assert slots(db, 9, after=0.6) == pytest.approx([1.48])
    assert slots(db, 1, after=1.0) == pytest.approx([1.98])


def test_nothing_is_saved_up_over_a_rest_but_the_burst(db: MovableDatabase) -> None:
    take(db, 1)
    assert slots(db, 9, after=3600) == pytest.approx([3600, 3600.48, 3600.98], abs=0.001)
    assert slots(db, 9, after=7200, burst=4.0) == pytest.approx(
        [7200, 7200, 7200, 7200, 7200.5, 7201.0]
    )


def test_the_rate_holds_over_many_claims(db: MovableDatabase) -> None:
    given = [at for tenth in range(100) for at in slots(db, 99, tenth / 10, rate=50.0)]
    seconds = [sum(second <= at < second + 1 for at in given) for second in range(10)]
    assert seconds[0] == 51  # slack: 2 % of the rate, once
    assert set(seconds[1:]) == {50}


@pytest.mark.parametrize("wanted", [0, -1])
def test_whoever_wants_none_gets_none(db: MovableDatabase, wanted: int) -> None:
    assert take(db, wanted) == 0


def test_a_clock_that_was_set_back_costs_a_second(db: MovableDatabase) -> None:
    take(db, 5)
    assert slots(db, 5, after=-3600) == pytest.approx([-3599.0])


def test_a_throttled_channel_rests_and_then_goes_at_half_its_pace(db: MovableDatabase) -> None:
    take(db, 1)
    with db.write() as tx:
        channels.pause(tx, "sms", START + timedelta(seconds=10), START)
    assert slots(db, 9, after=9) == []
    assert slots(db, 9, after=10) == pytest.approx([10.0, 10.98], abs=0.001)
    assert len(slots(db, 99, after=60, rate=20.0)) == 21  # it has its whole pace again


def test_the_pace_has_a_floor(db: MovableDatabase) -> None:
    take(db, 1)
    with db.write() as tx:
        for _ in range(20):
            channels.pause(tx, "sms", START, START)
        (row,) = channels.listed(tx)
    assert channels.pace(row, START) == channels.SLOWEST


def test_a_breaker_opens_is_tried_once_and_closes_slowly(db: MovableDatabase) -> None:
    with db.write() as tx:
        opened = [channels.failed(tx, "sms", START) for _ in range(channels.BREAKS_AT)]
    assert opened == [False] * (channels.BREAKS_AT - 1) + [True]
    assert take(db, 9, after=14) == 0
    with db.write() as tx:
        trial = channels.take(
            tx, "sms", 9, rate=2.0, burst=1.0, real_now=START + timedelta(seconds=15)
        )
    assert (trial.waits, trial.was_failing) == ((0.0,), True)
    assert take(db, 9, after=16) == 0
    with db.write() as tx:
        channels.works_again(tx, "sms", START + timedelta(seconds=16))
    assert len(slots(db, 99, after=16, rate=100.0)) == 6
    assert len(slots(db, 999, after=120, rate=100.0)) > 100


def test_a_failed_trial_rests_longer(db: MovableDatabase) -> None:
    with db.write() as tx:
        for _ in range(channels.BREAKS_AT + 1):
            channels.failed(tx, "sms", START)
    assert take(db, 1, after=29) == 0
    assert take(db, 1, after=30) == 1


def test_what_was_on_its_way_when_a_breaker_opened_is_no_failed_trial(db: MovableDatabase) -> None:
    """A cut of a second fails all that is under way; it must not silence the channel longer."""
    later = START + timedelta(seconds=1)
    with db.write() as tx:
        for _ in range(channels.BREAKS_AT):
            channels.failed(tx, "sms", later, START)
        for _ in range(20):
            assert not channels.failed(tx, "sms", later, START)
    assert take(db, 1, after=15) == 0
    assert take(db, 1, after=16) == 1
    with db.write() as tx:
        trial = START + timedelta(seconds=16)
        channels.failed(tx, "sms", trial + timedelta(seconds=1), trial)
    assert take(db, 1, after=46) == 0
    assert take(db, 1, after=47) == 1


def test_a_success_between_failures_counts_anew(db: MovableDatabase) -> None:
    with db.write() as tx:
        for _ in range(channels.BREAKS_AT - 1):
            channels.failed(tx, "sms", START)
        channels.works_again(tx, "sms", START)
        assert not channels.failed(tx, "sms", START)
    assert take(db, 1) == 1


def test_stopped_until_somebody_starts_it(db: MovableDatabase) -> None:
    take(db, 1)
    with db.write() as tx:
        channels.stop(tx, "sms", "account")
    assert take(db, 1, after=3600) == 0
    with db.write() as tx:
        channels.start(tx, "sms", START)
    assert take(db, 1, after=3600) == 1


def test_a_rest_does_not_outlast_a_clock_that_was_set_back(db: MovableDatabase) -> None:
    with db.write() as tx:
        channels.pause(tx, "sms", START + timedelta(minutes=5), START)
        channels.slow(tx, "sms", START)
        assert channels.moods(tx, START).resting == {"sms"}
        before = START - timedelta(hours=1)
        assert channels.moods(tx, before).resting == set()
        assert channels.moods(tx, before).slow == set()
        assert channels.in_trouble(tx, before) == []
    assert slots(db, 9, after=-3600) == pytest.approx([-3600, -3599.5, -3599], abs=0.03)


def test_resting(db: MovableDatabase) -> None:
    take(db, 1)
    with db.write() as tx:
        channels.take(tx, "sms2", 1, rate=1.0, burst=1.0, real_now=START)
        channels.pause(tx, "sms", START + timedelta(seconds=10), START)
        assert channels.moods(tx, START + timedelta(seconds=9)).resting == {"sms"}
        assert channels.moods(tx, START + timedelta(seconds=10)).resting == set()
        channels.stop(tx, "sms2", "account")
        assert channels.moods(tx, START + timedelta(days=1)).resting == {"sms2"}


def test_forged_callbacks_are_counted(db: MovableDatabase) -> None:
    with db.write() as tx:
        channels.count_forged(tx, "sms")
        channels.count_forged(tx, "sms")
        assert [row["forged"] for row in channels.listed(tx)] == [2]
