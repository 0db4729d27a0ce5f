"""Commands that run until somebody stops them."""

import signal
import threading
from collections.abc import Callable

import click


def until_told_to_stop() -> Callable[[], None]:
    """Heed Ctrl-C and SIGTERM from now on; return what waits for the first of them."""
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())

    def wait() -> None:
        while not stopped.wait(timeout=1):  # on Windows a signal is seen between two waits only
            continue
        click.echo("Stopping: what is under way is finished first.", err=True)

    return wait
