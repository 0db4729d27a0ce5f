"""`alertcast roster`: bring in the people who answer for grids, and their stations."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import click

from alertcast.bootstrap import App
from alertcast.cli import output, roster_changes, roster_round
from alertcast.cli.failure import REFUSED, Refused
from alertcast.cli.installed import at_terminal, digest, opened
from alertcast.core.roster_diff import Difference, compare
from alertcast.core.roster_gaps import Gap
from alertcast.dispatch import roster_check
from alertcast.grids.annotate import annotate
from alertcast.grids.places import KnownPlaces
from alertcast.grids.problem import Problem, has_errors
from alertcast.grids.roster import RosterRead, read_roster
from alertcast.grids.stations import StationsRead, read_stations
from alertcast.grids.template import write_template
from alertcast.store import audit, people, roster_entries
from alertcast.store import grids as layers

EXAMPLE = """\b
Example:
  alertcast roster import people.xlsx --name huaiji --dry-run
  alertcast roster import people.xlsx --name huaiji --stations stations.csv
  alertcast roster import people.csv --name huaiji --skip-bad --json
  alertcast roster import people.xlsx --name huaiji --annotate mended.xlsx

\b
Fields: roster, imported, version, people, posts, stations, changes{added, changed, removed,
  posts_added, posts_removed, people[]}, gaps{gap: count},
  problems[{file, where, rule, kind, what, cell}]."""


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
    help="A list of service stations; left out: those of the roster in use stay.",
)
@click.option("--dry-run", is_flag=True, help="Say what is wrong and what would change; no more.")
@click.option("--skip-bad", is_flag=True, help="Import the good rows; else one bad: none.")
@click.option("--allow-removals", is_flag=True, help="Also if more are removed than by mistake.")
@click.option(
    "--annotate",
    "copy",
    type=click.Path(exists=False, dir_okay=False, path_type=Path),
    help="Write a copy of FILE here, its bad cells marked; it holds names and phones.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def import_(
    ctx: click.Context,
    file: Path,
    name: str,
    stations_file: Path | None,
    dry_run: bool,
    skip_bad: bool,
    allow_removals: bool,
    copy: Path | None,
    as_json: bool,
) -> None:
    """Read a roster and make it the one in use: CSV or XLSX with name, phone, role and place.

    A row is a post. Places are those of the layer in use. Without a `person` column people are told
    apart by name and phone. What changes is shown before it is written; more than a tenth of the
    people or posts removed needs --allow-removals. Running broadcasts keep their roster. Phones are
    stored encrypted, and never shown.
    """
    with opened(ctx.obj) as app:
        read = _read(app, file, stations_file)
        if copy is not None:
            _annotate(file, copy, read)
        before, against, changes = _compared(app, read.roster)
        why_not = _why_not(app, read, changes, skip_bad=skip_bad, allow_removals=allow_removals)
        gaps: dict[Gap, int] = {}
        fact: dict[str, object] = {
            "roster": name,
            "imported": False,
            "people": len(read.roster.people),
            "posts": len(read.roster.posts),
            "stations": len(read.stations.stations) if read.stations else 0,
            "changes": roster_changes.fact(changes),
        }
        if not as_json:
            output.problems_table(read.problems)
            roster_changes.show(changes, against)
        if why_not is None and not dry_run:
            fact |= _write(app, name, read, before)
            with output.busy("Checking the roster"):
                roster_check.check_due(app.world, app.clock())
                fact["gaps"] = gaps = roster_round.checked(app, 0)[0]
    if as_json:
        output.json_line(fact | {"problems": output.problems_json(read.problems)})
    elif fact["imported"]:
        click.echo(
            f"Roster {name}, version {fact['version']}: {fact['people']} people, "
            f"{fact['posts']} posts, {fact['stations']} stations."
        )
        lacks = [f"{count} {roster_round.WORDS[gap]}" for gap, count in gaps.items() if count]
        if lacks:
            click.echo(f"It lacks: {'; '.join(lacks)} (`alertcast roster check`).")
    if not fact["imported"]:
        click.echo(f"Nothing was imported. {why_not or 'It was a dry run.'}", err=True)
    if why_not is not None or has_errors(read.problems):
        ctx.exit(REFUSED)


@command.command(
    epilog="\b\nExample:\n  alertcast roster template people.xlsx\n"
    "  alertcast roster template people.csv"
)
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def template(config: str | None, out: Path) -> None:
    """Write a roster to start from: headers in Chinese, one example row, what each post is.

    A workbook or a CSV, by its ending. Import refuses the example row, so that it is not forgotten.
    """
    with opened(config, any_version=True) as app:
        _new_file(partial(write_template, out, app.config.roles), out)
    click.echo(str(out))


command.add_command(roster_round.check)
command.add_command(roster_round.confirm_round_)


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read from the files of one import."""

    roster: RosterRead
    stations: StationsRead | None
    sha256: str  # of all that it was made of

    @property
    def problems(self) -> tuple[Problem, ...]:
        return (*self.roster.problems, *(self.stations.problems if self.stations else ()))


