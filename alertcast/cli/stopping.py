"""Commands that run until somebody stops them."""

import os
import signal
import sys
import threading
from collections.abc import Callable
from datetime import timedelta

import click

AFTER = 5.0
"""Real seconds for everything but the requests that are leaving to come to its end."""


Deed = Callable[[], None]

LOOK = 2.0
"""Real seconds between two calls of what is called again and again."""


def until_told_to_stop(drain: timedelta) -> Callable[..., None]:
    """Heed Ctrl-C, SIGTERM and SIGHUP from now on; return what waits for one of the first two.

    It calls `look` again and again meanwhile, and `reread` after a SIGHUP.

    From then on the process has `drain` and a little more to end; then it is ended, exit code 0:
    what was still leaving belongs to others once its lease is over.
    """
    stopped, hung_up = threading.Event(), threading.Event()

    def stop(*_: object) -> None:  # from here on the time runs, whatever `look` is at
        if not stopped.is_set():
            stopped.set()
            end = threading.Timer(drain.total_seconds() + AFTER, _end)
            end.daemon = True
            end.start()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    if hasattr(signal, "SIGHUP"):  # Windows has none
        signal.signal(signal.SIGHUP, lambda *_: hung_up.set())

    def wait(look: Deed = _nothing, reread: Deed = _nothing) -> None:
        while not stopped.wait(timeout=LOOK):  # a signal ends a wait; on Windows it is seen after
            if hung_up.is_set():
                hung_up.clear()
                reread()
            look()
        click.echo("Stopping: what is under way is finished first.", err=True)

    return wait


def _nothing() -> None:
    return


def _end() -> None:
    click.echo("Stopped: what was still leaving is settled when its lease is over.", err=True)
    sys.stderr.flush()
    os._exit(0)
