"""`alertcast alerts match`: which grids the warnings in files touch, and how each was found."""

from dataclasses import replace
from pathlib import Path

import click
from shapely.geometry.base import BaseGeometry

from alertcast.cli import output
from alertcast.cli.alerts import FIELDS, line_of, print_lines, read_files
from alertcast.cli.failure import MISCONFIGURED
from alertcast.config import Config, load, shipped
from alertcast.core.by_town import Towns
from alertcast.core.code_places import Key, code_key, with_shapes, without_shape
from alertcast.core.grid import GridIndex
from alertcast.grids.code_layer import read_code_layer
from alertcast.grids.lines import grazed_lines, grid_lines
from alertcast.grids.problem import has_errors
from alertcast.grids.read import read_layer
from alertcast.sources.lines import Line
from alertcast.sources.parsed import Parsed

Shapes = dict[Key, BaseGeometry]

DEMO_LAYER = "grids/zhaoqing/grids.geojson"


def _code_layers(
    _ctx: click.Context, _option: click.Parameter, given: tuple[str, ...]
) -> tuple[tuple[str, Path], ...]:
    pairs = [text.partition("=") for text in given]
    for scheme, _, name in pairs:
        if not scheme or not Path(name).is_file():
            msg = f"{scheme!r}: write SCHEME=FILE with a file that exists"
            raise click.BadParameter(msg)
    return tuple((scheme, Path(name)) for scheme, _, name in pairs)


@click.command(
    epilog="\b\nExample:\n  alertcast alerts match warning.xml --grids mygrids.geojson\n"
    "  alertcast alerts match warning.xml --json | jq '.grids[].code'\n\n"
    f"Fields: {FIELDS},\ngrids[{{code, name, level, share, matched_by, counted_by}}],\n"
    "near_misses[{code, name, share}]; share and counted_by are null where a grid was\n"
    "matched by code."
)
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path)
)
@click.option(
    "--grids",
    "layer",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A layer of grids; else the demo's, which is approximate.",
)
@click.option(
    "--codes",
    "code_layers",
    multiple=True,
    metavar="SCHEME=FILE",
    callback=_code_layers,
    help="The places of a code scheme, as `grids import-codes` reads them.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line per alert.")
@click.pass_context
def command(
    ctx: click.Context,
    files: tuple[Path, ...],
    layer: Path | None,
    code_layers: tuple[tuple[str, Path], ...],
    as_json: bool,
) -> None:
    """Read warnings as `parse` does, and find the grids they touch.

    Exit code 0: every file was accepted; 1: one was refused; 2: the command or the layer is wrong.
    """
    config = load(ctx.obj)
    index, shapes = _index(ctx, layer), _shapes(ctx, code_layers)
    towns = Towns(config.gazetteer.of_layer(index.grids), config.hazards)
    lines = (
        _matched(path, parsed, config, index, shapes, towns)
        for path, parsed in read_files(files, config)
    )
    ctx.exit(print_lines(lines, as_json))


def _matched(
    path: Path, parsed: Parsed, config: Config, index: GridIndex, shapes: Shapes, towns: Towns
) -> Line:
    infos = parsed.alert.infos_in(config.main.office.language) if parsed.alert else ()
    areas = towns.by_town(infos).areas()
    areas, drawn = with_shapes(areas, without_shape(areas), shapes, index.names)
    hazard = next((info.hazard for info in infos if info.hazard), None)
    matched = index.match(
        areas,
        levels=config.hazards.ordered,
        touch=config.main.match.touch,
        touch_at=config.rules.touch_at(hazard),
    )
    told = replace(parsed, reasons=(*parsed.reasons, *drawn, *matched.reasons))
    found = {"grids": grid_lines(matched), "near_misses": grazed_lines(matched)}
    return line_of(path, told, config, towns) | found


def _index(ctx: click.Context, layer: Path | None) -> GridIndex:
    if layer is None:
        layer = shipped(DEMO_LAYER)
        click.echo("The grids are those of the demo; their boundaries are approximate.", err=True)
    with output.busy("Reading the layer"):
        read = read_layer(layer)
    for problem in read.report:
        click.echo(str(problem), err=True)
    if has_errors(read.report):
        ctx.exit(MISCONFIGURED)
    return GridIndex(read.grids)


def _shapes(ctx: click.Context, code_layers: tuple[tuple[str, Path], ...]) -> Shapes:
    shapes: Shapes = {}
    for scheme, path in code_layers:
        read = read_code_layer(path)
        for problem in read.report:
            click.echo(str(problem), err=True)
        if has_errors(read.report):
            ctx.exit(MISCONFIGURED)
        shapes |= {code_key(scheme, place.code): place.geometry for place in read.places}
    return shapes
