"""`alertcast grids`: bring in layers of grids, and places by code."""

from dataclasses import replace
from pathlib import Path

import click

from alertcast.bootstrap import App
from alertcast.cli import grids_codes, output
from alertcast.cli import grids_report as report
from alertcast.cli.failure import REFUSED
from alertcast.cli.installed import at_terminal, opened, uncollected
from alertcast.cli.shape_files import shape_file
from alertcast.core.grid import Grid
from alertcast.grids.checked import checked_layer
from alertcast.grids.features import Asked
from alertcast.grids.parents import Parents, TownsFrom
from alertcast.grids.problem import Problem, has_errors
from alertcast.grids.read import OPTIONAL, REQUIRED
from alertcast.store import audit
from alertcast.store import grids as layers

EXAMPLE = """\b
Example:
  alertcast grids import huaiji.geojson --name huaiji
  alertcast grids import cells.shp --name huaiji --crs EPSG:4490 --column code=GRID_ID"""


@click.group()
def command() -> None:
    """Bring in layers of grids."""


command.add_command(grids_codes.import_codes)
command.add_command(grids_codes.codes)
command.add_command(report.check)


@command.command("import", epilog=EXAMPLE)
@shape_file((*REQUIRED, *OPTIONAL))
@click.option("--name", required=True, help="The layer's name; the same again is a new version.")
@click.option(
    "--towns",
    type=click.Choice([*TownsFrom]),
    default=TownsFrom.COLUMNS,
    show_default=True,
    help="Where town and county of a grid are taken from: columns, digits of its code, names.",
)
@click.option("--skip-bad", is_flag=True, help="Import the good features; else one bad: none.")
@click.option("--approximate", is_flag=True, help="The boundaries were computed: say so on pages.")
@click.option("--attribution", default="", help="Whose data it is, to be shown beside the map.")
@report.boundary
@click.option("--accept-offset", is_flag=True, help="Import a layer that lies beside its place.")
@report.trouble
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def import_(
    ctx: click.Context,
    file: Path,
    asked: Asked,
    name: str,
    columns: dict[str, str],
    towns: str,
    skip_bad: bool,
    approximate: bool,
    attribution: str,
    boundary: Path | None,
    accept_offset: bool,
    trouble: Path | None,
    as_json: bool,
) -> None:
    """Read a layer of grids and make it the one in use.

    GeoJSON, GeoPackage, Shapefile, KML, GeoParquet, also in a ZIP. Every feature needs code, name,
    kind, town_code, town, county_code and county. A GeoJSON that names no coordinate system is
    WGS 84, by its standard. The layer is looked at as a whole: overlaps, gaps, slivers, grids in
    the wrong place, and all of it beside the outlines of its counties. Running broadcasts keep
    their layer.
    """
    with opened(ctx.obj) as app, uncollected():
        problems: list[Problem] = []
        with output.busy("Reading the layer"):
            known = report.reference(app, boundary, problems, is_offset_accepted=accept_offset)
            parents = Parents(TownsFrom(towns), app.config.gazetteer)
            read = checked_layer(
                file, asked, columns=columns, parents=parents, known=known, skip_bad=skip_bad
            )
        problems += read.report
        report.save(problems, trouble)
        fact: dict[str, object] = {"layer": name, "imported": False, "grids": len(read.grids)}
        if read.grids and not read.is_refused and (skip_bad or not has_errors(problems)):
            grids = read.grids
            if approximate:
                grids = tuple(replace(grid, approximate=True) for grid in grids)
            with output.busy("Writing the layer"):
                fact |= _write(app, name, grids, attribution)
    if as_json:
        output.json_line(fact | {"problems": output.problems_json(problems)})
    else:
        report.show(problems)
        if fact["imported"]:
            click.echo(f"Layer {name}, version {fact['version']}: {len(read.grids)} grids.")
    if not fact["imported"]:
        click.echo("Nothing was imported. --skip-bad imports the good features.", err=True)
    if not fact["imported"] or has_errors(problems):
        ctx.exit(REFUSED)


def _write(app: App, name: str, grids: tuple[Grid, ...], attribution: str) -> dict[str, object]:
    now = app.clock()
    with app.world.db.write() as tx:
        layer_id, version = layers.import_layer(
            tx,
            name,
            grids,
            sha256=layers.digest(grids, attribution),
            is_approximate=any(grid.approximate for grid in grids),
            attribution=attribution,
            now=now,
        )
        audit.record(tx, at_terminal(), "import", f"layer:{layer_id}", now, grids=len(grids))
    return {"imported": True, "id": layer_id, "version": version}
