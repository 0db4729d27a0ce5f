"""`alertcast doctor`: what is stuck, since when, and what to do about it."""

import shutil
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from alertcast.bootstrap import SECRET_KEY, App, utc_now
from alertcast.cli import output
from alertcast.cli.failure import REFUSED
from alertcast.cli.installed import check_database, opened
from alertcast.dispatch.advice import Advice, advise
from alertcast.dispatch.examine import clocks, disk, examine
from alertcast.store.db import StoreError


@click.command(epilog="\b\nExample:\n  alertcast doctor\n  alertcast doctor --json | jq .findings")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """Say what is stuck, since when, and what to do. It only looks.

    Exit code 0: all is well; 1: there is something to do; 2: the configuration has mistakes
    (`alertcast check` lists what is configured and asks the providers).
    """
    with opened(ctx.obj, any_version=True) as app:
        found = [*_surroundings(app), *_rows(app)]
        zone = app.config.main.office.zone
    if as_json:
        output.json_line({"ok": not found, "findings": [_fact(one) for one in found]})
    elif not found:
        click.echo("一切正常。 All is well.")
    else:
        for one in found:
            _print(one, zone)
    ctx.exit(REFUSED if found else 0)


def _rows(app: App) -> list[Advice]:
    try:
        check_database(app)
        with app.world.db.read() as tx:
            database = app.world.db.real_now(tx)
            skew = [] if app.world.db.is_sqlite else clocks(utc_now(), database)
            return [*skew, *examine(app.world, tx, app.clock())]
    except StoreError as error:
        return [advise("database", subject=str(error))]


def _surroundings(app: App) -> list[Advice]:
    found = [] if app.config.secret(SECRET_KEY) else [advise("secret", subject=SECRET_KEY)]
    database, folder = app.world.db, app.config.folder
    if database.is_sqlite:
        folder = Path(str(database.url.database)).parent
    if folder.is_dir():
        found += disk(shutil.disk_usage(folder).free, str(folder))
    return found


def _fact(one: Advice) -> dict[str, object]:
    return {
        "key": one.key,
        "subject": one.subject,
        "count": one.count,
        "since": one.since,
        "what": {"zh": one.what.zh, "en": one.what.en},
        "do": {"zh": one.todo.zh, "en": one.todo.en},
    }


def _print(one: Advice, zone: ZoneInfo) -> None:
    since = f" ({_local(one.since, zone)} →)" if one.since else ""
    click.echo(f"✗ {one.what.zh}{since}\n  {one.what.en}")
    click.echo(f"  → {one.todo.zh}\n    {one.todo.en}")


def _local(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"
