"""`alertcast stations`: service stations (驿站), and which of them are open tonight."""

from functools import partial
from pathlib import Path

import click

from alertcast.bootstrap import App
from alertcast.cli import output
from alertcast.cli.failure import REFUSED, Refused
from alertcast.cli.installed import allowed, at_terminal, opened
from alertcast.cli.marked import ANNOTATE, write_marked, write_new
from alertcast.core.phone import UNREADABLE, mask
from alertcast.core.station import Said
from alertcast.dispatch import bring_stations
from alertcast.dispatch import stations as tonight
from alertcast.dispatch.bring_roster import ChangedMeanwhile
from alertcast.dispatch.bring_stations import Found, NoRoster, StationsRefusal
from alertcast.grids import template as templates
from alertcast.grids.problem import has_errors
from alertcast.store import station_nights
from alertcast.store.station_nights import Stands

WORDS = {Said.ASKED: "asked, no answer", Said.OPEN: "open", Said.CLOSED: "not open"}
"""What is said of a station for this night."""

JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
USER = click.option("--user", "user", required=True, help="Who says so: a name of `users list`.")


@click.group()
def command() -> None:
    """Keep service stations (驿站), and say which are open tonight."""


@command.command(
    "import",
    epilog="\b\nExample:\n  alertcast stations import stations.xlsx --dry-run\n"
    "  alertcast stations import stations.csv --skip-bad --json\n"
    "  alertcast stations import stations.xlsx --annotate mended.xlsx\n\n"
    "Fields: imported, stations, added, changed, removed,\n"
    "problems[{file, where, rule, kind, what, cell}].",
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what is wrong and what would change; no more.")
@click.option("--skip-bad", is_flag=True, help="Import the good rows; else one bad: none.")
@click.option("--allow-removals", is_flag=True, help="Also if more are removed than by mistake.")
@ANNOTATE
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def import_(
    ctx: click.Context,
    file: Path,
    dry_run: bool,
    skip_bad: bool,
    allow_removals: bool,
    copy: Path | None,
    as_json: bool,
) -> None:
    """Let the roster in use have the stations of FILE and no others: CSV or XLSX.

    Columns: code, name, grid, keeper, phone, hours, shelter, and lon, lat (WGS 84), in English or
    Chinese. What was said of a station tonight holds on. A roster imported later keeps them, unless
    it comes with --stations of its own. Keepers and phones are stored encrypted.
    """
    with opened(ctx.obj) as app:
        found = _found(app, file)
        read, changes = found.read, found.changes
        fact: dict[str, object] = {
            "imported": False,
            "stations": len(read.stations),
            **{what: changes.count(what) for what in ("added", "changed", "removed")},
        }
        if copy is not None:
            write_marked(file, copy, read.problems, read.headers)
        why = bring_stations.refusal(
            app.world, found, skip_bad=skip_bad, allow_removals=allow_removals
        )
        why_not = _why_not(app, found, why)
        if why_not is None and not dry_run:
            _write(app, found)
            fact["imported"] = True
    if as_json:
        output.json_line(fact | {"problems": output.problems_json(read.problems)})
    else:
        output.problems_table(read.problems)
        click.echo(
            f"{fact['stations']} stations: {fact['added']} added, {fact['changed']} changed, "
            f"{fact['removed']} removed."
        )
    if not fact["imported"]:
        click.echo(f"Nothing was imported. {why_not or 'It was a dry run.'}", err=True)
    if why_not is not None or has_errors(read.problems):
        ctx.exit(REFUSED)


@command.command(
    epilog="\b\nExample:\n  alertcast stations template stations.xlsx\n"
    "  alertcast stations template stations.csv"
)
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
def template(out: Path) -> None:
    """Write a list of stations to start from: headers in Chinese, one example row, help.

    A workbook or a CSV, by its ending. Import refuses the example row, so that it is not forgotten.
    """
    write_new(partial(templates.write_template, out, templates.stations_template), out)
    click.echo(str(out))


@command.command(
    "list",
    epilog="\b\nExample:\n  alertcast stations list\n  alertcast stations list --open --json\n\n"
    "Fields: code, name, grid, at, keeper, phone, hours, shelter, lon, lat,\n"
    "tonight (open, closed, asked or null), said_at, said_by, until.",
)
@click.option("--open", "only_open", is_flag=True, help="Only those confirmed open tonight.")
@JSON
@click.pass_obj
def list_(config: str | None, only_open: bool, as_json: bool) -> None:
    """List the stations of the roster in use, and what was said of each for this night.

    Keepers and phones are masked.
    """
    with opened(config) as app:
        with app.world.db.read() as tx:
            found = station_nights.listed(tx, app.clock())
        if only_open:
            found = [one for one in found if one.word and one.word.said is Said.OPEN]
        facts = [_fact(app, one) for one in found]
        said = [_tonight(app, one) for one in found]
    if as_json:
        for fact in facts:
            output.json_line(fact)
        return
    rows = (
        (
            str(fact["code"]),
            str(fact["name"]),
            str(fact["at"]),
            "yes" if fact["shelter"] else "no",
            f"{fact['keeper']} {fact['phone']}",
            word,
        )
        for fact, word in zip(facts, said, strict=True)
    )
    output.table(("code", "name", "at", "beds", "keeper", "tonight"), rows)


@command.command("open", epilog="\b\nExample:\n  alertcast stations open S001 --user wang")
@click.argument("code")
@USER
@click.pass_obj
def open_(config: str | None, code: str, user: str) -> None:
    """Write down that a station is open tonight: texts of warnings name it to the grids near it."""
    _write_down(config, code, Said.OPEN, user)


@command.command(epilog="\b\nExample:\n  alertcast stations closed S001 --user wang")
@click.argument("code")
@USER
@click.pass_obj
def closed(config: str | None, code: str, user: str) -> None:
    """Write down that a station is not open tonight: no text that leaves from now on names it."""
    _write_down(config, code, Said.CLOSED, user)


def _write_down(config: str | None, code: str, said: Said, user: str) -> None:
    with opened(config) as app:
        now = app.clock()
        with app.world.db.read() as tx:
            known = [one for one in station_nights.listed(tx, now) if one.station["code"] == code]
            areas = {one.town_code for one in known if one.town_code is not None}
            allowed(tx, user, "answer", areas)
        try:
            tonight.write_down(app.world, code, said, user, now)
        except LookupError as error:
            raise Refused(str(error)) from None
        with app.world.db.read() as tx:
            until = station_nights.said_of(tx, now)[code, known[0].station["name"]].until
        click.echo(
            f"Station {code} {known[0].station['name']} is {WORDS[said]} "
            f"until {app.world.local(until):%m-%d %H:%M}."
        )


def _found(app: App, file: Path) -> Found:
    try:
        return bring_stations.look(app.world, file)
    except NoRoster:
        raise Refused("there is no roster yet: run `alertcast roster import` first") from None


def _why_not(app: App, found: Found, why: StationsRefusal | None) -> str | None:
    """Return why this is not imported, in a sentence that says what would do; None: it is."""
    changes = found.changes
    match why:
        case StationsRefusal.EMPTY:
            return "There is no good row."
        case StationsRefusal.ERRORS:
            return "--skip-bad imports the good rows."
        case StationsRefusal.REMOVALS:
            return (
                f"It would remove {changes.count('removed')} of {changes.before} stations, more "
                f"than {app.config.main.roster.most_removed:.0%}: --allow-removals does it."
            )
    return None


def _write(app: App, found: Found) -> None:
    try:
        with app.world.db.write() as tx:
            bring_stations.write(app.world, tx, found, by=at_terminal(), now=app.clock())
    except ChangedMeanwhile:
        raise Refused(
            "a roster, a layer or stations were imported meanwhile: look at the changes again"
        ) from None


def _fact(app: App, one: Stands) -> dict[str, object]:
    vault, row, word = app.world.db.vault, one.station, one.word
    name, phone = vault.read(row["keeper"]), vault.read(row["phone"])
    return {
        "code": row["code"],
        "name": row["name"],
        "grid": row["grid_code"],
        "at": one.at,
        "keeper": f"{name[:1]}*" if name else UNREADABLE,
        "phone": mask(phone) if phone else UNREADABLE,
        "hours": row["hours"],
        "shelter": row["shelter"],
        "lon": row["lon"],
        "lat": row["lat"],
        "tonight": word.said if word else None,
        "said_at": word.at.isoformat() if word else None,
        "said_by": word.by if word else None,
        "until": word.until.isoformat() if word else None,
    }


def _tonight(app: App, one: Stands) -> str:
    if one.word is None:
        return "not known"
    at = app.world.local(one.word.at)
    return f"{WORDS[one.word.said]} ({one.word.by}, {at:%H:%M})"
