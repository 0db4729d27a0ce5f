"""`alertcast restore`: fill a database from a backup; what was running waits for a human."""

from pathlib import Path

import click

from alertcast.cli import output
from alertcast.cli.installed import at_terminal, opened
from alertcast.store.restore import Restored, restore


@click.command(
    epilog="\b\nExample:\n  alertcast restore /srv/backups/alertcast-20261226T092000Z.backup"
)
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace what the database holds.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_obj
def command(config: str | None, source: Path, force: bool, as_json: bool) -> None:
    """Fill the configured database from the backup SOURCE: all of it, or nothing.

    Stop alertcast first. A backup of SQLite may be restored into PostgreSQL and the other way
    round; one of an older alertcast is brought up to date. Refused: a damaged file, one that needs
    another data key, one of a newer alertcast, and a database that is not empty, unless --force is
    given. Broadcasts that were running are held: an approver confirms or stops each.
    """
    with opened(config, any_version=True) as app:
        with output.busy("Restoring"):
            done = restore(app.world.db, source, app.clock(), user=at_terminal(), force=force)
        where = str(app.world.db.url)
    if as_json:
        output.json_line(_facts(done, where))
    else:
        _print(done, where)


def _facts(done: Restored, where: str) -> dict[str, object]:
    return {
        "database": where,
        "made_at": done.manifest.made_at,
        "rows": done.rows,
        "held": list(done.held),
        "queued": done.queued,
        "underway": done.underway,
        "dial": done.dial,
    }


def _print(done: Restored, where: str) -> None:
    click.echo(f"{where}: {done.rows} rows, as they were at {done.manifest.made_at}")
    if done.held:
        ids = ", ".join(str(one) for one in done.held)
        click.echo(
            f"HELD: broadcasts {ids} were running. {done.queued} messages had not left, "
            f"{done.underway} were on their way. Nothing of them leaves until an approver confirms "
            "it on the page, or by `alertcast broadcast approve`. Some may have been told since "
            "the backup."
        )
    if done.dial:
        click.echo(f"{done.dial} calls for help wait on the page 人工拨打 (Dial by hand).")
    click.echo(
        f"Warnings published since {done.manifest.made_at} are read again when alertcast runs, and "
        "are told as new ones. To decide on each by hand, set automatic = false in [dispatch] "
        "before you start it."
    )
