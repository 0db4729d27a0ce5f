"""Jobs that have their time, and who carries them out: in turn, or a crew of threads."""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event, Semaphore

import structlog

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Job:
    """Something to be done at its time, or given back."""

    at: float  # time.monotonic()
    do: Callable[[], object]
    give_back: Callable[[], object]  # called instead, if it is not to be done any more


Hands = Callable[[Iterable[Job]], int]
"""Whoever carries out jobs, given in the order of their times; returns how many it took on."""


def in_turn(jobs: Iterable[Job]) -> int:
    """Carry out one job after the other."""
    done = 0
    for job in jobs:
        time.sleep(max(0.0, job.at - time.monotonic()))
        job.do()
        done += 1
    return done


class Crew:
    """Threads that carry out jobs side by side; while all are at work, the next job waits."""

    def __init__(self, size: int, name: str) -> None:
        """Take the number of threads, and a name for them."""
        self._stop = Event()
        self._free = Semaphore(size)
        self._threads = ThreadPoolExecutor(size, thread_name_prefix=name)

    def __call__(self, jobs: Iterable[Job]) -> int:
        """Start each job at its time; return how many, once all are started."""
        started = 0
        for job in jobs:
            self._stop.wait(max(0.0, job.at - time.monotonic()))
            self._free.acquire()
            if self._stop.is_set():
                self._free.release()
                job.give_back()
                continue
            self._threads.submit(self._carry_out, job)
            started += 1
        return started

    def stop(self) -> None:
        """Start nothing any more: what waits for its time is given back."""
        self._stop.set()

    def join(self) -> None:
        """Wait for what is under way."""
        self._threads.shutdown(wait=True)

    def _carry_out(self, job: Job) -> None:
        try:
            job.do()
        except Exception:  # its lease runs out, and it is settled then
            log.exception("job failed")
        finally:
            self._free.release()
