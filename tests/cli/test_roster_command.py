"""`alertcast roster`: what would change is shown first, bad cells come back marked, templates."""

import csv
import io
import re
from pathlib import Path

import pytest
from openpyxl import load_workbook

from alertcast.grids.annotate import WORDS
from tests.cli.conftest import OFFICE, ROSTER, WHOLE_LAYER
from tests.grids.workbooks import workbook

ROOT = Path(__file__).parents[2]
HEADER = ("姓名", "手机号", "岗位", "责任区编码")
PEOPLE = [(f"某{n:02d}", 13800138000 + n, "副书记", "E01") for n in range(20)]


@pytest.fixture
def with_grids(installed):
    installed.ok("grids", "import", installed.write("grids.geojson", WHOLE_LAYER), "--name", "demo")
    return installed


def roster(terminal, rows, name="roster.xlsx"):
    path = terminal.folder / name
    path.write_bytes(workbook({"责任人": [("怀集县责任人名册",), HEADER, *rows]}, ["A1:D1"]))
    return path


def imported(terminal, file, *options):
    (fact,) = terminal.facts("roster", "import", file, "--name", "demo", *options)
    return fact


def in_use(terminal):
    (check,) = terminal.facts("check")
    return next(one["detail"] for one in check["findings"] if one["what"] == "roster")


def test_a_dry_run_says_all_and_writes_nothing(with_grids):
    file = roster(with_grids, PEOPLE)
    fact = imported(with_grids, file, "--dry-run")
    assert (fact["imported"], fact["changes"]["added"]) == (False, 20)
    result = with_grids.run("roster", "import", file, "--name", "demo", "--dry-run")
    assert result.exit_code == 0
    assert "It was a dry run." in result.stderr
    assert "Against no roster: 20 people added" in result.stdout
    assert "It would lack: 2 grids without a leader." in result.stdout
    assert fact["gaps"] == {"no_leader": 2, "several": 0, "shared": 0, "ends": 0}
    assert in_use(with_grids).startswith("none yet")


def test_a_dry_run_of_a_bad_roster_fails(with_grids):
    file = roster(with_grids, [*PEOPLE, ("某坏", 1, "副书记", "E01")])
    assert with_grids.run("roster", "import", file, "--name", "x", "--dry-run").exit_code == 1


def test_what_changes_is_shown_without_a_name_or_a_number(with_grids):
    with_grids.ok("roster", "import", roster(with_grids, PEOPLE), "--name", "demo")
    rows = [("李四", 13900139000, "副书记", "E02"), *PEOPLE[1:]]
    rows[1] = (PEOPLE[1][0], 13900139001, *PEOPLE[1][2:])
    file = roster(with_grids, rows)
    result = with_grids.run("roster", "import", file, "--name", "demo")
    assert "Against demo, version 1: 1 people added, 1 changed, 1 removed" in result.stdout
    assert "李四" not in result.output
    assert "139001390" not in result.output
    (fact,) = with_grids.facts("roster", "import", roster(with_grids, PEOPLE), "--name", "demo")
    assert [one["what"] for one in fact["changes"]["people"]] == ["added", "changed", "removed"]
    assert fact["changes"]["people"][1] == {
        "what": "changed",
        "name": "某**",
        "fields": ["phone"],
        "posts_added": [],
        "posts_removed": [],
    }


def test_more_than_a_tenth_removed_is_taken_for_a_mistake(with_grids):
    with_grids.ok("roster", "import", roster(with_grids, PEOPLE), "--name", "demo")
    file = roster(with_grids, PEOPLE[3:])
    result = with_grids.run("roster", "import", file, "--name", "demo")
    assert result.exit_code == 1
    assert "would remove 3 of 20 people and 3 of 20 posts, more than 10%" in result.stderr
    assert in_use(with_grids) == "demo, version 1"
    assert imported(with_grids, file, "--allow-removals")["version"] == 2
    with_grids.ok("roster", "import", roster(with_grids, PEOPLE[4:]), "--name", "demo")


def test_rows_left_out_as_bad_count_as_removed(with_grids):
    with_grids.ok("roster", "import", roster(with_grids, PEOPLE), "--name", "demo")
    rows = [(name, 1, *rest) for name, _, *rest in PEOPLE[:5]] + PEOPLE[5:]
    fact = imported(with_grids, roster(with_grids, rows), "--skip-bad")
    assert fact["imported"] is False


