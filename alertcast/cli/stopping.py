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


def until_told_to_stop(drain: timedelta) -> Callable[[], None]:
    """Heed Ctrl-C and SIGTERM from now on; return what waits for the first of them.

    From then on the process has `drain` and a little more to end; then it is ended, exit code 0:
    what was still leaving belongs to others once its lease is over.
    """
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())

    def wait() -> None:
        while not stopped.wait(timeout=1):  # on Windows a signal is seen between two waits only
            continue
        click.echo("Stopping: what is under way is finished first.", err=True)
        end = threading.Timer(drain.total_seconds() + AFTER, _end)
        end.daemon = True
        end.start()

    return wait


def _end() -> None:
    click.echo("Stopped: what was still leaving is settled when its lease is over.", err=True)
    sys.stderr.flush()
    os._exit(0)
