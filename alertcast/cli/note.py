"""`alertcast alerts note`: an officer has looked at what sources say differently of an alert."""

import click

from alertcast.cli import output
from alertcast.cli.explain import one_alert
from alertcast.cli.installed import allowed, opened
from alertcast.dispatch.note import note
from alertcast.store import witnesses


@click.command(
    epilog="\b\nExample:\n  alertcast alerts note 12 --user wang\n"
    "  alertcast alerts note 12 --user wang --json | jq .noted\n\nFields: alert, noted."
)
@click.argument("alert", metavar="ID")
@click.option("--user", required=True, help="Who does it: a name of `users list`.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_obj
def command(config: str | None, alert: str, user: str, as_json: bool) -> None:
    """Note the contradictions between sources of an alert (its number, or its identifier).

    They leave the first page until a source says something new, and stay on the alert's page. See
    them first with `alertcast alerts explain`. It is recorded.
    """
    with opened(config) as app:
        with app.world.db.read() as tx:
            allowed(tx, user, "start", [""])
            alert_id = one_alert(tx, alert)
            until = max((one["id"] for one in witnesses.dissents(tx, alert_id)), default=0)
        noted = note(app.world, alert_id, until, user, app.clock())
    if as_json:
        output.json_line({"alert": alert_id, "noted": noted})
    elif noted:
        click.echo(f"Alert {alert_id}: {noted} noted")
    else:
        click.echo(f"Alert {alert_id}: nothing is left to be noted")
