"""`alertcast grids check`: what is to be said of a layer, as text, JSON and GeoJSON."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click

from alertcast.cli import output
from alertcast.cli.failure import REFUSED, Refused
from alertcast.cli.installed import opened
from alertcast.cli.shape_files import FILE
from alertcast.config import shipped
from alertcast.dispatch.bring_layer import OUTLINES
from alertcast.grids.boundary import known_outlines
from alertcast.grids.position import Reference, position
from alertcast.grids.problem import Problem, has_errors
from alertcast.grids.survey import survey
from alertcast.grids.trouble import trouble_spots
from alertcast.store import grids as layers

LISTED = 20  # findings of one rule that are listed in a table

trouble = click.option(
    "--trouble",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the places of trouble to this file, as GeoJSON.",
)
"""The option of every command that looks at a layer; what it names goes to `save`."""


boundary = click.option(
    "--boundary",
    type=FILE,
    help="Outlines of counties to compare its position with; else those that are known.",
)
"""The option of every command that asks whether a layer lies where it should."""


def show(problems: Sequence[Problem]) -> None:
    """Print what was found; of one rule the first LISTED and how many more there are."""
    listed: list[Problem] = []
    met: Counter[str] = Counter()
    for one in problems:
        met[one.rule] += 1
        if met[one.rule] <= LISTED:
            listed.append(one)
    output.problems_table(listed)
    for rule, count in met.items():
        if count > LISTED:
            click.echo(f"... and {count - LISTED} more [{rule}]: --json lists all")


def save(problems: Sequence[Problem], file: Path | None) -> None:
    """Write the places of trouble to a file, if one was named; raises Refused if it can not be."""
    if file is None:
        return
    try:
        file.write_text(trouble_spots(problems), "utf-8")
    except OSError as error:
        raise Refused(f"{file}: cannot be written: {error.strerror}") from error


@click.command(
    epilog="\b\nExample:\n  alertcast grids check --trouble spots.geojson\n\n"
    "Fields: layer, version, grids, problems[{file, where, rule, kind, what}]. Exit code 1: error."
)
@boundary
@trouble
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def check(ctx: click.Context, boundary: Path | None, trouble: Path | None, as_json: bool) -> None:
    """Look at the layer in use as a whole, as an import does.

    Slivers, overlaps, gaps, doubles, grids without polygon, grids outside their community, town or
    county, grids far away from their county; and whether it lies where it should.
    """
    problems: list[Problem] = []
    with opened(ctx.obj) as app, app.world.db.read() as tx:
        row = layers.active_layer(tx)
        if row is None:
            raise Refused("there is no layer of grids yet: run `alertcast grids import` first")
        grids = tuple(layers.load(tx, row["id"]).values())
    with output.busy("Looking at the layer"):
        files = [shipped(OUTLINES), *([] if boundary is None else [boundary])]
        known = Reference(known_outlines(files, (), "", problems))
        placed = position(grids, row["name"], known, None)
        found = (*problems, *survey(grids, row["name"]).report, *placed)
    save(found, trouble)
    if as_json:
        fact = {"layer": row["name"], "version": row["version"], "grids": len(grids)}
        output.json_line(fact | {"problems": output.problems_json(found)})
    else:
        show(found)
        click.echo(f"Layer {row['name']}, version {row['version']}: {len(grids)} grids.")
    if has_errors(found):
        ctx.exit(REFUSED)
