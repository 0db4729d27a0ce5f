"""`alertcast drill`: drills that are scheduled, and what this machine can prove of itself."""

from contextlib import nullcontext

import click
from rich.console import Console

from alertcast.cli import drill_plan, output
from alertcast.cli.failure import Refused
from alertcast.demo.chaos.cases import chosen
from alertcast.demo.chaos.lane import Played
from alertcast.demo.chaos.run import CanNotPlay, run
from alertcast.demo.chaos.show import bar, summary


@click.group(epilog="\b\nExample:\n  alertcast drill chaos --cases 100")
def command() -> None:
    """Drills: scheduled ones call those enrolled; `chaos` calls nobody."""


for one in (drill_plan.schedule, drill_plan.list_, drill_plan.cancel, drill_plan.compare):
    command.add_command(one)


@command.command(
    epilog="\b\nExample:\n  alertcast drill chaos --cases 500 --seed 7\n"
    "  alertcast drill chaos --seed 7 --case 123\n"
    "  alertcast drill chaos --cases 500 --seed 7 --first 501\n"
    "  alertcast drill chaos --cases 100 --json | jq .failed"
)
@click.option("--cases", "many", type=click.IntRange(min=1), help="How many cases. [100]")
@click.option("--seed", type=int, default=0, help="Another seed draws other cases.")
@click.option("--first", type=click.IntRange(min=1), help="The case to begin with. [1]")
@click.option("--case", "only", type=click.IntRange(min=1), help="Play this one case alone.")
@click.option("--database", metavar="URL", help="PostgreSQL to play every fourth case on.")
@click.option("--lanes", type=click.IntRange(1, 64), help="Cases side by side. [10 a core]")
@click.option("--json", "as_json", is_flag=True, help="The report as one JSON object.")
def chaos(
    many: int | None,
    seed: int,
    first: int | None,
    only: int | None,
    database: str | None,
    lanes: int | None,
    as_json: bool,
) -> None:
    """Kill the product at its commits while the provider fails, and count what it did.

    In each case a small town is warned. The processes are killed without warning just before or
    after a commit, requests and receipts fail in every way, and others go on. Then the carrier's
    own ledger is held against the plan. On PostgreSQL, schemas are made for the drill and dropped.

    Exit code 0 only if in every case nothing was lost, no call was doubled, no text was doubled
    whose provider can be asked, and no state moved back; otherwise 1.
    """
    if only is not None and (many is not None or first is not None):
        raise click.UsageError("--case plays one case: it goes neither with --cases nor --first")
    if database is not None and not database.startswith("postgresql+psycopg://"):
        raise click.UsageError("--database must begin with postgresql+psycopg://")
    console = Console(stderr=as_json)
    shown = bar(console) if console.is_terminal else None
    failed = 0

    def told(played: Played) -> None:
        nonlocal failed
        failed += bool(played.verdict["wrong"])
        if shown is not None:
            shown.update(shown.task_ids[0], advance=1, failed=failed)
        if only is not None and played.said:
            click.echo(played.said, err=True)

    total = 1 if only else many or 100
    try:
        with shown or nullcontext():
            if shown is not None:
                shown.add_task("", total=total, failed=0)
            found = run(
                chosen(seed, only or first or 1, total, has_postgresql=database is not None),
                seed=seed,
                postgresql=database,
                lanes=1 if only else lanes or 0,
                told=told,
            )
    except CanNotPlay as error:
        raise Refused(str(error)) from None
    if as_json:
        output.json_line(found)
    else:
        summary(console, found)
    if not found["ok"]:
        raise click.exceptions.Exit(1)
