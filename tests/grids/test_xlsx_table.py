"""Workbooks read: what is stored is what is read, and no file can harm the reader."""

import io
import tracemalloc
from datetime import date
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook

from alertcast.grids import xlsx_table
from alertcast.grids.sheet import NotATable
from alertcast.grids.xlsx_table import is_workbook, read_xlsx
from tests.grids.workbooks import changed, saved, with_part, with_shared_strings, workbook

SHEET = "xl/worksheets/sheet1.xml"
ONE = workbook({"甲": [["姓名", "电话"], ["张三", 13800138000]]})


def rows(raw):
    return [[record.cells for record in sheet.records] for sheet in read_xlsx(raw)]


def records(raw):
    """Return the records of a workbook of one sheet."""
    return next(list(sheet.records) for sheet in read_xlsx(raw))


def refused(raw):
    with pytest.raises(NotATable) as caught:
        rows(raw)
    return caught.value.rule


def zipped(**parts):
    file = io.BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as book:
        for name, text in parts.items():
            book.writestr(name, text)
    return file.getvalue()


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        (b"\xd0\xcf\x11\xe0 old", "old_workbook"),
        (b"PK\x03\x04 cut short", "damaged"),
        (ONE[: len(ONE) // 2], "damaged"),
        (zipped(**{"word/document.xml": "<w/>"}), "damaged"),
        (zipped(**{"_rels/.rels": "<Relationships xmlns='x'/>"}), "not_a_workbook"),
        (with_part(ONE, "xl/vbaProject.bin", b"Sub Auto_Open()"), "macros"),
        (changed(ONE, SHEET, "</row>", "</raw>"), "damaged"),
        (changed(ONE, SHEET, 'r="A2"', 'r="Ä2"'), "damaged"),
        (changed(ONE, SHEET, 'r="2"', 'r="two"'), "damaged"),
        (changed(ONE, SHEET, 't="inlineStr"', 't="s"'), "damaged"),
        (changed(ONE, "xl/workbook.xml", 'r:id="rId1"', 'r:id="rId9"'), "damaged"),
    ],
)
def test_what_is_no_workbook_is_refused_with_its_rule(raw, rule):
    assert is_workbook(raw)
    assert refused(raw) == rule


def test_what_unpacks_to_too_much_is_not_unpacked(monkeypatch):
    monkeypatch.setattr(xlsx_table, "MOST_UNPACKED", 20_000_000)
    bomb = with_part(ONE, "xl/media/big", b"\0" * (xlsx_table.MOST_UNPACKED + 1))
    assert len(bomb) < 100_000
    tracemalloc.start()
    assert refused(bomb) == "too_large"
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()


def test_too_many_parts_are_refused():
    parts = {f"xl/media/{n}": "" for n in range(xlsx_table.MOST_PARTS + 1)}
    assert refused(zipped(**parts)) == "too_large"


@pytest.mark.parametrize(
    "entities",
    [
        '<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">',
        '<!ENTITY a SYSTEM "file:///etc/passwd">',
    ],
)
def test_no_entity_is_ever_opened(entities):
    raw = changed(ONE, SHEET, "<worksheet", f"<!DOCTYPE worksheet [{entities}]><worksheet")
    assert refused(changed(raw, SHEET, "<t>[^<]*</t>", "<t>&a;</t>")) == "damaged"


def test_a_stray_cell_in_the_last_corner_costs_nothing():
    book = Workbook()
    book.active.append(["姓名"])
    book.active.cell(1_048_576, 16_384, " x")
    book.active.cell(1_048_576, 1, "李四")
    tracemalloc.start()
    assert rows(saved(book)) == [[["姓名"], ["李四"]]]
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()


def test_a_hidden_sheet_is_named_and_not_read():
    book = Workbook()
    book.active.append(["姓名"])
    other = book.create_sheet("旧名单")
    other.append(["王五"])
    other.sheet_state = "veryHidden"
    raw = saved(book)
    assert rows(raw) == [[["姓名"]], []]
    notes = [note for sheet in read_xlsx(raw) for note in sheet.notes]
    assert notes == [("hidden_sheet", "sheet 旧名单 is hidden and was not read")]


def test_numbers_are_read_without_point_or_exponent():
    stored = ("13800138000", "13800138000.0", "1.3800138E10", "1.38001380001E10", "0.5", "1E400")
    book = workbook({"甲": [list(range(len(stored)))]})
    for n, said in enumerate(stored):
        book = changed(book, SHEET, f"<v>{n}</v>", f"<v>x{said}</v>")
    book = changed(book, SHEET, "<v>x", "<v>")
    assert rows(book) == [
        [["13800138000", "13800138000", "13800138000", "1.38001380001E10", "0.5", "1E400"]]
    ]


def test_texts_dates_and_yes_and_no():
    found = rows(workbook({"甲": [[" 张三 ", True, False, None, "", date(2026, 1, 2), "尾"]]}))
    assert found == [[["张三", "TRUE", "FALSE", "", "", "46024", "尾"]]]


def test_shared_and_rich_texts_without_how_they_are_read_aloud():
    entries = (
        "<si><t>姓名</t></si>",
        '<si><r><t>张</t></r><r><t xml:space="preserve">三 </t></r>'
        '<rPh sb="0" eb="1"><t>zhang</t></rPh></si>',
    )
    raw = with_shared_strings(ONE, entries, {"A1": 0, "A2": 1})
    assert rows(raw) == [[["姓名", "电话"], ["张三", "13800138000"]]]


def test_a_formula_is_read_by_its_last_result_and_one_without_is_a_fault():
    raw = workbook({"甲": [["=A1", "=A2", "=A3", "=A4"]]})
    empty = "<f>{}</f><v( /|></v)>"
    raw = changed(raw, SHEET, empty.format("A1"), "<f>A1</f><v>138</v>")
    raw = changed(raw, SHEET, '<c r="B1"><f>A2</f><v.*?v>', '<c r="B1" t="str"><f>A2</f><v></v>')
    raw = changed(
        raw, SHEET, '<c r="C1"><f>A3</f><v.*?v>', '<c r="C1" t="e"><f>A3</f><v>#DIV/0!</v>'
    )
    (record,) = records(raw)
    assert record.cells == ["138", "", "#DIV/0!", ""]
    assert record.faults == [(2, "formula_error"), (3, "formula_not_worked_out")]


def test_a_cell_merged_over_rows_is_said_on_each_that_holds_anything():
    raw = workbook(
        {
            "甲": [
                ["名册", None],
                ["冷坑镇", "张三"],
                [None, "李四"],
                [None, None],
                ["诗洞镇", "王五"],
            ]
        },
        ["A1:B1", "A2:A4"],
    )
    assert rows(raw) == [[["名册"], ["冷坑镇", "张三"], ["冷坑镇", "李四"], ["诗洞镇", "王五"]]]


def test_rows_and_cells_need_not_say_where_they_are():
    raw = changed(ONE, SHEET, ' r="[A-Z]*[0-9]"', "")
    assert [(one.line, one.cells) for one in records(raw)] == [
        (1, ["姓名", "电话"]),
        (2, ["张三", "13800138000"]),
    ]
