"""A table that somebody kept in a spreadsheet: CSV or XLSX, headers in Chinese or English."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice

from alertcast.core.alert import ReasonKind
from alertcast.grids.csv_table import read_csv
from alertcast.grids.masking import masked_in, shown
from alertcast.grids.problem import Cell, Problem
from alertcast.grids.sheet import File, NotATable, Record, Sheet, content
from alertcast.grids.xlsx_table import is_workbook, read_xlsx

HEADER_WITHIN = 30
"""Records among which the header is looked for: titles may stand above it."""

_FAULTS = {
    "formula_error": "the formula came to an error",
    "formula_not_worked_out": "the formula was not worked out: save the file in a spreadsheet",
}
_YES_NO = {
    **dict.fromkeys(("yes", "true", "1", "y", "是", "有", "可"), True),
    **dict.fromkeys(("no", "false", "0", "n", "否", "无", "不可"), False),
}


@dataclass(frozen=True, slots=True)
class Columns:
    """What the header of a table says: which field of ours stands in which column."""

    file: str  # the file's name
    sheet: Sheet
    header: Record
    at: Mapping[str, int]  # field -> index of its cell


@dataclass(frozen=True, slots=True)
class Row:
    """One record: its last line in the file or its row in the sheet, and its cells."""

    record: Record
    columns: Columns

    @property
    def line(self) -> int:
        """Return the number of its line or row, from 1."""
        return self.record.line

    @property
    def where(self) -> str:
        """Return how it is named to a person."""
        return self.columns.sheet.where(self.record.line)

    def get(self, field: str) -> str:
        """Return a cell, "" where the table has no such column."""
        at, cells = self.columns.at.get(field, -1), self.record.cells
        return cells[at] if 0 <= at < len(cells) else ""

    def problem(
        self, rule: str, message: str, field: str = "", kind: ReasonKind = ReasonKind.ERROR
    ) -> Problem:
        """Return a finding about this row, or about its cell of a field."""
        at, sheet = self.columns.at.get(field), self.columns.sheet.name
        cell = Cell(sheet, self.line, None, "", "")
        if at is not None:
            header = self.columns.header.cells[at]
            cell = Cell(sheet, self.line, at + 1, header, shown(field, self.get(field)))
        return Problem(self.columns.file, self.where, rule, message, kind, cell)


@dataclass(frozen=True, slots=True)
class Table:
    """The records that could be read, and what was wrong with the file."""

    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]
    headers: tuple[Columns, ...] = ()  # of each sheet that rows were read from


def read_table(
    file: File,
    headers: Mapping[str, str],
    required: frozenset[str],
    never: Mapping[str, str] | None = None,
) -> Table:
    """Read a file of one or more tables; nothing is raised, what is wrong is in `problems`.

    `headers` maps a header in lower case, English or Chinese, to our field. Of a sheet without a
    required column no row is read; that is an error where no sheet has them all, or where it looks
    like one that was meant to be read. `never`: fields that are not read, and why, in a sentence.
    """
    reader = _Reader(file.name, headers, required, never or {})
    try:
        raw = content(file).raw
        for sheet in read_xlsx(raw) if is_workbook(raw) else (read_csv(raw),):
            reader.take(sheet)
    except NotATable as error:
        reader.tell("file", error.rule, str(error))
    return reader.result()


def yes_or_no(text: str) -> bool | None:
    """Return what a cell says, English or Chinese, or None if it is neither yes nor no."""
    return _YES_NO.get(text.strip().casefold())


def plain_header(text: str) -> str:
    """Return a header without spaces, line ends, stars, what stands in brackets, and case."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[\s*:：]|\(.*?\)|\[.*?\]", "", folded)


