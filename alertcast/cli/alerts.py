"""`alertcast alerts`: read warnings from files; the other commands have files of their own.

Reading needs no database and no key. One bad file never stops the others.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import click
from cryptography.x509 import Certificate

from alertcast.cli import output
from alertcast.cli.alerts_mapped import answers, mapping_of
from alertcast.cli.failure import REFUSED
from alertcast.config import Config, load
from alertcast.core.by_town import Towns
from alertcast.core.signature import Verdict
from alertcast.sources.cap_times import read_time
from alertcast.sources.lines import Line, as_line
from alertcast.sources.parsed import Findings, Parsed
from alertcast.sources.read import parse_file
from alertcast.sources.signed import Judge, read_certificates

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


def _time(_ctx: click.Context, _option: click.Parameter, given: str | None) -> datetime | None:
    findings = Findings()
    time = read_time(given, "TIME", findings, vital=True) if given else None
    if findings.has_error:
        raise click.BadParameter(findings.reasons[0].message)
    return time


FAMILIES = {
    "confirm-end": "alertcast.cli.confirm_end",
    "explain": "alertcast.cli.explain",
    "match": "alertcast.cli.match",
    "note": "alertcast.cli.note",
    "quarantine": "alertcast.cli.quarantine",
}
"""Commands with a file of their own, imported only when they are asked for."""


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
    found = read_files(files, config, judge) if mapping is None else answers(files, config, mapping)
    ctx.exit(print_lines((line_of(path, one, config, towns) for path, one in found), as_json))


def read_files(
    files: tuple[Path, ...], config: Config, judge: Judge | None = None
) -> Iterator[tuple[Path, Parsed]]:
    """Yield each item of each file; one that can not be read is an item that was refused."""
    now = datetime.now(UTC)  # recordings of the NWS count their times from the moment of replay
    for path in output.counted(files, "Reading"):
        for parsed in parse_file(path, config.hazards, now=now, judge=judge):
            yield path, parsed


def line_of(path: Path, parsed: Parsed, config: Config, towns: Towns) -> Line:
    """Return the JSON object of an item, its areas by town."""
    language = config.main.office.language
    if parsed.alert is not None:
        read = towns.by_town(parsed.alert.infos_in(language))
        alert = replace(parsed.alert, infos=read.infos)
        parsed = replace(parsed, alert=alert, reasons=(*parsed.reasons, *read.reasons))
    return as_line(str(path), parsed, config.hazards, language)


def print_lines(lines: Iterable[Line], as_json: bool) -> int:
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
    return [*cells, _ways(grids)] if has_grids and isinstance(grids, list) else cells


def _ways(grids: list[dict[str, object]]) -> str:
    """Return how many grids there are, and how many were found by each way."""
    ways = Counter(str(grid["matched_by"]) for grid in grids)
    return ", ".join([str(len(grids)), *(f"{way} {count}" for way, count in ways.most_common())])
