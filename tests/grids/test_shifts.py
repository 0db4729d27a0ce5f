"""Tables of duty shifts in."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from alertcast.core.grid import Grid
from alertcast.core.shift import Seat, Shift
from alertcast.grids.places import KnownPlaces
from alertcast.grids.shifts import KnownPeople, read_shifts
from tests.grids.workbooks import workbook

PLACES = KnownPlaces(
    [Grid("441224101201", "双甘村", "village", "441224101", "冷坑镇", "441224", "怀集县")]
)
PEOPLE = KnownPeople(
    frozenset({"p1", "p2", "p3"}),
    {
        "张三": frozenset({"p1"}),
        "李四": frozenset({"p2", "p3"}),
        "+8613800138002": frozenset({"p2"}),
        "+8613800138003": frozenset({"p3"}),
    },
)
HEADER = ("日期", "开始", "结束", "地区", "值班员", "带班领导")
COUNTY = "441224"


def read(folder: Path, *rows: tuple[object, ...]):
    path = folder / "table.xlsx"
    path.write_bytes(workbook({"值班表": [("怀集县值班表",), HEADER, *rows]}))
    return read_shifts(path, people=PEOPLE, places=PLACES, zone=ZoneInfo("Asia/Shanghai"))


def at(day: int, hour: int) -> datetime:
    return datetime(2026, 12, day, hour, tzinfo=UTC)


def test_a_night_ends_on_the_next_day_and_has_several_people(tmp_path: Path) -> None:
    found = read(tmp_path, ("2026-12-26", "20:00", "08:00", COUNTY, "张三、13800138002", "p3"))
    assert found.problems == ()
    assert set(found.shifts) == {
        Shift(COUNTY, Seat.DESK, "p1", at(26, 12), at(27, 0)),
        Shift(COUNTY, Seat.DESK, "p2", at(26, 12), at(27, 0)),
        Shift(COUNTY, Seat.LEADER, "p3", at(26, 12), at(27, 0)),
    }


@pytest.mark.parametrize(
    ("day", "start", "end"),
    [
        ("2026/12/26", "8:00", "24:00"),
        ("2026年12月26日", "\uff18\uff1a\uff10\uff10", "24时"),  # full width
        ("2026.12.26", "8时", "24：00"),
        (46382, 8 / 24, 1),
    ],
)
def test_days_and_times_as_people_and_workbooks_write_them(tmp_path, day, start, end):
    found = read(tmp_path, (day, start, end, COUNTY, "张三", ""))
    assert [str(one) for one in found.problems] == []
    assert found.shifts == (Shift(COUNTY, Seat.DESK, "p1", at(26, 0), at(26, 16)),)


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        (("26日", "20:00", "08:00", COUNTY, "张三", ""), "bad_date"),
        (("2026-13-26", "20:00", "08:00", COUNTY, "张三", ""), "bad_date"),
        (("2026-12-26", "晚上", "08:00", COUNTY, "张三", ""), "bad_time"),
        (("2026-12-26", "20:00", "25:00", COUNTY, "张三", ""), "bad_time"),
        (("2026-12-26", "20:00", "20:61", COUNTY, "张三", ""), "bad_time"),
        (("2026-12-26", "20:00", "08:00", "441224101", "张三", ""), "unknown_area"),
        (("2026-12-26", "20:00", "08:00", "", "张三", ""), "unknown_area"),
        (("2026-12-26", "20:00", "08:00", COUNTY, "", ""), "nobody"),
        (("2026-12-26", "20:00", "08:00", COUNTY, "王五", ""), "unknown_person"),
        (("2026-12-26", "20:00", "08:00", COUNTY, "13900139000", ""), "unknown_person"),
        (("2026-12-26", "20:00", "08:00", COUNTY, "李四", ""), "ambiguous"),
    ],
)
def test_a_bad_line_is_named_and_left_out(tmp_path, row, rule):
    good = ("2026-12-27", "08:00", "20:00", COUNTY, "张三", "")
    found = read(tmp_path, row, good)
    assert [one.rule for one in found.problems] == [rule]
    assert [one.person_code for one in found.shifts] == ["p1"]


def test_the_same_shift_twice_is_named(tmp_path: Path) -> None:
    row = ("2026-12-26", "20:00", "08:00", COUNTY, "张三", "")
    found = read(tmp_path, row, row)
    assert [one.rule for one in found.problems] == ["duplicate"]


def test_nobody_is_named_in_full_in_a_problem(tmp_path: Path) -> None:
    found = read(tmp_path, ("2026-12-26", "20:00", "08:00", COUNTY, "王小五、13900139000", "李四"))
    said = " ".join(str(one) + (one.cell.value if one.cell else "") for one in found.problems)
    assert "小五" not in said
    assert "李四" not in said
    assert "1390013" not in said
    assert "王**" in said
