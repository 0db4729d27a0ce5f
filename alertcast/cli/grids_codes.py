"""`alertcast grids import-codes`, `codes`: places by code, for warnings that bring no shape."""

from pathlib import Path

import click

from alertcast.cli import output
from alertcast.cli.failure import REFUSED
from alertcast.cli.installed import at_terminal, opened
from alertcast.cli.shape_files import shape_file
from alertcast.grids.code_layer import COLUMNS, LONGEST, read_code_layer
from alertcast.grids.features import Asked
from alertcast.grids.problem import has_errors
from alertcast.store import audit, code_places


@click.command(
    "import-codes",
    epilog="\b\nExample:\n  alertcast grids import-codes emma.geojson --scheme EMMA_ID\n"
    "  alertcast grids import-codes nuts.shp --scheme NUTS3 --column code=NUTS_ID\n\n"
    "Fields: scheme, imported, codes, problems[{file, where, rule, kind, message}].",
)
@shape_file(COLUMNS)
@click.option("--scheme", required=True, help="What warnings call the scheme (valueName).")
@click.option("--skip-bad", is_flag=True, help="Import the good features; else one bad: none.")
@click.option("--attribution", default="", help="Whose data it is.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def import_codes(
    ctx: click.Context,
    file: Path,
    asked: Asked,
    scheme: str,
    columns: dict[str, str],
    skip_bad: bool,
    attribution: str,
    as_json: bool,
) -> None:
    """Read the places of a code scheme, for warnings that bring codes and no shape.

    EMMA_ID, NUTS, UGC or any other; every feature needs a code. An import replaces what was known
    of the scheme. Codes that a layer of grids names itself need no import.
    """
    if not 0 < len(scheme.strip()) <= LONGEST:
        raise click.BadParameter(f"{scheme[:80]!r} is empty or longer than {LONGEST} characters")
    with opened(ctx.obj) as app:
        with output.busy("Reading the layer"):
            read = read_code_layer(file, asked, columns=columns)
        fact: dict[str, object] = {"scheme": scheme, "imported": False, "codes": len(read.places)}
        if read.places and (skip_bad or not has_errors(read.report)):
            sha256, now = code_places.digest(read.places, attribution), app.clock()
            with output.busy("Writing the layer"), app.world.db.write() as tx:
                code_places.import_scheme(
                    tx, scheme, read.places, sha256=sha256, attribution=attribution, now=now
                )
                codes = len(read.places)
                audit.record(tx, at_terminal(), "import", f"codes:{scheme}", now, codes=codes)
            fact["imported"] = True
    if as_json:
        output.json_line(fact | {"problems": output.problems_json(read.report)})
    else:
        output.problems_table(read.report)
        if fact["imported"]:
            click.echo(f"Scheme {scheme}: {len(read.places)} codes.")
    if not fact["imported"]:
        click.echo("Nothing was imported. --skip-bad imports the good features.", err=True)
    if not fact["imported"] or has_errors(read.report):
        ctx.exit(REFUSED)


@click.command(
    epilog="\b\nExample:\n  alertcast grids codes\n\n"
    "Fields: scheme, codes, imported_at, attribution."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_obj
def codes(config: str | None, as_json: bool) -> None:
    """List the code schemes whose places are known."""
    with opened(config) as app, app.world.db.read() as tx:
        found = code_places.schemes(tx)
    if as_json:
        for one in found:
            output.json_line(one)
        return
    rows = ((one["scheme"], one["codes"], one["imported_at"], one["attribution"]) for one in found)
    output.table(("scheme", "codes", "imported", "attribution"), rows)
