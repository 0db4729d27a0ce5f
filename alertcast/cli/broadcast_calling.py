"""`alertcast broadcast people, call, skip, add`: who is told, and what an officer does about it."""

from collections.abc import Sequence

import click

from alertcast.bootstrap import App
from alertcast.cli import output
from alertcast.cli.failure import Refused
from alertcast.cli.installed import allowed, opened
from alertcast.dispatch.add_person import CanNotAdd, Stranger, add_person
from alertcast.dispatch.call_again import DONE, call_again
from alertcast.dispatch.skip import skip
from alertcast.grids.phones import PhoneError, read_phone
from alertcast.store import broadcasts, callouts
from alertcast.store.report_areas import areas_of, towns_of
from alertcast.store.report_faces import Faces
from alertcast.store.report_people import STATES, shown, standings

USER = click.option("--user", "user", required=True, help="Who does it: a name of `users list`.")
PERSON = click.option(
    "--person", "person_id", type=int, metavar="ID", help="A number of `broadcast people`."
)


@click.command(epilog="\b\nExample:\n  alertcast broadcast people 7 --state no_key --json")
@click.argument("broadcast_id", metavar="ID", type=int)
@click.option("--state", type=click.Choice(STATES), help="Only those who stand so.")
@click.option("--grid", metavar="CODE", help="Only those who answer for this grid.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_obj
def people(
    config: str | None, broadcast_id: int, state: str | None, grid: str | None, as_json: bool
) -> None:
    """List who is to answer in a broadcast, and where each stands; names and numbers masked."""
    with opened(config) as app, app.world.db.read() as tx:
        _check(app, broadcast_id)
        rows = [
            one
            for one in standings(tx, broadcast_id)
            if state in (None, one.state) and (grid is None or grid in one.grids)
        ]
        found = shown(tx, Faces(app.world.db.vault), broadcast_id, rows)
    headers = ("person", "state", "roles", "places", "name", "phone")
    listed = [
        (one["person_id"], one["state"], one["roles"], one["places"], one["name"], one["phone"])
        for one in found
    ]
    if as_json:
        for row in listed:
            output.json_line(dict(zip(headers, row, strict=True)))
        return
    said = ((*row[:2], ", ".join(row[2]), ", ".join(row[3][:3]), *row[4:]) for row in listed)
    output.table(headers, said)


@click.command(epilog="\b\nExample:\n  alertcast broadcast call 7 --person 31 --user wang")
@click.argument("broadcast_id", metavar="ID", type=int)
@PERSON
@USER
@click.pass_obj
def call(config: str | None, broadcast_id: int, person_id: int | None, user: str) -> None:
    """Call a person again, now and once (再次呼叫).

    Nobody is called who is being called at this moment, or has answered.
    """
    if person_id is None:
        raise click.UsageError("call needs --person")
    with opened(config) as app:
        _check(app, broadcast_id)
        with app.world.db.read() as tx:
            allowed(tx, user, "call", towns_of(tx, broadcast_id, person_id))
        try:
            done = call_again(
                app.world,
                broadcast_id=broadcast_id,
                person_id=person_id,
                user=user,
                now=app.clock(),
            )
        except LookupError as error:
            raise Refused(str(error)) from error
    if done not in DONE:
        raise Refused(f"person {person_id} is not called: {done.value}")
    click.echo(f"Person {person_id}: {done.value}")


@click.command(
    "skip",
    epilog="\b\nExample:\n  alertcast broadcast skip 7 --grid 441224101002 --step 1 --user wang",
)
@click.argument("broadcast_id", metavar="ID", type=int)
@click.option("--grid", "codes", multiple=True, metavar="CODE", help="A grid; repeat. Else all.")
@click.option("--step", required=True, type=click.IntRange(1), help="The step to leave, from 1.")
@USER
@click.pass_obj
def skip_rung(
    config: str | None, broadcast_id: int, codes: tuple[str, ...], step: int, user: str
) -> None:
    """Let the next step begin now for grids that wait on a step (跳到下一步).

    Twice is once. After the last step a grid is unreached.
    """
    with opened(config) as app:
        every = _grids(app, broadcast_id, codes, user)
        moved = skip(
            app.world,
            broadcast_id=broadcast_id,
            codes=every,
            rung=step - 1,
            user=user,
            now=app.clock(),
        )
    if not moved:
        raise Refused(f"broadcast {broadcast_id}: no grid waits on step {step}")
    click.echo(f"{moved} grids go on now")


@click.command(
    epilog="\b\nExample:\n  alertcast broadcast add 7 --grid 441224101002 --person 31 --user wang\n"
    "  alertcast broadcast add 7 --grid 441224101002 --name 陈某 --user wang"
)
@click.argument("broadcast_id", metavar="ID", type=int)
@click.option("--grid", "codes", multiple=True, required=True, metavar="CODE", help="Repeat.")
@PERSON
@click.option("--name", help="Somebody who is not in the roster; the number is asked for.")
@USER
@click.pass_obj
def add(
    config: str | None,
    broadcast_id: int,
    codes: tuple[str, ...],
    person_id: int | None,
    name: str | None,
    user: str,
) -> None:
    """Add a person to grids that nobody has answered for: told now, may answer (增派).

    The number is read from standard input, so that it is in no list of commands.
    """
    if (person_id is None) == (name is None):
        raise click.UsageError("give either --person or --name")
    with opened(config) as app:
        _grids(app, broadcast_id, codes, user)
        who = _stranger(app, name) if person_id is None else person_id
        done = add_person(
            app.world, broadcast_id=broadcast_id, codes=codes, who=who, user=user, now=app.clock()
        )
    if isinstance(done, CanNotAdd):
        raise Refused(f"nobody was added: {done.value}")
    click.echo(f"Person {done.person_id}: added to {done.grids} grids")


def _stranger(app: App, name: str | None) -> Stranger:
    said = " ".join((name or "").split())
    if not said or not said.isprintable():
        raise click.UsageError("--name has to say something")
    text = click.prompt("Number", err=True)
    try:
        phone = read_phone(text, area_code=app.config.main.roster.area_code)
    except PhoneError as error:
        raise Refused(str(error)) from error
    return Stranger(said, phone.number)


def _check(app: App, broadcast_id: int) -> None:
    with app.world.db.read() as tx:
        if broadcasts.get(tx, broadcast_id) is None:
            raise Refused(f"broadcast {broadcast_id}: there is none")


def _grids(app: App, broadcast_id: int, codes: Sequence[str], user: str) -> list[str]:
    """Return the grids of a broadcast that are meant, all if none is named; refuse the others."""
    _check(app, broadcast_id)
    with app.world.db.read() as tx:
        found = broadcasts.get(tx, broadcast_id)
        known = [one.grid_code for one in callouts.of_broadcast(tx, broadcast_id)]
        unknown = [code for code in codes if code not in known]
        if unknown:
            raise Refused(f"no grid of broadcast {broadcast_id}: {', '.join(unknown)}")
        layer_id = found.layer_id if found else None
        areas = areas_of(tx, layer_id, codes) if codes and layer_id else {}
        allowed(tx, user, "call", set(areas.values()) or towns_of(tx, broadcast_id))
    return list(codes) or known
