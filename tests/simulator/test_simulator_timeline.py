import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from alertcast.simulator.timeline import Timeline, real_time

START = datetime(2026, 1, 20, tzinfo=UTC)


class Stage:
    """A timeline on a clock that this test moves."""

    def __init__(self) -> None:
        self.now = START
        self.looks = 0
        self.line = Timeline(self.look, workers=2)

    def look(self) -> datetime:
        self.looks += 1
        return self.now


@pytest.fixture
def stage() -> Iterator[Stage]:
    stage = Stage()
    stage.line.start()
    yield stage
    stage.line.stop()


def test_actions_run_when_due_and_are_told_when_that_was(stage: Stage) -> None:
    told, done = [], threading.Event()

    def act(due: datetime) -> None:
        told.append(due)
        done.set()

    stage.line.at(START + timedelta(hours=2), act)
    stage.line.at(START + timedelta(hours=1), told.append)
    assert stage.line.next_due() == START + timedelta(hours=1)
    assert stage.line.pending(START) == 0
    assert stage.line.pending(START + timedelta(hours=3)) == 2
    stage.now = START + timedelta(hours=3)
    stage.line.wake()
    assert done.wait(2)
    assert sorted(told) == [START + timedelta(hours=1), START + timedelta(hours=2)]
    assert stage.line.next_due() is None


def test_what_is_being_done_is_pending(stage: Stage) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def act(_: datetime) -> None:
        begun.set()
        go_on.wait(2)

    stage.line.at(START, act)
    assert begun.wait(2)
    assert stage.line.pending(START) == 1
    go_on.set()
    stage.line.stop()
    assert stage.line.pending(START) == 0


def test_one_bad_action_stops_nobody(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    done = threading.Event()

    def fail(_: datetime) -> None:
        raise RuntimeError("bad")

    stage.line.at(START, fail)
    stage.line.at(START, lambda _: done.set())
    assert done.wait(2)
    stage.line.stop()
    assert "A simulated event failed" in caplog.text


def test_nothing_to_do_costs_nothing(stage: Stage) -> None:
    threading.Event().wait(0.05)
    assert stage.looks <= 2
    stage.line.at(START + timedelta(hours=1), lambda _: None)
    threading.Event().wait(0.05)
    assert stage.looks <= 8


def test_real_time_needs_no_waking() -> None:
    line, done = Timeline(), threading.Event()
    line.start()
    line.at(real_time() + timedelta(seconds=0.02), lambda _: done.set())
    assert done.wait(2)
    line.stop()


def test_rest_is_waited_for_until_what_is_due_has_been_done(stage: Stage) -> None:
    begun, go_on, done = threading.Event(), threading.Event(), threading.Event()

    def act(_: datetime) -> None:
        begun.set()
        go_on.wait(2)
        done.set()

    stage.line.at(START, act)
    stage.line.at(START + timedelta(hours=1), lambda _: None)  # not due
    assert begun.wait(2)
    assert not stage.line.rest(START, patience=0.01)
    go_on.set()
    assert stage.line.rest(START, patience=2)
    assert done.is_set()


def test_a_clock_that_nobody_has_to_look_at_is_looked_at_when_it_was_moved() -> None:
    now, done = [START], threading.Event()
    line = Timeline(lambda: now[0], poll=None)
    line.start()
    line.at(START + timedelta(hours=1), lambda _: done.set())
    now[0] += timedelta(hours=1)
    line.wake()
    assert line.rest(now[0], patience=2)
    assert done.is_set()
    line.stop()
