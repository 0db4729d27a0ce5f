"""`alertcast alerts quarantine`: what could not be read, why, and reading it again."""

from pathlib import Path
from typing import Any

import click

from alertcast.bootstrap import App
from alertcast.cli import output
from alertcast.cli.failure import REFUSED, Refused
from alertcast.cli.installed import at_terminal, opened
from alertcast.dispatch import fanout
from alertcast.dispatch.reread import Reread, SourceGone, is_known, reread
from alertcast.store import alerts, quarantine, witnesses
from alertcast.store.crypto import DataKeyError
from alertcast.store.quarantine import PutAside, ReasonFacts

SHOWN = 20_000
"""Most characters of a document that are printed; `--out` writes all of it."""

FIELDS = """id, source, location, received_at, retried_at, settled_at,
reasons[{item, code, kind, where, message}] of the first reading, left[...] of the last (null: it
was never read again)"""

JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")


@click.group()
def command() -> None:
    """Look at what could not be read (隔离), and read it again."""


@command.command(
    "list",
    epilog="\b\nExample:\n  alertcast alerts quarantine list\n"
    f"  alertcast alerts quarantine list --all --json | jq .id\n\nFields: {FIELDS}.",
)
@click.option("--all", "with_settled", is_flag=True, help="Also what has been read since.")
@JSON
@click.pass_obj
def list_(config: str | None, with_settled: bool, as_json: bool) -> None:
    """List the documents of which something could not be read, newest first."""
    with opened(config) as app:
        with app.world.db.read() as tx:
            found = quarantine.listed(tx, with_settled=with_settled)
        local = app.world.local
    if as_json:
        for one in found:
            output.json_line(one)
        return
    rows = (
        (
            one["id"],
            one["source"],
            local(one["received_at"]).isoformat(timespec="seconds"),
            _state(one),
            one["location"],
            _sentence(_current(one)),
        )
        for one in found
    )
    output.table(("id", "source", "received", "", "from", "why"), rows)


@command.command(
    epilog="\b\nExample:\n  alertcast alerts quarantine show 7\n"
    f"  alertcast alerts quarantine show 7 --out document.xml\n\nFields: {FIELDS}, and text."
)
@click.argument("quarantine_id", metavar="ID", type=int)
@click.option(
    "--out",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the document into a new file, byte for byte, instead of printing it.",
)
@JSON
@click.pass_obj
def show(config: str | None, quarantine_id: int, out: Path | None, as_json: bool) -> None:
    """Show why a document could not be read, and the document as it came.

    What would steer a terminal is printed as an escape. It may name a forecaster.
    """
    with opened(config) as app:
        with app.world.db.read() as tx:
            row = quarantine.row_of(tx, quarantine_id)
        if row is None:
            raise Refused(f"document {quarantine_id}: there is none in quarantine")
        found, raw = quarantine.facts(row), witnesses.opened(app.world.db.vault, row["raw"])
        local, is_readable = app.world.local, is_known(app.world, row["source"])
    if out is not None:
        _write(out, raw)
    text = printable(raw[: 4 * SHOWN])[:SHOWN]
    if as_json:
        output.json_line({**found, "bytes": len(raw), "text": text})
        return
    at = local(found["received_at"]).isoformat(timespec="seconds")
    click.echo(f"Document {found['id']} of {found['source']}, {len(raw)} bytes, {at}")
    click.echo(f"From: {output.plain(found['location'])}")
    _reasons("Why it was put aside", found["reasons"])
    if found["left"] is not None and found["retried_at"] is not None:
        again = local(found["retried_at"]).isoformat(timespec="seconds")
        _reasons(f"Read again {again}, and left", found["left"])
    if not is_readable:
        click.echo(f"It can not be read again: {output.plain(str(SourceGone(found['source'])))}")
    if out is None:
        click.echo(f"\n{text}")
        if len(raw) > len(text.encode()):
            click.echo(f"(the beginning of {len(raw)} bytes; --out FILE writes all)", err=True)


