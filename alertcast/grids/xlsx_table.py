"""XLSX read row by row, in little memory: values only, formulas by what they last came to.

A roster of 100,000 rows takes openpyxl 40 seconds; faster readers keep a sheet as one rectangle, so
that a stray cell in its last corner ends the process, and leave out what a formula could not work
out. No macro, link or entity of a file is ever followed. Format: ECMA-376 part 1, section 18.3.
"""

import io
import posixpath
import zlib
from bisect import bisect_right
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import IO, Any
from zipfile import BadZipFile, ZipFile

from lxml import etree

from alertcast.grids.sheet import NotATable, Record, Sheet

MOST_UNPACKED = 400 * 1024 * 1024
"""Most bytes that all parts of a workbook may unpack to: some 600,000 rows of a roster."""

MOST_PARTS = 5_000
"""Most parts that a workbook may have."""

MOST_COLUMNS = 256
"""Cells further right are not looked at: no roster is so wide, but a slip of the hand is."""

_OLD = b"\xd0\xcf\x11\xe0"  # the container of .xls, and of workbooks with a password
_LARGE = 10**20
_DAMAGE = (
    etree.XMLSyntaxError,
    BadZipFile,
    zlib.error,
    EOFError,
    LookupError,
    ValueError,
    NotImplementedError,
    RuntimeError,
)
"""What the readers of ZIP and XML raise about a file that is cut short, or was made by hand."""


def is_workbook(raw: bytes) -> bool:
    """Say whether a file is a workbook, of whatever age, rather than text."""
    return raw.startswith((b"PK\x03\x04", _OLD))


def read_xlsx(raw: bytes) -> Iterator[Sheet]:
    """Yield the sheets of a workbook in order, each to be read before the next; hidden ones empty.

    Raises NotATable for what is no workbook, one that unpacks to too much, or has macros.
    """
    if raw.startswith(_OLD):
        message = "an old workbook (.xls), or one with a password: save it as .xlsx without one"
        raise NotATable("old_workbook", message)
    try:
        with ZipFile(io.BytesIO(raw)) as book:
            _check(book)
            strings = None
            for name, is_hidden, part in _sheets(book):
                if is_hidden:
                    note = ("hidden_sheet", f"sheet {name} is hidden and was not read")
                    yield Sheet(name, iter(()), [note])
                    continue
                if strings is None:
                    strings = _strings(book)
                yield Sheet(name, _records(book, part, strings))
    except _DAMAGE as error:
        raise _damaged(error) from None


def _check(book: ZipFile) -> None:
    """Raise NotATable for what should not be opened at all; a header can not say too little."""
    parts = book.infolist()
    if len(parts) > MOST_PARTS or sum(one.file_size for one in parts) > MOST_UNPACKED:
        most = MOST_UNPACKED // 1024 // 1024
        message = f"the workbook unpacks to more than {most} MB: split it, or save it as CSV"
        raise NotATable("too_large", message)
    if any(one.filename.casefold().endswith("vbaproject.bin") for one in parts):
        raise NotATable("macros", "the workbook has macros: save it as .xlsx, which has none")


def _sheets(book: ZipFile) -> Iterator[tuple[str, bool, str]]:
    """Yield name, whether it is hidden, and the part, of each sheet that has cells."""
    top = _targets(book, "_rels/.rels", "")
    main = next((part for kind, part in top.values() if kind == "officeDocument"), None)
    if main is None:
        raise NotATable("not_a_workbook", "the file is not a workbook (.xlsx)")
    folder, name = posixpath.split(main)
    parts = _targets(book, f"{folder}/_rels/{name}.rels", folder)
    for _, sheet in _elements(book.open(main), "sheet"):
        reference = next((value for key, value in sheet.items() if key.endswith("}id")), "")
        kind, part = parts[reference]
        if kind == "worksheet":
            yield sheet.get("name", ""), sheet.get("state", "visible") != "visible", part


def _targets(book: ZipFile, part: str, folder: str) -> dict[str, tuple[str, str]]:
    """Return kind and part of each relationship that a part of relationships names."""
    found = {}
    for _, one in _elements(book.open(part), "Relationship"):
        kind = one.get("Type", "").rpartition("/")[2]
        path = posixpath.normpath(posixpath.join("/", folder, one.get("Target", "")))
        found[one.get("Id", "")] = (kind, path.lstrip("/"))
    return found


def _strings(book: ZipFile) -> list[str]:
    part = "xl/sharedStrings.xml"
    if part not in book.namelist():
        return []
    return [_text(one) for _, one in _elements(book.open(part), "si")]


