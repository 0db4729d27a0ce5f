"""`alertcast serve`: page, schedule and senders in one process, until it is told to stop."""

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

import click

from alertcast.bootstrap import SECRET_KEY, Apart, App, AtWork, running, serving
from alertcast.cli.failure import Refused
from alertcast.cli.installed import needs_postgresql, opened, reread, settled
from alertcast.cli.stopping import until_told_to_stop
from alertcast.config import ConfigError


@click.command(
    epilog="\b\nExample:\n  alertcast serve\n  alertcast --config /etc/alertcast.toml serve"
)
@click.option("--host", help="Address to listen at; else web.host of the configuration.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port; else web.port; 0: any free one.")
@click.option("--no-worker", is_flag=True, help="Send nothing here: `alertcast worker` does.")
@click.pass_obj
def command(config: str | None, host: str | None, port: int | None, no_worker: bool) -> None:
    """Run it all: page, schedule and senders, until Ctrl-C or SIGTERM.

    What is being sent then is still sent and recorded. Killed, it goes on where it was when it is
    started again. The page has no encryption of its own: put a reverse proxy with TLS before it.

    Several may run on one PostgreSQL, on one machine or on many.
    """
    with opened(config) as app:
        if no_worker:
            needs_postgresql(app, "serve --no-worker")
        web = app.config.main.web
        begin = partial(running, kinds=() if no_worker else None)
        does = "serve --no-worker" if no_worker else "serve"
        at_work = AtWork(app, begin, does=does, path=config, settle=settled)
        address = (host or web.host, web.port if port is None else port)
        _serve(app, at_work, *address, Apart(lambda: at_work.app))


def _serve(app: App, at_work: AtWork, host: str, port: int, work: Callable[[int], None]) -> None:
    secret_key = app.config.secret(SECRET_KEY)
    if secret_key is None:
        mistake = f"environment: {SECRET_KEY} is not set: `alertcast init` makes one"
        raise ConfigError([mistake])
    wait = until_told_to_stop(app.config.main.engine.drain)
    with ExitStack() as stack:
        stack.enter_context(at_work)
        try:
            address = stack.enter_context(
                serving(
                    at_work.app,
                    secret_key=secret_key,
                    wake=at_work.wake,
                    host=host,
                    port=port,
                    files=at_work,
                    work=work,
                )
            )
        except OSError as error:
            raise Refused(f"{host}:{port}: {error.strerror or error}") from None
        settled()
        click.echo(f"alertcast is at {address}  (Ctrl-C stops it)", err=True)
        wait(at_work.look, partial(reread, at_work))
