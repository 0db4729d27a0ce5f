"""`alertcast grids import`, `roster import`: all that is wrong is named; good rows survive."""

import json
import shutil
import sqlite3
from pathlib import Path

import geopandas
import pytest
import shapely
from shapely.geometry import mapping, shape

from alertcast.grids.datum import from_wgs84
from alertcast.store import index_files as index_files_of_the_store
from tests.cli.conftest import OFFICE, ROSTER, WHOLE_LAYER

SHIPPED = Path(__file__).parents[2] / "grids" / "zhaoqing"

BAD_ROSTER = ROSTER + (
    "赵六,123,deputy,E01\n"
    "钱七,13600136000,deputy,E99\n"
    "孙八,13500135000,mayor,E01\n"
    "张三,13800138000,first_secretary,E01,yes\n"
)


@pytest.fixture
def with_grids(installed):
    installed.ok("grids", "import", installed.write("grids.geojson", WHOLE_LAYER), "--name", "demo")
    return installed


def moved(west: float, **properties: object) -> dict:
    layer = json.loads(json.dumps(WHOLE_LAYER))
    feature = layer["features"][1]
    feature["properties"] |= properties
    feature["geometry"]["coordinates"][0] = [
        [lon + west, lat] for lon, lat in feature["geometry"]["coordinates"][0]
    ]
    return layer


def test_every_bad_row_is_told_with_file_line_and_rule(with_grids):
    with_grids.write("roster.csv", BAD_ROSTER)
    (fact,) = with_grids.facts("roster", "import", "roster.csv", "--name", "demo")
    assert [(p["file"], p["where"], p["rule"]) for p in fact["problems"]] == [
        ("roster.csv", "line 5", "phone_invalid"),
        ("roster.csv", "line 6", "unknown_place"),
        ("roster.csv", "line 7", "unknown_role"),
        ("roster.csv", "line 8", "duplicate"),
    ]
    assert fact["imported"] is False


def test_with_a_bad_row_nothing_is_imported(with_grids):
    with_grids.write("roster.csv", BAD_ROSTER)
    result = with_grids.run("roster", "import", "roster.csv", "--name", "demo")
    assert result.exit_code == 1
    assert "Nothing was imported" in result.stderr
    assert "line 6" in result.stdout
    assert "unknown_place" in result.stdout
    (check,) = with_grids.facts("check")
    assert {"what": "roster", "ok": True, "detail": "none yet: `alertcast roster import`"} in check[
        "findings"
    ]


def test_skip_bad_imports_the_good_rows_and_still_says_that_some_were_bad(with_grids):
    with_grids.write("roster.csv", BAD_ROSTER)
    result = with_grids.run("roster", "import", "roster.csv", "--name", "demo", "--skip-bad")
    assert result.exit_code == 1
    assert "Roster demo, version 1: 3 people, 3 posts, 0 stations." in result.stdout


def test_no_phone_is_ever_shown(with_grids):
    with_grids.write("roster.csv", BAD_ROSTER.replace("123,", "138001380001,"))
    result = with_grids.run("roster", "import", "roster.csv", "--name", "demo", "--skip-bad")
    assert "0013800" not in result.output


def test_a_roster_without_grids_is_refused(installed):
    installed.write("roster.csv", ROSTER)
    result = installed.run("roster", "import", "roster.csv", "--name", "demo")
    assert result.exit_code == 1
    assert "`alertcast grids import` first" in result.stderr


def test_the_same_roster_twice_is_one_version_and_new_stations_are_another(with_grids):
    with_grids.write("roster.csv", ROSTER)
    for _ in range(2):
        (fact,) = with_grids.facts("roster", "import", "roster.csv", "--name", "demo")
        assert (fact["version"], fact["people"]) == (1, 3)
    with_grids.write(
        "stations.csv",
        "code,name,grid,keeper,phone,hours,shelter\nS1,东驿,E01,周九,13400134000,8-20,是\n",
    )
    (fact,) = with_grids.facts(
        "roster", "import", "roster.csv", "--name", "demo", "--stations", "stations.csv"
    )
    assert (fact["version"], fact["stations"]) == (2, 1)


