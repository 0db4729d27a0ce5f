"""The engine of one process: woken when there is work, polling anyway, never stopped by a fault."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Lock

from alertcast.engines.base import Step
from alertcast.engines.local import LocalEngine

WAIT = 5.0  # seconds before a test gives up


@contextmanager
def running(step: Step, *, threads: int = 1, every: float = 60.0) -> Iterator[LocalEngine]:
    engine = LocalEngine({"step": (step, threads)}, every=every)
    engine.start()
    try:
        yield engine
    finally:
        assert engine.stop(WAIT)


def test_a_wake_runs_the_step_at_once() -> None:
    ran = Event()

    def step() -> int:
        ran.set()
        return 0

    with running(step) as engine:
        assert not ran.is_set()
        engine.wake()
        assert ran.wait(WAIT)


def test_without_a_wake_it_polls() -> None:
    ran = Event()

    def step() -> int:
        ran.set()
        return 0

    with running(step, every=0.01):
        assert ran.wait(WAIT)


def test_a_step_is_called_until_it_finds_nothing() -> None:
    left, done = [3, 2, 1, 0], Event()

    def step() -> int:
        found = left.pop(0)
        if not found:
            done.set()
        return found

    with running(step) as engine:
        engine.wake()
        assert done.wait(WAIT)


def test_a_fault_is_logged_and_the_thread_goes_on() -> None:
    calls, again = [], Event()

    def step() -> int:
        calls.append(1)
        if len(calls) == 1:
            raise LookupError
        again.set()
        return 0

    with running(step, every=0.01) as engine:
        engine.wake()
        assert again.wait(WAIT)


def test_busy_while_a_step_is_at_work() -> None:
    entered, leave = Event(), Event()

    def step() -> int:
        entered.set()
        leave.wait(WAIT)
        return 0

    with running(step) as engine:
        assert not engine.is_busy
        engine.wake()
        assert entered.wait(WAIT)
        assert engine.is_busy
        leave.set()


def test_several_threads_work_on_one_step() -> None:
    lock, inside, both = Lock(), [], Event()

    def step() -> int:
        with lock:
            inside.append(1)
            if len(inside) == 2:
                both.set()
        both.wait(WAIT)
        return 0

    with running(step, threads=2, every=0.01):
        assert both.wait(WAIT)


def test_stopping_lets_what_is_under_way_finish_and_starts_nothing_more() -> None:
    entered, leave, calls = Event(), Event(), []

    def step() -> int:
        calls.append(1)
        entered.set()
        leave.wait(WAIT)
        return 1

    engine = LocalEngine({"step": (step, 1)}, every=60)
    engine.start()
    engine.wake()
    assert entered.wait(WAIT)
    assert not engine.stop(timeout=0.01)
    leave.set()
    assert engine.stop(WAIT)
    assert calls == [1]