def test_another_name_is_compared_with_the_roster_in_use(with_grids):
    with_grids.ok("roster", "import", roster(with_grids, PEOPLE), "--name", "demo")
    result = with_grids.run("roster", "import", roster(with_grids, PEOPLE[:1]), "--name", "new")
    assert result.exit_code == 1
    assert in_use(with_grids) == "demo, version 1"


BAD = [("李四", "1380013800", "副书记", "E01"), ("王五", 5522000, "村长", "E99")]


def test_a_workbook_comes_back_with_its_bad_cells_marked(with_grids):
    file = roster(with_grids, [*PEOPLE[:2], *BAD])
    with_grids.run("roster", "import", file, "--name", "demo", "--annotate", "back.xlsx")
    sheet = load_workbook(with_grids.folder / "back.xlsx")["责任人"]
    marked = {cell.coordinate: cell.comment.text for row in sheet for cell in row if cell.comment}
    assert marked == {
        "B5": "号码不存在，请核对位数 [phone_invalid]",
        "B6": "座机缺区号 [no_area_code]",
        "C6": "岗位不在《岗位说明》中 [unknown_role]",
        "D6": "责任区编码不在网格图层中 [unknown_place]",
    }
    assert sheet["B5"].fill.start_color.rgb.endswith("FFC7CE")
    assert sheet["A1"].value == "怀集县责任人名册"
    assert (with_grids.folder / "back.xlsx").stat().st_mode & 0o777 == 0o600


def test_marks_that_were_mended_are_gone_the_next_time(with_grids):
    file = roster(with_grids, [*PEOPLE[:2], *BAD])
    with_grids.run("roster", "import", file, "--name", "demo", "--annotate", "back.xlsx")
    book = load_workbook(with_grids.folder / "back.xlsx")
    book["责任人"]["B5"] = 13900139000
    book.save(with_grids.folder / "back.xlsx")
    again = ("roster", "import", "back.xlsx", "--name", "demo", "--annotate", "again.xlsx")
    with_grids.run(*again)
    sheet = load_workbook(with_grids.folder / "again.xlsx")["责任人"]
    assert sheet["B5"].comment is None
    assert sheet["B6"].comment.text.count("no_area_code") == 1


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8-sig"])
def test_a_csv_comes_back_as_it_was_with_one_more_column(with_grids, encoding):
    lines = (
        "名册;;",
        "姓名;手机号;岗位;责任区",
        "张三;13800138000;副书记;E01",
        "李四;138;村长;E01;x",
    )
    text = "".join(f"{line}\r\n" for line in lines)
    path = with_grids.folder / "roster.csv"
    path.write_bytes(text.encode(encoding))
    with_grids.run("roster", "import", path, "--name", "demo", "--annotate", "back.csv")
    back = (with_grids.folder / "back.csv").read_bytes().decode(encoding)
    assert list(csv.reader(io.StringIO(back, newline=""), delimiter=";")) == [
        ["名册", "", ""],
        ["姓名", "手机号", "岗位", "责任区", "问题"],
        ["张三", "13800138000", "副书记", "E01", ""],
        ["李四", "138", "村长", "E01", "单元格比表头多 [too_many_cells]", "x"],
    ]


def test_a_marked_csv_is_read_as_if_it_had_no_marks_and_marked_anew(with_grids):
    path = with_grids.write("roster.csv", ROSTER + "赵六,123,deputy,E01,\n")
    with_grids.run("roster", "import", path, "--name", "demo", "--annotate", "back.csv")
    again = ("roster", "import", "back.csv", "--name", "demo")
    (fact,) = with_grids.facts(*again, "--annotate", "again.csv")
    assert [(one["rule"], one["where"]) for one in fact["problems"]] == [
        ("phone_invalid", "line 5")
    ]
    first, second = (with_grids.folder / name for name in ("back.csv", "again.csv"))
    assert first.read_bytes() == second.read_bytes()
    assert "phone：号码不存在，请核对位数 [phone_invalid]" in first.read_text("utf-8")


def test_no_file_is_ever_written_over(with_grids):
    file = roster(with_grids, BAD)
    before = file.read_bytes()
    for copy, why in (("roster.xlsx", "there is such a file"), ("x.csv", "has the format")):
        result = with_grids.run(
            "roster", "import", "roster.xlsx", "--name", "demo", "--annotate", copy
        )
        assert why in result.stderr
    assert file.read_bytes() == before
    with_grids.ok("roster", "template", "new.xlsx")
    assert "there is such a file" in with_grids.run("roster", "template", "new.xlsx").stderr


