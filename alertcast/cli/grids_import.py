"""`alertcast grids import`: a layer is read, looked at, compared, and put in use, or refused."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click

from alertcast.bootstrap import App
from alertcast.cli import grids_diff, output
from alertcast.cli import grids_report as report
from alertcast.cli.failure import REFUSED
from alertcast.cli.installed import at_terminal, opened, uncollected
from alertcast.cli.shape_files import shape_file
from alertcast.core.grid import Grid
from alertcast.core.layer_changes import Changes, changes, with_older_codes
from alertcast.dispatch import indexes
from alertcast.dispatch import layers as putting
from alertcast.grids.checked import Checked, checked_layer
from alertcast.grids.features import Asked
from alertcast.grids.parents import Parents, TownsFrom
from alertcast.grids.position import Reference
from alertcast.grids.problem import Problem, has_errors
from alertcast.grids.read import OPTIONAL, REQUIRED
from alertcast.store.post_places import Followed

EXAMPLE = """\b
Example:
  alertcast grids import huaiji.geojson --name huaiji
  alertcast grids import cells.shp --name huaiji --crs EPSG:4490 --column code=GRID_ID

\b
Fields: layer, imported, version, grids, changes{before, after, vanished, counts},
  roster{moved, lost}, problems[{file, where, rule, kind, what}]."""


@dataclass(frozen=True, slots=True)
class _Found:
    """All that an import decides on."""

    grids: Sequence[Grid]
    problems: Sequence[Problem]
    refused: str  # one sentence; "": it may be imported
    changes: Changes | None  # against the layer in use, if there is one


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
    with opened(ctx.obj) as app, uncollected():
        problems: list[Problem] = []
        with output.busy("Reading the layer"):
            known = report.reference(app, boundary, problems, is_offset_accepted=accept_offset)
            way = Parents(TownsFrom(towns), app.config.gazetteer)
            read = checked_layer(
                file, asked, columns=columns, parents=way, known=known, skip_bad=skip_bad
            )
        problems += read.report
        report.save(problems, trouble)
        found = _found(read, problems, known, skip_bad, allow_removals, keep_codes)
        if approximate:
            found = replace(found, grids=[replace(g, approximate=True) for g in found.grids])
        written = None
        if not found.refused:
            with output.busy("Writing the layer"):
                written = _write(app, name, found.grids, attribution)
            with output.busy("Making its index"), app.world.db.read() as tx:
                indexes.make_ready(app.config, tx, written[0])
    _tell(name, found, written, as_json)
    if found.refused:
        click.echo(f"Nothing was imported{found.refused}", err=True)
    if found.refused or has_errors(problems):
        ctx.exit(REFUSED)


def _found(
    read: Checked,
    problems: Sequence[Problem],
    known: Reference,
    skip_bad: bool,
    allow_removals: bool,
    keep_codes: bool,
) -> _Found:
    """Decide whether a layer may be imported, and with which older codes."""
    grids: Sequence[Grid] = read.grids
    if keep_codes and known.in_use:
        grids = with_older_codes(known.in_use, grids)
    if read.is_refused:
        return _Found(grids, problems, ": it lies beside its place.", None)
    if not grids or (has_errors(problems) and not skip_bad):
        return _Found(grids, problems, ". --skip-bad imports the good features.", None)
    changed = changes(known.in_use, grids) if known.in_use else None
    if changed is not None and changed.loses_many and not allow_removals:
        why = (
            f": {changed.vanished} of {changed.before} grids in use would be found no longer. "
            "`alertcast grids diff` lists them; --allow-removals imports it all the same."
        )
        return _Found(grids, problems, why, changed)
    return _Found(grids, problems, "", changed)


def _write(
    app: App, name: str, grids: Sequence[Grid], attribution: str
) -> tuple[int, int, Followed]:
    with app.world.db.write() as tx:
        return putting.import_layer(
            tx, name, grids, attribution=attribution, by=at_terminal(), now=app.clock()
        )


def _tell(
    name: str, found: _Found, written: tuple[int, int, Followed] | None, as_json: bool
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
