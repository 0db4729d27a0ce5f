"""A pool of threads begins whole."""

import threading

from alertcast.engines.crowd import filled


def named(name: str) -> int:
    return sum(one.name.startswith(name) for one in threading.enumerate())


def test_all_threads_are_there_before_any_work() -> None:
    pool = filled(5, "crowd-of-five")
    assert named("crowd-of-five") == 5
    pool.shutdown(wait=True)
    assert named("crowd-of-five") == 0


def test_more_work_than_threads_is_done_by_the_same() -> None:
    with filled(2, "crowd-of-two") as pool:
        assert sorted(pool.map(abs, range(-9, 0))) == list(range(1, 10))
        assert named("crowd-of-two") == 2
