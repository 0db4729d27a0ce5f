"""The committed demo of Zhaoqing is whole: its counts, its cells, its people."""

import csv
import json
import re
import tomllib
from collections import Counter, defaultdict
from pathlib import Path

import pytest
import shapely
from shapely.geometry import Point, shape

from alertcast.core.phone import is_demo

FOLDER = Path(__file__).parents[2] / "grids" / "zhaoqing"
SQUARE_METRES = 111_195**2 * 0.917  # in a square degree at 23.5 degrees north
METRES = SQUARE_METRES**0.5  # in a degree, about
COLUMNS = {
    "code",
    "name",
    "kind",
    "town_code",
    "town",
    "county_code",
    "county",
    "parent",
    "property_management",
    "approximate",
    "aliases",
}


def layer(name):
    collection = json.loads((FOLDER / f"{name}.geojson").read_text(encoding="utf-8"))
    assert collection.keys() == {"type", "features"}  # no crs: RFC 7946 is WGS 84
    return [(one["properties"], shape(one["geometry"])) for one in collection["features"]]


def table(name):
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def grids():
    return layer("grids")


@pytest.fixture(scope="module")
def towns():
    return {row["code"]: (row, area) for row, area in layer("towns")}


@pytest.fixture(scope="module")
def counties():
    return {row["code"]: row for row, _ in layer("counties")}


@pytest.fixture(scope="module")
def roster():
    return table("roster")


def test_there_are_as_many_of_each_thing_as_the_city_has(grids, towns, counties):
    assert (len(counties), len(towns)) == (8, 99)
    kinds = Counter(row["kind"] for row, _ in grids)
    assert kinds == {"community": 302, "village": 1255, "quarter": 400}


def test_the_counts_in_meta_are_those_of_the_files(grids, roster):
    meta = tomllib.loads((FOLDER / "meta.toml").read_text(encoding="utf-8"))
    assert meta["approximate"] is True
    assert meta["counts"]["grids"] == len(grids)
    assert meta["counts"]["posts"] == len(roster)
    assert meta["counts"]["people"] == len({row["person"] for row in roster})


def test_every_grid_says_where_it_lies(grids, towns, counties):
    codes = [row["code"] for row, _ in grids]
    assert len(set(codes)) == len(codes)
    for row, _ in grids:
        assert row.keys() == COLUMNS
        assert row["approximate"] is True
        assert row["name"].endswith("村") or row["kind"] != "village"
        assert row["name"].endswith("社区") or row["kind"] != "community"
        town, _ = towns[row["town_code"]]
        assert (town["name"], town["county_code"]) == (row["town"], row["county_code"])
        assert counties[row["county_code"]]["name"] == row["county"]


def test_a_quarter_lies_in_its_community(grids):
    parents = {row["code"]: row for row, _ in grids if row["kind"] == "community"}
    managed = Counter()
    for row, _ in grids:
        if row["kind"] != "quarter":
            assert row["parent"] is row["property_management"] is None
            continue
        assert re.fullmatch(row["parent"] + r"\d{3}", row["code"])
        assert parents[row["parent"]]["town_code"] == row["town_code"]
        managed[row["property_management"]] += 1
    assert managed == {True: 220, False: 180}


def test_a_town_that_was_merged_keeps_its_name_as_an_alias():
    town_of = {row["alias"]: row["town"] for row in table("gazetteer")}
    merged = {row["old_town"]: row["town"] for row in table("merged_towns")}
    for old in ("螺岗", "汶朗", "江川", "新圩", "武垄", "罗源"):
        assert town_of[old] == town_of[old + "镇"] == merged[old + "镇"]
    assert town_of["闸岗"] == "幸福街道"


def test_an_alias_means_one_town_of_its_county(towns):
    meaning = defaultdict(set)
    for row in table("gazetteer"):
        meaning[row["county_code"], row["alias"]].add(row["town_code"])
        assert towns[row["town_code"]][0]["name"] == row["town"]
    assert all(len(codes) == 1 for codes in meaning.values())
    assert set().union(*meaning.values()) == set(towns)


