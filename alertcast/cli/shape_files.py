"""The options of every command that reads a file with shapes: what the file does not say itself."""

from collections.abc import Callable, Collection
from functools import wraps
from pathlib import Path
from typing import Any

import click

from alertcast.grids.features import Asked

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def shape_file(
    fields: Collection[str], *, required: bool = True, option: str = "", help_: str = ""
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the argument FILE and the options beside it, as `file`, `asked`, `columns`.

    `fields` are the properties whose name in the file can be given. With an `option` ("--grids")
    the file is named by that.
    """

    def read(
        _ctx: click.Context, _option: click.Parameter, given: tuple[str, ...]
    ) -> dict[str, str]:
        return _columns(given, fields)

    options = (
        click.option(option, "file", metavar="FILE", type=FILE, help=help_)
        if option
        else click.argument("file", type=FILE, required=required),
        click.option("--layer", help="Which layer, if the file has several."),
        click.option("--crs", help="Coordinate system, if it names none: EPSG:4490, GCJ-02."),
        click.option("--encoding", help="Of the text, if it can not be told: GBK, UTF-8."),
        click.option(
            "--column",
            "columns",
            multiple=True,
            metavar="FIELD=NAME",
            callback=read,
            help="The file's own NAME of a field of ours.",
        ),
    )

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @wraps(command)
        def asked(
            *args: Any, layer: str | None, crs: str | None, encoding: str | None, **others: Any
        ) -> None:
            command(*args, asked=Asked(crs, layer, encoding), **others)

        for option in reversed(options):
            asked = option(asked)
        return asked

    return decorate


def _columns(given: tuple[str, ...], fields: Collection[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in given]
    for field, _, name in pairs:
        if field not in fields or not name:
            listed = ", ".join(fields)
            raise click.BadParameter(f"{field!r}: write FIELD=NAME with a field of {listed}")
    return {field: name for field, _, name in pairs}
