"""`alertcast backup`: one file with everything that is in the database, taken while all runs."""

from pathlib import Path

import click

from alertcast.cli import output
from alertcast.cli.failure import Refused
from alertcast.cli.installed import opened
from alertcast.store.backup import back_up

NAMED = "alertcast-%Y%m%dT%H%M%SZ.backup"
"""The file in a folder; UTC, so that names sort by age."""


@click.command(
    epilog="\b\nExample:\n  alertcast backup /srv/backups/\n  alertcast backup night.backup"
)
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_obj
def command(config: str | None, target: Path, as_json: bool) -> None:
    """Write a backup of the database to the file TARGET, or into the folder TARGET.

    Nothing has to be stopped, and no file is ever overwritten. Names and phones in it stay
    encrypted: it names the data key that it needs (ALERTCAST_DATA_KEY in alertcast.env), but does
    not hold it. Keep a copy of that key elsewhere, and of the configuration.
    """
    with opened(config, any_version=True) as app:
        now = app.clock()
        file = target / now.strftime(NAMED) if target.is_dir() else target
        if file.exists():
            raise Refused(f"{file}: there is a file already; nothing is ever overwritten")
        if not file.parent.is_dir():
            raise Refused(f"{file.parent}: there is no such folder")
        with output.busy("Backing up"):
            made = back_up(app.world.db, file, now)
    if as_json:
        facts: dict[str, object] = {
            "file": str(file),
            "made_at": made.made_at,
            "version": made.version,
        }
        facts |= {"data_key": made.key, "rows": dict(made.rows), "bytes": file.stat().st_size}
        output.json_line(facts)
        return
    click.echo(f"{file}: {sum(made.rows.values())} rows, {file.stat().st_size} bytes")
    click.echo(
        f"It needs the data key {made.key}: keep a copy of alertcast.env elsewhere.", err=True
    )
