"""`alertcast statistics`: how fast people were called and answered."""

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import click

from alertcast.cli import output
from alertcast.cli.installed import opened
from alertcast.core.statistics import Measure
from alertcast.dispatch.statistics import Group, statistics

USUAL = timedelta(days=90)


@click.command(
    epilog="\b\nExample:\n  alertcast statistics\n"
    "  alertcast statistics --since 2026-11-01 --until 2027-03-31 --area 441224\n"
    "  alertcast statistics --drills --json | jq .grids\n\n"
    "Fields: since, until, mode, area, broadcasts, and total, called, called_3, answered, "
    "answered_5, answered_15, answered_60 in grids, by_county[], by_role[], by_channel[], "
    "over_time[], by_broadcast[] {key, name}."
)
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="First day. [90 days ago]")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Last day. [today]")
@click.option("--area", default="", help="Code of a county or town.")
@click.option("--drills", is_flag=True, help="Drills instead of what was live.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_obj
def command(
    config: str | None,
    since: datetime | None,
    until: datetime | None,
    area: str,
    drills: bool,
    as_json: bool,
) -> None:
    """Say how many grids were called within 3 minutes and answered for within 5, 15 and 60.

    By county, channel and role, and over time; drills and live broadcasts are never counted
    together. Grids whose calling was stopped, or that a later broadcast took over, are left out.
    """
    with opened(config) as app:
        zone, today = app.config.main.office.zone, app.world.local(app.clock())
        end = _midnight(until or today, zone) + timedelta(days=1)
        begin = _midnight(since, zone) if since else end - USUAL
        mode = "drill" if drills else "live"
        with app.world.db.read() as tx:
            found = statistics(app.world, tx, begin, end, mode=mode, area=area)
    if as_json:
        output.json_line(found)
        return
    click.echo(f"{found['broadcasts']} broadcasts ({mode}), {found['grids']['total']} grids.")
    if found["grids"]["total"]:
        _table("all", [Group(**found["grids"], key="", name="")])
        _table("county", found["by_county"])
        _table("channel", found["by_channel"])
        _table("role", found["by_role"])
        _table("from day", found["over_time"])


def _table(head: str, groups: Iterable[Group]) -> None:
    rows = [(one["name"], one["total"], *_shares(one)) for one in groups]
    output.table((head, "total", "called ≤3", "≤5 min", "≤15", "≤60", "answered"), rows)


def _shares(one: Measure) -> list[str]:
    counted = (one["called_3"], one["answered_5"], one["answered_15"], one["answered_60"])
    return [f"{n / one['total']:.0%}" for n in (*counted, one["answered"])]


def _midnight(day: datetime, zone: ZoneInfo) -> datetime:
    return datetime.combine(day.date(), time(), zone).astimezone(UTC)
