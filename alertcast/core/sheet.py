"""A sheet: tables of text that is the same on a page, on paper, in a spreadsheet and as CSV."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet may take for the beginning of a formula (OWASP, CSV injection)."""

_GUARDED = ("'", *_FORMULA)


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a sheet; each row has a cell for each header."""

    title: str
    headers: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    widths: tuple[float, ...] = ()  # shares of the width of a page; none: all alike
    key: str = ""  # names it in addresses


@dataclass(frozen=True, slots=True)
class Sheet:
    """Tables under one title."""

    title: str
    mark: str  # whose it is, made when, of what: on each page of paper
    notes: tuple[str, ...]  # lines under the title
    tables: Sequence[Table]
    signatures: tuple[str, ...] = field(default=())  # who is to sign it on paper


def guarded(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: such a one has an apostrophe before.

    One that begins with an apostrophe gets another, so that `unguarded` gives back every cell.
    """
    return f"'{cell}" if cell.startswith(_GUARDED) else cell


def unguarded(cell: str) -> str:
    """Return the cell that `guarded` was given."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_GUARDED) else cell


def as_csv(sheet: Sheet) -> str:
    """Return a sheet as CSV (UTF-8 with a mark, so that spreadsheets read Chinese).

    Title, mark and notes come first; before each table is an empty row and a row with its title.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerows(_guarded_rows([(sheet.title, sheet.mark), *((one,) for one in sheet.notes)]))
    for table in sheet.tables:
        writer.writerow([])
        writer.writerows(_guarded_rows([(table.title,), table.headers, *table.rows]))
    return "\ufeff" + out.getvalue()


def _guarded_rows(rows: Iterable[Sequence[str]]) -> Iterator[list[str]]:
    for row in rows:
        yield [guarded(cell) for cell in row]
