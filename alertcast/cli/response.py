"""`alertcast response`: the response levels (应急响应), apart from any signal."""

from datetime import datetime

import click

from alertcast.bootstrap import App
from alertcast.cli import output
from alertcast.cli.failure import Refused
from alertcast.cli.installed import allowed, opened
from alertcast.core.response import KINDS, LEVELS, CanNotRespond, Response
from alertcast.dispatch import respond
from alertcast.store import grids, responses
from alertcast.store.report_areas import place_names, unknown

USER = click.option("--user", "user", required=True, help="Who does it: a name of `users list`.")
OFFICE = click.option("--office", required=True, help="Who decided it, e.g. 肇庆市三防指挥部.")
DOCUMENT = click.option("--document", required=True, help="By which document: number or name.")
AT = click.option(
    "--at", type=click.DateTime(["%Y-%m-%dT%H:%M"]), help="When, in the office's time; else now."
)


@click.group()
def command() -> None:
    """Write down which response level (应急响应) an office has decided; it calls nobody."""


@command.command(
    epilog="\b\nExample:\n  alertcast response start --kind freeze --level IV --area 441224 "
    "--office 怀集县三防指挥部 --document 怀三防2026-3 --user wang"
)
@click.option("--kind", required=True, type=click.Choice(KINDS))
@click.option("--level", required=True, type=click.Choice(LEVELS))
@click.option("--area", default="", metavar="CODE", help="A county or town; else everywhere.")
@OFFICE
@DOCUMENT
@AT
@USER
@click.pass_obj
def start(
    config: str | None,
    kind: str,
    level: str,
    area: str,
    office: str,
    document: str,
    at: datetime | None,
    user: str,
) -> None:
    """Write down that a level began; it takes the place of another level of its kind there."""
    with opened(config) as app:
        with app.world.db.read() as tx:
            allowed(tx, user, "respond", {area})
            wrong = unknown(tx, area)
            if wrong is not None:
                raise Refused(wrong)
            layer = grids.active_layer(tx)
            place = place_names(tx, layer["id"], [area])[area] if area and layer else "全部辖区"
        now = app.clock()
        one = Response(kind, level, area, place, office, document, _moment(app, at))
        try:
            made = respond.begin(app.world, one, user, now)
        except CanNotRespond as error:
            raise Refused(f"nothing was written: {error.rule}") from error
    if made is None:
        raise Refused("this level holds there already")
    click.echo(f"Response {made}: {kind} {level} in {place}")


@command.command(
    epilog="\b\nExample:\n  alertcast response end 3 --office 怀集县三防指挥部 "
    "--document 怀三防2026-5 --user wang"
)
@click.argument("response_id", metavar="ID", type=int)
@OFFICE
@DOCUMENT
@AT
@USER
@click.pass_obj
def end(
    config: str | None,
    response_id: int,
    office: str,
    document: str,
    at: datetime | None,
    user: str,
) -> None:
    """Write down that a level has ended."""
    with opened(config) as app:
        with app.world.db.read() as tx:
            found = responses.get(tx, response_id)
            if found is None:
                raise Refused(f"response {response_id}: there is none")
            allowed(tx, user, "respond", {found["area"]})
        try:
            done = respond.end(
                app.world,
                response_id,
                at=_moment(app, at),
                office=office,
                document=document,
                user=user,
                now=app.clock(),
            )
        except CanNotRespond as error:
            raise Refused(f"nothing was written: {error.rule}") from error
    if not done:
        raise Refused(f"response {response_id} has ended already")
    click.echo(f"Response {response_id}: ended")


@command.command(
    "list", epilog="\b\nExample:\n  alertcast response list\n  alertcast response list --all --json"
)
@click.option("--all", "every", is_flag=True, help="Those that have ended, too.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_obj
def list_(config: str | None, every: bool, as_json: bool) -> None:
    """List the levels that hold, and who decided them."""
    with opened(config) as app:
        with app.world.db.read() as tx:
            found = responses.listed(tx) if every else responses.in_force(tx)
        local = app.world.local
    if as_json:
        for one in found:
            output.json_line({**one})
        return
    rows = (
        (
            one["id"],
            one["kind"],
            one["level"],
            one["place"],
            f"{local(one['starts_at']):%Y-%m-%d %H:%M}",
            f"{local(one['ended_at']):%Y-%m-%d %H:%M}" if one["ended_at"] else "",
            one["office"],
            one["document"],
        )
        for one in found
    )
    output.table(("id", "kind", "level", "place", "from", "to", "office", "document"), rows)


def _moment(app: App, at: datetime | None) -> datetime:
    return app.clock() if at is None else at.replace(tzinfo=app.config.main.office.zone)
