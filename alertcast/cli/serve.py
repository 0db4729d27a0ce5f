"""`alertcast serve`: page, schedule and senders in one process, until it is told to stop."""

import signal
import threading
from contextlib import ExitStack

import click

from alertcast.bootstrap import SECRET_KEY, App, running, serving
from alertcast.cli.failure import Refused
from alertcast.cli.installed import opened
from alertcast.config import ConfigError


@click.command(
    epilog="\b\nExample:\n  alertcast serve\n  alertcast --config /etc/alertcast.toml serve"
)
@click.option("--host", help="Address to listen at; else web.host of the configuration.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port; else web.port; 0: any free one.")
@click.pass_obj
def command(config: str | None, host: str | None, port: int | None) -> None:
    """Run it all: page, schedule and senders, until Ctrl-C or SIGTERM.

    What is being sent then is still sent and recorded. Killed, it goes on where it was when it is
    started again. The page has no encryption of its own: put a reverse proxy with TLS before it.
    """
    with opened(config) as app:
        web = app.config.main.web
        _serve(app, host or web.host, web.port if port is None else port)


def _serve(app: App, host: str, port: int) -> None:
    secret_key = app.config.secret(SECRET_KEY)
    if secret_key is None:
        mistake = f"environment: {SECRET_KEY} is not set: `alertcast init` makes one"
        raise ConfigError([mistake])
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with ExitStack() as stack:
        at_work = stack.enter_context(running(app))
        try:
            address = stack.enter_context(
                serving(app, secret_key=secret_key, wake=at_work.wake, host=host, port=port)
            )
        except OSError as error:
            raise Refused(f"{host}:{port}: {error.strerror or error}") from None
        click.echo(f"alertcast is at {address}  (Ctrl-C stops it)", err=True)
        while not stopped.wait(timeout=1):  # on Windows a signal is seen between two waits only
            continue
        click.echo("Stopping: what is under way is finished first.", err=True)
