"""`alertcast alerts match`: which grids the warnings in files touch, and how each was found."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from pathlib import Path
from types import ModuleType

import click
from shapely.geometry.base import BaseGeometry

from alertcast.cli import grids_diff, output
from alertcast.cli.alerts import FIELDS, line_of, print_lines, read_files
from alertcast.cli.failure import MISCONFIGURED, Refused
from alertcast.cli.installed import opened
from alertcast.cli.shape_files import shape_file
from alertcast.config import Config, load, shipped
from alertcast.core.alert import Area
from alertcast.core.by_town import Towns
from alertcast.core.code_places import Key, code_key, key_of, with_shapes, without_shape
from alertcast.core.grid import GridIndex, Matched
from alertcast.core.place import place_of
from alertcast.grids.code_layer import read_code_layer
from alertcast.grids.features import Asked
from alertcast.grids.lines import grazed_lines, grid_lines
from alertcast.grids.parents import Parents, TownsFrom
from alertcast.grids.problem import has_errors
from alertcast.grids.read import OPTIONAL, REQUIRED, read_layer
from alertcast.sources.lines import Line
from alertcast.sources.parsed import Parsed
from alertcast.store import code_places
from alertcast.store import grids as layers

Shapes = Callable[[set[Key]], dict[Key, BaseGeometry]]
"""Returns the shapes of those codes that are known."""

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
    "  alertcast alerts match warning.xml --in-use\n"
    "  alertcast alerts match warning.xml --json | jq '.grids[].code'\n"
    "  alertcast alerts match warning.xml --png warning.png\n\n"
    f"Fields: {FIELDS},\ngrids[{{code, name, level, share, matched_by, counted_by}}],\n"
    "near_misses[{code, name, share}]; share and counted_by are null where a grid was\n"
    "matched by code."
)
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path)
)
@shape_file(
    (*REQUIRED, *OPTIONAL),
    option="--grids",
    help_="A layer of grids; else the demo's, which is approximate.",
)
@grids_diff.towns_from
@click.option(
    "--in-use", is_flag=True, help="The layer and the codes that are in use, as imported."
)
@click.option(
    "--codes",
    "code_layers",
    multiple=True,
    metavar="SCHEME=FILE",
    callback=_code_layers,
    help="The places of a code scheme, as `grids import-codes` reads them.",
)
@click.option(
    "--png",
    metavar="FILE",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Draw the one warning that is read over the grids; needs alertcast[picture].",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line per alert.")
@click.pass_context
def command(
    ctx: click.Context,
    files: tuple[Path, ...],
    file: Path | None,
    asked: Asked,
    columns: dict[str, str],
    towns: str,
    in_use: bool,
    code_layers: tuple[tuple[str, Path], ...],
    png: Path | None,
    as_json: bool,
) -> None:
    """Read warnings as `parse` does, and find the grids they touch.

    A picture shows touched grids coloured by level and hatched by how they were found, and what is
    only grazed. Chinese needs a font that has it (Noto Sans CJK and others); else codes are shown.

    Exit code 0: every file was accepted; 1: one was refused; 2: the command or the layer is wrong.
    """
    if in_use and (file is not None or code_layers):
        raise click.UsageError("--in-use is instead of --grids and --codes")
    painter = None if png is None else _painter()
    with ExitStack() as stack:
        config = load(ctx.obj)
        if in_use:
            index, shapes = _in_use(stack, config)
        else:
            way = Parents(TownsFrom(towns), config.gazetteer)
            index = _index(ctx, file or _demo(), asked, columns, way)
            shapes = _shapes(ctx, code_layers)
        known = Towns(config.gazetteer.of_layer(index.grids), config.hazards)
        found: Iterable[tuple[Path, _Found]] = (
            (path, _matched(parsed, config, index, shapes, known))
            for path, parsed in read_files(files, config)
        )
        if painter is not None and png is not None:
            found = list(found)
            _draw(painter, png, (one for _, one in found), index, config)
        code = print_lines((_line(path, one, config, known) for path, one in found), as_json)
    ctx.exit(code)


@dataclass(frozen=True, slots=True)
class _Found:
    """One item, and what it touches."""

    parsed: Parsed
    areas: Sequence[tuple[Area, str | None]]
    matched: Matched


def _matched(
    parsed: Parsed, config: Config, index: GridIndex, shapes: Shapes, towns: Towns
) -> _Found:
    infos = parsed.alert.infos_in(config.main.office.language) if parsed.alert else ()
    areas = towns.by_town(infos).areas()
    coded = without_shape(areas)
    keys = {key_of(code) for codes in coded.values() for code in codes}
    areas, drawn = with_shapes(areas, coded, shapes(keys), index.names)
    hazard = next((info.hazard for info in infos if info.hazard), None)
    matched = index.match(
        areas,
        levels=config.hazards.ordered,
        touch=config.main.match.touch,
        touch_at=config.rules.touch_at(hazard),
    )
    told = replace(parsed, reasons=(*parsed.reasons, *drawn, *matched.reasons))
    return _Found(told, areas, matched)


def _line(path: Path, found: _Found, config: Config, towns: Towns) -> Line:
    grids = {"grids": grid_lines(found.matched), "near_misses": grazed_lines(found.matched)}
    return line_of(path, found.parsed, config, towns) | grids


def _painter() -> ModuleType:
    """Return the module that draws, imported only now: matplotlib need not be installed."""
    try:
        return import_module("alertcast.cli.picture")
    except ImportError as error:
        msg = f"--png: {error}: run `pip install 'alertcast[picture]'`"
        raise click.UsageError(msg) from error


def _draw(
    painter: ModuleType, png: Path, found: Iterable[_Found], index: GridIndex, config: Config
) -> None:
    read = [(one, one.parsed.alert) for one in found if one.parsed.alert is not None]
    if len(read) != 1:
        msg = f"--png draws one warning, and {len(read)} were read"
        raise click.UsageError(msg)
    ((one, alert),) = read
    infos, zone = alert.infos_in(config.main.office.language), config.main.office.zone
    ends = [info.expires for info in infos if info.expires is not None]
    shapes = [place_of(area).shape for area, _ in one.areas]
    drawn = painter.Drawn(
        identifier=alert.identifier,
        headline=next((info.headline or info.event for info in infos), alert.identifier),
        sent=f"{alert.sent.astimezone(zone):%Y-%m-%d %H:%M}",
        expires=f"{max(ends).astimezone(zone):%Y-%m-%d %H:%M}" if ends else None,
        grids=index.grids,
        matched=one.matched,
        warning=[shape for shape in shapes if shape is not None],
        level_names={name: config.hazards.level_name(name) for name in config.hazards.ordered},
    )
    try:
        painter.save(drawn, png)
    except OSError as error:
        msg = f"--png: {error}"
        raise Refused(msg) from error


def _in_use(stack: ExitStack, config: Config) -> tuple[GridIndex, Shapes]:
    """Return the index of the layer in use, and what finds the places of codes."""
    app = stack.enter_context(opened(None, known=config))
    tx = stack.enter_context(app.world.db.read())
    layer = layers.active_layer(tx)
    if layer is None:
        raise Refused("there is no layer of grids yet: run `alertcast grids import` first")
    with output.busy("Reading the layer"):
        return app.world.index(tx, layer["id"]), partial(code_places.shapes, tx)


def _demo() -> Path:
    click.echo("The grids are those of the demo; their boundaries are approximate.", err=True)
    return shipped(DEMO_LAYER)


def _index(
    ctx: click.Context, layer: Path, asked: Asked, columns: dict[str, str], parents: Parents
) -> GridIndex:
    with output.busy("Reading the layer"):
        read = read_layer(layer, asked, columns=columns, parents=parents)
    for problem in read.report:
        click.echo(str(problem), err=True)
    if has_errors(read.report):
        ctx.exit(MISCONFIGURED)
    return GridIndex(read.grids)


def _shapes(ctx: click.Context, code_layers: tuple[tuple[str, Path], ...]) -> Shapes:
    shapes: dict[Key, BaseGeometry] = {}
    for scheme, path in code_layers:
        read = read_code_layer(path)
        for problem in read.report:
            click.echo(str(problem), err=True)
        if has_errors(read.report):
            ctx.exit(MISCONFIGURED)
        shapes |= {code_key(scheme, place.code): place.geometry for place in read.places}
    return lambda _: shapes
