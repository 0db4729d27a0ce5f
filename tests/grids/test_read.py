"""Layers in: every mistake is named with its feature, and good features survive bad ones."""

import json
import warnings
from pathlib import Path

import geopandas
import numpy as np
import pytest
import shapely

from alertcast.core.alert import ReasonKind
from alertcast.grids.datum import to_wgs84
from alertcast.grids.features import Asked
from alertcast.grids.problem import has_errors
from alertcast.grids.read import read_layer
from alertcast.grids.survey import survey

SQUARE = shapely.box(112.0, 23.0, 112.1, 23.1)
TIE = shapely.Polygon([(112.0, 23.0), (112.1, 23.1), (112.1, 23.0), (112.0, 23.1)])
PROPERTIES = {
    "code": "441224101201",
    "name": "双甘村",
    "kind": "village",
    "town_code": "441224101",
    "town": "冷坑镇",
    "county_code": "441224",
    "county": "怀集县",
}


def feature(geometry=SQUARE, **properties):
    shape = None if geometry is None else shapely.geometry.mapping(geometry)
    return {"type": "Feature", "properties": PROPERTIES | properties, "geometry": shape}


def layer(folder: Path, *features, name="layer.geojson"):
    path = folder / name
    document = {"type": "FeatureCollection", "features": list(features)}
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def rules(read):
    return [problem.rule for problem in read.report]


@pytest.mark.parametrize(
    ("bad", "rule"),
    [
        (feature(shapely.box(500_000, 2_500_000, 501_000, 2_501_000)), "outside_world"),
        (feature(shapely.box(23.0, 112.0, 23.1, 112.1)), "outside_world"),
        (feature(shapely.Polygon()), "empty_polygon"),
        (feature(shapely.Point(112, 23)), "not_polygon"),
        (feature(shapely.Polygon([(112, 23), (112.1, 23.1), (112.2, 23.2)])), "flat_polygon"),
        (feature(code=""), "code_missing"),
        (feature(town=None), "town_missing"),
        (feature(code="ok"), "duplicate"),
        (feature(kind="city"), "bad_kind"),
        (feature(county_code="44122"), "bad_county"),
    ],
)
def test_a_bad_feature_is_named_and_left_out(tmp_path, bad, rule):
    read = read_layer(layer(tmp_path, feature(code="ok"), bad))
    assert [grid.code for grid in read.grids] == ["ok"]
    (problem,) = read.report
    assert problem.rule == rule
    assert problem.where.startswith("feature 2")
    assert has_errors(read.report)


def test_five_mistakes_are_five_lines_and_name_their_features(tmp_path):
    read = read_layer(
        layer(
            tmp_path,
            feature(code="A", kind="city"),
            feature(code="A"),
            feature(code="B", county_code="4"),
            feature(shapely.Polygon(), code="C"),
            feature(shapely.box(0, 100, 1, 101), code="D"),
        )
    )
    assert [(p.where, p.rule) for p in read.report] == [
        ("feature 1 (code A)", "bad_kind"),
        ("feature 2 (code A)", "duplicate"),
        ("feature 3 (code B)", "bad_county"),
        ("feature 4 (code C)", "empty_polygon"),
        ("feature 5 (code D)", "outside_world"),
    ]
    assert read.grids == ()


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        ("", "other_format"),
        ("<html>", "other_format"),
        ('{"type":"FeatureCollection","features":[]}', "no_features"),
    ],
)
def test_a_file_that_is_no_layer_is_refused(tmp_path, content, rule):
    path = tmp_path / "bad.geojson"
    path.write_text(content)
    read = read_layer(path)
    assert read.grids == ()
    assert rules(read)[-1] == rule


def test_a_missing_file_and_a_plain_table_are_refused(tmp_path):
    assert rules(read_layer(tmp_path / "none.geojson")) == ["unreadable"]
    table = tmp_path / "table.csv"
    table.write_text("code,name\n1,x\n")
    assert rules(read_layer(table)) == ["unreadable"]  # GDAL is left no driver for tables


def test_missing_properties_are_all_named_once(tmp_path):
    bare = {"type": "Feature", "properties": {"id": "1"}, "geometry": None}
    assert rules(read_layer(layer(tmp_path, bare))) == ["missing_property"] * 7


def test_a_crooked_polygon_is_mended_and_its_areas_are_said(tmp_path):
    read = read_layer(layer(tmp_path, feature(TIE)))
    assert rules(read) == ["mended"]
    assert read.report[0].kind is ReasonKind.REPAIR
    assert "->" in read.report[0].message
    assert read.grids[0].geometry.is_valid


def test_a_grid_without_polygon_is_kept_and_said(tmp_path):
    read = read_layer(layer(tmp_path, feature(), feature(None, code="B")))
    assert read.grids[1].geometry is None
    (problem,) = survey(read.grids, "layer").report
    assert (problem.where, problem.rule) == ("grid B", "no_polygon")
    assert "told with its town" in problem.message
    assert not has_errors((*read.report, problem))


