"""`alertcast broadcast`: start, approve, stop, correct, list and read out broadcasts."""

import secrets
from collections.abc import Collection

import click

from alertcast.bootstrap import App
from alertcast.cli import broadcast_calling, call_list, output, record
from alertcast.cli.failure import Refused
from alertcast.cli.installed import allowed, opened
from alertcast.core.correction import Fault
from alertcast.dispatch import correct as correcting
from alertcast.dispatch import desk
from alertcast.dispatch.repeated import SentBefore
from alertcast.store import alerts, broadcasts, corrections, grids
from alertcast.store.db import Tx
from alertcast.store.report_areas import areas_of, towns_of

USER = click.option("--user", "user", required=True, help="Who does it: a name of `users list`.")
JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")


@click.group()
def command() -> None:
    """Start, approve, stop, correct and list broadcasts."""


command.add_command(call_list.command)
command.add_command(record.command)
for each in (
    broadcast_calling.people,
    broadcast_calling.call,
    broadcast_calling.skip_rung,
    broadcast_calling.add,
):
    command.add_command(each)


@command.command(
    epilog="\b\nExample:\n  alertcast broadcast start --alert 12 --mode live --user wang\n"
    "  alertcast broadcast start --notice 今晚请检查驿站 --to 441224101 --mode drill --user wang"
)
@click.option("--alert", metavar="ID", help="Relay this alert: its number, or its identifier.")
@click.option("--notice", metavar="TEXT", help="Send an internal notice of your own (内部通知).")
@click.option(
    "--to", "codes", multiple=True, metavar="CODE", help="A grid, town or county; repeat."
)
@click.option("--mode", required=True, type=click.Choice(["live", "drill"]))
@click.option("--key", help="The same key twice is one broadcast; without it each is a new one.")
@click.option("--again", is_flag=True, help="Send a notice that was sent just now once more.")
@click.option(
    "--night-why", default="", metavar="TEXT", help="Why a drill is to begin at night, on record."
)
@USER
@JSON
@click.pass_obj
def start(
    config: str | None,
    alert: str | None,
    notice: str | None,
    codes: tuple[str, ...],
    mode: str,
    key: str | None,
    again: bool,
    night_why: str,
    user: str,
    as_json: bool,
) -> None:
    """Tell people: relay an alert (to all its grids, or those of --to), or send your own notice.

    It leaves when `alertcast serve` runs.
    """
    if (alert is None) == (notice is None):
        raise click.UsageError("give either --alert or --notice")
    if notice is not None and not codes:
        raise click.UsageError("--notice needs --to")
    key = f"cli:{key or secrets.token_urlsafe(12)}"
    with opened(config) as app:
        with app.world.db.read() as tx:
            allowed(tx, user, "start", _areas(tx, codes))
        now = app.clock()
        if notice is not None:
            try:
                broadcast_id, state = desk.start_notice(
                    app.world,
                    text=notice,
                    codes=codes,
                    user=user,
                    mode=mode,
                    key=key,
                    now=now,
                    again=again,
                    night_why=night_why.strip(),
                )
            except SentBefore as error:
                raise Refused(f"{error}; to send it once more: --again") from None
        else:
            alert_id = _alert(app, str(alert))
            broadcast_id, state = desk.start_from_alert(
                app.world,
                alert_id,
                user=user,
                mode=mode,
                key=key,
                now=now,
                only=codes,
                night_why=night_why.strip(),
            )
    if as_json:
        output.json_line({"broadcast": broadcast_id, "state": state.value})
    else:
        click.echo(f"Broadcast {broadcast_id}: {state.value}")


@command.command(epilog="\b\nExample:\n  alertcast broadcast approve 7 --user li")
@click.argument("broadcast_id", metavar="ID", type=int)
@USER
@click.pass_obj
def approve(config: str | None, broadcast_id: int, user: str) -> None:
    """Confirm a broadcast that waits for a second person."""
    with opened(config) as app:
        _allowed_on(app, broadcast_id, user, "approve")
        if not desk.approve(app.world, broadcast_id, user, app.clock()):
            raise Refused(f"broadcast {broadcast_id} does not wait for approval")
    click.echo(f"Broadcast {broadcast_id}: approved")


@command.command(epilog="\b\nExample:\n  alertcast broadcast cancel 7 --user wang")
@click.argument("broadcast_id", metavar="ID", type=int)
@USER
@JSON
@click.pass_obj
def cancel(config: str | None, broadcast_id: int, user: str, as_json: bool) -> None:
    """Stop the calling (停止叫应). What has left already can not be called back."""
    with opened(config) as app:
        _allowed_on(app, broadcast_id, user, "stop")
        stopped = desk.cancel(app.world, broadcast_id, user, app.clock())
    if stopped is None:
        raise Refused(f"broadcast {broadcast_id} is over already")
    if as_json:
        dropped, gone = stopped.dropped, stopped.gone
        output.json_line({"broadcast": broadcast_id, "dropped": dropped, "gone": gone})
    else:
        click.echo(f"Stopped: {stopped.dropped} messages will not leave, {stopped.gone} had left.")


