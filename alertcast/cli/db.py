"""`alertcast db`: keep the tables at the version of this program, and replace the data key."""

import click

from alertcast.bootstrap import DATA_KEY, OLD_DATA_KEY
from alertcast.cli import output
from alertcast.cli.failure import Refused
from alertcast.cli.installed import at_terminal, opened
from alertcast.dispatch.call_list import folder_of
from alertcast.store import rotation, sealed_files
from alertcast.store.crypto import new_key


@click.group()
def command() -> None:
    """Keep the database up to date."""


@command.command(epilog="\b\nExample:\n  alertcast db upgrade")
@click.pass_obj
def upgrade(config: str | None) -> None:
    """Make the tables, or bring them to the version of this program. Twice changes nothing.

    Run `alertcast backup` first: there is no way back.
    """
    with opened(config, any_version=True) as app:
        with output.busy("Upgrading the database"):
            app.world.db.upgrade()
        click.echo(f"The database is up to date: {app.world.db.url}")


@command.command("new-key", epilog="\b\nExample:\n  alertcast db new-key")
def new_data_key() -> None:
    """Print a fresh data key, for ALERTCAST_DATA_KEY. Nothing is changed."""
    click.echo(new_key())


@command.command(
    "rotate-key",
    epilog="\b\nExample:\n  alertcast db rotate-key\n\n"
    "Fields: key, phones, sealed{table: rows}, files, unreadable{table: rows}.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_obj
def rotate_key(config: str | None, as_json: bool) -> None:
    """Replace the key that names, phones, texts and receipts are encrypted with.

    ALERTCAST_DATA_KEY is the new key, ALERTCAST_DATA_KEY_OLD the one until now. Make a backup, stop
    alertcast, set both, run this. Killed half way, nothing is lost: with both keys set alertcast
    runs as ever, and this command goes on where it was. It ends when every record was opened with
    the new key alone. Run it on each machine that keeps call lists.
    """
    with opened(config) as app:
        db = app.world.db
        if db.vault.former is None:
            raise Refused(
                f"{OLD_DATA_KEY} is not set: it is the key until now, and {DATA_KEY} the new one "
                "(`alertcast db new-key` makes one)"
            )
        with db.read() as tx:
            total = sum(rotation.sizes(tx).values())
        with output.progress("Sealing", 2 * total) as told:  # the second round looks only
            done = rotation.rotate(db, app.clock(), at_terminal(), lambda _, rows: told(rows))
        files = sealed_files.reseal(folder_of(app.world), db.vault)
    if as_json:
        output.json_line(
            {
                "key": db.vault.newest,
                "phones": done.indexed,
                "sealed": done.sealed,
                "files": files,
                "unreadable": done.unreadable,
            }
        )
        return
    rows = sum(done.sealed.values())
    click.echo(
        f"Everything is sealed with the data key {db.vault.newest}: {rows} rows and {files} call "
        f"lists were sealed anew, {done.indexed} phones indexed."
    )
    for table, count in done.unreadable.items():
        click.echo(f"{table}: {count} rows are opened by neither key, as before.", err=True)
    click.echo(
        f"Links in texts sent before need {OLD_DATA_KEY} until they end ([links] valid), backups "
        "made before need it for ever.",
        err=True,
    )
