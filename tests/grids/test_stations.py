"""Lists of stations in."""

from pathlib import Path

import pytest

from alertcast.core.grid import Grid
from alertcast.core.roster import Station
from alertcast.grids.places import KnownPlaces
from alertcast.grids.stations import read_stations

PLACES = KnownPlaces(
    [Grid("441224101201", "双甘村", "village", "441224101", "冷坑镇", "441224", "怀集县")]
)
HEADER = "code,name,grid,keeper,phone,hours,shelter,lon,lat\n"
GOOD = "S1,双甘驿站,441224101201,李四,13800138000,08:00-22:00,yes,112.1,23.9\n"


def read(folder: Path, text: str, **options):
    path = folder / "stations.csv"
    path.write_text(text, encoding="utf-8")
    return read_stations(path, places=PLACES, **options)


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("S1,x,441224101201,李四,13800138000,全天,no,,", "duplicate"),
        (",x,441224101201,李四,13800138000,全天,no,,", "code_missing"),
        ("S2,,441224101201,李四,13800138000,全天,no,,", "name_missing"),
        ("S2,x,441224101,李四,13800138000,全天,no,,", "unknown_grid"),
        ("S2,x,,李四,13800138000,全天,no,,", "unknown_grid"),
        ("S2,x,441224101201,李四,138,全天,no,,", "phone_invalid"),
        ("S2,x,441224101201,李四,13800138000,全天,maybe,,", "bad_shelter"),
        ("S2,x,441224101201,李四,13800138000,全天,no,112.1,", "bad_position"),
        ("S2,x,441224101201,李四,13800138000,全天,no,23.1,112.1", "outside_world"),
        ("S2,x,441224101201,李四,13800138000,全天,no,nan,23", "outside_world"),
    ],
)
def test_a_bad_line_is_named_and_left_out(tmp_path, line, rule):
    result = read(tmp_path, HEADER + GOOD + line + "\n")
    assert [(problem.where, problem.rule) for problem in result.problems] == [("line 3", rule)]
    assert [station.code for station in result.stations] == ["S1"]


def test_a_station_is_read_with_or_without_its_position(tmp_path):
    text = (
        "编号,名称,网格,负责人,电话,开放时间,可过夜\nS2,站,441224101201,王五,0758-2231234,全天,否\n"
    )
    assert read(tmp_path, text).stations == (
        Station("S2", "站", "441224101201", "王五", "+867582231234", "全天", False),
    )
    (station,) = read(tmp_path, HEADER + GOOD).stations
    assert (station.shelter, station.lon, station.lat) == (True, 112.1, 23.9)


def test_a_fixed_line_without_area_code_gets_that_of_the_office_or_of_all_the_others(tmp_path):
    line = "S2,x,441224101201,李四,5522000,全天,no,,\n"
    assert [one.rule for one in read(tmp_path, HEADER + line).problems] == ["no_area_code"]
    given = read(tmp_path, HEADER + line, area_code="0758")
    other = "S3,y,441224101201,王五,0758-2231234,全天,no,,\n"
    for result in (given, read(tmp_path, HEADER + line + other)):
        assert [one.rule for one in result.problems] == ["area_code_added"]
        assert result.stations[0].phone == "+867585522000"