class _Reader:
    """Takes the tables of a file one by one, and remembers what it found."""

    def __init__(
        self,
        file: str,
        headers: Mapping[str, str],
        required: frozenset[str],
        never: Mapping[str, str],
    ) -> None:
        self._file = file
        self._headers = {plain_header(name): field for name, field in headers.items()}
        self._required = required
        self._never = never
        self._rows: list[Row] = []
        self._problems: list[Problem] = []
        self._tables: list[Columns] = []

    def take(self, sheet: Sheet) -> None:
        for rule, message in sheet.notes:
            self.tell("file", rule, message, ReasonKind.NOTE)
        records = self._told(sheet)
        head = list(islice(records, HEADER_WITHIN))
        header = self._header(head, sheet)
        if header is None:
            return
        at = self._columns(header, sheet)
        if at is not None:
            columns = Columns(self._file, sheet, header, at)
            self._tables.append(columns)
            below = head[head.index(header) + 1 :] if head else []
            self._rows += self._below(chain(below, records), columns)

    def tell(
        self, where: str, rule: str, message: str, kind: ReasonKind = ReasonKind.ERROR
    ) -> None:
        self._problems.append(Problem(self._file, where, rule, message, kind))

    def result(self) -> Table:
        is_told = any(one.kind is ReasonKind.ERROR for one in self._problems)
        if not (self._tables or is_told):
            needs = ", ".join(sorted(self._required))
            self.tell("file", "missing_column", f"no sheet has a header with {needs}")
        return Table(tuple(self._rows), tuple(self._problems), tuple(self._tables))

    def _told(self, sheet: Sheet) -> Iterator[Record]:
        """Yield the records of a sheet as far as it can be read, and tell where it can not."""
        try:
            yield from sheet.records
        except NotATable as error:
            where = "file" if sheet.name is None else f"sheet {sheet.name}"
            self.tell(where, error.rule, str(error))

    def _header(self, head: list[Record], sheet: Sheet) -> Record | None:
        """Return the header: of those with all that is required the one that says most."""
        header = max(head, key=self._likeness, default=None)
        if sheet.name is None:
            return header or Record(1, [])
        if header is not None and len(self._required & set(self._fields(header))) > 1:
            return header
        if not sheet.notes:
            message = "the sheet has no header of such a table and was not read"
            self.tell(f"sheet {sheet.name}", "no_header", message, ReasonKind.NOTE)
        return None

    def _likeness(self, record: Record) -> tuple[bool, int]:
        fields = set(self._fields(record)) - {""}
        return self._required <= fields, len(fields)

    def _fields(self, record: Record) -> list[str]:
        return [self._headers.get(plain_header(name), "") for name in record.cells]

    def _is_header(self, record: Record) -> bool:
        """Say whether a record names columns; one of somebody's data is not to be shown."""
        known = self._required & set(self._fields(record))
        has_number = any(cell != masked_in(cell) for cell in record.cells)
        return known == self._required or (bool(known) and not has_number)

    def _columns(self, header: Record, sheet: Sheet) -> dict[str, int] | None:
        fields, where = self._fields(header), sheet.where(header.line)
        if not self._is_header(header):
            needs = ", ".join(sorted(self._required))
            self.tell(where, "missing_column", f"no header names the columns; it needs {needs}")
            return None
        at: dict[str, int] = {}
        is_usable = True
        for index, (name, field) in enumerate(zip(header.cells, fields, strict=True)):
            if field in self._never:
                message = f"column {name!r} was not read: {self._never[field]}"
                self.tell(where, "not_kept", message, ReasonKind.NOTE)
            elif not field and name:
                message = f"column {masked_in(name)!r} is not known and was left out"
                self.tell(where, "unknown_column", message, ReasonKind.NOTE)
            elif field and fields.count(field) > 1:
                message = f"column {name!r} is one of several for {field!r}"
                self.tell(where, "duplicate_column", message)
                is_usable = False
            elif field:
                at[field] = index
        for field in sorted(self._required - set(fields)):
            self.tell(where, "missing_column", f"column {field!r} is missing")
            is_usable = False
        return at if is_usable else None

    def _below(self, records: Iterable[Record], columns: Columns) -> Iterator[Row]:
        width, used = len(columns.header.cells), {at: f for f, at in columns.at.items()}
        for record in records:
            cells = record.cells
            if not (any(cells) or record.faults) or cells == columns.header.cells:
                continue
            row = Row(record, columns)
            if columns.sheet.name is None and any(cells[width:]):
                message = f"the line has {len(cells)} cells, its header {width}"
                self._problems.append(row.problem("too_many_cells", message))
                continue
            faulty = [(used[at], rule) for at, rule in record.faults if at in used]
            self._problems += [row.problem(rule, _FAULTS[rule], field) for field, rule in faulty]
            if not faulty:
                yield row
