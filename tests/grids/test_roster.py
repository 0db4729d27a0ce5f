"""Rosters in: every bad line is named with its rule, and good lines survive bad ones."""

import re
import time
import tomllib
import unicodedata
from datetime import date
from pathlib import Path

import pytest

from alertcast.core.alert import ReasonKind
from alertcast.core.grid import Grid
from alertcast.core.role import read_roles
from alertcast.core.roster import Person, Post
from alertcast.grids.places import KnownPlaces
from alertcast.grids.problem import has_errors
from alertcast.grids.roster import read_roster
from tests.grids.workbooks import workbook

ROOT = Path(__file__).parents[2]
ROLES = read_roles(tomllib.loads((ROOT / "config" / "roles.toml").read_text("utf-8")))
GRID = Grid(
    "441224101201",
    "双甘村",
    "village",
    "441224101",
    "冷坑镇",
    "441224",
    "怀集县",
    aliases=("OLD1",),
)
PLACES = KnownPlaces([GRID])
HEADER = "person,name,phone,language,role,place,team\n"
GOOD = "P1,张三,13800138000,zh-CN,first_secretary,441224101201,\n"


def read(folder: Path, text: str, encoding="utf-8", **options):
    path = folder / "roster.csv"
    path.write_bytes(text.encode(encoding))
    return read_roster(path, roles=ROLES, places=PLACES, **options)


def wide(text: str) -> str:
    """Return a text in full-width characters, as Chinese keyboards type them."""
    return "".join("\u3000" if one == " " else chr(ord(one) + 0xFEE0) for one in text)


def found(result):
    return [(problem.where, problem.rule) for problem in result.problems]


@pytest.mark.parametrize(
    ("line", "rules"),
    [
        ("P2,李四,1380013800,,deputy,441224101201,", ["phone_invalid"]),
        ("P2,李四,,,deputy,441224101201,", ["phone_missing"]),
        ("P2,李四,2231234,,deputy,441224101201,", ["no_area_code"]),
        ("P2,李四,1.38E+10,,deputy,441224101201,", ["phone_rounded"]),
        ("P2,示例：李四,13900139000,,deputy,441224101201,", ["example_row"]),
        ("P2,Example,13900139000,,deputy,441224101201,", ["example_row"]),
        ("P2,,13900139000,,deputy,441224101201,", ["name_missing"]),
        ("P2,李四,13900139000,,mayor,441224101201,", ["unknown_role"]),
        ("P2,李四,13900139000,,,441224101201,", ["unknown_role"]),
        ("P2,李四,13900139000,,deputy,441224101999,", ["unknown_place"]),
        ("P2,李四,13900139000,,deputy,,", ["unknown_place"]),
        ("P2,李四,13900139000,,deputy,441224,", ["role_place"]),
        ("P2,李四,13900139000,,town_desk,441224101201,", ["role_place"]),
        ("P2,李四,13900139000,中文,deputy,441224101201,", ["bad_language"]),
        ("P1,张三,13900139000,,deputy,441224101201,", ["two_phones"]),
        ("P1,李四,13800138000,,deputy,441224101201,", ["two_names"]),
        ("P1,张三,13800138000,,first_secretary,OLD1,", ["duplicate"]),
        ("P2,李四,13900139000,,deputy,441224101201,,,x", ["too_many_cells"]),
        (
            "P2,,123,x_,mayor,9,",
            ["name_missing", "bad_language", "phone_invalid", "unknown_role", "unknown_place"],
        ),
    ],
)
def test_a_bad_line_is_named_and_left_out(tmp_path, line, rules):
    result = read(tmp_path, HEADER + GOOD + line + "\n")
    assert found(result) == [("line 3", rule) for rule in rules]
    assert [post.place for post in result.posts] == ["441224101201"]
    assert has_errors(result.problems)


def test_five_mistakes_are_five_lines(tmp_path):
    bad = [
        "P2,李四,12,,deputy,441224101201,",
        "P3,李四,13900139000,,king,441224101201,",
        "P4,李四,13900139000,,deputy,nowhere,",
        "P1,张三,13800138000,,first_secretary,441224101201,",
        "P1,张三,13900139001,,deputy,441224101201,",
    ]
    result = read(tmp_path, HEADER + GOOD + "\n".join(bad))
    assert found(result) == [
        ("line 3", "phone_invalid"),
        ("line 4", "unknown_role"),
        ("line 5", "unknown_place"),
        ("line 6", "duplicate"),
        ("line 7", "two_phones"),
    ]


