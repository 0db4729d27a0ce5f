"""`alertcast worker`: senders only, on one machine of several, until it is told to stop."""

from functools import partial

import click

from alertcast.bootstrap import AtWork, running
from alertcast.cli.failure import Refused
from alertcast.cli.installed import needs_postgresql, opened, reread, settled
from alertcast.cli.stopping import until_told_to_stop


@click.command(
    epilog="\b\nExample:\n  alertcast worker\n  alertcast worker --kind voice --threads 16"
)
@click.option(
    "--kind", "kinds", multiple=True, help="Send only this kind: sms or voice. May be repeated."
)
@click.option(
    "--threads",
    type=click.IntRange(1, 64),
    help="Senders for each kind; else dispatch.senders of the configuration.",
)
@click.pass_obj
def command(config: str | None, kinds: tuple[str, ...], threads: int | None) -> None:
    """Send what is due, until Ctrl-C or SIGTERM. Any number may run, on any machine.

    It has no page and no schedule: at least one `alertcast serve` must run on the same PostgreSQL.
    Told to stop, it finishes the requests that are leaving, gives back the rest, and exits with 0.
    Killed, the others take over what it held after dispatch.lease.
    """
    with opened(config) as app:
        needs_postgresql(app, "worker")
        here = {kind for kind, _ in app.world.kinds()} - {"manual"}
        unknown = sorted(set(kinds) - here)
        if unknown or not here:
            carried = ", ".join(sorted(here)) or "nothing"
            raise Refused(
                f"no channel carries {', '.join(unknown) or 'anything'}; they carry {carried}"
            )
        wait = until_told_to_stop(app.config.main.engine.drain)
        begin = partial(running, kinds=kinds or None, threads=threads, is_scheduled=False)
        does = " ".join(["worker", *sorted(kinds)])
        with AtWork(app, begin, does=does, path=config, settle=settled) as at_work:
            settled()
            sent = ", ".join(sorted(set(kinds) or here))
            click.echo(f"alertcast sends {sent} here  (Ctrl-C stops it)", err=True)
            wait(at_work.look, partial(reread, at_work))