def test_every_rule_about_a_row_is_said_in_chinese(with_grids):
    said = set(WORDS)
    for file in ("roster.py", "phones.py", "table.py"):
        source = (ROOT / "alertcast" / "grids" / file).read_text("utf-8")
        told = set(re.findall(r'(?:_tell\(row|row\.problem\(|PhoneError\()\s*,?\s*"(\w+)"', source))
        assert told <= said, told - said
    source = (ROOT / "alertcast" / "grids" / "stations.py").read_text("utf-8")
    told = set(re.findall(r'faults\.append\(\("(\w+)"', source))
    told |= {f"{field}_missing" for field in ("code", "name", "keeper", "hours")}
    assert len(told) > 5
    assert told <= said, told - said
    assert {"unknown_place", "unknown_grid", "unknown_town"} <= said


@pytest.mark.parametrize("name", ["people.xlsx", "people.csv"])
def test_a_template_is_refused_until_its_example_is_replaced(with_grids, name):
    assert with_grids.ok("roster", "template", name).strip() == name
    fact = imported(with_grids, name)
    errors = [one["rule"] for one in fact["problems"] if one["kind"] == "error"]
    assert (errors, fact["imported"]) == (["example_row"], False)


def test_a_filled_in_template_is_imported(with_grids):
    with_grids.ok("roster", "template", "people.xlsx")
    path = with_grids.folder / "people.xlsx"
    book = load_workbook(path)
    sheet = book["责任人"]
    values = {"姓名": "张三", "手机号": "13800138000", "岗位": "副书记", "责任区编码": "E01"}
    for cell in sheet[1]:
        sheet.cell(2, cell.column).value = values.get(cell.value)
    book.save(path)
    fact = imported(with_grids, "people.xlsx")
    assert (fact["imported"], fact["people"]) == (True, 1)
    assert [one["kind"] for one in fact["problems"]] == ["note", "note"]
    explained = [row[0].value for row in book["岗位说明"].iter_rows(min_row=2)]
    assert "“邻里先锋”第一书记" in explained


def test_a_template_of_another_format_is_refused(with_grids):
    result = with_grids.run("roster", "template", "people.ods")
    assert (result.exit_code, "a template is a .xlsx or a .csv" in result.stderr) == (1, True)


def test_what_a_roster_lacks_is_said_after_import_and_by_check(with_grids):
    result = with_grids.run("roster", "import", roster(with_grids, PEOPLE), "--name", "demo")
    assert result.exit_code == 0
    assert "It lacks: 2 grids without a leader; 20 people whose number was not" in result.stdout
    (fact,) = with_grids.facts("roster", "check")
    assert fact["counts"] == {
        "no_leader": 2,
        "several": 0,
        "shared": 0,
        "unreached": 0,
        "unconfirmed": 20,
        "ends": 0,
    }
    assert [one["place"] for one in fact["gaps"] if one["gap"] == "no_leader"] == ["E01", "E02"]
    shown = with_grids.run("roster", "check", "--most", "3")
    assert shown.exit_code == 1
    assert "某01" not in shown.stdout
    assert "+86 138****8001" in shown.stdout


def test_without_a_roster_there_is_nothing_to_check(installed):
    result = installed.run("roster", "check")
    assert (result.exit_code, "there is no roster yet" in result.stderr) == (1, True)


def test_a_round_needs_a_channel_of_drills(ready):
    result = ready.run("roster", "confirm-round")
    assert (result.exit_code, "演练用的 sms 渠道" in result.stderr) == (1, True)


SIMULATED = """

[channels.drill]
type = "twilio_sms"
api_base_url = "http://127.0.0.1:1"
account_sid = "AC00000000000000000000000000000000"
from_number = "+15005550006"
drill = true
"""


def test_a_round_says_whom_it_asks_and_whom_it_does_not(ready, monkeypatch):
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "token")
    ready.write("alertcast.toml", OFFICE + SIMULATED)
    (fact,) = ready.facts("roster", "confirm-round", "--most", "2")
    assert (fact["new"], fact["asked"], fact["later"], fact["not_enrolled"]) == (True, 2, 1, 0)
    again = ready.run("roster", "confirm-round")
    assert "Nobody new is asked: there was a round today (broadcast 1)" in again.stdout
