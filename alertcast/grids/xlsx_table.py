"""XLSX read row by row, in little memory: values only, formulas by what they last came to.

A roster of 100,000 rows takes openpyxl half a minute; faster readers keep a sheet as one rectangle,
so that a stray cell in its last corner ends the process, and leave out what a formula could not
work out. No macro, link or entity of a file is ever followed. Format: ECMA-376 part 1, section
18.3.
"""

import io
import posixpath
import zlib
from collections.abc import Iterator
from typing import IO
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

from alertcast.grids.sheet import NotATable, Record, Sheet
from alertcast.grids.xlsx_cells import Rows, Texts, fill, local, parse

MOST_UNPACKED = 400 * 1024 * 1024
"""Most bytes that all parts of a workbook may unpack to: some 600,000 rows of a roster."""

MOST_PARTS = 5_000
"""Most parts that a workbook may have."""

_OLD = b"\xd0\xcf\x11\xe0"  # the container of .xls, and of workbooks with a password
_DAMAGE = (
    expat.ExpatError,
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
    for sheet in _attributes(book.open(main), "sheet"):
        kind, part = parts[sheet.get("id", "")]
        if kind == "worksheet":
            yield sheet.get("name", ""), sheet.get("state", "visible") != "visible", part


def _targets(book: ZipFile, part: str, folder: str) -> dict[str, tuple[str, str]]:
    """Return kind and part of each relationship that a part of relationships names."""
    found = {}
    for one in _attributes(book.open(part), "Relationship"):
        kind = one.get("Type", "").rpartition("/")[2]
        path = posixpath.normpath(posixpath.join("/", folder, one.get("Target", "")))
        found[one.get("Id", "")] = (kind, path.lstrip("/"))
    return found


def _attributes(file: IO[bytes], tag: str) -> list[dict[str, str]]:
    """Return the attributes of each element called `tag`, by their names without namespace."""
    found: list[dict[str, str]] = []

    def begin(name: str, attributes: dict[str, str]) -> None:
        if local[name] == tag:
            found.append({local[key]: value for key, value in attributes.items()})

    parse(file, begin, lambda name: None)
    return found


def _strings(book: ZipFile) -> list[str]:
    part = "xl/sharedStrings.xml"
    if part not in book.namelist():
        return []
    reader = Texts()
    parse(book.open(part), reader.begin, reader.end, reader.said)
    return reader.texts


def _records(book: ZipFile, part: str, strings: list[str]) -> Iterator[Record]:
    reader = Rows(strings)
    try:
        parse(book.open(part), reader.begin, reader.end, reader.said)
        fill(reader.records, reader.merged)
    except _DAMAGE as error:
        raise _damaged(error) from None
    yield from reader.records


def _damaged(error: Exception) -> NotATable:
    return NotATable("damaged", f"the workbook is damaged ({type(error).__name__})")
