"""`alertcast roster check` and `confirm-round`: what the roster lacks, and asking about numbers."""

import click

from alertcast.bootstrap import App
from alertcast.cli import output
from alertcast.cli.failure import REFUSED, Refused
from alertcast.cli.installed import at_terminal, opened
from alertcast.core.roster_gaps import Gap
from alertcast.dispatch import confirm_round, roster_check
from alertcast.dispatch.start import CanNotStart
from alertcast.store import roster_gaps
from alertcast.store.roster_gaps import GapRow

WORDS = {
    Gap.NO_LEADER: "grids without a leader",
    Gap.SEVERAL: "people who lead several grids",
    Gap.SHARED: "people who share a number",
    Gap.UNREACHED: "people whom none of the last broadcasts reached",
    Gap.UNCONFIRMED: "people whose number was not confirmed for long, or ever",
    Gap.ENDS: "people whose posts run out within 30 days, or have, and go to nobody",
}
"""What each gap is called."""

MOST = 10
"""Gaps of each kind that are listed unless told otherwise."""


@click.command(
    epilog="\b\nExample:\n  alertcast roster check\n  alertcast roster check --most 1000 --json\n\n"
    "Fields: counts{no_leader, several, shared, unreached, unconfirmed, ends},\n"
    "gaps[{gap, place, name, phone, count, since, ends}]."
)
@click.option("--most", type=click.IntRange(0), default=MOST, help=f"Of each kind. [{MOST}]")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def check(ctx: click.Context, most: int, as_json: bool) -> None:
    """Say what the roster in use lacks: grids without a leader, numbers nobody has confirmed.

    The same is looked at every day while alertcast runs. Names and numbers are masked. Exit code 0:
    it lacks nothing; 1: there is something to mend.
    """
    with opened(ctx.obj) as app, output.busy("Checking the roster"):
        counts, found = checked(app, most)
    if as_json:
        output.json_line({"counts": counts, "gaps": found})
    else:
        show(counts, found)
    ctx.exit(REFUSED if any(counts.values()) else 0)


@click.command(
    "confirm-round",
    epilog="\b\nExample:\n  alertcast roster confirm-round\n"
    "  alertcast roster confirm-round --by voice --most 500 --json\n\n"
    "Fields: broadcast, new, asked, begins_at, ends_at, not_enrolled, later.",
)
@click.option("--by", type=click.Choice(confirm_round.KINDS), default="sms", help="[sms]")
@click.option("--most", type=click.IntRange(1), help="Ask at most so many people.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_obj
def confirm_round_(config: str | None, by: str, most: int | None, as_json: bool) -> None:
    """Ask everybody whose number is not confirmed to answer: a drill, and never at night.

    It reaches those who are enrolled for drills, over channels of drills; fixed lines are called.
    Outside 09:00 to 20:00 it begins the next morning. Any answer confirms the number. Once a day.
    """
    with opened(config) as app:
        try:
            done = confirm_round.start(app.world, by, most, at_terminal(), app.clock())
        except CanNotStart as error:
            raise Refused(str(error)) from None
        begins, ends = (app.world.local(at) for at in (done.begins_at, done.ends_at))
    if as_json:
        facts = {"broadcast": done.broadcast_id, "new": done.is_new, "asked": done.asked}
        facts |= {"not_enrolled": done.not_enrolled, "later": done.later}
        output.json_line(facts | {"begins_at": begins, "ends_at": ends})
        return
    if done.is_new:
        click.echo(
            f"Broadcast {done.broadcast_id}: {done.asked} people are asked by {by}, "
            f"{begins:%Y-%m-%d %H:%M} to {ends:%H:%M}."
        )
    else:
        again = f" (broadcast {done.broadcast_id})" if done.broadcast_id else ""
        click.echo(f"Nobody new is asked: there was a round today{again}, or nobody is left.")
    if done.not_enrolled:
        click.echo(f"{done.not_enrolled} more are not enrolled for drills, so not asked.", err=True)
    if done.later and done.is_new:
        click.echo(f"{done.later} are left for another day.", err=True)


def checked(app: App, most: int) -> tuple[dict[Gap, int], list[GapRow]]:
    """Return how many gaps of each kind there are, and the first of each; raises Refused."""
    world = app.world
    with world.db.read() as tx:
        scope = roster_check.scope(world, tx, app.clock())
        if scope is None:
            raise Refused("there is no roster yet: run `alertcast roster import` first")
        counts = roster_gaps.counts(tx, scope)
        vault = world.db.vault
        found = [one for gap in Gap for one in roster_gaps.rows(tx, vault, gap, scope, most=most)]
    return counts, found


def show(counts: dict[Gap, int], found: list[GapRow]) -> None:
    """Print what a roster lacks."""
    for gap, count in counts.items():
        click.echo(f"{count} {WORDS[gap]}")
        rows = [
            (one["place"], one["name"], one["phone"], one["count"], one["ends"] or one["since"])
            for one in found
            if one["gap"] == gap
        ]
        if rows:
            output.table(
                ("place", "name", "phone", "count", "last day" if gap is Gap.ENDS else "since"),
                rows,
            )
