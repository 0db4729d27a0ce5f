"""A layer of places by code: every mistake is named, several features of a code are one place."""

import json

import pytest

from alertcast.grids.code_layer import read_code_layer
from alertcast.grids.problem import has_errors


def layer(tmp_path, *features, crs=None, name="layer.geojson"):
    document = {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": properties, "geometry": geometry}
            for properties, geometry in features
        ],
    }
    if crs:
        document["crs"] = {"type": "name", "properties": {"name": crs}}
    path = tmp_path / name
    path.write_text(json.dumps(document), "utf-8")
    return path


def square(west=0.0, south=0.0, size=1.0):
    east, north = west + size, south + size
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def test_places_are_read_with_their_names(tmp_path):
    path = layer(
        tmp_path, ({"code": "XX001", "name": "West"}, square()), ({"code": "7"}, square(1))
    )
    read = read_code_layer(path)
    assert [(one.code, one.name) for one in read.places] == [("xx001", "West"), ("7", "")]
    assert read.report == ()


def test_several_features_of_a_code_are_one_place(tmp_path):
    path = layer(tmp_path, ({"code": "A"}, square()), ({"code": "a"}, square(5)))
    read = read_code_layer(path)
    assert [one.geometry.area for one in read.places] == [2.0]
    assert [one.rule for one in read.report] == ["joined"] and not has_errors(read.report)


def test_another_coordinate_system_and_other_columns(tmp_path):
    shape = square(12_523_442.7, 2_632_018.6, 111_319.5)
    path = layer(tmp_path, ({"NUTS_ID": "X"}, shape), crs="urn:ogc:def:crs:EPSG::3857")
    (place,) = read_code_layer(path, columns={"code": "NUTS_ID"}).places
    assert place.geometry.bounds[0] == pytest.approx(112.5, abs=0.01)
    assert place.geometry.bounds[1] == pytest.approx(23.0, abs=0.1)


BAD = [
    ({"code": ""}, square(), "bad_code"),
    ({"code": "A" * 65}, square(), "bad_code"),
    ({"code": "A"}, None, "no_polygon"),
    ({"code": "A"}, {"type": "Point", "coordinates": [0, 0]}, "not_polygon"),
    ({"code": "A"}, square(179.5), "outside_world"),
    ({"code": "A"}, square(size=0), "flat_polygon"),
]


@pytest.mark.parametrize(("properties", "geometry", "rule"), BAD, ids=[row[2] for row in BAD])
def test_every_mistake_is_named_and_leaves_the_others(tmp_path, properties, geometry, rule):
    read = read_code_layer(layer(tmp_path, ({"code": "B"}, square()), (properties, geometry)))
    assert [one.code for one in read.places] == ["b"]
    assert [one.rule for one in read.report] == [rule]
    assert read.report[0].where.startswith("feature 2")


def test_a_file_that_is_no_layer(tmp_path):
    path = tmp_path / "x.geojson"
    path.write_text("hello")
    assert [one.rule for one in read_code_layer(path).report] == ["other_format"]
    named = layer(tmp_path, ({"id": "A"}, square()))
    assert [one.rule for one in read_code_layer(named).report] == ["missing_property"]