def test_the_same_roster_over_another_layer_is_read_anew(with_grids):
    with_grids.write("roster.csv", ROSTER + "钱七,13600136000,deputy,E99\n")
    (before,) = with_grids.facts("roster", "import", "roster.csv", "--name", "demo", "--skip-bad")
    with_grids.write("more.geojson", moved(0, code="E99"))
    with_grids.ok("grids", "import", "more.geojson", "--name", "demo", "--allow-removals")
    importing = ("roster", "import", "roster.csv", "--name", "demo", "--skip-bad")
    (after,) = with_grids.facts(*importing, "--allow-removals")
    assert [(one["version"], one["posts"]) for one in (before, after)] == [(1, 3), (2, 3)]
    assert "E02" in after["problems"][0]["what"]


def test_coordinates_outside_the_world_name_the_feature(installed):
    installed.write("grids.geojson", moved(100))
    (fact,) = installed.facts("grids", "import", "grids.geojson", "--name", "demo")
    problem, _untold = fact["problems"]
    assert (problem["where"], problem["rule"]) == ("feature 2 (code E02)", "outside_world")
    assert fact["imported"] is False
    result = installed.run("grids", "import", "grids.geojson", "--name", "demo", "--skip-bad")
    assert result.exit_code == 1
    assert "Layer demo, version 1: 1 grids." in result.stdout


def test_a_geojson_that_names_no_coordinate_system_is_wgs_84(with_grids):
    (match,) = with_grids.facts("grids", "import", "grids.geojson", "--name", "demo")
    assert (match["imported"], match["version"], match["problems"]) == (True, 1, [])


def test_another_coordinate_system_makes_another_version_of_the_same_file(with_grids):
    (fact,) = with_grids.facts(
        "grids", "import", "grids.geojson", "--name", "demo", "--crs", "GCJ-02", "--accept-offset"
    )
    assert fact["version"] == 2
    result = with_grids.run("grids", "import", "grids.geojson", "--name", "x", "--crs", "flat")
    assert result.exit_code == 1
    assert "bad_crs" in result.stdout


def test_columns_may_have_other_names(installed):
    text = json.dumps(WHOLE_LAYER).replace('"code"', '"GRID_ID"')
    installed.write("grids.geojson", text)
    refused = installed.run("grids", "import", "grids.geojson", "--name", "demo")
    assert refused.exit_code == 1
    assert "missing_property" in refused.stdout
    arguments = ("grids", "import", "grids.geojson", "--name", "demo", "--column")
    assert installed.run(*arguments, "colour=GRID_ID").exit_code == 2
    assert "2 grids" in installed.ok(*arguments, "code=GRID_ID")


def test_a_computed_layer_is_said_to_be(with_grids):
    with_grids.ok("grids", "import", "grids.geojson", "--name", "rough", "--approximate")
    (check,) = with_grids.facts("check")
    grids = next(one for one in check["findings"] if one["what"] == "grids")
    assert grids["detail"] == "rough, version 1, approximate"


def test_places_by_code_are_imported_and_listed(installed):
    layer = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"EMMA": code},
                "geometry": WHOLE_LAYER["features"][0]["geometry"],
            }
            for code in ("XX001", "")
        ],
    }
    path = installed.write("emma.geojson", layer)
    importing = ("grids", "import-codes", path, "--scheme", "EMMA_ID", "--column", "code=EMMA")
    (fact,) = installed.facts(*importing)
    assert fact["imported"] is False
    assert [problem["rule"] for problem in fact["problems"]] == ["bad_code"]
    assert installed.run(*importing, "--skip-bad").exit_code == 1
    (scheme,) = installed.facts("grids", "codes")
    assert (scheme["scheme"], scheme["codes"]) == ("EMMA_ID", 1)
    result = installed.run("grids", "import-codes", path, "--scheme", " ")
    assert result.exit_code == 2 and "is empty or longer" in result.stderr


