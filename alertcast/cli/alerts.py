"""`alertcast alerts`: read warnings from files, and find the grids they touch.

Needs no database and no key, but for what is in FAMILIES. One bad file never stops the others.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import click
from cryptography.x509 import Certificate
from shapely.geometry.base import BaseGeometry

from alertcast.cli import output
from alertcast.cli.alerts_mapped import answers, mapping_of
from alertcast.cli.failure import MISCONFIGURED, REFUSED
from alertcast.config import Config, load, shipped
from alertcast.core.by_town import Towns
from alertcast.core.code_places import Key, code_key, with_shapes, without_shape
from alertcast.core.grid import GridIndex
from alertcast.core.signature import Verdict
from alertcast.grids.code_layer import read_code_layer
from alertcast.grids.lines import grid_lines
from alertcast.grids.problem import has_errors
from alertcast.grids.read import read_layer
from alertcast.sources.cap_times import read_time
from alertcast.sources.lines import Line, as_line
from alertcast.sources.parsed import Findings, Parsed
from alertcast.sources.read import parse_file
from alertcast.sources.signed import Judge, read_certificates

Shapes = dict[Key, BaseGeometry]

DEMO_LAYER = "grids/zhaoqing/grids.geojson"

FIELDS = """file, item, accepted, reasons[{code, kind, where, message}],
signature{verdict, detail}, identifier, sender, sent, status, msg_type, references[], hazard,
level, severity, urgency, certainty, event, headline, effective, onset, expires,
language, areas[{desc, level, sentence, polygons, circles, geocodes}]"""


def _certificates(
    _ctx: click.Context, _option: click.Parameter, given: tuple[str, ...]
) -> tuple[Certificate, ...]:
    try:
        return read_certificates(given)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def _code_layers(
    _ctx: click.Context, _option: click.Parameter, given: tuple[str, ...]
) -> tuple[tuple[str, Path], ...]:
    pairs = [text.partition("=") for text in given]
    for scheme, _, name in pairs:
        if not scheme or not Path(name).is_file():
            msg = f"{scheme!r}: write SCHEME=FILE with a file that exists"
            raise click.BadParameter(msg)
    return tuple((scheme, Path(name)) for scheme, _, name in pairs)


def _time(_ctx: click.Context, _option: click.Parameter, given: str | None) -> datetime | None:
    findings = Findings()
    time = read_time(given, "TIME", findings, vital=True) if given else None
    if findings.has_error:
        raise click.BadParameter(findings.reasons[0].message)
    return time


FAMILIES = {
    "explain": "alertcast.cli.explain",
    "note": "alertcast.cli.note",
    "quarantine": "alertcast.cli.quarantine",
}
"""Commands on an installation, imported only when they are asked for: files need none of it."""


class Commands(click.Group):
    """The commands here, and those of FAMILIES."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all of them."""
        return [*super().list_commands(ctx), *FAMILIES]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command called `cmd_name`; None: there is none."""
        if cmd_name not in FAMILIES:
            return super().get_command(ctx, cmd_name)
        found: click.Command = import_module(FAMILIES[cmd_name]).command
        return found


@click.group(cls=Commands)
def command() -> None:
    """Read warnings from files, find their grids, see why one was sent or could not be read."""


@command.command(
    epilog="\b\nExample:\n  alertcast alerts parse inbox/*.xml\n"
    f"  alertcast alerts parse --json warning.xml | jq .headline\n\nFields: {FIELDS}."
)
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path)
)
@click.option(
    "--certificate",
    "certificates",
    multiple=True,
    metavar="PEM",
    callback=_certificates,
    help="Whose XML signatures are believed; may be given several times.",
)
@click.option(
    "--received",
    metavar="TIME",
    callback=_time,
    help="When the files were received, e.g. 2026-01-20T16:00:00+08:00; else now.",
)
@click.option(
    "--source",
    metavar="NAME",
    help='Read answers of this source of type "json", by its section of alertcast.toml.',
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line per alert.")
@click.pass_context
def parse(
    ctx: click.Context,
    files: tuple[Path, ...],
    source: str | None,
    certificates: tuple[Certificate, ...],
    received: datetime | None,
    as_json: bool,
) -> None:
    """Read CAP 1.0, 1.1 and 1.2 (alone, in Atom, RSS or EDXL-DE), NWS GeoJSON, and China's lists.

    China's: answers of weather.cma.cn (api/map/alarm), nmc.cn (findAlarm) and QWeather (v1, v7).

    Where a Chinese text says which towns a level holds for, the areas are those towns, each with
    the sentence that says so.

    --source reads answers of a platform that is connected by configuration, to try its mapping.

    A signature is verified if a certificate given made it and was valid when the file was received.

    Exit code 0: every file was accepted; 1: one was refused; 2: the command is wrong.
    """
    config = load(ctx.obj)
    towns = Towns(config.gazetteer, config.hazards)
    judge = Judge(certificates, received or datetime.now(UTC))
    mapping = None if source is None else mapping_of(config, source)
    found = _read(files, config, judge) if mapping is None else answers(files, config, mapping)
    ctx.exit(_print((_line(path, one, config, towns) for path, one in found), as_json))


@command.command(
    epilog="\b\nExample:\n  alertcast alerts match warning.xml --grids mygrids.geojson\n"
    "  alertcast alerts match warning.xml --json | jq '.grids[].code'\n\n"
    f"Fields: {FIELDS},\ngrids[{{code, name, level, share, matched_by}}]; share is null where a "
    "grid was matched by code."
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
def match(
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
        for path, parsed in _read(files, config)
    )
    ctx.exit(_print(lines, as_json))


def _read(
    files: tuple[Path, ...], config: Config, judge: Judge | None = None
) -> Iterator[tuple[Path, Parsed]]:
    now = datetime.now(UTC)  # recordings of the NWS count their times from the moment of replay
    for path in output.counted(files, "Reading"):
        for parsed in parse_file(path, config.hazards, now=now, judge=judge):
            yield path, parsed


def _line(path: Path, parsed: Parsed, config: Config, towns: Towns) -> Line:
    language = config.main.office.language
    if parsed.alert is not None:
        read = towns.by_town(parsed.alert.infos_in(language))
        alert = replace(parsed.alert, infos=read.infos)
        parsed = replace(parsed, alert=alert, reasons=(*parsed.reasons, *read.reasons))
    return as_line(str(path), parsed, config.hazards, language)


def _matched(
    path: Path, parsed: Parsed, config: Config, index: GridIndex, shapes: Shapes, towns: Towns
) -> Line:
    infos = parsed.alert.infos_in(config.main.office.language) if parsed.alert else ()
    areas = towns.by_town(infos).areas()
    areas, drawn = with_shapes(areas, without_shape(areas), shapes, index.names)
    matched = index.match(
        areas,
        levels=config.hazards.ordered,
        touch=config.main.match.touch,
    )
    told = replace(parsed, reasons=(*parsed.reasons, *drawn, *matched.reasons))
    return _line(path, told, config, towns) | {"grids": grid_lines(matched)}


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


def _print(lines: Iterable[Line], as_json: bool) -> int:
    """Print each item, as soon as it is read where that is possible; return the exit code."""
    refused = False
    shown: list[Line] = []
    for line in lines:
        refused = refused or not line["accepted"]
        if as_json:
            output.json_line(line)
        else:
            shown.append(line)
    if shown:
        has_grids = "grids" in shown[0]
        headers = ("file", "item", "read", "level", "hazard", "headline", "expires", "remarks")
        rows = (_row(line, has_grids) for line in shown)
        output.table(headers + (("grids",) if has_grids else ()), rows)
    return REFUSED if refused else 0


def _row(line: Line, has_grids: bool) -> list[object]:
    reasons, grids = line["reasons"], line.get("grids")
    said = [reason["message"] for reason in reasons] if isinstance(reasons, list) else []
    signature = line["signature"]
    if isinstance(signature, dict) and signature["verdict"] != Verdict.UNSIGNED:
        said.append("signature {verdict}: {detail}".format(**signature))
    cells = [
        Path(str(line["file"])).name,
        line["item"],
        "yes" if line["accepted"] else "REFUSED",
        line["level"],
        line["hazard"],
        line["headline"] or line["event"] or line["identifier"],
        line["expires"],
        "; ".join(dict.fromkeys(said)),
    ]
    return [*cells, len(grids)] if has_grids and isinstance(grids, list) else cells
