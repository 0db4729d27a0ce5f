"""`alertcast roster`: bring in the people who answer for grids, and their stations."""

from functools import partial
from pathlib import Path

import click

from alertcast.bootstrap import App
from alertcast.cli import output
from alertcast.cli.failure import REFUSED, Refused
from alertcast.cli.installed import at_terminal, digest, opened
from alertcast.grids.places import KnownPlaces
from alertcast.grids.problem import has_errors
from alertcast.grids.roster import RosterRead, read_roster
from alertcast.grids.stations import StationsRead, read_stations
from alertcast.store import audit, people
from alertcast.store import grids as layers

EXAMPLE = """\b
Example:
  alertcast roster import people.csv --name huaiji --stations stations.csv
  alertcast roster import people.csv --name huaiji --skip-bad --json"""


@click.group()
def command() -> None:
    """Bring in the people who answer for grids."""


@command.command("import", epilog=EXAMPLE)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--name", required=True, help="The roster's name; the same again is a new version.")
@click.option(
    "--stations",
    "stations_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A list of service stations.",
)
@click.option("--skip-bad", is_flag=True, help="Import the good rows; else one bad: none.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def import_(
    ctx: click.Context,
    file: Path,
    name: str,
    stations_file: Path | None,
    skip_bad: bool,
    as_json: bool,
) -> None:
    """Read a roster and make it the one in use: CSV or XLSX with name, phone, role and place.

    A row is a post. Places are those of the layer in use. Without a `person` column people are told
    apart by name and phone. Running broadcasts keep their roster. Phones are stored encrypted, and
    never shown.
    """
    with opened(ctx.obj) as app:
        layer_id, places = _places(app)
        key = app.world.db.vault.index("roster person codes").encode()
        read = read_roster(
            file,
            roles=app.config.roles,
            places=places,
            key=key,
            area_code=app.config.main.roster.area_code,
            watched=partial(output.counted, what="Checking the roster"),
        )
        stations = StationsRead((), ())
        if stations_file is not None:
            stations = read_stations(stations_file, places=places)
        problems = (*read.problems, *stations.problems)
        is_bad = has_errors(problems)
        fact: dict[str, object] = {
            "roster": name,
            "imported": False,
            "people": len(read.people),
            "posts": len(read.posts),
            "stations": len(stations.stations),
        }
        if read.posts and (skip_bad or not is_bad):
            files = [path.read_bytes() for path in (file, stations_file) if path is not None]
            with output.busy("Writing the roster"):
                made_of = digest(*files, f"layer {layer_id}".encode())
                fact |= _write(app, name, read, stations, made_of)
    if as_json:
        output.json_line(fact | {"problems": output.problems_json(problems)})
    else:
        output.problems_table(problems)
        if fact["imported"]:
            click.echo(
                f"Roster {name}, version {fact['version']}: {fact['people']} people, "
                f"{fact['posts']} posts, {fact['stations']} stations."
            )
    if not fact["imported"]:
        click.echo("Nothing was imported. --skip-bad imports the good rows.", err=True)
    if not fact["imported"] or is_bad:
        ctx.exit(REFUSED)


def _places(app: App) -> tuple[int, KnownPlaces]:
    with app.world.db.read() as tx:
        layer = layers.active_layer(tx)
        if layer is None:
            raise Refused("there is no layer of grids yet: run `alertcast grids import` first")
        return layer["id"], KnownPlaces(layers.load(tx, layer["id"]).values())


def _write(
    app: App, name: str, read: RosterRead, stations: StationsRead, sha256: str
) -> dict[str, object]:
    now = app.clock()
    with app.world.db.write() as tx:
        roster_id, version = people.import_roster(
            tx,
            app.world.db.vault,
            name,
            read.people,
            read.posts,
            stations.stations,
            sha256=sha256,
            now=now,
        )
        count = len(read.posts)
        audit.record(tx, at_terminal(), "import", f"roster:{roster_id}", now, posts=count)
    return {"imported": True, "id": roster_id, "version": version}