def test_no_problem_shows_a_phone(tmp_path):
    text = HEADER + GOOD + "P1,张三,13900139000,,deputy,441224101201,\nP2,x,138001380001,,,,\n"
    said = " ".join(map(str, read(tmp_path, text).problems))
    assert "39001390" not in said
    assert "80013800" not in said


@pytest.mark.parametrize(
    "line",
    ["张三,13800138000,副书记,441224101201", "党员,张三,138 0013 8000", "姓名,张三丰,13800138000"],
)
def test_of_a_file_without_a_header_nothing_is_shown(tmp_path, line):
    result = read(tmp_path, f"{line}\n{line}\n")
    assert found(result) == [("line 1", "missing_column")]
    said = " ".join(map(str, result.problems))
    assert "needs name, phone, role" in said
    assert not any(one in said for one in ("张三", "0013", "441224101201"))


@pytest.mark.parametrize(
    "number",
    [
        "138 0013 8000",
        "138-0013-8000",
        wide("13800138000"),
        wide("138 0013 8000"),
        "+86 138 0013 8000",
        "(0086)138.0013.8000",
        "138–0013–8000",
        "\u202a13800138000",
        "1.3800138E10",
        "0758 223 1234",
        "441224 19800101 123X",
        "441224101201 13800138000",
        "张三13800138000",
    ],
)
@pytest.mark.parametrize("column", ["role", "place", "person", "team", "备注13800138000"])
def test_a_number_in_the_wrong_column_is_not_shown(tmp_path, number, column):
    cells = {"person": "P1", "name": "李四", "phone": "", "role": "king", "place": "9"}
    cells[column] = number
    result = read(tmp_path, ",".join(cells) + "\n" + ",".join(cells.values()) + "\n")
    assert result.problems
    for one in result.problems:
        for text in (one.message, one.cell.value if one.cell else ""):
            said = re.sub(r"\D", "", unicodedata.normalize("NFKC", text))
            assert not any(hidden in said for hidden in ("138001", "2231234", "19800101"))


def test_codes_that_are_no_numbers_are_shown_whole(tmp_path):
    for code in ("130522201201", "441224101999", "20260101"):
        result = read(tmp_path, HEADER + f"P2,李四,13900139000,,deputy,{code},\n")
        assert code in str(result.problems[0])


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "missing_column"),
        ("name,role,place\n张三,deputy,441224101201\n", "missing_column"),
        ("姓名,name,phone,role\n", "duplicate_column"),
        (HEADER + '"unclosed,1', "not_csv"),
    ],
)
def test_a_file_that_is_no_roster_is_refused(tmp_path, text, rule):
    result = read(tmp_path, text)
    assert rule in [problem.rule for problem in result.problems]
    assert result.people == ()


