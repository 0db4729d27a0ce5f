"""`alertcast duty`: who is on duty when, brought in from a table and looked at."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from alertcast.cli import output
from alertcast.cli.failure import REFUSED, Refused
from alertcast.cli.installed import at_terminal, opened
from alertcast.core.shift import Flaw, Shift
from alertcast.dispatch import duty, shift_plan
from alertcast.dispatch.shift_plan import CanNotPlan
from alertcast.grids.problem import has_errors
from alertcast.store import grids, report_duty
from alertcast.store.report_areas import place_names
from alertcast.store.report_faces import Faces

COLUMNS = """\b
Columns: date (日期), from (开始), to (结束), area (地区, code of a county or city),
  desk (值班员), leader (带班领导, may be left out); several people in one cell with 、 between."""


@click.group()
def command() -> None:
    """Say who is on duty when; whoever is, is called first."""


@command.command(
    "import",
    epilog=f"{COLUMNS}\n\n\b\nExample:\n  alertcast duty import december.xlsx --dry-run\n"
    "  alertcast duty import december.csv --json\n\n"
    "Fields: imported, shifts, added, removed, same, problems[{file, where, rule, kind, what, "
    "cell}].",
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what is wrong; no more.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def import_(ctx: click.Context, file: Path, dry_run: bool, as_json: bool) -> None:
    """Read a table of shifts, CSV or XLSX, people by name, number or code of the roster.

    A shift that ends no later than it begins ends on the next day. From the first to the last shift
    of the file, what has not begun yet is replaced for its areas; what has begun stays. One bad row
    and nothing is imported.
    """
    with opened(ctx.obj) as app:
        try:
            with app.world.db.read() as tx:
                read = shift_plan.read(app.world, tx, file)
        except CanNotPlan:
            raise Refused("there are no grids or no roster yet: import them first") from None
        is_bad = has_errors(read.problems) or not read.shifts
        fact: dict[str, object] = {"imported": False, "shifts": len(read.shifts)}
        if not as_json:
            output.problems_table(read.problems)
        if not (is_bad or dry_run):
            done = shift_plan.bring_in(app.world, read.shifts, at_terminal(), app.clock())
            fact |= {"imported": True, "added": done.added}
            fact |= {"removed": done.removed, "same": done.same}
    if as_json:
        output.json_line(fact | {"problems": output.problems_json(read.problems)})
    elif fact["imported"]:
        click.echo(
            f"{fact['added']} shifts added, {fact['removed']} removed, {fact['same']} as they were."
        )
    if not fact["imported"]:
        why = "A row is bad, or there is none." if is_bad else "It was a dry run."
        click.echo(f"Nothing was imported. {why}", err=True)
    ctx.exit(REFUSED if is_bad else 0)


@command.command(
    epilog="\b\nExample:\n  alertcast duty show\n  alertcast duty show --json | jq .flaws\n\n"
    "Fields: shifts[{area, seat, name, phone, starts_at, ends_at, now}], "
    "flaws[{what, area, seat, from, to}]."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def show(ctx: click.Context, as_json: bool) -> None:
    """Show who is on duty now and next, and where nobody is. Names and numbers are masked.

    Exit code 0: the table has no gap and no contradiction; 1: there is something to mend.
    """
    with opened(ctx.obj) as app, app.world.db.read() as tx:
        now, zone = app.clock(), app.config.main.office.zone
        found = duty.table(app.world, tx, now)
        shown = report_duty.shown_as(tx, Faces(app.world.db.vault), found.people.values())
        layer = grids.active_layer(tx)
        codes = {one.shift.area for one in found.shifts} | {one.area for one in found.flaws}
        names = place_names(tx, layer["id"] if layer else None, codes)
    people = [shown.get(found.people.get(one.shift.person_code, 0)) for one in found.shifts]
    shifts = list(zip((one.shift for one in found.shifts), people, strict=True))
    if as_json:
        facts = [_shift(one, who, now) for one, who in shifts]
        output.json_line({"shifts": facts, "flaws": [_fact(one) for one in found.flaws]})
    else:
        rows = [
            (
                _local(one.starts_at, zone),
                _local(one.ends_at, zone),
                names[one.area],
                duty.WORDS[one.seat],
                who[0] if who else "?",
                "*" if one.holds(now) else "",
            )
            for one, who in shifts
        ]
        output.table(("from", "to", "area", "seat", "name", "now"), rows)
        for flaw in found.flaws:
            end = "…" if flaw.ends_at is None else _local(flaw.ends_at, zone)
            where = f"{names[flaw.area]} {duty.WORDS[flaw.seat]}"
            click.echo(f"✗ {flaw.kind}: {where} {_local(flaw.starts_at, zone)} – {end}")
    ctx.exit(REFUSED if found.flaws else 0)


def _shift(one: Shift, who: tuple[str, str] | None, now: datetime) -> dict[str, object]:
    name, phone = who or (None, None)
    return {
        "area": one.area,
        "seat": one.seat,
        "name": name,
        "phone": phone,
        "starts_at": one.starts_at,
        "ends_at": one.ends_at,
        "now": one.holds(now),
    }


def _fact(one: Flaw) -> dict[str, object]:
    return {
        "what": one.kind,
        "area": one.area,
        "seat": one.seat,
        "from": one.starts_at,
        "to": one.ends_at,
    }


def _local(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%m-%d %H:%M}"
