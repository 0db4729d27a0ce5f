"""How facts are printed: JSON for scripts, tables and progress for people."""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    track,
)
from rich.table import Table
from rich.text import Text

from alertcast.grids.problem import Problem

T = TypeVar("T")

WIDE = 200  # columns of a table that is not shown on a terminal


def json_line(fact: object) -> None:
    """Print `fact` as one line of JSON: UTF-8 on any terminal, times as ISO 8601.

    What no encoding can hold (half a surrogate pair) is written as JSON's own escape.
    """
    text = json.dumps(fact, ensure_ascii=False, default=datetime.isoformat)
    click.echo(text.encode("utf-8", "backslashreplace"))


def for_its_owner(out: Path, content: bytes) -> None:
    """Write names and numbers into a file that only its owner may read, even if it was there."""
    with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        out.chmod(0o600)
        file.write(content)


def table(headers: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "") -> None:
    """Print a table; what came from outside can not steer the terminal."""
    shown = Table(*headers, title=title or None, title_justify="left", highlight=False)
    for row in rows:
        shown.add_row(*(_cell(value) for value in row))
    console = Console()
    if not console.is_terminal:
        console.width = WIDE
    console.print(shown)


def problems_table(problems: Sequence[Problem]) -> None:
    """Print what was found in files, with file, place, rule and sentence; nothing if nothing."""
    if problems:
        rows = ((p.file, _place(p), p.kind.value, p.rule, p.message) for p in problems)
        table(("file", "where", "kind", "rule", "what"), rows)


def problems_json(problems: Iterable[Problem]) -> list[dict[str, object]]:
    """Return what was found in files, ready for JSON; `cell` is null where it is of no row."""
    return [
        {
            "file": p.file,
            "where": p.where,
            "kind": p.kind.value,
            "rule": p.rule,
            "what": p.message,
            "cell": None if p.cell is None else asdict(p.cell),
        }
        for p in problems
    ]


def _place(problem: Problem) -> str:
    cell = problem.cell
    if cell is None or cell.column is None:
        return problem.where
    return f"{problem.where}, column {cell.header}"


def counted(items: Sequence[T], what: str) -> Iterator[T]:
    """Yield `items`, with a progress bar on standard error where that is a terminal."""
    console = Console(stderr=True)
    yield from track(items, what, console=console, transient=True, disable=not console.is_terminal)


@contextmanager
def progress(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """Give what is to be told how many more are done; a terminal shows a bar."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.advance(task, done)


@contextmanager
def busy(what: str) -> Iterator[None]:
    """Show on standard error, where that is a terminal, that something is under way."""
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        bar.add_task(what, total=None)
        yield


def plain(text: str) -> str:
    """Return `text` as one line that can not steer a terminal."""
    return "".join(mark if mark.isprintable() else " " for mark in text)


def _cell(value: object) -> Text:
    return Text("" if value is None else plain(str(value)))
