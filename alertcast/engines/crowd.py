"""A pool of threads that holds from the beginning what it holds at its busiest."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from alertcast.engines import heap


def filled(size: int, name: str) -> ThreadPoolExecutor:
    """Return a pool of `size` threads, all of which have begun and share one heap.

    It would begin them one by one, each at a moment that is busier than any before: a process would
    grow for hours, and whoever watches it could not say whether it ever stops.
    """
    heap.share_one()
    pool = ThreadPoolExecutor(size, thread_name_prefix=name)
    ready = Barrier(size)
    for _ in range(size):
        pool.submit(ready.wait)
    return pool
