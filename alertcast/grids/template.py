"""Templates of a roster: headers in Chinese, an example that is refused, what the posts mean."""

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from alertcast.core.role import PlaceLevel, Role
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
_REQUIRED = PatternFill("solid", start_color="FCE4D6")


def write_template(path: Path, roles: Mapping[str, Role]) -> None:
    """Write a template, a workbook or a CSV by the ending of `path`.

    Raises OSError, FileExistsError where there is such a file, ValueError for another ending.
    """
    made = template(path.suffix.casefold(), roles)
    with path.open("xb") as file:
        file.write(made)


def template(kind: str, roles: Mapping[str, Role]) -> bytes:
    """Return a template, ".xlsx" or ".csv"; raises ValueError for another kind."""
    kinds = {".xlsx": _workbook, ".csv": _csv}
    if kind not in kinds:
        msg = f"{kind}: a template is a .xlsx or a .csv"
        raise ValueError(msg)
    return kinds[kind](roles)


def _csv(roles: Mapping[str, Role]) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow([one.header for one in _OFFERED])
    writer.writerow([_example(one, roles) for one in _OFFERED])
    return file.getvalue().encode("utf-8-sig")  # else spreadsheets in China take it for GBK


def _workbook(roles: Mapping[str, Role]) -> bytes:
    book = Workbook()
    people = book.worksheets[0]
    people.title = "责任人"
    people.append([one.header for one in _OFFERED])
    people.append([_example(one, roles) for one in _OFFERED])
    people.freeze_panes = "A2"
    for number, one in enumerate(_OFFERED, 1):
        column = people.column_dimensions[get_column_letter(number)]
        column.number_format = "@"  # else a spreadsheet makes 1.38E+10 of a phone
        column.width = 24 if one.is_required else 16
        people.cell(2, number).number_format = "@"
        if one.is_required:
            people.cell(1, number).fill = _REQUIRED
    _choice(people, "role", f"{quote_sheetname('岗位说明')}!$A$2:$A${len(roles) + 1}")
    _choice(people, "drills", '"是,否"')
    posts = book.create_sheet("岗位说明")
    posts.append(["可填的岗位", "也可写作", "英文", "负责范围"])
    for role in roles.values():
        levels = "、".join(LEVELS[one] for one in role.places)
        posts.append([role.zh, "、".join(role.words), role.en, levels])
    columns = book.create_sheet("填写说明")
    columns.append(["列", "怎样填写"])
    for one in COLUMNS:
        columns.append([one.header, one.meaning])
    for sheet in book.worksheets:
        _headed(sheet)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _example(column: Column, roles: Mapping[str, Role]) -> str:
    if column.field != "role":
        return column.example
    return next((one.zh for one in roles.values() if PlaceLevel.GRID in one.places), "")


def _choice(sheet: Worksheet, field: str, formula: str) -> None:
    number = next(n for n, one in enumerate(_OFFERED, 1) if one.field == field)
    letter = get_column_letter(number)
    choice = DataValidation(type="list", formula1=formula, showErrorMessage=False)
    choice.add(f"{letter}2:{letter}{ROWS}")
    sheet.add_data_validation(choice)


def _headed(sheet: Worksheet) -> None:
    for cell in sheet[1]:
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True, vertical="center")
    if sheet.title != "责任人":
        for letter in "ABCD":
            sheet.column_dimensions[letter].width = 40
