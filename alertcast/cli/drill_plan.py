"""`alertcast drill schedule`, `list`, `cancel` and `compare`: drills that begin by themselves."""

from datetime import UTC, datetime

import click

from alertcast.cli import output
from alertcast.cli.failure import Refused
from alertcast.cli.installed import allowed, opened
from alertcast.core.drill import PlannedDrill
from alertcast.core.token import new_secret
from alertcast.dispatch import drill_plan
from alertcast.dispatch.drill_plan import Compared
from alertcast.dispatch.start import CanNotStart
from alertcast.store import broadcasts, grids, planned_drills
from alertcast.store.db import Tx
from alertcast.store.report_areas import areas_of


@click.command(
    epilog='\b\nExample:\n  alertcast drill schedule --at "2026-12-28 10:00" --place 441224101 '
    '--text "防冻演练" --user wang\n\nFields: drill, starts_at.'
)
@click.option("--at", "at", type=click.DateTime(["%Y-%m-%d %H:%M"]), required=True, help="Local.")
@click.option("--place", "places", multiple=True, required=True, help="Code; may be repeated.")
@click.option("--text", required=True, help="What people read and hear, between 演练 and 演练.")
@click.option("--policy", help="Another policy than that of notices.")
@click.option("--user", "user", required=True, help="Who schedules it: a name of `users list`.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_obj
def schedule(
    config: str | None,
    at: datetime,
    places: tuple[str, ...],
    text: str,
    policy: str | None,
    user: str,
    as_json: bool,
) -> None:
    """Let a drill begin by itself, by day only ([drills] night).

    It reaches those who are enrolled for drills, over channels of drills. Does nothing run at its
    time, and for an hour after it, it does not begin.
    """
    with opened(config) as app:
        starts_at = at.replace(tzinfo=app.config.main.office.zone).astimezone(UTC)
        with app.world.db.read() as tx:
            allowed(tx, user, "start", _areas(tx, places))
        try:
            made = drill_plan.schedule(
                app.world,
                text=text,
                codes=places,
                starts_at=starts_at,
                user=user,
                key=f"cli:{new_secret()}",
                now=app.clock(),
                policy=policy,
            )
        except CanNotStart as error:
            raise Refused(str(error)) from None
    if as_json:
        output.json_line({"drill": made, "starts_at": starts_at})
    else:
        click.echo(f"Drill {made} begins at {at:%Y-%m-%d %H:%M}.")


@click.command(
    "list",
    epilog="\b\nExample:\n  alertcast drill list\n\nFields, an object a drill: id, starts_at, "
    "state, text, codes, policy, why, broadcast_id, created_by, cancelled_by.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each.")
@click.pass_obj
def list_(config: str | None, as_json: bool) -> None:
    """List the drills that were scheduled, the latest first."""
    with opened(config) as app, app.world.db.read() as tx:
        found, zone = planned_drills.listed(tx), app.config.main.office.zone
    if as_json:
        for one in found:
            output.json_line(_fact(one))
        return
    rows = [
        (
            one.id,
            f"{one.starts_at.astimezone(zone):%Y-%m-%d %H:%M}",
            one.state,
            one.text[:40],
            " ".join(one.codes)[:40],
            one.broadcast_id or "",
        )
        for one in found
    ]
    output.table(("id", "at", "state", "text", "places", "broadcast"), rows)


@click.command(epilog="\b\nExample:\n  alertcast drill cancel 3 --user wang")
@click.argument("drill_id", metavar="ID", type=int)
@click.option("--user", "user", required=True, help="Who calls it off: a name of `users list`.")
@click.pass_obj
def cancel(config: str | None, drill_id: int, user: str) -> None:
    """Call a drill off before its time."""
    with opened(config) as app:
        with app.world.db.read() as tx:
            one = planned_drills.get(tx, drill_id)
            if one is None:
                raise Refused(f"drill {drill_id}: there is none")
            allowed(tx, user, "start", _areas(tx, one.codes))
        if not drill_plan.cancel(app.world, drill_id, user, app.clock()):
            raise Refused(f"drill {drill_id}: it has begun, or is over")
    click.echo(f"Drill {drill_id} does not begin.")


@click.command(
    epilog="\b\nExample:\n  alertcast drill compare 7\n\nFields: this, last {broadcast_id, title, "
    "starts_at, grids{total, called, called_3, answered, answered_5, answered_15, answered_60}}."
)
@click.argument("broadcast_id", metavar="BROADCAST", type=int)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_obj
def compare(config: str | None, broadcast_id: int, as_json: bool) -> None:
    """Say how a drill went, and how the last one before it that called any of its grids."""
    with opened(config) as app, app.world.db.read() as tx:
        found = broadcasts.get(tx, broadcast_id)
        if found is None or found.mode != "drill":
            raise Refused(f"broadcast {broadcast_id}: there is no such drill")
        this, last = drill_plan.compare(tx, broadcast_id)
    if as_json:
        output.json_line({"this": this, "last": last})
        return
    for name, one in (("this", this), ("last", last)):
        click.echo(f"{name}: {_said(one)}" if one else f"{name}: none")


def _said(one: Compared) -> str:
    grids = one["grids"]
    counted = ", ".join(f"≤{n} min {grids[f'answered_{n}']}" for n in (5, 15, 60))  # type: ignore[literal-required]
    return (
        f"broadcast {one['broadcast_id']}: {grids['total']} grids, called ≤3 min "
        f"{grids['called_3']}, answered {counted}, at all {grids['answered']}"
    )


def _areas(tx: Tx, codes: tuple[str, ...]) -> set[str]:
    layer = grids.active_layer(tx)
    known = areas_of(tx, layer["id"], codes) if layer else {}
    return set(known.values()) or set(codes)


def _fact(one: PlannedDrill) -> dict[str, object]:
    names = ("id", "starts_at", "state", "text", "codes", "policy", "why", "broadcast_id")
    return {name: getattr(one, name) for name in (*names, "created_by", "cancelled_by")}