def _read(app: App, file: Path, stations_file: Path | None) -> _Read:
    with app.world.db.read() as tx:
        layer = layers.active_layer(tx)
        if layer is None:
            raise Refused("there is no layer of grids yet: run `alertcast grids import` first")
        places = KnownPlaces(layers.load(tx, layer["id"]).values())
    roster = read_roster(
        file,
        roles=app.config.roles,
        places=places,
        key=app.world.db.vault.index("roster person codes").encode(),
        area_code=app.config.main.roster.area_code,
        watched=partial(output.counted, what="Checking the roster"),
    )
    stations = None
    if stations_file is not None:
        stations = read_stations(stations_file, places=places)
    files = [path.read_bytes() for path in (file, stations_file) if path is not None]
    return _Read(roster, stations, digest(*files, f"layer {layer['id']}".encode()))


def _annotate(file: Path, copy: Path, read: _Read) -> None:
    if copy.suffix.casefold() != file.suffix.casefold():
        raise click.UsageError(f"--annotate: the copy has the format of {file.name}")
    with output.busy("Marking bad cells"):
        _new_file(partial(annotate, file, copy, read.problems, read.roster.headers), copy)


def _new_file(write: Callable[[], None], path: Path) -> None:
    try:
        write()
    except FileExistsError:
        raise Refused(f"{path}: there is such a file; it is left as it is") from None
    except (OSError, ValueError) as error:
        raise Refused(str(error)) from None


def _compared(app: App, read: RosterRead) -> tuple[int | None, str, Difference]:
    """Return the id and the name of the roster in use, and what the one that was read changes."""
    vault = app.world.db.vault
    after = roster_entries.of_people(vault, read.people, read.posts)
    with output.busy("Comparing with the roster in use"), app.world.db.read() as tx:
        row = people.active_roster(tx)
        if row is None:
            return None, "no roster", compare({}, after)
        before = roster_entries.of_roster(tx, vault, row["id"])
    return row["id"], f"{row['name']}, version {row['version']}", compare(before, after)


def _why_not(
    app: App, read: _Read, changes: Difference, *, skip_bad: bool, allow_removals: bool
) -> str | None:
    """Return why this is not imported, in a sentence that says what would do; None: it is."""
    if not read.roster.posts:
        return "There is no good row."
    if has_errors(read.problems) and not skip_bad:
        return "--skip-bad imports the good rows."
    most = app.config.main.roster.most_removed
    if changes.removes_more_than(most) and not allow_removals:
        return (
            f"It would remove {changes.count('removed')} of {changes.people} people and "
            f"{changes.posts_removed} of {changes.posts} posts, more than {most:.0%}: "
            "--allow-removals does it."
        )
    return None


def _write(app: App, name: str, read: _Read, before: int | None) -> dict[str, object]:
    now = app.clock()
    with (
        output.progress("Writing the roster", len(read.roster.people)) as told,
        app.world.db.write() as tx,
    ):
        row = people.active_roster(tx)
        if (row["id"] if row else None) != before:
            raise Refused("another roster was imported meanwhile: look at the changes again")
        roster_id, version = people.import_roster(
            tx,
            app.world.db.vault,
            name,
            read.roster.people,
            read.roster.posts,
            read.stations.stations if read.stations else None,
            sha256=read.sha256,
            now=now,
            told=told,
        )
        count = len(read.roster.posts)
        audit.record(tx, at_terminal(), "import", f"roster:{roster_id}", now, posts=count)
    return {"imported": True, "id": roster_id, "version": version}