def test_geojson_without_crs_is_wgs84_and_keeps_its_holes_and_properties(tmp_path):
    holed = SQUARE.difference(shapely.box(112.04, 23.04, 112.05, 23.05))
    fields = {"parent": "P", "property_management": False, "approximate": True}
    read = read_layer(layer(tmp_path, feature(holed, aliases=["old"], **fields), feature(code="B")))
    grid, bare = read.grids
    assert read.report == ()
    assert grid.geometry.equals(holed)
    assert (grid.parent_code, grid.property_management) == ("P", False)
    assert (grid.approximate, grid.aliases) == (True, ("old",))
    assert (bare.parent_code, bare.property_management, bare.approximate) == (None, None, False)


def frame(crs, shape=SQUARE, **properties):
    return geopandas.GeoDataFrame([PROPERTIES | properties], geometry=[shape], crs=crs)


def test_a_projected_layer_is_brought_to_wgs84(tmp_path):
    path = tmp_path / "layer.gpkg"
    frame("EPSG:4326").to_crs("EPSG:4547").to_file(path)
    read = read_layer(path)
    assert read.report == ()
    assert shapely.hausdorff_distance(read.grids[0].geometry, SQUARE) < 1e-7


def test_a_layer_that_names_no_crs_is_refused_unless_it_is_given(tmp_path):
    path = tmp_path / "layer.shp"
    with warnings.catch_warnings(action="ignore"):  # of columns cut to ten letters, and no crs
        frame(None).to_file(path, encoding="utf-8")
    assert "crs_missing" in rules(read_layer(path))
    read = read_layer(path, Asked(crs="EPSG:4326"))
    assert [grid.county_code for grid in read.grids] == ["441224"]  # a column of eleven letters


ESRI_CGCS2000 = (
    'GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",'
    'SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],'
    'UNIT["Degree",0.0174532925199433]]'
)
ESRI_ZONE_37 = (
    f'PROJCS["CGCS2000_3_Degree_GK_Zone_37",{ESRI_CGCS2000},PROJECTION["Gauss_Kruger"],'
    'PARAMETER["False_Easting",37500000.0],PARAMETER["False_Northing",0.0],'
    'PARAMETER["Central_Meridian",111.0],PARAMETER["Scale_Factor",1.0],'
    'PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
)


@pytest.mark.parametrize(
    ("prj", "crs", "others"),
    [
        (ESRI_CGCS2000, "EPSG:4490", ("EPSG:4326", "EPSG:4214")),
        (ESRI_ZONE_37, "EPSG:4525", ("EPSG:4526", "EPSG:4490")),
    ],
)
def test_a_prj_that_says_the_same_as_was_given_in_other_words_is_no_contradiction(
    tmp_path, prj, crs, others
):
    path = tmp_path / "layer.shp"
    with warnings.catch_warnings(action="ignore"):  # of columns cut to ten letters
        frame("EPSG:4326").to_crs(crs).to_file(path, encoding="utf-8")
    path.with_suffix(".prj").write_text(prj)
    read = read_layer(path, Asked(crs=crs))
    assert read.report == read_layer(path).report
    assert shapely.hausdorff_distance(read.grids[0].geometry, SQUARE) < 1e-7
    for other in others:
        assert rules(read_layer(path, Asked(crs=other))) == ["crs_conflict"]


def test_a_crs_that_contradicts_the_file_or_is_none_is_refused(tmp_path):
    path = tmp_path / "layer.gpkg"
    frame("EPSG:4326").to_file(path)
    assert rules(read_layer(path, Asked(crs="EPSG:4547"))) == ["crs_conflict"]
    assert rules(read_layer(path, Asked(crs="EPSG:0"))) == ["bad_crs"]


def test_other_names_for_properties_are_given(tmp_path):
    path = layer(tmp_path, feature(网格="X"))
    assert read_layer(path, columns={"code": "网格"}).grids[0].code == "X"
    assert rules(read_layer(path, columns={"parent": "none"})) == ["missing_property"]


def test_codes_that_a_file_holds_as_numbers_are_whole(tmp_path):
    path = layer(tmp_path, feature(code=441224101201), feature(code=441224101202, county_code=1.5))
    assert [grid.code for grid in read_layer(path).grids] == ["441224101201"]


def test_shifted_chinese_maps_are_brought_back(tmp_path):
    moved = shapely.transform(SQUARE, lambda xy: xy + np.array([0.0052566, -0.0026209]))
    read = read_layer(layer(tmp_path, feature(moved)), Asked(crs="GCJ-02"))
    assert shapely.hausdorff_distance(read.grids[0].geometry, SQUARE) < 1e-3


@pytest.mark.parametrize("datum", ["GCJ-02", "BD-09"])
def test_outside_china_a_shifted_datum_has_no_chinese_shift(datum):
    paris = np.array([[2.35, 48.85]])
    assert np.abs(to_wgs84(paris, datum) - paris).max() < 0.02


def test_the_shipped_layer_has_no_error():
    path = Path(__file__).parents[2] / "grids" / "zhaoqing" / "grids.geojson"
    read = read_layer(path)
    assert not has_errors(read.report)
    assert len(read.grids) > 1900
