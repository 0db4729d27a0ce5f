"""`alertcast alerts explain`: why one alert was, or was not, sent."""

from collections.abc import Callable, Iterable
from datetime import datetime

import click

from alertcast.cli import output
from alertcast.cli.failure import Refused
from alertcast.cli.installed import opened
from alertcast.dispatch.explain import Explained, Other, explain
from alertcast.store import alerts
from alertcast.store.db import Tx

FIELDS = """warning{alert_id, identifier, sender, sent, status, msg_type, standing, expires,
is_expiry_assumed, onset,
decision, why, decided_at, infos[]}, received_at, witnesses[{source, since, receipts, missed,
signature, signer}],
dissents[{id, source, what, kept, said, seen_at, noted_at, noted_by}],
refers_to[{identifier, alert_id, standing}],
referred_by[...], episode{id, is_over, in_force[]}, places[{desc, level, sentence}], remarks[],
matched{way: grids}, near_misses[{code, name, share}],
rules[{level, grids, is_told, policy}], broadcasts[{id, purpose, mode, state, created_by,
created_at}], acts[{at, user, action, subject}]"""


@click.command(
    epilog="\b\nExample:\n  alertcast alerts explain 12\n"
    "  alertcast alerts explain 44122441600000_20261226172236 --json | jq .warning.why\n\n"
    f"Fields: {FIELDS}."
)
@click.argument("alert", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_obj
def command(config: str | None, alert: str, as_json: bool) -> None:
    """Say of an alert (its number, or its identifier) each decision on it, and why.

    Who brought it, what it refers to, which episode it belongs to, which level holds where and by
    which sentence of its text, which policy told people, and what officers did about it.
    """
    with opened(config) as app, app.world.db.read() as tx:
        found = explain(app.world, tx, one_alert(tx, alert))
        local = app.world.local
    if found is None:
        raise Refused(f"alert {alert}: there is none")
    if as_json:
        output.json_line(found)
        return
    for line in _lines(found, lambda at: f"{local(at):%Y-%m-%d %H:%M:%S}"):
        click.echo(output.plain(line))


At = Callable[[datetime], str]


def one_alert(tx: Tx, text: str) -> int:
    """Return the number of the alert with this number or identifier; raises Refused."""
    ids = alerts.find(tx, text)
    if len(ids) != 1:
        many = f"{len(ids)} alerts: {ids}" if ids else "no alert"
        raise Refused(f"alert {text}: there is {many} of this number or identifier")
    return ids[0]


def _lines(found: Explained, at: At) -> Iterable[str]:
    one = found["warning"]
    yield f"Alert {one['alert_id']}: {one['identifier']} of {one['sender']}, {at(one['sent'])}"
    yield f"Decision: {one['decision'] or 'none yet'}: {one['why'] or ''}"
    if one["decided_at"] is not None:
        yield f"Decided: {at(one['decided_at'])}; received {at(found['received_at'])}"
    yield f"It is: {one['status']}, {one['msg_type']}, {one['standing']}"
    if one["expires"] is not None:
        assumed = "; assumed, its issuer does not say" if one["is_expiry_assumed"] else ""
        yield f"Holds until: {at(one['expires'])}{assumed}"
    if one["onset"] is not None:
        yield f"Begins: {at(one['onset'])}"
    yield from _heard(found, at)
    yield from _places(found)
    yield from _done(found, at)


def _heard(found: Explained, at: At) -> Iterable[str]:
    for heard in found["witnesses"]:
        yield f"Source: {heard['source']}, since {at(heard['since'])}, {heard['signature']}"
    for said in found["dissents"]:
        words = f"{said['source']}, {said['what']}: {said['said']}, not {said['kept']}"
        noted = f"; noted by {said['noted_by']}" if said["noted_at"] else ""
        yield f"Contradiction: {words}{noted}"
    for other in found["refers_to"]:
        yield f"Refers to: {_other(other)}"
    for other in found["referred_by"]:
        yield f"Referred to by: {_other(other)}"


def _places(found: Explained) -> Iterable[str]:
    for place in found["places"]:
        by = f": {place['sentence']}" if place["sentence"] else ""
        yield f"Area: {place['desc']}, {place['level'] or 'no level'}{by}"
    for remark in found["remarks"]:
        yield f"Remark: {remark}"
    for way, count in found["matched"].items():
        yield f"Matched by: {way}, {count} grids"
    for one in found["near_misses"]:
        yield f"Near miss: {one['code']} {one['name']}, {one['share']:.2%} of it: not told"
    for rule in found["rules"]:
        told = "told by itself" if rule["is_told"] else "not told by itself"
        named = f"policy {rule['policy']}" if rule["policy"] else "no policy"
        yield f"Rule: {rule['level'] or 'no level'}, {rule['grids']} grids: {told}, {named}"


def _done(found: Explained, at: At) -> Iterable[str]:
    if found["episode"] is not None:
        state = "over" if found["episode"]["is_over"] else "open"
        yield f"Episode: {found['episode']['id']}, {state}; in force {found['episode']['in_force']}"
    for sent in found["broadcasts"]:
        yield (
            f"Broadcast: {sent['id']}, {sent['purpose']}, {sent['mode']}, {sent['state']}, "
            f"by {sent['created_by']}, {at(sent['created_at'])}"
        )
    for act in found["acts"]:
        yield f"Done: {act['user']} {act['action']} {act['subject']}, {at(act['at'])}"


def _other(one: Other) -> str:
    if one["alert_id"] is None:
        return f"{one['identifier']}, which never came"
    return f"alert {one['alert_id']}, {one['identifier']}, {one['standing']}"
