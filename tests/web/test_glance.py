"""What many watch is made seldom, and nobody waits for it who may be told what was before."""

from collections.abc import Callable
from datetime import UTC, datetime
from threading import Event, Thread

import pytest

from alertcast.web import glance
from alertcast.web.glance import Glance

NIGHT = datetime(2026, 12, 26, tzinfo=UTC)


class Clock:
    """Real seconds, as the test has them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.at = 100.0
        monkeypatch.setattr(glance.time, "monotonic", lambda: self.at)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def made(clock: Clock, numbers: list[int], took: float = 0.0) -> Callable[[], int]:
    """Return what counts how many times it was made; each takes so long."""

    def make() -> int:
        clock.at += took
        numbers.append(len(numbers))
        return numbers[-1]

    return make


def test_it_is_made_once_for_all_who_ask_within_two_seconds(clock: Clock) -> None:
    kept, make = Glance(2.0), made(clock, [])
    assert [kept.look("a", lambda: NIGHT, make).what for _ in range(3)] == [0, 0, 0]
    clock.at += 2.0
    assert kept.look("a", lambda: NIGHT, make).what == 1


def test_what_takes_long_is_made_more_seldom(clock: Clock) -> None:
    kept, make = Glance(2.0), made(clock, [], took=1.0)
    kept.look("a", lambda: NIGHT, make)
    clock.at += 4.9
    assert kept.look("a", lambda: NIGHT, make).what == 0
    clock.at += 0.1
    assert kept.look("a", lambda: NIGHT, make).what == 1


def test_who_comes_while_it_is_made_anew_is_told_what_was_before(clock: Clock) -> None:
    kept, begun, go_on = Glance(2.0), Event(), Event()
    kept.look("a", lambda: NIGHT, lambda: "before")
    clock.at += 3.0

    def slowly() -> str:
        begun.set()
        assert go_on.wait(30)
        return "after"

    one = Thread(target=kept.look, args=("a", lambda: NIGHT, slowly))
    one.start()
    assert begun.wait(30)
    assert kept.look("a", lambda: NIGHT, lambda: "twice").what == "before"
    go_on.set()
    one.join()
    assert kept.look("a", lambda: NIGHT, lambda: "twice").what == "after"


def test_what_could_not_be_made_is_tried_again_by_the_next(clock: Clock) -> None:
    kept = Glance(2.0)

    def fail() -> str:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        kept.look("a", lambda: NIGHT, fail)
    assert kept.look("a", lambda: NIGHT, lambda: "made").what == "made"


def test_whoever_did_something_sees_it(clock: Clock) -> None:
    kept, make = Glance(2.0), made(clock, [])
    kept.look("a", lambda: NIGHT, make)
    kept.clear()
    assert kept.look("a", lambda: NIGHT, make).what == 1
