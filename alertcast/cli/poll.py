"""`alertcast poll`: ask the sources once, now, and decide on what they brought."""

from dataclasses import asdict

import click

from alertcast.cli import output
from alertcast.cli.failure import REFUSED
from alertcast.cli.installed import opened
from alertcast.dispatch import fanout, ingest
from alertcast.sources.base import Outcome


@click.command(epilog="\b\nExample:\n  alertcast poll\n  alertcast poll inbox --json")
@click.argument("sources", nargs=-1, metavar="[SOURCE...]")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line per source.")
@click.pass_context
def command(ctx: click.Context, sources: tuple[str, ...], as_json: bool) -> None:
    """Ask the sources once, now (all, or those named), and decide on what they brought.

    What is to be sent is planned, and leaves when `alertcast serve` runs. Exit code 1: a source
    failed, or something it brought could not be read.
    """
    with opened(ctx.obj) as app:
        if not app.feeds:
            raise click.UsageError("no source is configured: alertcast.toml has no [sources.NAME]")
        unknown = [name for name in sources if name not in app.feeds]
        if unknown:
            raise click.UsageError(
                f"no source {', '.join(unknown)}; there is {', '.join(app.feeds)}"
            )
        taken = [
            ingest.poll(app.world, app.feeds[name].source, app.clock())
            for name in output.counted(sources or tuple(app.feeds), "Asking")
        ]
        fanout.decide_all(app.world, app.clock())
    if as_json:
        for one in taken:
            output.json_line(asdict(one))
    else:
        headers = ("source", "outcome", "new", "known", "refused", "detail")
        rows = ((t.source, t.outcome, len(t.new), t.known, t.refused, t.detail) for t in taken)
        output.table(headers, rows)
    if any(one.outcome == Outcome.FAILED or one.refused for one in taken):
        ctx.exit(REFUSED)