def _records(book: ZipFile, part: str, strings: list[str]) -> Iterator[Record]:
    try:
        records, merged = _read(book.open(part), strings)
        _fill(records, merged)
    except _DAMAGE as error:
        raise _damaged(error) from None
    yield from records


def _read(file: IO[bytes], strings: list[str]) -> tuple[list[Record], list[tuple[int, int, int]]]:
    """Return the rows that hold anything, and what is merged: column, first and last row."""
    records: list[Record] = []
    merged: list[tuple[int, int, int]] = []
    line = 0
    for tag, one in _elements(file, "row", "mergeCell"):
        if tag == "mergeCell":
            first, _, last = one.get("ref", "").partition(":")
            merged.append((_column(_letters(first)), _row(first), _row(last or first)))
            continue
        line = int(one.get("r") or line + 1)
        cells: list[str] = []
        faults: list[tuple[int, str]] = []
        for at, text, rule in _cells(one, strings):
            cells += [""] * (at + 1 - len(cells))
            cells[at] = text
            if rule:
                faults.append((at, rule))
        if faults or any(cells):
            records.append(Record(line, cells, faults))
    return records, merged


def _cells(row: Any, strings: list[str]) -> Iterator[tuple[int, str, str]]:
    """Yield index, text and fault ("": none) of each cell of a row."""
    space = row.tag[: -len("row")]
    value, formula, inline = f"{space}v", f"{space}f", f"{space}is"
    at = -1
    for cell in row.iterchildren(f"{space}c"):
        reference, kind = cell.get("r"), cell.get("t")
        at = _column(_letters(reference)) if reference else at + 1
        if at >= MOST_COLUMNS:
            return
        said = cell.findtext(value) or ""
        if kind == "s":
            yield at, strings[int(said)], ""
        elif kind == "inlineStr":
            text = cell.find(inline)
            yield at, "" if text is None else _text(text), ""
        elif kind == "e":
            yield at, said, "formula_error"
        elif kind == "b":
            yield at, "TRUE" if said == "1" else "FALSE", ""
        elif kind == "str" or said:
            yield at, said.strip() if kind in ("str", "d") else _number(said), ""
        elif cell.find(formula) is not None:
            yield at, "", "formula_not_worked_out"


def _fill(records: list[Record], merged: list[tuple[int, int, int]]) -> None:
    """Let the rows that a merged cell spans say what its first row says, in its first column."""
    rows = {one.line: one for one in records}
    lines = sorted(rows)
    filled: dict[int, int] = {}
    for column, first, last in sorted(merged):
        top = rows.get(first)
        overlaps = first <= filled.get(column, 0)  # as no program writes it
        if top is None or overlaps or column >= min(len(top.cells), MOST_COLUMNS):
            continue
        filled[column] = last
        for line in lines[bisect_right(lines, first) : bisect_right(lines, last)]:
            cells = rows[line].cells
            cells += [""] * (column + 1 - len(cells))
            cells[column] = cells[column] or top.cells[column]


def _elements(file: IO[bytes], *tags: str) -> Iterator[tuple[str, Any]]:
    """Yield the elements of these names, of whatever namespace, each forgotten after its turn."""
    found = etree.iterparse(
        file,
        tag=tuple(f"{{*}}{tag}" for tag in tags),
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
    )
    for _, element in found:
        if element.getroottree().docinfo.doctype:
            raise NotATable("damaged", "a part of the workbook defines entities")
        yield element.tag.rpartition("}")[2], element
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]


def _text(element: Any) -> str:
    """Return the text of a rich or plain string, without how it is read aloud (rPh)."""
    return "".join(
        part.text or ""
        for part in element.iter("{*}t")
        if not part.getparent().tag.endswith("}rPh")
    ).strip()


def _number(said: str) -> str:
    """Return a number without the point or the exponent that a program stored it with."""
    if said.isdecimal():
        return said
    try:
        number = Decimal(said)
    except InvalidOperation:
        return said
    is_whole = number.is_finite() and abs(number) < _LARGE and number == number.to_integral_value()
    return str(int(number)) if is_whole else said


def _letters(reference: str) -> str:
    return reference.rstrip("0123456789")


def _row(reference: str) -> int:
    return int(reference[len(_letters(reference)) :])


@lru_cache(maxsize=1024)
def _column(letters: str) -> int:
    """Return the index of the column called "A", "B", ... "XFD"."""
    at = 0
    for letter in letters.upper():
        if not "A" <= letter <= "Z":
            msg = f"{letters!r} is not a column"
            raise ValueError(msg)
        at = at * 26 + ord(letter) - ord("A") + 1
    return at - 1


def _damaged(error: Exception) -> NotATable:
    return NotATable("damaged", f"the workbook is damaged ({type(error).__name__})")