def test_a_missing_file_and_unreadable_bytes_are_refused(tmp_path):
    missing = read_roster(tmp_path / "none.csv", roles=ROLES, places=PLACES)
    assert found(missing) == [("file", "unreadable")]
    path = tmp_path / "bytes.csv"
    path.write_bytes(b"name,phone,role\n\xff\xff,1,2\n")
    assert found(read_roster(path, roles=ROLES, places=PLACES)) == [("file", "encoding")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("comma", [",", ";", "\t"])
def test_a_chinese_spreadsheet_is_read_in_any_usual_encoding(tmp_path, encoding, comma):
    phone = wide("13800138000")
    text = f"姓名,电话,角色,网格编码,备注\r\n张三,{phone},副书记,441224101201,x\r\n\r\n"
    result = read(tmp_path, text.replace(",", comma), encoding)
    assert not has_errors(result.problems)
    assert "unknown_column" in [problem.rule for problem in result.problems]
    (person,) = result.people
    assert (person.name, person.phone, person.languages) == ("张三", "+8613800138000", "zh-CN")
    assert result.posts == (Post(person.code, "deputy", "441224101201"),)


@pytest.mark.parametrize(
    ("word", "role"),
    [
        ("“邻里先锋”第一书记", "first_secretary"),
        ('"邻里先锋"第一书记', "first_secretary"),
        ("第一书记", "first_secretary"),
        ("临时党支部书记", "branch_leader"),
        ("Deputy", "deputy"),
        ("工作队员", "team_member"),
    ],
)
def test_roles_are_known_by_their_names(tmp_path, word, role):
    cell = '"' + word.replace('"', '""') + '"'
    result = read(tmp_path, f"name,phone,role,place\n张三,13800138000,{cell},441224101201\n")
    assert [post.role for post in result.posts] == [role]


def test_one_person_may_hold_several_posts_at_several_levels(tmp_path):
    text = HEADER + GOOD + "P1,张三,+86 13800138000,,town_leader,441224101000,\n"
    result = read(tmp_path, text)
    assert result.people == (Person("P1", "张三", "+8613800138000"),)
    assert [(post.role, post.place) for post in result.posts] == [
        ("first_secretary", "441224101201"),
        ("town_leader", "441224101"),
    ]


def test_a_landline_is_a_phone_like_any_other(tmp_path):
    result = read(tmp_path, HEADER + "P1,张三,0758-2231234,zh-CN,first_secretary,441224101201,\n")
    assert not has_errors(result.problems)
    assert [person.phone for person in result.people] == ["+867582231234"]


OTHERS = "person,name,phone,{header},role,place\n"


def others(folder: Path, *lines: str, header="其他电话"):
    rows = "".join(f"{line}\n" for line in lines)
    return read(folder, OTHERS.format(header=header) + rows)


@pytest.mark.parametrize("header", ["其他电话", "备用电话", "other_phone"])
def test_somebody_may_have_another_number(tmp_path, header):
    line = "P1,张三,13800138000,0758 2231234,deputy,441224101201"
    result = others(tmp_path, line, header=header)
    assert not result.problems
    assert [one.other_phone for one in result.people] == ["+867582231234"]


def test_the_other_number_may_be_on_any_line_of_a_person_and_is_the_same_on_all(tmp_path):
    first = "P1,张三,13800138000,,deputy,441224101201"
    second = "P1,张三,13800138000,13900139000,town_leader,441224101000"
    assert [one.other_phone for one in others(tmp_path, first, second).people] == ["+8613900139000"]
    third = "P1,张三,13800138000,13700137000,first_secretary,441224101201"
    found = others(tmp_path, second, third)
    assert [(one.rule, one.where) for one in found.problems] == [("two_other_phones", "line 3")]


def test_a_bad_other_number_is_named_and_not_shown(tmp_path):
    (problem,) = others(tmp_path, "P1,张三,13800138000,1380013,deputy,441224101201").problems
    assert problem.message.startswith("other phone ")
    assert "1380013" not in problem.message


def test_the_same_number_again_is_no_other_one(tmp_path):
    result = others(tmp_path, "P1,张三,13800138000,138 0013 8000,deputy,441224101201")
    assert [one.other_phone for one in result.people] == [None]


def test_another_number_that_somebody_else_has_is_a_note(tmp_path):
    result = others(
        tmp_path,
        "P1,张三,13800138000,,deputy,441224101201",
        "P2,李四,13900139000,13800138000,deputy,441224101201",
    )
    assert [(p.rule, p.kind) for p in result.problems] == [("shared_phone", ReasonKind.NOTE)]


def test_a_shared_phone_is_a_note(tmp_path):
    result = read(tmp_path, HEADER + GOOD + "P2,李四,13800138000,,deputy,441224101201,\n")
    assert len(result.people) == 2
    assert [(p.rule, p.kind) for p in result.problems] == [("shared_phone", ReasonKind.NOTE)]


def test_without_codes_people_are_told_apart_by_name_and_phone(tmp_path):
    text = (
        "name,phone,role,place\n张三,13800138000,deputy,441224101201\n"
        "张三,138 0013 8000,team_member,441224101201\n张三,13900139000,deputy,441224101201\n"
    )
    result = read(tmp_path, text, key=b"secret")
    assert len(result.people) == 2
    assert len(result.posts) == 3
    again = read(tmp_path, text, key=b"secret")
    other = read(tmp_path, text, key=b"another")
    assert again.people == result.people
    assert other.people[0].code != result.people[0].code


def test_a_large_roster_is_read_in_seconds(tmp_path):
    lines = (
        f"P{n},张三{n},+86139{n:08d},zh-CN,team_member,441224101201,一队\n" for n in range(5_000)
    )
    started = time.perf_counter()
    result = read(tmp_path, HEADER + "".join(lines))
    assert time.perf_counter() - started < 5
    assert len(result.posts) == 5_000
    assert result.problems == ()


@pytest.mark.parametrize("header", ["drills", "演练"])
@pytest.mark.parametrize(
    ("cell", "is_enrolled"),
    [("yes", True), ("是", True), ("no", False), ("否", False), ("", False)],
)
def test_a_person_is_enrolled_for_drills_only_where_the_roster_says_so(
    tmp_path, header, cell, is_enrolled
):
    text = f"name,phone,role,place,{header}\n张三,13800138000,deputy,441224101201,{cell}\n"
    result = read(tmp_path, text)
    assert [person.drills for person in result.people] == [is_enrolled]
    assert result.problems == ()


def test_without_the_column_nobody_is_enrolled_for_drills(tmp_path):
    assert not read(tmp_path, HEADER + GOOD).people[0].drills


@pytest.mark.parametrize(
    ("second", "rule"),
    [
        ("P2,李四,13900139000,deputy,441224101201,也许", "bad_drills"),
        ("P1,张三,13800138000,deputy,441224101201,", "two_drills"),
    ],
)
def test_an_enrolment_that_is_not_clear_is_a_problem(tmp_path, second, rule):
    text = (
        "person,name,phone,role,place,drills\nP1,张三,13800138000,first_secretary,441224101201,是\n"
    )
    result = read(tmp_path, text + second + "\n")
    assert found(result) == [("line 3", rule)]
    assert len(result.posts) == 1


def cells(result):
    return [
        (
            one.where,
            one.rule,
            (one.cell.column, one.cell.header, one.cell.value)
            if one.cell and one.cell.column
            else None,
        )
        for one in result.problems
    ]


def book(folder: Path, raw: bytes, **options):
    path = folder / "roster.xlsx"
    path.write_bytes(raw)
    return read_roster(path, roles=ROLES, places=PLACES, **options)


TITLES = ("姓名", "手机号", "岗位", "责任区编码")
ZHANG = ("张三", 13800138000, "副书记", "441224101201")


def test_every_bad_cell_of_a_workbook_is_named_with_sheet_row_and_column(tmp_path):
    raw = workbook(
        {
            "冷坑镇": [
                ("怀集县责任人名册",),
                (None,),
                TITLES,
                ZHANG,
                ("李四", "1380013800", "副书记", "441224101201"),
                ("", 13900139000, "村长", "13700137000"),
            ],
            "说明": [("填写说明",)],
            "诗洞镇": [("姓名", "手机号", "岗位"), ("王五", "13600136000", "副书记")],
        },
        ["A1:D1"],
    )
    result = book(tmp_path, raw)
    assert cells(result) == [
        ("sheet 说明", "no_header", None),
        ("sheet 冷坑镇, row 5", "phone_invalid", (2, "手机号", "138*****00")),
        ("sheet 冷坑镇, row 6", "name_missing", (1, "姓名", "")),
        ("sheet 冷坑镇, row 6", "unknown_role", (3, "岗位", "村长")),
        ("sheet 冷坑镇, row 6", "unknown_place", (4, "责任区编码", "137******00")),
        ("sheet 诗洞镇, row 2", "unknown_place", None),
    ]
    assert [one.name for one in result.people] == ["张三"]
    assert "13700137000" not in "".join(map(str, result.problems))


def test_numbers_as_a_spreadsheet_stores_them_are_read(tmp_path):
    rows = [TITLES, *(("某", number, "副书记", "441224101201") for number in NUMBERS)]
    result = book(tmp_path, workbook({"甲": rows}), area_code="0758")
    assert not has_errors(result.problems)
    assert [one.phone for one in result.people] == list(NUMBERS.values())
    assert cells(result) == [
        ("sheet 甲, row 5", "zero_added", (2, "手机号", "758*****00")),
        ("sheet 甲, row 6", "area_code_added", (2, "手机号", "*******")),
    ]
    assert "area code 0758 of the configuration was put before it" in str(result.problems[1])


NUMBERS = {
    13800138000: "+8613800138000",
    13800138001.0: "+8613800138001",
    8613800138002: "+8613800138002",
    7585522000: "+867585522000",
    5522001: "+867585522001",
    "0086 138-0013-8003": "+8613800138003",
    "".join(chr(ord(digit) + 0xFEE0) for digit in "13800138004"): "+8613800138004",
}


def test_an_area_code_is_inferred_from_the_other_fixed_lines_and_said(tmp_path):
    lines = ("张三,0758-2231234", "李四,5522000", "王五,13800138000")
    text = "name,phone,role,place\n" + "".join(f"{one},deputy,441224101201\n" for one in lines)
    result = read(tmp_path, text)
    assert [one.phone for one in result.people][1] == "+867585522000"
    (problem,) = result.problems
    assert (problem.rule, problem.kind) == ("area_code_added", ReasonKind.NOTE)
    assert "0758 that all other fixed lines have" in problem.message


def test_somebody_with_nothing_but_a_fixed_line_is_called_on_it(tmp_path):
    text = "姓名,手机,座机,岗位,责任区\n张三,,0758-2231234,副书记,441224101201\n"
    (person,) = read(tmp_path, text).people
    assert (person.phone, person.other_phone) == ("+867582231234", None)


def test_a_header_of_two_rows_and_cells_merged_over_rows(tmp_path):
    rows = [
        ("姓名", "联系方式", None, "岗位", "责任区编码"),
        (None, "手机", "座机", None, None),
        ("张三", 13800138000, None, "副书记", "441224101201"),
        (None, 13800138000, None, "工作队员", None),
    ]
    merged = ["A1:A2", "B1:C1", "D1:D2", "E1:E2", "A3:A4", "E3:E4"]
    result = book(tmp_path, workbook({"甲": rows}, merged))
    assert result.problems == ()
    assert [(post.role, post.place) for post in result.posts] == [
        ("deputy", "441224101201"),
        ("team_member", "441224101201"),
    ]
    assert len(result.people) == 1


def test_headers_may_have_stars_line_ends_and_remarks(tmp_path):
    rows = [("*姓 名", "手机号\n（必填）", "岗位：", "责任区编码 [12位]"), ZHANG]
    assert len(book(tmp_path, workbook({"甲": rows})).posts) == 1


def test_a_header_printed_on_every_page_is_no_person(tmp_path):
    result = book(tmp_path, workbook({"甲": [TITLES, ZHANG, TITLES]}))
    assert (len(result.posts), result.problems) == (1, ())


def test_a_formula_that_was_not_worked_out_is_named(tmp_path):
    rows = [TITLES, ZHANG, ("李四", "=B2+1", "副书记", "441224101201")]
    result = book(tmp_path, workbook({"甲": rows}))
    assert cells(result) == [("sheet 甲, row 3", "formula_not_worked_out", (2, "手机号", ""))]
    assert len(result.posts) == 1


@pytest.mark.parametrize(
    ("rows", "rule"),
    [
        ([("说明",)], "missing_column"),
        ([("姓名", "手机号", "责任区"), ("张三", 13800138000, "441224101201")], "missing_column"),
    ],
)
def test_a_workbook_without_a_roster_is_refused(tmp_path, rows, rule):
    result = book(tmp_path, workbook({"甲": rows}))
    assert [one.rule for one in result.problems if one.kind is ReasonKind.ERROR] == [rule]
    assert result.posts == ()


def test_a_damaged_workbook_is_refused(tmp_path):
    result = book(tmp_path, workbook({"甲": [TITLES, ZHANG]})[:-30])
    assert found(result) == [("file", "damaged")]


def test_a_file_of_more_bytes_than_a_roster_can_have_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr("alertcast.grids.sheet.MOST_BYTES", 10)
    assert found(read(tmp_path, HEADER + GOOD)) == [("file", "too_large")]


@pytest.mark.parametrize("header", ["党员", "政治面貌", "入党时间", "Party_Member"])
def test_party_membership_is_not_even_read(tmp_path, header):
    text = f"name,phone,role,place,{header}\n张三,13800138000,deputy,441224101201,中共党员\n"
    result = read(tmp_path, text)
    (problem,) = result.problems
    assert (problem.rule, problem.kind) == ("not_kept", ReasonKind.NOTE)
    assert "party membership is not" in problem.message
    assert "中共党员" not in repr((result.people, result.posts))


def test_titles_may_stand_above_the_header_of_a_csv(tmp_path):
    result = read(tmp_path, "怀集县责任人名册,,\n\n" + HEADER + GOOD)
    assert (len(result.posts), result.problems) == (1, ())
    result = read(tmp_path, "怀集县责任人名册,,\n\n" + HEADER + GOOD + "P2,李四,1380,,deputy,x,\n")
    assert found(result) == [("line 5", "phone_invalid"), ("line 5", "unknown_place")]


def test_days_languages_and_specialities_of_a_post_and_its_person(tmp_path):
    header = "姓名,手机号,岗位,责任区编码,语言,专长,任职开始,任职结束\n"
    row = "张三,13800138000,种植户联络员,441224101201,"
    row += "客家话、普通话,医生、有船,2026年1月1日,2026/12/31\n"
    result = read(tmp_path, header + row)
    assert result.problems == ()
    (person,), (post,) = result.people, result.posts
    assert (person.languages, person.specialities) == ("hak,zh-CN", ("医生", "有船"))
    assert (post.role, post.valid_from, post.valid_to) == (
        "grower_contact",
        date(2026, 1, 1),
        date(2026, 12, 31),
    )


@pytest.mark.parametrize(
    ("first", "second", "languages", "specialities", "problems"),
    [
        (",", "客家话,医生", "hak", ("医生",), []),
        ("客家话,医生", ",", "hak", ("医生",), []),
        ("普通话,", "普通话,", "zh-CN", (), []),
        (",", ",", "zh-CN", (), []),
        (",电工", ",医生", "zh-CN", ("电工", "医生"), [("line 3", "two_specialities")]),
        ("普通话,", "客家话,", "zh-CN", (), [("line 3", "two_languages")]),
    ],
)
def test_what_a_later_line_says_of_a_person_is_not_lost(
    tmp_path, first, second, languages, specialities, problems
):
    lines = (
        f"张三,13800138000,deputy,441224101201,{first}\n"
        f"张三,13800138000,town_leader,441224101,{second}\n"
    )
    result = read(tmp_path, "name,phone,role,place,language,specialities\n" + lines)
    (person,) = result.people
    assert (person.languages, person.specialities) == (languages, specialities)
    assert found(result) == problems
    assert has_errors(result.problems) == (len(result.posts) < 2)


@pytest.mark.parametrize(
    ("cells", "rule"),
    [
        (",,明天,", "bad_day"),
        (",,2026-12-31,2026-01-01", "days_swapped"),
        (",这个人什么都会而且随叫随到还有一条很大的船,,", "bad_specialities"),
        ("火星话,,,", "bad_language"),
    ],
)
def test_what_can_not_be_read_of_them_is_named(tmp_path, cells, rule):
    header = "name,phone,role,place,languages,specialities,valid_from,valid_to\n"
    result = read(tmp_path, header + f"张三,13800138000,deputy,441224101201,{cells}\n")
    assert found(result) == [("line 2", rule)]
    assert result.posts == ()


def test_a_second_term_of_the_same_post_is_refused_by_name(tmp_path):
    header = "name,phone,role,place,valid_from,valid_to\n"
    line = "张三,13800138000,deputy,441224101201,"
    terms = f"{line}2026-01-01,2026-03-31\n{line}2026-10-01,2026-12-31\n"
    result = read(tmp_path, header + terms)
    assert found(result) == [("line 3", "two_terms")]
    assert len(result.posts) == 1
    assert found(read(tmp_path, header + f"{line},\n" * 2)) == [("line 3", "duplicate")]


@pytest.mark.parametrize(
    ("wish", "first"),
    [
        ("座机优先", "+867582231234"),
        ("手机优先", "+8613800138000"),
        ("", "+8613800138000"),
        ("电话优先", "+8613800138000"),
    ],
)
def test_which_number_comes_first_changes_no_code(tmp_path, wish, first):
    header = "name,phone,other_phone,role,place,prefers\n"
    line = "张三,13800138000,0758-2231234,deputy,441224101201,"
    (person,) = read(tmp_path, header + line + wish + "\n").people
    (plain,) = read(tmp_path, header + line + "\n").people
    assert person.phone == first
    assert {person.phone, person.other_phone} == {"+8613800138000", "+867582231234"}
    assert person.code == plain.code
    assert person.prefers == ("voice" if wish == "电话优先" else "")