def test_places_of_a_shapefile_are_imported_anew_when_only_its_table_is_another(installed):
    path, square = installed.folder / "zones.shp", shape(WHOLE_LAYER["features"][0]["geometry"])
    importing = ("grids", "import-codes", path, "--scheme", "UGC")
    outlines = []
    for code, name in (("XX001", "North"), ("XX001", "South"), ("XX002", "South")):
        layer = {"code": [code], "name": [name]}
        geopandas.GeoDataFrame(layer, geometry=[square], crs="EPSG:4326").to_file(path)
        outlines.append(path.read_bytes())
        installed.ok(*importing)
        places = sqlite3.connect(installed.folder / "alertcast.sqlite3")
        assert places.execute("SELECT code, name FROM code_place").fetchall() == [
            (code.casefold(), name)
        ]
    assert len(set(outlines)) == 1


@pytest.fixture
def large(installed):
    """An installation to which two grids are many."""
    installed.write("alertcast.toml", OFFICE + "\n[match]\npacked_from = 2\n")
    installed.write("grids.geojson", WHOLE_LAYER)
    installed.write("other.geojson", with_codes(E02="W02"))
    return installed


def index_files(installed):
    return sorted(installed.folder.glob("indexes/*.cells/wkb.npy"))


def test_the_index_of_a_large_layer_is_there_once_it_is_imported(large):
    large.ok("grids", "import", "grids.geojson", "--name", "demo")
    (first,) = index_files(large)
    written = first.stat().st_mtime_ns
    large.ok("grids", "import", "grids.geojson", "--name", "demo")
    assert first.stat().st_mtime_ns == written
    large.ok("grids", "import", "other.geojson", "--name", "demo")
    assert len(index_files(large)) == 2
    shutil.rmtree(first.parent)
    large.ok("grids", "use", "demo", "--version", "1")
    assert first in index_files(large)


def test_a_small_layer_has_no_index_files(installed):
    large = installed.write("grids.geojson", WHOLE_LAYER)
    installed.ok("grids", "import", large, "--name", "demo")
    assert index_files(installed) == []


def test_a_layer_is_imported_where_its_index_can_not_be_written(large):
    large.write("indexes", "no folder can be made here")
    large.ok("grids", "import", "grids.geojson", "--name", "demo")
    (listed,) = large.facts("grids", "list")
    assert listed["in_use"]


