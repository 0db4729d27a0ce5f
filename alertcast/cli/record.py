"""`alertcast broadcast record`: the call record (叫应记录) of a broadcast as a file."""

from pathlib import Path

import click

from alertcast.cli import output
from alertcast.cli.failure import Refused
from alertcast.cli.installed import allowed, opened
from alertcast.dispatch import record
from alertcast.store import broadcasts, users
from alertcast.store.db import Tx
from alertcast.store.report_areas import touches
from alertcast.web import create_app
from alertcast.web.record import FORMS, LONGEST_WHY, written
from alertcast.web.words import LANGUAGES, outside


@click.command(
    "record",
    epilog="\b\nExample:\n  alertcast broadcast record 7 --out record-7.pdf --user wang\n"
    "  alertcast broadcast record 7 --format json --user wang | jq .checksum\n"
    "  alertcast broadcast record 7 --out record-7.xlsx --user wang --unmask 上级检查",
)
@click.argument("broadcast_id", metavar="ID", type=int)
@click.option("--format", "form", type=click.Choice(list(FORMS)), help="Else that of --out.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="File to write; else shown here."
)
@click.option("--user", "user", required=True, help="Who takes it out: a name of `users list`.")
@click.option(
    "--unmask",
    "why",
    metavar="REASON",
    default="",
    help="With whole names and numbers; the reason is recorded.",
)
@click.option("--language", type=click.Choice(list(LANGUAGES)), default="zh", show_default=True)
@click.pass_obj
def command(
    config: str | None,
    broadcast_id: int,
    form: str | None,
    out: Path | None,
    user: str,
    why: str,
    language: str,
) -> None:
    """Write the call record: what was published, told, answered and done, by whom and when.

    It bears the name and the time, and is recorded. Names and numbers are masked without --unmask.
    The same record made again has the same checksum, as long as nothing was added.
    """
    form = form or (out.suffix.lower().removeprefix(".") if out else "")
    if form not in FORMS:
        raise click.UsageError(f"--format is one of {', '.join(FORMS)}, or --out ends in one")
    if out is None and form not in ("csv", "json"):
        raise click.UsageError(f"--format {form} needs --out")
    why = why.strip()[:LONGEST_WHY]
    with opened(config) as app:
        with app.world.db.read() as tx:
            area = _area(tx, broadcast_id, user, "unmask" if why else "see")
        found = record.taken(
            app.world, broadcast_id, form, user=user, now=app.clock(), area=area, why=why
        )
        pages = create_app(app.world, app.clock, secret_key="", is_demo=app.world.is_demo)
        with outside(pages, language):
            content = written(found, form)
    if out is None:
        click.echo(content)
        return
    output.for_its_owner(out, content)
    click.echo(f"{out}: record of broadcast {broadcast_id}, SHA-256 {found.checksum}")


def _area(tx: Tx, broadcast_id: int, name: str, action: str) -> str:
    """Return the area of which a user may have the record; raises Refused."""
    found = users.by_name(tx, name)
    user = allowed(tx, name, action, {found[0].area if found else ""})
    if broadcasts.get(tx, broadcast_id) is None:
        raise Refused(f"broadcast {broadcast_id}: there is none")
    if not touches(tx, broadcast_id, user.area):
        raise Refused(f"broadcast {broadcast_id}: none of it lies in the area of {name}")
    return user.area
