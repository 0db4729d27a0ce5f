"""`alertcast alerts confirm-end`: an officer was told that a warning is lifted, and relays it."""

from datetime import datetime

import click

from alertcast.cli import output
from alertcast.cli.explain import one_alert
from alertcast.cli.failure import Refused
from alertcast.cli.installed import allowed, opened
from alertcast.dispatch.confirm_end import Word, confirm_end
from alertcast.dispatch.start import CanNotStart


@click.command(
    epilog="\b\nExample:\n  alertcast alerts confirm-end 12 --said-by 怀集县气象台值班室 "
    "--at 2026-12-27T09:00 --document 电话核实 --user wang\n"
    "  alertcast alerts confirm-end 12 --said-by 怀集县气象台 --document 怀气2026-7 --user wang "
    "--json | jq .said\n\nFields: alert, said."
)
@click.argument("alert", metavar="ID")
@click.option("--said-by", required=True, help="Who said it: unit, and name or post.")
@click.option("--document", required=True, help="By which document, or how it was checked.")
@click.option(
    "--at", type=click.DateTime(["%Y-%m-%dT%H:%M"]), help="When, in the office's time; else now."
)
@click.option("--user", required=True, help="Who does it: a name of `users list`.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_obj
def command(
    config: str | None,
    alert: str,
    said_by: str,
    document: str,
    at: datetime | None,
    user: str,
    *,
    as_json: bool,
) -> None:
    """Relay that an alert (its number, or its identifier) is lifted, as its issuer told you.

    For feeds that never bring an official end. The calling stops, and whoever was told hears that
    the duty officer has checked it with the issuer. It is recorded.
    """
    with opened(config) as app:
        with app.world.db.read() as tx:
            allowed(tx, user, "start", [""])
            alert_id = one_alert(tx, alert)
        zone = app.world.config.main.office.zone
        moment = app.clock() if at is None else at.replace(tzinfo=zone)
        try:
            word = Word(said_by, moment, document)
            said = confirm_end(app.world, alert_id, word, user, app.clock())
        except CanNotStart as error:
            raise Refused(f"nothing was written: {error}") from error
    if as_json:
        output.json_line({"alert": alert_id, "said": said})
    else:
        click.echo(f"Alert {alert_id}: {said}")
