"""`alertcast db`: keep the tables of the database at the version of this program."""

import click

from alertcast.cli import output
from alertcast.cli.installed import opened


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
