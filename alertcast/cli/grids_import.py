"""`alertcast grids import`: a layer is read, looked at, compared, and put in use, or refused."""

from pathlib import Path

import click

from alertcast.bootstrap import App
from alertcast.cli import grids_diff, output
from alertcast.cli import grids_report as report
from alertcast.cli.failure import REFUSED, Refused
from alertcast.cli.installed import at_terminal, opened, uncollected
from alertcast.cli.shape_files import shape_file
from alertcast.core.layer_changes import LayerRefusal
from alertcast.dispatch import bring_layer, indexes
from alertcast.dispatch.bring_layer import Found, Wish
from alertcast.dispatch.bring_roster import ChangedMeanwhile
from alertcast.grids.features import Asked
from alertcast.grids.parents import TownsFrom
from alertcast.grids.problem import has_errors
from alertcast.grids.read import OPTIONAL, REQUIRED
from alertcast.store.post_places import Followed

EXAMPLE = """\b
Example:
  alertcast grids import huaiji.geojson --name huaiji
  alertcast grids import cells.shp --name huaiji --crs EPSG:4490 --column code=GRID_ID

\b
Fields: layer, imported, version, grids, changes{before, after, vanished, counts},
  roster{moved, lost}, problems[{file, where, rule, kind, what}]."""


@click.command("import", epilog=EXAMPLE)
@shape_file((*REQUIRED, *OPTIONAL))
@click.option("--name", required=True, help="The layer's name; the same again is a new version.")
@grids_diff.towns_from
@click.option("--skip-bad", is_flag=True, help="Import the good features; else one bad: none.")
@click.option("--allow-removals", is_flag=True, help="Also if more vanish than by mistake.")
@grids_diff.keep_codes
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
    allow_removals: bool,
    keep_codes: bool,
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
    the wrong place, and all of it beside the outlines of its counties. Where more than a tenth of
    the grids in use would be found no longer, it is refused. Running broadcasts keep their layer.
    """
    wish = Wish(
        asked,
        columns,
        TownsFrom(towns),
        boundary,
        skip_bad=skip_bad,
        allow_removals=allow_removals,
        keep_codes=keep_codes,
        is_approximate=approximate,
        is_offset_accepted=accept_offset,
    )
    with opened(ctx.obj) as app, uncollected():
        with output.busy("Reading the layer"):
            found = bring_layer.look(app.world, file, wish)
        report.save(found.problems, trouble)
        written = None
        if found.refusal is None:
            with output.busy("Writing the layer"):
                written = _write(app, name, found, attribution)
            with output.busy("Making its index"), app.world.db.read() as tx:
                indexes.make_ready(app.config, tx, written[0])
    _tell(name, found, written, as_json)
    if found.refusal is not None:
        click.echo(f"Nothing was imported{_why(found)}", err=True)
    if found.refusal is not None or has_errors(found.problems):
        ctx.exit(REFUSED)


def _why(found: Found) -> str:
    """Return the end of the sentence that says why nothing was imported."""
    if found.refusal is LayerRefusal.SHIFTED:
        return ": it lies beside its place."
    if found.changes is None:
        return ". --skip-bad imports the good features."
    return (
        f": {found.changes.vanished} of {found.changes.before} grids in use would be found no "
        "longer. `alertcast grids diff` lists them; --allow-removals imports it all the same."
    )


def _write(app: App, name: str, found: Found, attribution: str) -> tuple[int, int, Followed]:
    now, by = app.clock(), at_terminal()
    try:
        with app.world.db.write() as tx:
            return bring_layer.write(tx, name, found, attribution=attribution, by=by, now=now)
    except ChangedMeanwhile:
        raise Refused("another layer was put in use meanwhile: look at it again") from None


def _tell(
    name: str, found: Found, written: tuple[int, int, Followed] | None, as_json: bool
) -> None:
    count = len(found.grids)
    if as_json:
        fact: dict[str, object] = {"layer": name, "imported": written is not None, "grids": count}
        if found.changes is not None:
            fact["changes"] = grids_diff.changes_json(found.changes)
        if written is not None:
            layer_id, version, followed = written
            fact |= {"id": layer_id, "version": version}
            fact["roster"] = grids_diff.followed_json(followed)
        output.json_line(fact | {"problems": output.problems_json(found.problems)})
        return
    report.show(found.problems)
    if written is not None:
        _, version, followed = written
        click.echo(f"Layer {name}, version {version}: {count} grids.")
        if found.changes is not None:
            click.echo(f"Against the layer in use before: {grids_diff.summary(found.changes)}")
        grids_diff.tell_followed(followed)
