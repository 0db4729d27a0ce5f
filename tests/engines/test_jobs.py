"""A crew starts jobs at their time, evenly, fetches more in time, and gives back what it drops."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

import pytest

from alertcast.engines.jobs import Crew, Job

WAIT = 5.0


@contextmanager
def crew(size: int = 4) -> Iterator[Crew]:
    made = Crew(size, "test")
    try:
        yield made
    finally:
        made.stop()
        made.join()


class Done:
    """When each job was begun, and which were given back."""

    def __init__(self) -> None:
        self.at: dict[str, float] = {}
        self.back: list[str] = []
        self.all = Event()

    def job(self, name: str, at: float, *, line: str = "", gap: float = 0.0) -> Job:
        def do() -> None:
            self.at[name] = time.monotonic()
            if name == "last":
                self.all.set()

        return Job(at, do, lambda: self.back.append(name), line, gap)


def test_jobs_begin_at_their_times() -> None:
    done, now = Done(), time.monotonic()
    with crew() as hands:
        assert hands([done.job("first", now), done.job("last", now + 0.5)]) == 2
        assert done.all.wait(WAIT)
    assert done.at["first"] < now + 0.5 <= done.at["last"]


def test_late_jobs_of_a_line_keep_their_distance() -> None:
    done, now = Done(), time.monotonic()
    late = [done.job(str(n), now - 1, line="sms", gap=0.2) for n in range(3)]
    with crew() as hands:
        hands([*late, done.job("last", now - 1, line="sms", gap=0.2)])
        assert done.all.wait(WAIT)
    times = sorted(done.at.values())
    assert times[-1] - times[0] > 0.4  # three gaps, less what a busy machine takes to begin


def test_another_line_keeps_no_distance_from_it() -> None:
    done, now = Done(), time.monotonic()
    with crew() as hands:
        hands([done.job("sms", now - 1, line="sms", gap=30), done.job("last", now, line="voice")])
        assert done.all.wait(WAIT)
    assert set(done.at) == {"sms", "last"}


def test_more_are_fetched_before_the_last_is_due() -> None:
    done, now = Done(), time.monotonic()
    with crew() as hands:
        hands([done.job("first", now), done.job("last", now + 0.2)])
        assert time.monotonic() < now + 0.2
        assert done.all.wait(WAIT)


def test_what_is_due_earlier_goes_first_though_it_came_later() -> None:
    done, now = Done(), time.monotonic()
    with crew() as hands:
        hands([done.job("first", now), done.job("last", now + 0.25)])
        hands([done.job("between", now + 0.05)])
        assert done.all.wait(WAIT)
    assert done.at["between"] < done.at["last"]


def test_once_stopped_it_takes_on_nothing() -> None:
    done, now = Done(), time.monotonic()
    with crew() as hands:
        hands.stop()
        assert hands([done.job("late", now)]) == 0
    assert done.back == ["late"]


def test_what_is_not_due_yet_is_given_back() -> None:
    done, now = Done(), time.monotonic()
    hands = Crew(2, "test")
    hands([done.job("first", now), done.job("far", now + 0.25)])
    hands.stop()
    hands.join()
    assert set(done.at) | set(done.back) == {"first", "far"}
    assert "far" in done.back


def test_a_job_that_fails_leaves_its_place_free(capsys: pytest.CaptureFixture[str]) -> None:
    def fails() -> None:
        msg = "broken"
        raise ValueError(msg)

    done, now = Done(), time.monotonic()
    with crew(1) as hands:
        hands([Job(now, fails, fails)])
        hands([done.job("last", now)])
        assert done.all.wait(WAIT)
    assert "job failed" in capsys.readouterr().out
