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
    _call("mallopt", _ARENA_MAX, 1)


def give_back() -> None:
    """Give what lies free in the heap back to the machine, where glibc manages memory.

    By itself it gives back only what is free at the heap's end; the holes between what is in use
    would stay with the process for as long as it runs.
    """
    _call("malloc_trim", 0)


def _call(name: str, *values: int) -> None:
    if not sys.platform.startswith("linux"):
        return
    function = getattr(ctypes.CDLL(None), name, None)  # another C library may have none
    if function is not None:
        function(*values)
