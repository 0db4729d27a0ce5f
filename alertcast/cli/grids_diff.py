"""`alertcast grids diff`, `list`, `use`: what a layer changes, which there are, which is in use."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from alertcast.bootstrap import App
from alertcast.cli import output
from alertcast.cli.failure import REFUSED, Refused
from alertcast.cli.installed import at_terminal, opened
from alertcast.cli.shape_files import shape_file
from alertcast.core.grid import Grid
from alertcast.core.layer_changes import Changes, changes, with_older_codes
from alertcast.dispatch import indexes
from alertcast.dispatch import layers as putting
from alertcast.grids.features import Asked
from alertcast.grids.parents import Parents, TownsFrom
from alertcast.grids.problem import has_errors
from alertcast.grids.read import OPTIONAL, REQUIRED, read_layer
from alertcast.store import grids as layers
from alertcast.store.post_places import Followed

LISTED = 20  # changes of one kind that are listed in a table

towns_from = click.option(
    "--towns",
    type=click.Choice([*TownsFrom]),
    default=TownsFrom.COLUMNS,
    show_default=True,
    help="Where town and county of a grid are taken from: columns, digits of its code, names.",
)
"""The option of every command that reads a layer."""

keep_codes = click.option(
    "--keep-codes", is_flag=True, help="Keep codes that are gone as aliases of what is there now."
)
"""The option of every command that compares a layer with the one in use."""


@click.command(
    epilog="\b\nExample:\n  alertcast grids diff huaiji-2027.zip\n"
    "  alertcast grids diff --name huaiji --version 1\n\n"
    "Fields: layer, version, before, after, vanished, counts, changes[{kind, code, name, what}]."
)
@shape_file((*REQUIRED, *OPTIONAL), required=False)
@towns_from
@click.option("--name", help="Instead of a file: a layer that was imported.")
@click.option("--version", type=int, help="Which version of it; else the newest.")
@keep_codes
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def diff(
    ctx: click.Context,
    file: Path | None,
    asked: Asked,
    columns: dict[str, str],
    towns: str,
    name: str | None,
    version: int | None,
    keep_codes: bool,
    as_json: bool,
) -> None:
    """Say what a layer would change against the one in use; change nothing.

    Added, removed, renamed, renumbered, redrawn, in another town, older codes lost.
    """
    if (file is None) == (name is None):
        raise click.UsageError("name either a FILE or, with --name, a layer that was imported")
    with opened(ctx.obj) as app:
        in_use, before = _in_use(app)
        if file is not None:
            with output.busy("Reading the layer"):
                way = Parents(TownsFrom(towns), app.config.gazetteer)
                read = read_layer(file, asked, columns=columns, parents=way)
            if has_errors(read.report) or not read.grids:
                output.problems_table(read.report)
                ctx.exit(REFUSED)
            after: Sequence[Grid] = read.grids
        else:
            with app.world.db.read() as tx:
                after = tuple(layers.load(tx, _version(app, name or "", version)["id"]).values())
    with output.busy("Comparing"):
        found = changes(before, with_older_codes(before, after) if keep_codes else after)
    if as_json:
        fact = {"layer": in_use["name"], "version": in_use["version"]}
        output.json_line(fact | changes_json(found) | {"changes": _listed(found)})
    else:
        show(found)
        click.echo(f"Against {in_use['name']}, version {in_use['version']}: {summary(found)}")


@click.command(
    "list",
    epilog="\b\nExample:\n  alertcast grids list\n\n"
    "Fields: layer, version, in_use, grids, approximate, imported_at, attribution.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_obj
def list_(config: str | None, as_json: bool) -> None:
    """List the layers that were imported, the newest first."""
    with opened(config) as app, app.world.db.read() as tx:
        facts = [
            {
                "layer": row["name"],
                "version": row["version"],
                "in_use": row["is_active"],
                "grids": row["grids"],
                "approximate": row["is_approximate"],
                "imported_at": row["imported_at"],
                "attribution": row["attribution"],
            }
            for row in layers.versions(tx)
        ]
    if as_json:
        for fact in facts:
            output.json_line(fact)
        return
    names = ("layer", "version", "in use", "grids", "approximate", "imported", "attribution")
    output.table(names, (tuple(_word(value) for value in fact.values()) for fact in facts))


@click.command(
    epilog="\b\nExample:\n  alertcast grids use huaiji --version 1\n\n"
    "Fields: layer, version, roster{moved, lost}."
)
@click.argument("name")
@click.option("--version", type=int, help="Which version; else the newest.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_obj
def use(config: str | None, name: str, version: int | None, as_json: bool) -> None:
    """Put a layer back into use that was imported before; the roster follows.

    Running broadcasts keep the layer that they started with.
    """
    with opened(config) as app:
        row = _version(app, name, version)
        with app.world.db.write() as tx:
            followed = putting.use(tx, row["id"], by=at_terminal(), now=app.clock())
        with output.busy("Making its index"), app.world.db.read() as tx:
            indexes.make_ready(app.config, tx, row["id"])
    if as_json:
        fact = {"layer": row["name"], "version": row["version"]}
        output.json_line(fact | {"roster": followed_json(followed)})
    else:
        click.echo(f"Layer {row['name']}, version {row['version']} is in use.")
        tell_followed(followed)


def show(found: Changes) -> None:
    """Print the changes; of one kind the first LISTED, and how many more there are."""
    rows: list[tuple[str, str, str, str]] = []
    met: dict[str, int] = {}
    for one in found.changes:
        met[one.kind] = met.get(one.kind, 0) + 1
        if met[one.kind] <= LISTED:
            rows.append((one.kind.value, one.code, one.name, one.what))
    if rows:
        output.table(("change", "code", "name", "what"), rows)
    for kind, count in met.items():
        if count > LISTED:
            click.echo(f"... and {count - LISTED} more [{kind}]: --json lists all")


def summary(found: Changes) -> str:
    """Return the changes in one line."""
    said = [f"{count} {kind}" for kind, count in found.counts.items() if count]
    return (", ".join(said) or "nothing changes") + "."


def changes_json(found: Changes) -> dict[str, object]:
    """Return how much changes, ready for JSON."""
    return {
        "before": found.before,
        "after": found.after,
        "vanished": found.vanished,
        "counts": found.counts,
    }


def followed_json(followed: Followed) -> dict[str, object]:
    """Return what became of the roster's places, ready for JSON."""
    return {"moved": followed.moved, "lost": followed.lost}


