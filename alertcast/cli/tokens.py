"""`alertcast tokens`: which other systems may use the API, and for how long."""

from dataclasses import asdict
from datetime import timedelta

import click

from alertcast.cli import output
from alertcast.cli.failure import Refused
from alertcast.cli.installed import at_terminal, opened
from alertcast.core.access import ROLES
from alertcast.core.token import new_secret
from alertcast.store import audit, report_areas, tokens

DAYS = 365  # a token is good for, if nobody says


@click.group()
def command() -> None:
    """Say which other systems may use the API, and for how long."""


@command.command(
    epilog="\b\nExample:\n  alertcast tokens add emergency-platform --role viewer --area 441224\n"
    "  alertcast tokens add drill-planner --role officer --days 30"
)
@click.argument("name")
@click.option("--role", required=True, type=click.Choice(ROLES))
@click.option("--area", default="", help="Code of the city, county or town; else everywhere.")
@click.option(
    "--days", default=DAYS, show_default=True, type=click.IntRange(1, 3660), help="It ends after."
)
@click.pass_obj
def add(config: str | None, name: str, role: str, area: str, days: int) -> None:
    """Give another system a token. It is printed once, and only its hash is kept."""
    if not name.strip() or len(name) > 64:
        raise click.UsageError("a token needs a name of at most 64 characters")
    secret = new_secret()
    with opened(config) as app:
        with app.world.db.write() as tx:
            if why := report_areas.unknown(tx, area):
                raise Refused(why)
            real_now = app.world.db.real_now(tx)
            until = real_now + timedelta(days=days)
            try:
                tokens.add(
                    tx,
                    name,
                    secret=secret,
                    role=role,
                    area=area,
                    user=at_terminal(),
                    now=real_now,
                    expires_at=until,
                )
            except ValueError as error:
                raise Refused(str(error)) from None
            audit.record(
                tx,
                at_terminal(),
                "add_token",
                f"token:{name}",
                app.clock(),
                role=role,
                area=area,
                days=days,
            )
        ends = app.world.local(until)
    click.echo(secret)
    where = area or "everywhere"
    click.echo(f"Token {name} ({role}, {where}) is good until {ends:%Y-%m-%d}.", err=True)


@command.command("list", epilog="\b\nExample:\n  alertcast tokens list --json")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line per token.")
@click.pass_obj
def list_(config: str | None, as_json: bool) -> None:
    """List all tokens there are and were, when they end and when they were used last."""
    with opened(config) as app, app.world.db.read() as tx:
        found, real_now, local = tokens.listed(tx), app.world.db.real_now(tx), app.world.local
    if as_json:
        for one in found:
            output.json_line({**asdict(one), "is_valid": one.is_valid(real_now)})
        return
    rows = (
        (
            one.name,
            f"{one.hint}...",
            one.role,
            one.area or "everywhere",
            f"{local(one.expires_at):%Y-%m-%d}",
            "never" if one.used_at is None else f"{local(one.used_at):%Y-%m-%d %H:%M}",
            "yes" if one.is_valid(real_now) else "no",
        )
        for one in found
    )
    output.table(("name", "token", "role", "area", "ends", "last used", "valid"), rows)


@command.command(epilog="\b\nExample:\n  alertcast tokens revoke emergency-platform")
@click.argument("name")
@click.pass_obj
def revoke(config: str | None, name: str) -> None:
    """Let a token open nothing any more; what was done with it stays on record."""
    with opened(config) as app, app.world.db.write() as tx:
        found = tokens.by_name(tx, name)
        if found is None:
            raise Refused(f"token {name}: there is none")
        if not tokens.revoke(tx, found.id, at_terminal(), app.world.db.real_now(tx)):
            raise Refused(f"token {name}: it was revoked before")
        audit.record(tx, at_terminal(), "revoke_token", f"token:{name}", app.clock())
    click.echo(f"Token {name} opens nothing any more.")
