"""`alertcast users`: who may log in, and what they may do."""

import sys
from dataclasses import asdict

import click

from alertcast.cli import output
from alertcast.cli.failure import Refused
from alertcast.cli.installed import at_terminal, opened
from alertcast.core.access import ROLES, User
from alertcast.dispatch import accounts
from alertcast.dispatch.accounts import AccountError
from alertcast.store import audit, lockouts, users
from alertcast.store.db import Tx
from alertcast.store.passwords import SHORTEST


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
        new, now = _password(password_stdin), app.clock()
        try:
            with app.world.db.write() as tx:
                accounts.add(tx, at_terminal(), name, new, role, area, now)
        except AccountError as error:
            raise Refused(str(error)) from None
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
    """Give somebody a new password; it is asked for twice, and ends every log-in there is.

    Who was disabled stays so.
    """
    with opened(config) as app:
        with app.world.db.read() as tx:
            _user(tx, name)
        new, now = _password(password_stdin), app.clock()
        with app.world.db.write() as tx:
            accounts.set_password(tx, at_terminal(), _user(tx, name), new, now)
    click.echo(f"User {name} has a new password.")


@command.command(epilog="\b\nExample:\n  alertcast users change wang --role approver --area 441224")
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), help="Left out: as it is.")
@click.option("--area", help='Code of the city, county or town, "": everywhere; else as it is.')
@click.pass_obj
def change(config: str | None, name: str, role: str | None, area: str | None) -> None:
    """Give somebody another role or area; it holds at once."""
    with opened(config) as app:
        now = app.clock()
        try:
            with app.world.db.write() as tx:
                user = _user(tx, name)
                role, area = role or user.role, user.area if area is None else area
                accounts.change(tx, at_terminal(), user, role, area, now)
        except AccountError as error:
            raise Refused(str(error)) from None
    click.echo(f"User {name} is {role}, {area or 'everywhere'}.")


@command.command(epilog="\b\nExample:\n  alertcast users disable wang")
@click.argument("name")
@click.pass_obj
def disable(config: str | None, name: str) -> None:
    """Let somebody log in no more; what they did stays on record."""
    with opened(config) as app:
        now = app.clock()
        with app.world.db.write() as tx:
            accounts.disable(tx, at_terminal(), _user(tx, name), now)
    click.echo(f"User {name} may no longer log in.")


@command.command(epilog="\b\nExample:\n  alertcast users enable wang")
@click.argument("name")
@click.pass_obj
def enable(config: str | None, name: str) -> None:
    """Let somebody log in again who was disabled, with the password as it was."""
    with opened(config) as app:
        now = app.clock()
        with app.world.db.write() as tx:
            accounts.enable(tx, at_terminal(), _user(tx, name), now)
    click.echo(f"User {name} may log in again.")


@command.command("log-out", epilog="\b\nExample:\n  alertcast users log-out wang")
@click.argument("name")
@click.pass_obj
def log_out(config: str | None, name: str) -> None:
    """Log somebody out of every browser; with the password they may log in again."""
    with opened(config) as app:
        now = app.clock()
        with app.world.db.write() as tx:
            ended = accounts.log_out(tx, at_terminal(), _user(tx, name), now)
    click.echo(f"User {name} was logged in {ended} times, and is no more.")


@command.command(
    epilog="\b\nExample:\n  alertcast users unlock wang\n"
    "  alertcast users unlock --address 203.0.113.7"
)
@click.argument("name", required=False)
@click.option("--address", help="Let nobody wait any more who logs in from this address.")
@click.pass_obj
def unlock(config: str | None, name: str | None, address: str | None) -> None:
    """Let somebody try at once again after too many wrong passwords."""
    if (name is None) == (address is None):
        raise click.UsageError("name a user, or an address with --address")
    with opened(config) as app:
        db, now = app.world.db, app.clock()
        with db.write() as tx:
            if name is not None:
                accounts.unlock(db, tx, at_terminal(), _user(tx, name), now)
            else:
                lockouts.forget_address(tx, db.vault, str(address))
                audit.record(tx, at_terminal(), "unlock_address", "", now, address=address)
    click.echo(f"{name or address} need not wait any more.")


@command.command("no-code", epilog="\b\nExample:\n  alertcast users no-code wang")
@click.argument("name")
@click.pass_obj
def no_code(config: str | None, name: str) -> None:
    """Let somebody who lost the phone log in without a code (动态码) again."""
    with opened(config) as app:
        now = app.clock()
        with app.world.db.write() as tx:
            done = accounts.remove_second_factor(tx, at_terminal(), _user(tx, name), now)
    said = "logs in without a code now" if done else "has never been asked for a code"
    click.echo(f"User {name} {said}.")


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
