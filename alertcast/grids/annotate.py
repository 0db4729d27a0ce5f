"""A copy of a table with its bad cells marked, for whoever has to mend it: same format, same looks.

A workbook keeps its formulas, widths and colours; pictures and charts are not copied. The copy
holds names and phones as the file does: only its owner may read it.
"""

import csv
import io
import os
import warnings
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from openpyxl import load_workbook
from openpyxl.cell import MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from alertcast.core.alert import ReasonKind
from alertcast.grids.csv_table import decoded, delimiter
from alertcast.grids.problem import Problem
from alertcast.grids.table import Columns
from alertcast.grids.xlsx_table import is_workbook

MARK = "问题"
"""Header of the column that a CSV gets; a reader of rosters knows and ignores it."""

AUTHOR = "alertcast"

WORDS: Mapping[str, str] = {
    "too_many_cells": "单元格比表头多",
    "formula_error": "公式出错",
    "formula_not_worked_out": "公式没有计算结果，请在表格软件中打开并保存",
    "example_row": "这是模板的示例行，请删除",
    "name_missing": "缺姓名或名称",
    "phone_missing": "缺电话",
    "several_phones": "一格只能写一个号码",
    "phone_extension": "分机号无法拨打",
    "not_a_phone": "不是电话号码",
    "phone_invalid": "号码不存在，请核对位数",
    "phone_rounded": "号码被表格软件四舍五入，请把整列设为文本后重填",
    "no_area_code": "座机缺区号",
    "zero_added": "已补区号前的 0，请核对",
    "area_code_added": "已补区号，请核对",
    "shared_phone": "与另一人的号码相同，请核对",
    "bad_language": "语言请填普通话、粤语、客家话、英语或 BCP 47 标签",
    "bad_specialities": "专长请填几个词，用顿号分开",
    "bad_preference": "请填电话优先、短信优先、座机优先或手机优先",
    "two_preferences": "同一人各行的“联系方式偏好”不一致",
    "bad_day": "请填日期，例如 2026-12-31",
    "days_swapped": "任职结束早于任职开始",
    "bad_drills": "请填“是”或“否”",
    "unknown_role": "岗位不在《岗位说明》中",
    "unknown_place": "责任区编码不在网格图层中",
    "unknown_grid": "网格编码不在网格图层中",
    "unknown_town": "镇街编码不在网格图层中",
    "role_place": "该岗位不能负责这一级责任区",
    "duplicate": "与另一行重复",
    "two_terms": "同一人、同一岗位只能有一段任期：合成一行，或到时再导入下一段",
    "two_phones": "同一编号有两个电话",
    "two_other_phones": "同一编号有两个备用电话",
    "two_names": "同一编号有两个姓名",
    "two_languages": "同一人各行的“语言”不一致",
    "two_specialities": "同一人各行的“专长”不同，已合并，请核对",
    "two_drills": "同一人各行的“参加演练”不一致",
    "code_missing": "缺编号",
    "keeper_missing": "缺负责人",
    "hours_missing": "缺开放时间",
    "bad_shelter": "可过夜请填“是”或“否”",
    "bad_position": "经度和纬度请都填度数，或都不填",
    "outside_world": "坐标在地球之外，经纬度可能填反了",
}
"""What each rule about a row or a cell means to whoever filled in the table."""

_FILLS = {
    ReasonKind.ERROR: PatternFill("solid", start_color="FFC7CE"),
    ReasonKind.NOTE: PatternFill("solid", start_color="FFEB9C"),
}


def annotate(
    path: Path, out: Path, problems: Iterable[Problem], headers: Sequence[Columns]
) -> None:
    """Write to `out` what is in `path`, marked as `annotated` marks it.

    Raises OSError, FileExistsError where there is such a file.
    """
    copy = annotated(path.read_bytes(), problems, headers)
    with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(copy)


def annotated(raw: bytes, problems: Iterable[Problem], headers: Sequence[Columns]) -> bytes:
    """Return a table with every row and cell marked that a problem is about.

    Marks of an earlier copy are taken off. `headers`: of the tables that were read.
    """
    marks: dict[tuple[str | None, int, int | None], list[Problem]] = {}
    for one in problems:
        if one.cell is not None:
            marks.setdefault((one.cell.sheet, one.cell.row, one.cell.column), []).append(one)
    return _workbook(raw, marks) if is_workbook(raw) else _csv(raw, marks, headers)


def _workbook(
    raw: bytes, marks: Mapping[tuple[str | None, int, int | None], list[Problem]]
) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says what of a sheet's looks it can not copy
        book = load_workbook(io.BytesIO(raw))
    for sheet in book.worksheets:
        _unmark(sheet)
    for (name, row, column), found in marks.items():
        sheet = book[str(name)]
        cell = sheet.cell(row, column or 1)
        if isinstance(cell, MergedCell):
            spans = next(one for one in sheet.merged_cells.ranges if cell.coordinate in one)
            cell = sheet.cell(spans.min_row, spans.min_col)
        said = [cell.comment.text] if cell.comment and cell.comment.author == AUTHOR else []
        cell.comment = Comment("\n".join([*said, *map(_sentence, found)]), AUTHOR)
        worst = min((one.kind for one in found), key=[*_FILLS].index)
        cell.fill = _FILLS[worst]
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _unmark(sheet: Worksheet) -> None:
    for cell in [*sheet._cells.values()]:  # iter_rows makes all up to the last
        if cell.comment is not None and cell.comment.author == AUTHOR:
            cell.comment = None
            cell.fill = PatternFill()


def _csv(
    raw: bytes,
    marks: Mapping[tuple[str | None, int, int | None], list[Problem]],
    headers: Sequence[Columns],
) -> bytes:
    text, encoding = decoded(raw)
    header = headers[0].header if headers else None
    width = len(header.cells) if header else 0
    is_marked = header is not None and header.cells[-1] == MARK
    width -= is_marked
    by_line: dict[int, list[Problem]] = {}
    for (_, line, _), found in marks.items():
        by_line.setdefault(line, []).extend(found)
    file = io.StringIO(newline="")
    ending = "\r\n" if "\r\n" in text else "\n"
    writer = csv.writer(file, delimiter=delimiter(text), lineterminator=ending)
    records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter(text))
    for cells in records:
        line = records.line_num
        if header and line >= header.line and (any(cells) or line in by_line):
            more = cells[width + is_marked :]
            mark = MARK if line == header.line else "; ".join(map(_named, by_line.get(line, ())))
            cells = [*cells[:width], *[""] * (width - len(cells)), mark, *more]
        writer.writerow(cells)
    had_mark = raw.startswith(b"\xef\xbb\xbf") or encoding != "utf-8-sig"
    return file.getvalue().encode(encoding if had_mark else "utf-8")


def _named(problem: Problem) -> str:
    header = problem.cell.header if problem.cell else ""
    return f"{header}：{_sentence(problem)}" if header else _sentence(problem)


def _sentence(problem: Problem) -> str:
    return f"{WORDS.get(problem.rule, problem.message)} [{problem.rule}]"
