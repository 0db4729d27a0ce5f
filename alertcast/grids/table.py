"""A table that somebody kept in a spreadsheet: CSV in any usual encoding, headers zh or en."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from alertcast.core.alert import ReasonKind
from alertcast.grids.problem import Problem

_DELIMITERS = ",;\t"
_YES_NO = {
    **dict.fromkeys(("yes", "true", "1", "y", "是", "有", "可"), True),
    **dict.fromkeys(("no", "false", "0", "n", "否", "无", "不可"), False),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One record: its last line in the file, and its cells by field, stripped."""

    line: int
    cells: Mapping[str, str]

    def get(self, field: str) -> str:
        """Return a cell, "" where the table has no such column."""
        return self.cells.get(field, "")


@dataclass(frozen=True, slots=True)
class Table:
    """The records that could be read, and what was wrong with the file."""

    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]


def read_table(path: Path, headers: Mapping[str, str], required: frozenset[str]) -> Table:
    """Read a CSV file; nothing is raised, what is wrong is in `problems`.

    `headers` maps a header in lower case, English or Chinese, to our field. A missing required
    column gives no rows. Encodings: UTF-8 with or without mark, UTF-16 with mark, GB 18030.
    """
    problems: list[Problem] = []
    text = _text(path, problems)
    if text is None:
        return Table((), tuple(problems))
    records = _records(text, path.name, problems)
    _, header = next(records, (1, []))
    fields = _fields(header, path.name, headers, required, problems)
    rows = tuple(_rows(records, fields, path.name, problems)) if fields else ()
    return Table(rows, tuple(problems))


def yes_or_no(text: str) -> bool | None:
    """Return what a cell says, English or Chinese, or None if it is neither yes nor no."""
    return _YES_NO.get(text.strip().casefold())


def _text(path: Path, problems: list[Problem]) -> str | None:
    try:
        raw = path.read_bytes()
    except OSError as error:
        message = f"the file cannot be read: {error.strerror}"
        problems.append(Problem(path.name, "file", "unreadable", message))
        return None
    encodings = ("utf-16",) if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding != "utf-8-sig":
            message = f"the file was read as {encoding}; check a name"
            problems.append(Problem(path.name, "file", "encoding", message, ReasonKind.NOTE))
        return text
    problems.append(
        Problem(path.name, "file", "encoding", "the file is neither UTF-8 nor GB 18030")
    )
    return None


def _fields(
    header: list[str],
    file: str,
    headers: Mapping[str, str],
    required: frozenset[str],
    problems: list[Problem],
) -> list[str | None]:
    fields = [headers.get(name.casefold()) for name in header]
    for name, field in zip(header, fields, strict=True):
        if field is None and name:
            message = f"column {name!r} is not known and was left out"
            problems.append(Problem(file, "line 1", "unknown_column", message, ReasonKind.NOTE))
        elif field is not None and fields.count(field) > 1:
            message = f"column {name!r} is one of several for {field!r}"
            problems.append(Problem(file, "line 1", "duplicate_column", message))
    for field in sorted(required - set(fields)):
        message = f"column {field!r} is missing"
        problems.append(Problem(file, "line 1", "missing_column", message))
    is_unusable = any(p.rule in ("missing_column", "duplicate_column") for p in problems)
    return [] if is_unusable else fields


def _records(text: str, file: str, problems: list[Problem]) -> Iterator[tuple[int, list[str]]]:
    """Yield each record with its last line; stop with a problem where the file is not CSV."""
    first = text.lstrip().split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=first.count)
    records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for record in records:
            yield records.line_num, [cell.strip() for cell in record]
    except csv.Error as error:
        message = f"the file is not CSV from here on: {error}"
        problems.append(Problem(file, f"line {records.line_num}", "not_csv", message))


def _rows(
    records: Iterator[tuple[int, list[str]]],
    fields: list[str | None],
    file: str,
    problems: list[Problem],
) -> Iterator[Row]:
    for line, cells in records:
        if not any(cells):
            continue
        if any(cells[len(fields) :]):
            message = f"the line has {len(cells)} cells, its header {len(fields)}"
            problems.append(Problem(file, f"line {line}", "too_many_cells", message))
            continue
        named = zip(fields, cells, strict=False)
        yield Row(line, {field: cell for field, cell in named if field is not None})