def tell_followed(followed: Followed) -> None:
    """Say what became of the places that the roster in use names."""
    if followed.moved:
        click.echo(f"{followed.moved} posts and stations are found by their place's new code.")
    if followed.lost:
        codes = ", ".join([*followed.lost][:5]) + (", ..." if len(followed.lost) > 5 else "")
        count = sum(followed.lost.values())
        click.echo(f"{count} posts and stations name places it lacks: {codes}", err=True)


def _in_use(app: App) -> tuple[Mapping[Any, Any], Sequence[Grid]]:
    with app.world.db.read() as tx:
        row = layers.active_layer(tx)
        if row is None:
            raise Refused("there is no layer of grids yet: run `alertcast grids import` first")
        return row, tuple(layers.load(tx, row["id"]).values())


def _version(app: App, name: str, version: int | None) -> Mapping[Any, Any]:
    with app.world.db.read() as tx:
        rows = [row for row in layers.versions(tx) if row["name"] == name]
    found = [row for row in rows if version is None or row["version"] == version]
    if not found:
        which = name if version is None else f"{name}, version {version}"
        raise Refused(f"there is no layer {which}: `alertcast grids list` shows all")
    return max(found, key=lambda row: row["version"])


def _listed(found: Changes) -> list[dict[str, str]]:
    return [
        {"kind": one.kind.value, "code": one.code, "name": one.name, "what": one.what}
        for one in found.changes
    ]


def _word(value: object) -> object:
    return {True: "yes", False: ""}.get(value, value) if isinstance(value, bool) else value