@pytest.mark.parametrize("at", ["write_index", "_put"])
def test_killed_while_the_index_is_made_the_layer_is_in_use_all_the_same(large, monkeypatch, at):
    def killed(*_arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(index_files_of_the_store, at, killed)
        assert large.run("grids", "import", "grids.geojson", "--name", "demo").exit_code != 0
    assert index_files(large) == []
    (listed,) = large.facts("grids", "list")
    assert listed["in_use"]
    large.ok("grids", "import", "grids.geojson", "--name", "demo")
    assert len(index_files(large)) == 1


def test_the_layer_in_use_is_looked_at_again_with_its_trouble_spots(with_grids):
    assert with_grids.run("grids", "check").exit_code == 0
    layer = moved(0.05)  # west of the east village, and half over it
    layer["features"].append(
        {"type": "Feature", "properties": layer["features"][0]["properties"] | {"code": "E03"}}
    )
    with_grids.write("over.geojson", layer)
    (fact,) = with_grids.facts(
        "grids", "import", "over.geojson", "--name", "demo", "--trouble", "at-import.geojson"
    )
    assert fact["imported"] is True
    (check,) = with_grids.facts("grids", "check", "--trouble", "later.geojson")
    for found in (fact, check):
        assert [(p["rule"], p["where"], p["kind"]) for p in found["problems"]] == [
            ("no_polygon", "grid E03", "note"),
            ("overlap", "grids E01 and E02", "note"),
            ("position_untold", "file", "note"),
        ]
    at_import, later = (
        json.loads((with_grids.folder / f"{name}.geojson").read_text("utf-8"))
        for name in ("at-import", "later")
    )
    assert at_import == later
    (spot,) = at_import["features"]
    assert spot["properties"]["rule"] == "overlap"
    assert spot["geometry"]["type"] == "Polygon"


def test_a_grid_in_the_wrong_place_is_refused_or_kept_without_its_polygon(with_grids):
    layer = json.loads(json.dumps(WHOLE_LAYER))
    first = layer["features"][0]
    for number in range(3, 8):
        other = json.loads(json.dumps(first))
        other["properties"]["code"] = f"E0{number}"
        east = 0.1 * (number - 2) if number < 7 else 8.0
        (ring,) = other["geometry"]["coordinates"]
        other["geometry"]["coordinates"] = [[[lon + east, lat] for lon, lat in ring]]
        layer["features"].append(other)
    with_grids.write("far.geojson", layer)
    arguments = ("grids", "import", "far.geojson", "--name", "demo")
    (refused,) = with_grids.facts(*arguments)
    assert refused["imported"] is False
    assert [p["where"] for p in refused["problems"] if p["rule"] == "far_away"] == ["grid E07"]
    (kept,) = with_grids.facts(*arguments, "--skip-bad")
    assert (kept["imported"], kept["grids"]) == (True, 7)
    (check,) = with_grids.facts("grids", "check")
    assert [(p["rule"], p["where"]) for p in check["problems"]] == [
        ("no_polygon", "grid E07"),
        ("position_untold", "file"),
    ]


def test_a_trouble_file_that_can_not_be_written_stops_the_import(with_grids):
    with_grids.write("next.geojson", moved(0, code="E09"))
    result = with_grids.run(
        "grids", "import", "next.geojson", "--name", "demo", "--trouble", "none/spots.geojson"
    )
    assert result.exit_code == 1
    assert "cannot be written" in result.stderr
    assert "version 1: 2 grids" in with_grids.ok("grids", "check")


def test_long_lists_are_cut_on_paper_and_whole_as_json(with_grids):
    layer = {"type": "FeatureCollection", "features": []}
    for number in range(25):
        properties = WHOLE_LAYER["features"][0]["properties"] | {"code": f"F{number}"}
        layer["features"].append({"type": "Feature", "properties": properties, "geometry": None})
    with_grids.write("bare.geojson", layer)
    text = with_grids.ok("grids", "import", "bare.geojson", "--name", "bare", "--allow-removals")
    assert "... and 5 more [no_polygon]" in text
    (check,) = with_grids.facts("grids", "check")
    assert len(check["problems"]) == 25


def test_without_a_layer_there_is_nothing_to_check(installed):
    result = installed.run("grids", "check")
    assert result.exit_code == 1
    assert "`alertcast grids import` first" in result.stderr


def county_on_a_shifted_map(county: str = "441224") -> dict:
    layer = json.loads((SHIPPED / "grids.geojson").read_text("utf-8"))
    features = [one for one in layer["features"] if one["properties"]["county_code"] == county]
    for feature in features:
        drawn = shapely.transform(shape(feature["geometry"]), lambda p: from_wgs84(p, "GCJ-02"))
        feature["geometry"] = mapping(drawn)
    return layer | {"features": features}


def test_a_layer_drawn_on_a_shifted_map_is_refused_until_it_is_said_to_be(installed):
    installed.write("gcj.geojson", county_on_a_shifted_map())
    arguments = ("grids", "import", "gcj.geojson", "--name", "huaiji")
    for more in ((), ("--skip-bad",)):
        result = installed.run(*arguments, *more)
        assert result.exit_code == 1
        assert "import it with --crs GCJ-02" in result.stdout
        assert "Nothing was imported" in result.stderr
    assert "there is no layer" in installed.run("grids", "check").stderr
    installed.ok(*arguments, "--crs", "GCJ-02")
    (check,) = installed.facts("grids", "check")
    assert "shifted" not in [p["rule"] for p in check["problems"]]


def test_an_offset_can_be_accepted_and_is_found_again_by_a_check(installed):
    installed.write("gcj.geojson", county_on_a_shifted_map())
    installed.ok("grids", "import", "gcj.geojson", "--name", "huaiji", "--accept-offset")
    result = installed.run("grids", "check")
    assert result.exit_code == 1
    assert "shifted" in result.stdout
    installed.ok("grids", "check", "--boundary", "gcj.geojson")


def test_a_boundary_that_can_not_be_read_refuses_the_import(installed):
    installed.write("grids.geojson", WHOLE_LAYER)
    installed.write("boundary.geojson", "<html>")
    arguments = ("grids", "import", "grids.geojson", "--name", "demo")
    (fact,) = installed.facts(*arguments, "--boundary", "boundary.geojson")
    assert fact["imported"] is False
    assert "other_format" in [p["rule"] for p in fact["problems"]]


def with_codes(layer: dict = WHOLE_LAYER, **codes: str) -> dict:
    """Return a layer whose grids have other codes, the old ones named as aliases."""
    layer = json.loads(json.dumps(layer))
    for feature in layer["features"]:
        properties = feature["properties"]
        if properties["code"] in codes:
            properties["aliases"] = [properties["code"]]
            properties["code"] = codes[properties["code"]]
    return layer


def test_a_layer_in_which_many_grids_vanish_is_refused_until_it_is_meant(with_grids):
    with_grids.write("other.geojson", moved(0, code="E99"))
    arguments = ("grids", "import", "other.geojson", "--name", "demo")
    result = with_grids.run(*arguments)
    assert result.exit_code == 1
    assert "1 of 2 grids in use would be found no longer" in result.stderr
    (fact,) = with_grids.facts(*arguments, "--skip-bad")
    assert fact["imported"] is False
    assert (fact["changes"]["vanished"], fact["changes"]["counts"]["likely_renumbered"]) == (1, 1)
    (fact,) = with_grids.facts(*arguments, "--allow-removals")
    assert (fact["imported"], fact["version"]) == (True, 2)


def test_a_diff_says_what_would_change_and_changes_nothing(with_grids):
    layer = with_codes(E02="W02")
    layer["features"][0]["properties"]["name"] = "新东村"
    with_grids.write("new.geojson", layer)
    (fact,) = with_grids.facts("grids", "diff", "new.geojson")
    assert [(c["kind"], c["code"]) for c in fact["changes"]] == [
        ("renamed", "E01"),
        ("renumbered", "E02"),
    ]
    assert (fact["layer"], fact["version"], fact["vanished"]) == ("demo", 1, 0)
    text = with_grids.ok("grids", "diff", "new.geojson")
    assert "新东村" in text
    assert "Against demo, version 1: 1 renumbered, 1 renamed." in text
    assert [one["version"] for one in with_grids.facts("grids", "list")] == [1]


def test_a_diff_needs_a_file_or_a_layer_and_a_good_one(with_grids):
    assert with_grids.run("grids", "diff").exit_code == 2
    assert with_grids.run("grids", "diff", "--name", "nowhere").exit_code == 1
    with_grids.write("bad.geojson", moved(0, kind="city"))
    result = with_grids.run("grids", "diff", "bad.geojson")
    assert result.exit_code == 1
    assert "bad_kind" in result.stdout


def test_codes_that_are_gone_are_kept_when_asked(with_grids):
    with_grids.write("other.geojson", moved(0, code="E99"))
    arguments = ("other.geojson", "--keep-codes")
    assert "1 renumbered" in with_grids.ok("grids", "diff", *arguments)
    with_grids.ok("grids", "import", *arguments, "--name", "demo")
    with_grids.write("roster.csv", ROSTER)
    (fact,) = with_grids.facts("roster", "import", "roster.csv", "--name", "demo")
    assert (fact["imported"], fact["posts"]) == (True, 3)


def test_a_roster_follows_the_layer_and_back(with_grids):
    with_grids.write("roster.csv", ROSTER)
    with_grids.ok("roster", "import", "roster.csv", "--name", "demo")
    with_grids.write("new.geojson", with_codes(E02="W02"))
    text = with_grids.ok("grids", "import", "new.geojson", "--name", "demo")
    assert "1 posts and stations are found by their place's new code" in text
    with_grids.write("less.geojson", moved(0, code="X"))
    result = with_grids.run("grids", "import", "less.geojson", "--name", "demo", "--allow-removals")
    assert "1 posts and stations name places it lacks: E02" in result.stderr
    (fact,) = with_grids.facts("grids", "use", "demo", "--version", "1")
    assert (fact["version"], fact["roster"]) == (1, {"moved": 0, "lost": {}})
    (newest, second, first) = with_grids.facts("grids", "list")
    assert [one["in_use"] for one in (newest, second, first)] == [False, False, True]
    assert with_grids.run("grids", "use", "demo", "--version", "9").exit_code == 1
    assert "version 3 is in use" in with_grids.ok("grids", "use", "demo")
