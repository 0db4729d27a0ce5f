"""`alertcast users`: who may log in, and what they may do."""

import sys
from dataclasses import asdict

import click
from werkzeug.security import generate_password_hash

from alertcast.cli import output
from alertcast.cli.failure import Refused
from alertcast.cli.installed import at_terminal, opened
from alertcast.core.access import ROLES, User
from alertcast.store import audit, report_areas, users
from alertcast.store.db import Tx

SHORTEST = 10  # characters of a password


@click.group()
def command() -> None:
    """Say who may log in, and what they may do."""


@command.command(
    epilog="\b\nExample:\n  alertcast users add wang --role officer --area 441224\n"
    "  pass show alertcast/li | alertcast users add li --role approver --password-stdin"
)
@click.argument("name")
@click.option("--role", required=True, type=click.Choice(ROLES))
@click.option("--area", default="", help="Code of the city, county or town; else everywhere.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.pass_obj
def add(config: str | None, name: str, role: str, area: str, password_stdin: bool) -> None:
    """Let somebody log in. The password is asked for twice, and only its hash is kept."""
    with opened(config) as app:
        kept = generate_password_hash(_password(password_stdin))
        now = app.clock()
        with app.world.db.write() as tx:
            if why := report_areas.unknown(tx, area):
                raise Refused(why)
            try:
                user_id = users.add(tx, name, kept, role, area, now)
            except ValueError as error:
                raise Refused(str(error)) from None
            audit.record(
                tx, at_terminal(), "add_user", f"user:{user_id}", now, role=role, area=area
            )
    click.echo(f"User {name} may log in ({role}, {area or 'everywhere'}).")


@command.command("list", epilog="\b\nExample:\n  alertcast users list --json")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line per user.")
@click.pass_obj
def list_(config: str | None, as_json: bool) -> None:
    """List everybody who has a log-in."""
    with opened(config) as app, app.world.db.read() as tx:
        found = users.listed(tx)
    if as_json:
        for user in found:
            output.json_line(asdict(user))
        return
    rows = (
        (u.name, u.role, u.area or "everywhere", "no" if u.is_disabled else "yes") for u in found
    )
    output.table(("name", "role", "area", "may log in"), rows)


@command.command(
    epilog="\b\nExample:\n  alertcast users password wang\n"
    "  pass show alertcast/wang | alertcast users password wang --password-stdin"
)
@click.argument("name")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.pass_obj
def password(config: str | None, name: str, password_stdin: bool) -> None:
    """Give somebody a new password; it is asked for twice, and whoever is logged in is logged out.

    Who was disabled stays so.
    """
    with opened(config) as app:
        with app.world.db.read() as tx:
            _user(tx, name)
        kept = generate_password_hash(_password(password_stdin))
        now = app.clock()
        with app.world.db.write() as tx:
            user = _user(tx, name)
            users.change(tx, name, password=kept)
            audit.record(tx, at_terminal(), "change_password", f"user:{user.id}", now)
    click.echo(f"User {name} has a new password.")


@command.command(epilog="\b\nExample:\n  alertcast users disable wang")
@click.argument("name")
@click.pass_obj
def disable(config: str | None, name: str) -> None:
    """Let somebody log in no more; what they did stays on record."""
    with opened(config) as app:
        now = app.clock()
        with app.world.db.write() as tx:
            user = _user(tx, name)
            users.change(tx, name, is_disabled=True)
            audit.record(tx, at_terminal(), "disable_user", f"user:{user.id}", now)
    click.echo(f"User {name} may no longer log in.")


def _user(tx: Tx, name: str) -> User:
    found = users.by_name(tx, name)
    if found is None:
        raise Refused(f"user {name}: there is none")
    return found[0]


def _password(from_stdin: bool) -> str:
    if from_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    if len(password) < SHORTEST:
        raise click.UsageError(f"a password has at least {SHORTEST} characters")
    return str(password)
