"""The memory of threads: all of them take it from one heap, and give it back to the same."""

import ctypes
import sys

_ARENA_MAX = -8  # M_ARENA_MAX of malloc.h


def share_one() -> None:
    """Let the threads that begin from now on allocate from one heap, where glibc manages memory.

    It gives them up to eight heaps for each core otherwise. What lies free in one of them serves no
    thread of another, so that a process of many threads grows for hours and holds mostly nothing.
    Threads that wait for each other to hold Python's lock gain nothing from heaps of their own.
    """
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # another C library may have none
    if mallopt is not None:
        mallopt(_ARENA_MAX, 1)
