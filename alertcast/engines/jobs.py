"""Jobs that have their time, and who carries them out: in turn, or a crew of threads."""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from heapq import heappop, heappush
from itertools import count
from threading import Condition, Semaphore, Thread

import structlog

from alertcast.engines.crowd import filled

log = structlog.get_logger()

LEAD = 0.3
"""Real seconds before its last job is due at which a crew takes further ones."""

LATE = 0.015
"""Real seconds by which a job that began late does not make the next one of its line late."""


@dataclass(frozen=True, slots=True)
class Job:
    """Something to be done at its time, or given back."""

    at: float  # time.monotonic()
    do: Callable[[], object]
    give_back: Callable[[], object]  # called instead, if it is not to be done any more
    line: str = ""  # jobs of one line are not begun closer together
    gap: float = 0.0  # than so many seconds, however late they are


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
        self._free = Semaphore(size)
        self._size, self._name = size, name
        self._threads: ThreadPoolExecutor | None = None
        self._starter: Thread | None = None
        self._changed = Condition()
        self._waiting: list[tuple[float, int, Job]] = []  # a heap, the next one first
        self._numbers = count()
        self._begun: dict[str, float] = {}  # when the last job of each line was
        self._is_stopped = False

    def __call__(self, jobs: Iterable[Job]) -> int:
        """Take on jobs, each to be started at its time; return how many.

        It returns a little before the last of them is due (see LEAD), so that more can be fetched
        meanwhile, and never while more than half of them wait.
        """
        new = list(jobs)
        with self._changed:
            is_late = self._is_stopped
            if new and not is_late:
                self._take_on(new)
        if is_late:
            _give_back(new)
        return 0 if is_late else len(new)

    def stop(self) -> None:
        """Start nothing any more: what waits for its time is given back."""
        with self._changed:
            self._is_stopped = True
            self._changed.notify_all()

    def join(self) -> None:
        """Wait for what is under way."""
        if self._starter is not None:
            self._starter.join()
        if self._threads is not None:
            self._threads.shutdown(wait=True)

    def _take_on(self, new: list[Job]) -> None:
        if self._threads is None:
            self._threads = filled(self._size, self._name)
            starts = partial(self._start_all, self._threads)
            self._starter = Thread(target=starts, name=f"{self._name} starter", daemon=True)
            self._starter.start()
        for job in new:
            heappush(self._waiting, (job.at, next(self._numbers), job))
        self._changed.notify_all()
        last = max(job.at for job in new)
        may_wait = min(sum(job.at > last - LEAD for job in new), len(new) // 2)
        self._changed.wait_for(lambda: len(self._waiting) <= may_wait or self._is_stopped)

    def _start_all(self, threads: ThreadPoolExecutor) -> None:
        while True:
            self._free.acquire()
            job = self._next()
            if job is None:
                break
            threads.submit(self._carry_out, job)
        self._free.release()
        with self._changed:
            left, self._waiting = [job for _, _, job in sorted(self._waiting)], []
        _give_back(left)

    def _next(self) -> Job | None:
        """Wait for the next job and for its time; None: the crew is being stopped."""
        with self._changed:
            while not self._is_stopped:
                wait = None
                if self._waiting:
                    job = self._waiting[0][2]
                    before = self._begun.get(job.line)
                    at = job.at if before is None else max(job.at, before + job.gap)
                    now = time.monotonic()
                    if at <= now:
                        heappop(self._waiting)
                        self._begun[job.line] = max(at, now - LATE)
                        self._changed.notify_all()
                        return job
                    wait = at - now
                self._changed.wait(wait)
        return None

    def _carry_out(self, job: Job) -> None:
        try:
            job.do()
        except Exception:  # its lease runs out, and it is settled then
            log.exception("job failed")
        finally:
            self._free.release()


def _give_back(jobs: Iterable[Job]) -> None:
    for job in jobs:
        try:
            job.give_back()
        except Exception:  # its lease runs out, and it is settled then
            log.exception("job could not be given back")