@command.command(
    epilog="\b\nExample:\n  alertcast broadcast correct 7 --reason area --user wang\n"
    "  alertcast broadcast correct 7 --reason mistake --call-again 12 --user wang"
)
@click.argument("broadcast_id", metavar="ID", type=int)
@click.option(
    "--reason",
    "fault",
    required=True,
    type=click.Choice([one.value for one in Fault]),
    help="What was wrong: area, level, sent by mistake, or a fault of the system.",
)
@click.option("--detail", default="", help="A few words of your own; never those of a signal.")
@click.option(
    "--call-again",
    "again",
    multiple=True,
    metavar="ALERT",
    help="A warning that holds, for which the calling begins anew; repeat.",
)
@click.option("--not-again", is_flag=True, help="Asked for, and nothing is to be called again.")
@USER
@JSON
@click.pass_obj
def correct(
    config: str | None,
    broadcast_id: int,
    fault: str,
    detail: str,
    again: tuple[str, ...],
    not_again: bool,
    user: str,
    as_json: bool,
) -> None:
    """Correct a message (更正): tell whoever was told, or may have been, before all else.

    There is no undo. Twice is once. An all-clear or a correction that was wrong needs --call-again
    or --not-again. It leaves when `alertcast serve` runs, within a second if it does.
    """
    if again and not_again:
        raise click.UsageError("give --call-again or --not-again, not both")
    with opened(config) as app:
        _allowed_on(app, broadcast_id, user, "correct")
        chosen = [_alert(app, one) for one in again] if again or not_again else None
        done = correcting.correct(
            app.world,
            broadcast_id,
            Fault(fault),
            user=user,
            now=app.clock(),
            detail=detail.strip(),
            again=chosen,
        )
        with app.world.db.read() as tx:
            told = corrections.counts(tx, broadcast_id)
    if as_json:
        output.json_line(
            {
                "broadcast": broadcast_id,
                "correction": done.broadcast_id,
                "new": done.is_new,
                "told": told,
                "dropped": done.dropped,
                "gone": done.gone,
                "again": done.again,
                "not_again": done.not_again,
            }
        )
        return
    if not done.is_new:
        click.echo(f"Broadcast {broadcast_id}: was corrected before, by {done.broadcast_id}")
        return
    kinds = ", ".join(f"{n} by {kind}" for kind, n in told.items() if kind != "phones")
    click.echo(f"Correction {done.broadcast_id}: {told['phones']} phones to be told ({kinds})")
    click.echo(f"Stopped: {done.dropped} messages will not leave, {done.gone} had left.")
    for one in done.again:
        click.echo(f"Broadcast {one}: calls again")
    if done.not_again:
        click.echo(f"Could not be called again: {done.not_again}", err=True)


@command.command("list", epilog="\b\nExample:\n  alertcast broadcast list --limit 5 --json")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 1000))
@JSON
@click.pass_obj
def list_(config: str | None, limit: int, as_json: bool) -> None:
    """List the newest broadcasts, and how many of their grids have answered."""
    with opened(config) as app:
        with app.world.db.read() as tx:
            found = broadcasts.listed(tx, limit)
            counts = broadcasts.overview(tx, [one.id for one in found])
        local = app.world.local
    headers = ("broadcast", "state", "purpose", "mode", "created", "by", "title", "grids")
    rows = [
        (
            one.id,
            one.state.value,
            one.purpose.value,
            one.mode,
            local(one.created_at).isoformat(timespec="seconds"),
            one.created_by,
            one.title,
            counts.get(one.id, {}),
        )
        for one in found
    ]
    if as_json:
        for row in rows:
            output.json_line(dict(zip(headers, row, strict=True)))
        return
    said = ((*row[:-1], ", ".join(f"{n} {state}" for state, n in row[-1].items())) for row in rows)
    output.table(headers, said)


@command.command(
    epilog="\b\nExample:\n  alertcast broadcast script 7\n"
    "  alertcast broadcast script 7 --kind copy --language yue"
)
@click.argument("broadcast_id", metavar="ID", type=int)
@click.option("--kind", type=click.Choice(["script", "copy"]), help="Only this one of the two.")
@click.option("--language", help="Only this language: zh, yue, hak, en ...")
@JSON
@click.pass_obj
def script(
    config: str | None, broadcast_id: int, kind: str | None, language: str | None, as_json: bool
) -> None:
    """Print what is to be read out over loudspeakers (大喇叭播音稿) and pasted into group chats.

    They were made when the broadcast began, and do not change any more.
    """
    with opened(config) as app, app.world.db.read() as tx:
        found = broadcasts.get(tx, broadcast_id)
    if found is None:
        raise Refused(f"broadcast {broadcast_id}: there is none")
    chosen = {
        one: {tongue: text for tongue, text in texts.items() if language in (None, tongue)}
        for one, texts in found.scripts.items()
        if kind in (None, one)
    }
    if not any(chosen.values()):
        raise Refused(f"broadcast {broadcast_id}: no script of this kind and language")
    if as_json:
        output.json_line({"broadcast": broadcast_id, **chosen})
        return
    for one, texts in chosen.items():
        for tongue, text in texts.items():
            click.echo(f"{one} ({tongue}):\n{text}\n")


def _areas(tx: Tx, codes: Collection[str]) -> set[str]:
    """Return the areas in which `codes` lie; refuse a code that the layer in use does not have."""
    layer = grids.active_layer(tx)
    found = areas_of(tx, layer["id"], codes) if layer is not None else {}
    unknown = [code for code in codes if code not in found]
    if unknown:
        raise Refused(f"no grid, town or county of the layer in use: {', '.join(unknown)}")
    return set(found.values())


def _alert(app: App, text: str) -> int:
    with app.world.db.read() as tx:
        found = alerts.find(tx, text)
    if len(found) != 1:
        many = f"{len(found)} alerts: {found}" if found else "no alert"
        raise Refused(f"alert {text}: there is {many} of this number or identifier")
    return found[0]


def _allowed_on(app: App, broadcast_id: int, user: str, action: str) -> None:
    """Refuse what is not there, and whoever may not do `action` in all of its towns."""
    with app.world.db.read() as tx:
        if broadcasts.get(tx, broadcast_id) is None:
            raise Refused(f"broadcast {broadcast_id}: there is none")
        allowed(tx, user, action, towns_of(tx, broadcast_id))
