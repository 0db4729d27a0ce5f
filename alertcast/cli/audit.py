"""`alertcast audit`: who did what, and proof that nothing of it was changed since."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from alertcast.cli import output
from alertcast.cli.failure import REFUSED, Refused
from alertcast.cli.installed import opened
from alertcast.core.chain import Anchor, ChainBroken
from alertcast.store import audit
from alertcast.store.report_audit import Wanted, acts


@click.group()
def command() -> None:
    """See who did what, and prove that nothing of it was changed since."""


@command.command(
    "list",
    epilog="\b\nExample:\n  alertcast audit list --user wang --since 2026-12-26\n"
    "  alertcast audit list --action unmask --json | jq .detail",
)
@click.option("--user", default="", help="What this one did.")
@click.option("--action", default="", help="Only this, e.g. start, stop, unmask, log_in.")
@click.option("--subject", default="", help="Only what was done to this, e.g. broadcast:7.")
@click.option("--since", type=click.DateTime(), help="From this time on, in the office's zone.")
@click.option("--until", type=click.DateTime(), help="Before this time, in the office's zone.")
@click.option("--limit", default=200, show_default=True, type=click.IntRange(1), help="Most rows.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_obj
def list_(
    config: str | None,
    user: str,
    action: str,
    subject: str,
    since: datetime | None,
    until: datetime | None,
    limit: int,
    as_json: bool,
) -> None:
    """List what was done, newest first."""
    with opened(config) as app, app.world.db.read() as tx:
        zone, local = app.config.main.office.zone, app.world.local
        since, until = (at and at.replace(tzinfo=zone) for at in (since, until))
        found = acts(tx, Wanted(user, action, subject, since, until), limit=limit)
    if as_json:
        for one in found:
            output.json_line(one)
        return
    rows = (
        (
            one["n"],
            local(one["at"]).isoformat(timespec="seconds"),
            one["user"],
            one["action"],
            one["subject"],
            json.dumps(one["detail"], ensure_ascii=False) if one["detail"] else "",
        )
        for one in found
    )
    output.table(("n", "at", "who", "did", "to", "more"), rows)


@command.command(
    epilog="\b\nExample:\n  alertcast audit verify\n"
    "  alertcast audit verify --anchor /media/usb/anchors.jsonl\n\n"
    "Exit code 1: the chain is broken; the first broken row is named."
)
@click.option(
    "--anchor",
    "anchors",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file with anchors, one a line; without one a cut-off end is not seen.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_obj
def verify(config: str | None, anchors: tuple[Path, ...], as_json: bool) -> None:
    """Check that nothing of what was done was changed, removed or slipped in."""
    kept = [one for path in anchors for one in _anchors(path)]
    with opened(config) as app, app.world.db.read() as tx:
        try:
            end, broken = audit.verify(tx, kept), None
        except ChainBroken as error:
            end, broken = audit.end(tx), error
    if as_json:
        fact = {"n": broken.n, "id": broken.entry_id, "why": str(broken)} if broken else None
        output.json_line({"ok": broken is None, "rows": end.n, "hash": end.hash, "broken": fact})
    elif broken is None:
        click.echo(f"The chain holds: {end.n} rows, {len(kept)} anchors. Its end: {end.hash}")
    else:
        click.echo(f"THE CHAIN IS BROKEN: {broken}", err=True)
    if broken is not None:
        raise click.exceptions.Exit(REFUSED)


@command.command(
    epilog="\b\nExample:\n  alertcast audit anchor >> /media/usb/anchors.jsonl\n\n"
    "Fields: n, hash, at."
)
@click.pass_obj
def anchor(config: str | None) -> None:
    """Print the end of the chain, to be kept where nobody who can write the database can write."""
    with opened(config) as app, app.world.db.read() as tx:
        end = audit.end(tx)
        at = app.clock().astimezone(UTC)
    output.json_line({**asdict(end), "at": at})


def _anchors(path: Path) -> list[Anchor]:
    found = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            fact = json.loads(line)
            found.append(Anchor(int(fact["n"]), str(fact["hash"])))
        except (ValueError, KeyError, TypeError):
            msg = f'{path.name}: line {number} is no anchor: {{"n": 7, "hash": "..."}}'
            raise Refused(msg) from None
    if not found:
        raise Refused(f"{path.name}: there is no anchor in it")
    return found
