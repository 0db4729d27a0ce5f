"""So many in so long: counted by key, and bounded in memory."""

from alertcast.web import window
from alertcast.web.window import Window


class Clock:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_one_more_may_happen_when_the_first_is_long_enough_ago() -> None:
    clock = Clock()
    lately = Window(2, 60.0, clock)
    lately.count("a")
    clock.seconds = 10.0
    assert lately.wait("a") == 0.0
    lately.count("a")
    assert lately.wait("a") == 50.0
    assert lately.wait("b") == 0.0
    clock.seconds = 60.0
    assert lately.wait("a") == 0.0
    lately.count("a")
    assert lately.wait("a") == 10.0


def test_more_than_allowed_does_not_wait_for_ever() -> None:
    clock = Clock()
    lately = Window(2, 60.0, clock)
    for _ in range(100):
        lately.count("a")
    clock.seconds = 60.0
    assert lately.wait("a") == 0.0


def test_a_flood_of_keys_is_forgotten() -> None:
    lately = Window(1, 60.0, Clock())
    lately.count("first")
    for number in range(window.KEPT + 5):
        lately.count(f"key {number}")
    assert lately.wait("first") == 0.0
    assert lately.wait(f"key {window.KEPT + 4}") == 60.0
    assert len(lately._at) <= window.KEPT + 1
