"""`alertcast status`: what holds now, and who was told and who answered in one broadcast."""

from collections.abc import Mapping
from datetime import datetime

import click

from alertcast.cli import output
from alertcast.cli.failure import Refused
from alertcast.cli.installed import opened
from alertcast.dispatch import estimate
from alertcast.dispatch.watch import first_page
from alertcast.store.links import Guessed
from alertcast.store.report_facts import DeliveryReport, RelaySum, StatusRow
from alertcast.store.report_now import FailingSource, Now
from alertcast.store.reports import delivery_report, status


@click.command(
    epilog="\b\nExample:\n  alertcast status\n  alertcast status 7 --json | jq .unreached"
)
@click.argument("broadcast_id", metavar="[BROADCAST]", type=int, required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_obj
def command(config: str | None, broadcast_id: int | None, as_json: bool) -> None:
    """Say what holds now; of a BROADCAST, who was told and who answered.

    Names and phones are masked: the page shows them to whoever may see them.
    """
    with opened(config) as app, app.world.db.read() as tx:
        expected = None
        if broadcast_id is None:
            now, listed = first_page(app.world, tx, app.clock()), status(tx)
            report = None
        else:
            report = delivery_report(tx, app.world.db.vault, broadcast_id)
            if report is None:
                raise Refused(f"broadcast {broadcast_id}: there is none")
            expected = estimate.of_broadcast(app.world, tx, broadcast_id, app.clock())
        local = app.world.local
    if report is not None:
        if as_json:
            output.json_line({**report, "estimate": expected and expected.as_facts()})
        else:
            _print_report(report)
            if expected is not None:
                _print_estimate(expected, local(expected.through_at))
    elif as_json:
        output.json_line({**now, "broadcasts": listed})
    else:
        _print_now(now)
        _print_broadcasts(listed)


def _failing(one: FailingSource) -> str:
    until = f" (left alone until {one['rests_until']:%H:%M:%S} UTC)" if one["rests_until"] else ""
    return f"{one['name']}{until}"


def _print_now(now: Now) -> None:
    rows = [
        ("warnings in force", len(now["warnings"])),
        ("response levels", _names([f"{o['kind']} {o['level']}" for o in now["responses"]])),
        ("broadcasts running", len(now["running"])),
        ("broadcasts that wait for approval", len(now["approvals"])),
        ("alerts held for the officer", len(now["held"])),
        ("people in need of help", len(now["help_open"])),
        ("grids unreached", sum(one["grids"] for one in now["unreached"])),
        ("grids without people", sum(one["grids"] for one in now["without_people"])),
        ("calls to make by hand", now["manual"]),
        ("messages overdue", now["overdue"]["count"] if now["overdue"] else 0),
        ("sources failing", _names([_failing(one) for one in now["failing"]])),
        ("channels stopped", _names(now["stopped"])),
        ("channels resting", _names([f"{o['name']} ({o['why']})" for o in now["resting"]])),
        ("wrong link addresses", _guesses(now["guesses"])),
        (
            "overdue or silent",
            _names([f"{o['what']} {o['subject']}".strip() for o in now["watch"]]),
        ),
    ]
    output.table(("now", ""), rows)


def _print_broadcasts(listed: list[StatusRow]) -> None:
    rows = (
        (one["id"], one["state"], one["mode"], one["title"], _counts(one["grids"]["by_state"]))
        for one in listed
    )
    output.table(("broadcast", "state", "mode", "title", "grids"), rows)


def _print_report(report: DeliveryReport) -> None:
    one = report["broadcast"]
    tasks = ((kind, _counts(states)) for kind, states in report["tasks"].items())
    rows = [
        ("state", f"{one['state']} ({one['mode']})"),
        ("grids", _counts(report["grids"]["by_state"])),
        ("people", _counts(report["people"])),
        *tasks,
        ("attempts", report["attempts"]),
        ("acknowledged", report["acknowledged"]),
        ("help requests", len(report["help_requests"])),
        ("households", _relay(report["relay"])),
    ]
    output.table((f"broadcast {one['id']}", one["title"]), rows)
    unreached = [
        (grid["code"], f"{grid['town']}{grid['name']}", who["role"], who["name"], who["phone"])
        for grid in report["unreached"]
        for who in grid["people"]
    ]
    if unreached:
        output.table(("unreached", "grid", "role", "name", "phone"), unreached)


def _print_estimate(expected: estimate.Estimate, through_at: datetime) -> None:
    rows = [
        ("messages of the first rung", _counts(expected.messages)),
        ("phones", expected.phones),
        ("queued before them", expected.queued),
        ("the last leaves after", f"about {expected.seconds:.0f} s"),
        ("if it begins as soon as it can, at", f"{through_at:%Y-%m-%d %H:%M}"),
    ]
    output.table(("estimate", "by the channels' rates"), rows)


def _counts(by_name: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {name}" for name, number in by_name.items())


def _guesses(found: list[Guessed]) -> str:
    if not found:
        return "none"
    newest = found[0]
    return f"{newest['wrong']} on {newest['day']}, {newest['refused']} more refused"


def _relay(found: RelaySum) -> str:
    if not found["grids_said"]:
        return "nothing said yet"
    return (
        f"{found['households_told']} told, {found['households_not_told']} not told, "
        f"{found['growers_told']} growers told, by {found['grids_said']} of {found['grids']} grids"
    )


def _names(names: list[str] | dict[str, str]) -> str:
    return ", ".join(names) or "none"
