"""Workbooks to read: written as a spreadsheet program writes them, or spoilt by hand."""

import io
import re
from collections.abc import Mapping, Sequence
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook


def workbook(sheets: Mapping[str, Sequence[Sequence[object]]], merged: Sequence[str] = ()) -> bytes:
    """Return a workbook with these sheets of rows; `merged` are ranges of the first."""
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    for cells in merged:
        book.worksheets[0].merge_cells(cells)
    return saved(book)


def saved(book: Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def changed(raw: bytes, part: str, old: str, new: str) -> bytes:
    """Return a workbook in one part of which a pattern was replaced."""
    file = io.BytesIO()
    with ZipFile(io.BytesIO(raw)) as book, ZipFile(file, "w", ZIP_DEFLATED) as copy:
        for name in book.namelist():
            text = book.read(name)
            if name == part:
                text, count = re.subn(old.encode(), new.encode(), text)
                assert count, f"{old} is not in {part}"
            copy.writestr(name, text)
    return file.getvalue()


def with_part(raw: bytes, name: str, text: bytes) -> bytes:
    """Return a workbook with one more part."""
    file = io.BytesIO(raw)
    with ZipFile(file, "a", ZIP_DEFLATED) as book:
        book.writestr(name, text)
    return file.getvalue()


def with_shared_strings(raw: bytes, entries: Sequence[str], cells: Mapping[str, int]) -> bytes:
    """Return a workbook in which these cells name strings of a shared table, as Excel writes it."""
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    table = f'<sst xmlns="{space}">{"".join(entries)}</sst>'
    for cell, index in cells.items():
        raw = changed(
            raw,
            "xl/worksheets/sheet1.xml",
            f'<c r="{cell}" t="inlineStr"><is><t>[^<]*</t></is></c>',
            f'<c r="{cell}" t="s"><v>{index}</v></c>',
        )
    return with_part(raw, "xl/sharedStrings.xml", table.encode())
