"""Processes of the drill: forked clean, heard in a file, and buried."""

import gc
import os
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PATIENCE = 10.0
"""Real seconds in which threads must have ended that were told to."""


def fork(work: Callable[[], None], said: Path | None = None) -> int:
    """Run `work` in a process of its own, which ends with it: exit code 0, or 1 if it raised.

    What it says is added to the file `said`.
    """
    _flush()
    with warnings.catch_warnings():
        # Threads of a numeric library may sleep here; it minds forks itself, and we start none.
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid:
        return pid
    gc.disable()  # it lives for seconds
    code = 1
    try:
        if said is not None:
            _speak_into(said)
        work()
        code = 0
    except BaseException:  # the last frame of this process: nobody above could say it
        traceback.print_exc()
    finally:
        with suppress(OSError, ValueError):
            _flush()
        os._exit(code)


def ended(pid: int) -> int:
    """Wait for a process; return its exit code, or minus the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


@contextmanager
def heard(said: Path) -> Iterator[None]:
    """Let this process speak into the file `said` until the block ends."""
    _flush()
    kept = [os.dup(number) for number in (1, 2)]
    _speak_into(said)
    try:
        yield
    finally:
        _flush()
        for number, before in zip((1, 2), kept, strict=True):
            os.dup2(before, number)
            os.close(before)


def await_threads() -> None:
    """Return when no thread of ours is left but this one; raises TimeoutError."""
    end = time.monotonic() + PATIENCE
    while threading.active_count() > 1:
        if time.monotonic() > end:
            msg = f"threads go on: {[one.name for one in threading.enumerate()]}"
            raise TimeoutError(msg)
        time.sleep(0.01)


def _speak_into(said: Path) -> None:
    with said.open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)


def _flush() -> None:
    sys.stdout.flush()
    sys.stderr.flush()