@command.command(
    epilog="\b\nExample:\n  alertcast alerts quarantine retry 7\n"
    "  alertcast alerts quarantine retry --all --json\n\n"
    "Fields: id, error, new[{alert, decision, why}], known[], left[{item, code, kind, where, "
    "message}]."
)
@click.argument("ids", nargs=-1, metavar="[ID...]", type=int)
@click.option("--all", "is_all", is_flag=True, help="All that is not settled.")
@JSON
@click.pass_context
def retry(ctx: click.Context, ids: tuple[int, ...], is_all: bool, as_json: bool) -> None:
    """Read documents again with today's program and configuration, and decide on what they hold.

    Nothing is lost by it, and doing it twice changes nothing. What is to be sent leaves when
    `alertcast serve` runs. Exit code 1: something could still not be read.
    """
    if bool(ids) == is_all:
        raise click.UsageError("give either numbers of documents or --all")
    with opened(ctx.obj) as app:
        if is_all:
            with app.world.db.read() as tx:
                ids = tuple(one["id"] for one in reversed(quarantine.listed(tx)))
        done = {one: _again(app, one) for one in output.counted(ids, "Reading")}
        fanout.decide_all(app.world, app.clock())
        told = [_told(app, one, what) for one, what in done.items()]
    for line in told:
        if as_json:
            output.json_line(line)
        else:
            _print(line)
    if any(one["error"] or one["left"] for one in told):
        ctx.exit(REFUSED)


def printable(raw: bytes) -> str:
    """Return a document as text that can not steer a terminal; lines stay lines."""
    text = raw.decode("utf-8", "backslashreplace")
    return "".join(mark if mark == "\n" or mark.isprintable() else _escape(mark) for mark in text)


def _escape(mark: str) -> str:
    return "    " if mark == "\t" else mark.encode("unicode_escape").decode()


def _again(app: App, quarantine_id: int) -> Reread | str:
    """Read one document again; return what came of it, else why it can not be."""
    try:
        found = reread(app.world, quarantine_id, at_terminal(), app.clock())
    except (DataKeyError, SourceGone) as error:  # it holds up no other
        return str(error)
    return found or "there is none in quarantine"


def _told(app: App, quarantine_id: int, what: Reread | str) -> dict[str, Any]:
    if isinstance(what, str):
        return {"id": quarantine_id, "error": what, "new": [], "known": [], "left": []}
    with app.world.db.read() as tx:
        rows = [(one, alerts.facts(tx, one)) for one in what.new]
    new = [{"alert": one, "decision": row["decision"], "why": row["why"]} for one, row in rows]
    known, left = list(what.known), list(what.left)
    return {"id": quarantine_id, "error": None, "new": new, "known": known, "left": left}


def _print(line: dict[str, Any]) -> None:
    where = f"Document {line['id']}"
    if line["error"]:
        click.echo(f"{where}: {line['error']}", err=True)
    for one in line["new"]:
        said = output.plain(one["why"] or "")
        click.echo(f"{where}: alert {one['alert']} is new: {one['decision']}: {said}")
    for one in line["known"]:
        click.echo(f"{where}: alert {one} was known")
    for one in line["left"]:
        click.echo(f"{where}: {_sentence([one])}")
    if not line["error"] and not line["left"]:
        click.echo(f"{where}: nothing is left of it")


def _write(out: Path, raw: bytes) -> None:
    try:
        with out.open("xb") as file:
            file.write(raw)
    except OSError as error:
        raise Refused(f"{out}: {error.strerror}; nothing was written") from None


def _reasons(title: str, reasons: list[ReasonFacts]) -> None:
    click.echo(f"{title}: {'' if reasons else 'nothing'}")
    for one in reasons:
        click.echo(f"  {_sentence([one])}")


def _sentence(reasons: list[ReasonFacts]) -> str:
    said = (f"item {one['item']}: {one['where']}: {one['message']}" for one in reasons)
    return output.plain("; ".join(one.replace(": : ", ": ") for one in said))


def _current(one: PutAside) -> list[ReasonFacts]:
    return one["reasons"] if one["left"] is None else one["left"]


def _state(one: PutAside) -> str:
    if one["settled_at"] is not None:
        return "settled"
    return "put aside" if one["retried_at"] is None else "read again"