def test_every_cell_is_a_valid_polygon_of_five_decimals(grids):
    for row, area in grids:
        assert area.geom_type in ("Polygon", "MultiPolygon"), row["code"]
        assert area.is_valid, row["code"]
        assert area.area * SQUARE_METRES > 5_000, row["code"]
    corners = shapely.get_coordinates([area for _, area in grids])
    assert abs(corners - corners.round(5)).max() == 0


def test_the_cells_of_a_town_cover_it_and_stay_inside(grids, towns):
    cells = defaultdict(list)
    for row, area in grids:
        cells[row["town_code"]].append(area)
    assert cells.keys() == towns.keys()
    for code, (town, area) in towns.items():
        off = area.symmetric_difference(shapely.union_all(cells[code])).area * SQUARE_METRES
        assert off < area.length * METRES, town["name"]  # less than a metre along the border


def test_no_two_cells_overlap(grids):
    areas = [area for _, area in grids]
    left, right = shapely.STRtree(areas).query(areas, predicate="intersects")
    pairs = [(i, j) for i, j in zip(left, right, strict=True) if i < j]
    for i, j in pairs:
        shared = areas[i].intersection(areas[j]).area * SQUARE_METRES
        assert shared < 1, (grids[i][0]["code"], grids[j][0]["code"])


def test_the_roster_is_one_two_n(grids, roster):
    posts = Counter(row["role"] for row in roster)
    assert posts == {
        "city_desk": 1,
        "county_desk": 8,
        "sanfang_head": 8,
        "town_desk": 99,
        "town_leader": 99,
        "first_secretary": 894,
        "branch_leader": len(grids),
        "deputy": len(grids),
        "team_member": 27_000,
    }
    teams = Counter(row["team"] for row in roster if row["role"] == "team_member")
    assert len(teams) == 1800
    assert set(teams.values()) == {15}


def test_every_community_has_a_first_secretary_and_many_villages_have_none(grids, roster):
    firsts = [row for row in roster if row["role"] == "first_secretary"]
    assert len({row["person"] for row in firsts}) == len({row["place"] for row in firsts}) == 894
    kind = {row["code"]: row["kind"] for row, _ in grids}
    assert Counter(kind[row["place"]] for row in firsts) == {"community": 302, "village": 592}


def test_every_grid_has_a_leader_and_a_deputy(grids, roster):
    codes = sorted(row["code"] for row, _ in grids)
    for role in ("branch_leader", "deputy"):
        assert sorted(row["place"] for row in roster if row["role"] == role) == codes


def test_some_people_stand_for_several_neighbouring_grids(grids, roster):
    cells = {row["code"]: area for row, area in grids}
    held = defaultdict(list)
    for row in roster:
        held[row["person"]].append(row["place"])
    several = [places for places in held.values() if len(places) > 1]
    assert len(several) == 20
    for places in several:
        areas = [cells[place] for place in places]
        assert shapely.union_all(areas).geom_type == "Polygon"  # they touch along a border


def test_a_person_has_one_demo_phone_that_nobody_else_has(roster):
    people = {(row["person"], row["name"], row["phone"], row["language"]) for row in roster}
    assert len(people) == len({person for person, *_ in people})
    phones = [phone for _, _, phone, _ in people]
    phones += [row["phone"] for row in table("stations")]
    assert len(set(phones)) == len(phones)
    assert all(is_demo(phone) and re.fullmatch(r"\+\d{13}", phone) for phone in phones)
    assert {language for *_, language in people} == {"zh-CN", "yue-HK", "hak"}


def test_every_post_is_held_somewhere(grids, towns, counties, roster):
    known = {row["code"] for row, _ in grids} | towns.keys() | counties.keys() | {"441200"}
    assert {row["place"] for row in roster} <= known
    assert all(bool(row["team"]) == (row["role"] == "team_member") for row in roster)


def test_a_station_stands_in_its_grid(grids, towns):
    cells = {row["code"]: (row["town_code"], area) for row, area in grids}
    stations = table("stations")
    assert len(stations) == len({row["code"] for row in stations}) == 280
    assert {row["shelter"] for row in stations} == {"yes", "no"}
    for row in stations:
        assert cells[row["grid"]][1].contains(Point(float(row["lon"]), float(row["lat"])))
    assert {cells[row["grid"]][0] for row in stations} == set(towns)


def test_the_demo_stays_small():
    assert sum(path.stat().st_size for path in FOLDER.iterdir() if path.is_file()) < 8_000_000
