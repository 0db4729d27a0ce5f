"""Town and county from the digits of a code or from names: only where that is right."""

import tomllib
from pathlib import Path

import pytest

from alertcast.core.gazetteer import Gazetteer
from alertcast.grids.parents import Parents, TownsFrom
from alertcast.grids.read import read_layer
from tests.grids.test_read import PROPERTIES, layer, rules

ROOT = Path(__file__).parents[2]
TOWNS = Gazetteer.from_mapping(tomllib.loads((ROOT / "config/towns.toml").read_text("utf-8")))
BARE = ("code", "name", "kind")


def feature(*kept, **properties):
    own = {key: PROPERTIES[key] for key in (*BARE, *kept)}
    shape = {
        "type": "Polygon",
        "coordinates": [[[112, 23], [112.1, 23], [112.1, 23.1], [112, 23]]],
    }
    return {"type": "Feature", "properties": own | properties, "geometry": shape}


def read(tmp_path, way, *features):
    return read_layer(layer(tmp_path, *features), parents=Parents(way, TOWNS))


def places(found):
    return [(g.town_code, g.town, g.county_code, g.county, g.parent_code) for g in found.grids]


# Digits -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("properties", "rule"),
    [
        # 高要 was numbered anew: 441204105 meant 小湘镇 in 2023 and means 大湾镇 today
        ({"code": "441204105201", "town": "小湘镇"}, "town_differs"),
        ({"code": "E07"}, "no_digits"),
        ({"code": "4412241012011"}, "no_digits"),
        ({"code": "441224103201", "town": "汶朗镇", "county": "怀集县"}, "unknown_town"),
        ({"code": "441299101201"}, "unknown_town"),
        ({"code": "441299101201", "town": "某镇"}, "unknown_town"),
    ],
)
def test_digits_that_name_no_town_or_another_are_refused(tmp_path, properties, rule):
    found = read(tmp_path, TownsFrom.DIGITS, feature(**properties))
    assert rules(found) == [rule]
    assert found.grids == ()


def test_digits_that_two_towns_share_are_refused(tmp_path):
    one = feature(code="441299101201", town="甲镇", county="某县")
    other = feature(code="441299101202", town="乙镇", county="某县")
    found = read(tmp_path, TownsFrom.DIGITS, one, other)
    assert rules(found) == ["town_differs"]
    assert places(found) == [("441299101", "甲镇", "441299", "某县", None)]


def test_digits_name_town_county_and_community(tmp_path):
    village = feature(code="441224110201")
    quarter = feature(code="441224110201003", kind="quarter")
    found = read(tmp_path, TownsFrom.DIGITS, village, quarter)
    assert found.report == ()
    assert places(found) == [
        ("441224110", "冷坑镇", "441224", "怀集县", None),
        ("441224110", "冷坑镇", "441224", "怀集县", "441224110201"),
    ]


# Names --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("properties", "rule"),
    [
        ({"town": "无此镇", "county": "怀集县"}, "unknown_town"),
        ({"town": "冷坑镇", "county": "端州区"}, "unknown_town"),
        ({"town": "坑口街道", "county": ""}, "ambiguous_town"),
        ({"town": ""}, "unknown_town"),
    ],
)
def test_names_that_name_no_town_or_several_are_refused(tmp_path, properties, rule):
    found = read(tmp_path, TownsFrom.NAMES, feature(**properties))
    assert rules(found) == [rule]


@pytest.mark.parametrize(
    ("properties", "place"),
    [
        ({"town": "冷坑镇", "county": "怀集县"}, ("441224110", "冷坑镇", "441224", "怀集县")),
        ({"town": "冷坑", "county_code": "441224"}, ("441224110", "冷坑镇", "441224", "怀集县")),
        ({"town": "冷坑镇"}, ("441224110", "冷坑镇", "441224", "怀集县")),
        # merged since: it lies in 甘洒镇 today
        ({"town": "汶朗镇", "county": "怀集县"}, ("441224104", "甘洒镇", "441224", "怀集县")),
        # renumbered: the name tells, whatever the digits of the grid's code
        (
            {"code": "441204105201", "town": "小湘镇", "county": "高要区"},
            ("441204104", "小湘镇", "441204", "高要区"),
        ),
    ],
)
def test_names_are_looked_up_in_the_list_of_towns(tmp_path, properties, place):
    found = read(tmp_path, TownsFrom.NAMES, feature(**properties))
    assert found.report == ()
    assert places(found) == [(*place, None)]


def test_columns_stay_as_they_are_unless_asked(tmp_path):
    found = read(tmp_path, TownsFrom.COLUMNS, feature())
    assert rules(found) == ["missing_property"] * 4
    assert rules(read(tmp_path, TownsFrom.NAMES, feature())) == ["missing_property"]
