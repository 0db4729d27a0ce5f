"""Templates of rosters and stations: headers in Chinese, an example that is refused, help."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from alertcast.core.role import PlaceLevel, Role
from alertcast.grids import station_columns
from alertcast.grids.roster_columns import COLUMNS, Column

ROWS = 10_000
"""Rows that offer the posts to choose from."""

LEVELS = {
    PlaceLevel.GRID: "网格",
    PlaceLevel.TOWN: "镇街",
    PlaceLevel.COUNTY: "县区",
    PlaceLevel.CITY: "市",
}
"""How wide a place is, in Chinese."""

_OFFERED = tuple(one for one in COLUMNS if one.field not in ("grid", "town"))
_YES_OR_NO = ("drills", "shelter")
_REQUIRED = PatternFill("solid", start_color="FCE4D6")


def write_template(path: Path, made: Callable[[str], bytes]) -> None:
    """Write a template, a workbook or a CSV by the ending of `path`, as `made` returns it.

    Raises OSError, FileExistsError where there is such a file, ValueError for another ending.
    """
    content = made(path.suffix.casefold())
    with path.open("xb") as file:
        file.write(content)


def template(kind: str, roles: Mapping[str, Role]) -> bytes:
    """Return a template of a roster, ".xlsx" or ".csv"; raises ValueError for another kind."""
    cells = [_example(one, roles) for one in _OFFERED]
    if kind != ".xlsx":
        return _csv(kind, _OFFERED, cells)
    book = _workbook("责任人", _OFFERED, cells)
    number = next(n for n, one in enumerate(_OFFERED, 1) if one.field == "role")
    offered = f"{quote_sheetname('岗位说明')}!$A$2:$A${len(roles) + 1}"
    _choice(book.worksheets[0], number, offered)
    posts = book.create_sheet("岗位说明")
    posts.append(["可填的岗位", "也可写作", "英文", "负责范围"])
    for role in roles.values():
        levels = "、".join(LEVELS[one] for one in role.places)
        posts.append([role.zh, "、".join(role.words), role.en, levels])
    return _explained(book, COLUMNS)


def stations_template(kind: str) -> bytes:
    """Return a template of a list of stations, as `template` does of a roster."""
    columns = station_columns.COLUMNS
    cells = [one.example for one in columns]
    if kind != ".xlsx":
        return _csv(kind, columns, cells)
    return _explained(_workbook("驿站", columns, cells), columns)


def _csv(kind: str, columns: Sequence[Column], cells: Sequence[str]) -> bytes:
    if kind != ".csv":
        msg = f"{kind}: a template is a .xlsx or a .csv"
        raise ValueError(msg)
    file = io.StringIO(newline="")
    csv.writer(file).writerows([[one.header for one in columns], cells])
    return file.getvalue().encode("utf-8-sig")  # else spreadsheets in China take it for GBK


def _workbook(title: str, columns: Sequence[Column], cells: Sequence[str]) -> Workbook:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = title
    sheet.append([one.header for one in columns])
    sheet.append(list(cells))
    sheet.freeze_panes = "A2"
    for number, one in enumerate(columns, 1):
        column = sheet.column_dimensions[get_column_letter(number)]
        column.number_format = "@"  # else a spreadsheet makes 1.38E+10 of a phone
        column.width = 24 if one.is_required else 16
        sheet.cell(2, number).number_format = "@"
        if one.is_required:
            sheet.cell(1, number).fill = _REQUIRED
        if one.field in _YES_OR_NO:
            _choice(sheet, number, '"是,否"')
    return book


def _explained(book: Workbook, columns: Sequence[Column]) -> bytes:
    explained = book.create_sheet("填写说明")
    explained.append(["列", "怎样填写"])
    for one in columns:
        explained.append([one.header, one.meaning])
    for sheet in book.worksheets:
        _headed(sheet)
    for sheet in book.worksheets[1:]:
        _widened(sheet)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _example(column: Column, roles: Mapping[str, Role]) -> str:
    if column.field != "role":
        return column.example
    return next((one.zh for one in roles.values() if PlaceLevel.GRID in one.places), "")


def _choice(sheet: Worksheet, number: int, formula: str) -> None:
    letter = get_column_letter(number)
    choice = DataValidation(type="list", formula1=formula, showErrorMessage=False)
    choice.add(f"{letter}2:{letter}{ROWS}")
    sheet.add_data_validation(choice)


def _headed(sheet: Worksheet) -> None:
    for cell in sheet[1]:
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True, vertical="center")


def _widened(sheet: Worksheet) -> None:
    for letter in "ABCD":
        sheet.column_dimensions[letter].width = 40
