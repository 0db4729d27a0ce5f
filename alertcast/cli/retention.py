"""`alertcast retention`: what is kept too long, counted or removed; the scheduler does it daily."""

import click

from alertcast.cli import output
from alertcast.cli.failure import Refused
from alertcast.cli.installed import at_terminal, opened
from alertcast.dispatch import retain
from alertcast.store.retention import KINDS


@click.command(
    epilog="\b\nExample:\n  alertcast retention --dry-run\n  alertcast retention --json\n\n"
    "Fields with --json: kind, days, and due (with --dry-run) or removed."
)
@click.option("--dry-run", is_flag=True, help="Only say how much would go.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line per kind.")
@click.pass_obj
def command(config: str | None, dry_run: bool, as_json: bool) -> None:
    """Remove what is kept for longer than [retention] says; never while a broadcast runs.

    Alerts, broadcasts, messages, answers and the audit are kept for ever.
    """
    with opened(config) as app:
        now, section = app.clock(), app.config.main.retention
        found = (
            retain.due(app.world, now) if dry_run else retain.retain(app.world, now, at_terminal())
        )
    if found is None:
        raise Refused("a broadcast runs, or waits: nothing was removed; try again when it is over")
    days = {kind: getattr(section, kind) for kind in KINDS}
    said = "due" if dry_run else "removed"
    if as_json:
        for kind, number in days.items():
            output.json_line({"kind": kind, "days": number, said: found.get(kind, 0)})
        return
    output.table(
        ("kind", "kept for", said),
        (
            (kind, f"{number} days" if number else "ever", str(found.get(kind, 0)))
            for kind, number in days.items()
        ),
    )
