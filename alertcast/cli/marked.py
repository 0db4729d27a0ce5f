"""Files that a command makes beside what it was given; none is ever written over."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

import click

from alertcast.cli import output
from alertcast.cli.failure import Refused
from alertcast.grids.annotate import annotate
from alertcast.grids.problem import Problem
from alertcast.grids.table import Columns

ANNOTATE = click.option(
    "--annotate",
    "copy",
    type=click.Path(exists=False, dir_okay=False, path_type=Path),
    help="Write a copy of FILE here, its bad cells marked; it holds names and phones.",
)


def write_marked(
    file: Path, copy: Path, problems: Iterable[Problem], headers: Sequence[Columns]
) -> None:
    """Write a copy of a table, its bad cells marked; raises Refused where there is such a file."""
    if copy.suffix.casefold() != file.suffix.casefold():
        raise click.UsageError(f"--annotate: the copy has the format of {file.name}")
    with output.busy("Marking bad cells"):
        write_new(partial(annotate, file, copy, problems, headers), copy)


def write_new(write: Callable[[], None], path: Path) -> None:
    """Let `write` write a new file; raises Refused."""
    try:
        write()
    except FileExistsError:
        raise Refused(f"{path}: there is such a file; it is left as it is") from None
    except (OSError, ValueError) as error:
        raise Refused(str(error)) from None
