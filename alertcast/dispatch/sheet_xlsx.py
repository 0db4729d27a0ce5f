"""A sheet as a workbook: a worksheet for each table, every cell a text and none a formula."""

import io
import re
from collections.abc import Iterator, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from alertcast.core.sheet import Sheet

LONGEST = 32_767
"""Characters that a cell may have; a longer text goes on in the row below."""

_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\]")
_WRAP = Alignment(wrap_text=True, vertical="top")
_BOLD = Font(bold=True)


def as_xlsx(sheet: Sheet) -> bytes:
    """Return a sheet as an Office Open XML workbook; title, mark and notes are its first page."""
    book = Workbook(write_only=True)
    book.properties.title = sheet.title
    book.properties.creator = sheet.mark
    first = _worksheet(book, "0", (90.0,))
    for line in (sheet.title, sheet.mark, *sheet.notes):
        _append(first, (line,))
    for number, table in enumerate(sheet.tables, 1):
        shares = table.widths or tuple(1.0 for _ in table.headers)
        page = _worksheet(book, f"{number} {table.title}", [12.0 * share + 2 for share in shares])
        page.freeze_panes = "A2"
        _append(page, table.headers, _BOLD)
        for row in table.rows:
            _append(page, row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _worksheet(book: Workbook, name: str, widths: Sequence[float]) -> Any:
    page: Any = book.create_sheet(_NOT_IN_NAMES.sub(" ", name)[:31])
    for number, width in enumerate(widths, 1):
        page.column_dimensions[get_column_letter(number)].width = width
    return page


def _append(page: Any, row: Sequence[str], font: Font | None = None) -> None:
    for part in _parts(row):
        page.append([_cell(page, text, font) for text in part])


def _parts(row: Sequence[str]) -> Iterator[list[str]]:
    """Yield a row; what does not fit into its cells goes on in further ones."""
    longest = max(map(len, row), default=0)
    for at in range(0, max(longest, 1), LONGEST):
        yield [text[at : at + LONGEST] for text in row]


def _cell(page: Any, text: str, font: Font | None) -> Cell:
    """Return a cell with a text: the mark of a quoted one keeps it so when it is edited."""
    cell: Cell = WriteOnlyCell(page, ILLEGAL_CHARACTERS_RE.sub("\ufffd", text))
    cell.data_type = "s"
    cell.quotePrefix = True
    cell.alignment = _WRAP
    if font is not None:
        cell.font = font
    return cell
