"""`alertcast roster`: bring in the people who answer for grids, and their stations."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import click

from alertcast.bootstrap import App
from alertcast.cli import output, roster_changes, roster_round
from alertcast.cli.failure import REFUSED, Refused
from alertcast.cli.installed import at_terminal, opened
from alertcast.cli.marked import ANNOTATE, write_marked, write_new
from alertcast.core.roster_gaps import Gap
from alertcast.dispatch import bring_roster, roster_check
from alertcast.dispatch.bring_roster import ChangedMeanwhile, Found, NoLayer, RosterRefusal
from alertcast.grids import template as templates
from alertcast.grids.problem import has_errors
from alertcast.store import roster_gaps

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
@ANNOTATE
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
        found = _found(app, file, stations_file)
        read, changes = found.read, found.changes
        if copy is not None:
            write_marked(file, copy, read.problems, read.roster.headers)
        why = bring_roster.refusal(
            app.world, found, skip_bad=skip_bad, allow_removals=allow_removals
        )
        why_not = _why_not(app, found, why)
        fact: dict[str, Any] = {
            "roster": name,
            "imported": False,
            "people": len(read.roster.people),
            "posts": len(read.roster.posts),
            "stations": len(read.stations.stations) if read.stations else 0,
            "changes": roster_changes.fact(changes),
        }
        if not as_json:
            output.problems_table(read.problems)
            roster_changes.show(changes, _named(found))
        if why_not is None and not dry_run:
            fact |= _write(app, name, found)
            with output.busy("Checking the roster"):
                fact["gaps"] = _gaps(app)
        elif read.roster.posts:
            fact["gaps"] = dict(bring_roster.ahead(app.world, read, app.clock()).gaps)
    if as_json:
        output.json_line(fact | {"problems": output.problems_json(read.problems)})
    elif fact["imported"]:
        click.echo(
            f"Roster {name}, version {fact['version']}: {fact['people']} people, "
            f"{fact['posts']} posts, {fact['stations']} stations."
        )
        _say_lacks("It lacks", fact["gaps"], " (`alertcast roster check`)")
    else:
        _say_lacks("It would lack", fact.get("gaps", {}))
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
        made = partial(templates.template, roles=app.config.roles)
        write_new(partial(templates.write_template, out, made), out)
    click.echo(str(out))


command.add_command(roster_round.check)
command.add_command(roster_round.confirm_round_)


def _say_lacks(begin: str, gaps: Mapping[Gap, int], end: str = "") -> None:
    lacks = [f"{count} {roster_round.WORDS[gap]}" for gap, count in gaps.items() if count]
    if lacks:
        click.echo(f"{begin}: {'; '.join(lacks)}{end}.")


def _found(app: App, file: Path, stations_file: Path | None) -> Found:
    try:
        watched = partial(output.counted, what="Checking the roster")
        read = bring_roster.read(app.world, file, stations_file, watched=watched)
    except NoLayer:
        raise Refused(
            "there is no layer of grids yet: run `alertcast grids import` first"
        ) from None
    with output.busy("Comparing with the roster in use"):
        return bring_roster.compared(app.world, read)


def _named(found: Found) -> str:
    row = found.before
    return "no roster" if row is None else f"{row['name']}, version {row['version']}"


def _why_not(app: App, found: Found, why: RosterRefusal | None) -> str | None:
    """Return why this is not imported, in a sentence that says what would do; None: it is."""
    changes = found.changes
    match why:
        case RosterRefusal.EMPTY:
            return "There is no good row."
        case RosterRefusal.ERRORS:
            return "--skip-bad imports the good rows."
        case RosterRefusal.REMOVALS:
            return (
                f"It would remove {changes.count('removed')} of {changes.people} people and "
                f"{changes.posts_removed} of {changes.posts} posts, more than "
                f"{app.config.main.roster.most_removed:.0%}: --allow-removals does it."
            )
    return None


def _write(app: App, name: str, found: Found) -> dict[str, object]:
    try:
        with (
            output.progress("Writing the roster", len(found.read.roster.people)) as told,
            app.world.db.write() as tx,
        ):
            roster_id, version = bring_roster.write(
                app.world, tx, name, found, by=at_terminal(), now=app.clock(), told=told
            )
    except ChangedMeanwhile:
        raise Refused(
            "another roster or layer was imported meanwhile: look at the changes again"
        ) from None
    return {"imported": True, "id": roster_id, "version": version}


def _gaps(app: App) -> dict[Gap, int]:
    """Return what the roster lacks that was just imported; it is looked at once."""
    roster_check.check_due(app.world, app.clock())
    with app.world.db.read() as tx:
        last = roster_gaps.last(tx)
    return {} if last is None else {Gap(gap): count for gap, count in last["counts"].items()}
