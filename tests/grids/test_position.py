"""A layer on a shifted map is refused with its remedy; careless, small and partial ones are not."""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import shapely

from alertcast.core.alert import ReasonKind
from alertcast.core.grid import Grid
from alertcast.grids.boundary import known_outlines, read_boundary
from alertcast.grids.datum import from_wgs84, to_wgs84
from alertcast.grids.position import Reference, position
from alertcast.grids.read import read_layer

SHIPPED = Path(__file__).parents[2] / "grids" / "zhaoqing"
COUNTY = "441224"
M = 1 / 111_200  # degrees of a metre northward


@cache
def zhaoqing() -> tuple[Grid, ...]:
    return read_layer(SHIPPED / "grids.geojson").grids


@cache
def outlines():
    return known_outlines([SHIPPED / "counties.geojson"], (), "", [])


def huaiji(*towns):
    grids = [grid for grid in zhaoqing() if grid.county_code == COUNTY]
    return [grid for grid in grids if not towns or grid.town in towns]


def drawn(grids, move):
    """Return the grids as they are drawn on a map that moves every point."""
    return [replace(g, geometry=shapely.transform(g.geometry, move)) for g in grids]


def on(datum):
    return lambda points: from_wgs84(points, datum)


def taken_for(datum):
    return lambda points: to_wgs84(points, datum)


def north(metres):
    return lambda points: points + np.array([0, metres * M])


def careless(points):
    """Move every point by up to 200 m, hither and thither."""
    spots = np.round(points * 1e5).astype(np.int64)
    chance = [np.sin(spots @ [12.9898, 78.233] * scale) for scale in (43.7, 91.3)]
    return points + 200 * M * np.column_stack(chance)


def found(grids, crs=None, **known):
    return position(grids, "layer.shp", Reference(outlines(), **known), crs)


# What is refused ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("move", "crs", "metres", "remedy"),
    [
        (on("GCJ-02"), None, 612, "import it with --crs GCJ-02"),
        (on("BD-09"), None, 1258, "import it with --crs BD-09"),
        (taken_for("GCJ-02"), "GCJ-02", 612, "leave out --crs GCJ-02"),
        (taken_for("BD-09"), "bd09", 1258, "leave out --crs BD-09"),
        (lambda p: to_wgs84(from_wgs84(p, "BD-09"), "GCJ-02"), "gcj02", 945, "with --crs BD-09"),
        (lambda p: to_wgs84(from_wgs84(p, "GCJ-02"), "BD-09"), "BD-09", 945, "with --crs GCJ-02"),
        (north(420), None, 420, "no datum does that is known"),
    ],
)
@pytest.mark.parametrize("drawing", [lambda points: points, careless])
def test_a_county_beside_its_place_is_refused_with_metres_and_remedy(
    move, crs, metres, remedy, drawing
):
    (problem,) = found(drawn(drawn(huaiji(), drawing), move), crs)
    assert (problem.rule, problem.kind) == ("shifted", ReasonKind.ERROR)
    assert problem.where == f"county {COUNTY}"
    assert remedy in problem.message
    measured = int(problem.message.split(" m ")[0].split()[-1])
    assert abs(measured - metres) < 70  # the known outline is generalised
    assert "the boundary of counties.geojson" in problem.message


def test_of_several_counties_the_shifted_one_is_named():
    grids = [g for g in zhaoqing() if g.county_code in (COUNTY, "441223", "441226")]
    mixed = [
        *(g for g in grids if g.county_code != "441226"),
        *drawn([g for g in grids if g.county_code == "441226"], on("GCJ-02")),
    ]
    assert [p.where for p in found(mixed)] == ["county 441226"]


def test_a_county_that_lacks_towns_and_has_gaps_is_still_seen_to_be_shifted():
    grids = [g for n, g in enumerate(huaiji()) if n % 7 and g.town not in ("冷坑镇", "梁村镇")]
    (problem,) = found(drawn(grids, on("GCJ-02")))
    assert problem.rule == "shifted"


def test_one_village_is_seen_to_be_shifted_beside_the_layer_in_use():
    village = huaiji("冷坑镇")[:1]
    (problem,) = found(
        drawn(village, on("GCJ-02")), in_use=huaiji(), in_use_name="the layer in use (demo)"
    )
    assert problem.rule == "shifted"
    assert "619 m" in problem.message
    assert "the same grids in the layer in use (demo)" in problem.message
    assert "--crs GCJ-02" in problem.message


def test_an_offset_that_is_accepted_is_a_note():
    (problem,) = found(drawn(huaiji(), on("GCJ-02")), is_offset_accepted=True)
    assert (problem.rule, problem.kind) == ("shifted", ReasonKind.NOTE)


# What is not --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "move",
    [
        lambda points: points,
        careless,
        north(100),
        lambda points: np.round(points, 3),  # some hundred metres
    ],
)
def test_a_county_in_its_place_is_not_refused_however_it_is_drawn(move):
    assert found(drawn(huaiji(), move)) == ()


@pytest.mark.parametrize(
    "grids",
    [
        huaiji("冷坑镇")[:1],
        huaiji("冷坑镇"),
        huaiji("冷坑镇", "梁村镇", "怀城街道"),
        [g for g in huaiji() if g.kind == "quarter"],
        [g for g in zhaoqing() if g.county_code == COUNTY and g.geometry.centroid.y > 24.1],
    ],
    ids=["a village", "a town", "three towns", "quarters", "the north"],
)
@pytest.mark.parametrize("drawing", [lambda points: points, careless])
def test_a_part_of_a_county_is_not_refused(grids, drawing):
    assert grids
    assert all(p.kind is ReasonKind.NOTE for p in found(drawn(grids, drawing)))


def test_where_nothing_tells_it_is_said():
    (village,) = found(huaiji("冷坑镇")[:1])
    assert village.rule == "position_untold"
    assert "too little of the county's edge" in village.message
    elsewhere = [replace(grid, county_code="999999") for grid in huaiji()]
    (unknown,) = found(elsewhere)
    assert "no boundary is known (--boundary FILE)" in unknown.message


def test_a_village_with_another_polygon_than_before_is_not_refused():
    before = huaiji("冷坑镇")[:1]
    after = [replace(before[0], geometry=huaiji("冷坑镇")[1].geometry)]
    (note,) = found(after, in_use=before)
    assert note.rule == "position_untold"


def test_a_layer_that_corrects_one_in_use_is_believed_by_the_boundary():
    assert found(huaiji(), in_use=drawn(huaiji(), on("GCJ-02"))) == ()


def test_grids_without_polygon_have_no_position():
    assert found([replace(grid, geometry=None) for grid in huaiji()]) == ()


# Where outlines come from -------------------------------------------------------------------------


def boundary(path, features):
    document = {"type": "FeatureCollection", "features": features}
    path.write_text(json.dumps(document), "utf-8")
    return path


def feature(grid, **properties):
    shape = None if grid is None else shapely.geometry.mapping(grid.geometry)
    return {"type": "Feature", "properties": properties, "geometry": shape}


def test_a_boundary_may_be_drawn_in_towns_and_wins_over_what_is_known(tmp_path):
    moved = drawn(huaiji(), on("GCJ-02"))
    path = boundary(tmp_path / "towns.geojson", [feature(g, ADCODE=g.town_code) for g in moved])
    known = known_outlines([SHIPPED / "counties.geojson", path], (), "", [])
    assert known[COUNTY].source == "towns.geojson"
    assert position(moved, "layer", Reference(known), None) == ()
    (problem,) = position(huaiji(), "layer", Reference(known), None)
    assert "as no datum does" in problem.message


def test_the_layer_in_use_is_an_outline_where_no_file_is():
    others = [replace(grid, county_code="999999") for grid in huaiji()]
    known = known_outlines([], others, "the layer in use", [])
    (problem,) = position(drawn(others, on("GCJ-02")), "layer", Reference(known), None)
    assert "from the boundary of the layer in use" in problem.message


def test_a_boundary_without_codes_or_shapes_is_refused(tmp_path):
    report = []
    path = boundary(tmp_path / "b.geojson", [feature(huaiji()[0], name="x")])
    assert read_boundary(path, report) == {}
    assert [p.rule for p in report] == ["missing_property"]
    path.write_text("<html>")
    assert read_boundary(path, report) == {}
    assert report[-1].rule == "other_format"
    point = {"type": "Point", "coordinates": [112, 24]}
    points = [feature(None, code=COUNTY), feature(None, code=COUNTY) | {"geometry": point}]
    assert read_boundary(boundary(path, points), report) == {}


@pytest.mark.parametrize("datum", ["GCJ-02", "BD-09"])
def test_a_shift_there_and_back_is_nothing(datum):
    points = shapely.get_coordinates([grid.geometry for grid in huaiji()[:20]])
    back = to_wgs84(from_wgs84(points, datum), datum)
    assert np.abs(back - points).max() / M < 0.1


def test_a_grid_in_another_county_is_named_with_that_county():
    grids = huaiji()
    there = next(one for one in zhaoqing() if one.county_code == "441223")
    moved = replace(grids[0], geometry=there.geometry)
    (problem,) = (
        one for one in position([moved, *grids[1:]], "layer", Reference(outlines()), None)
    )
    assert (problem.where, problem.rule, problem.kind) == (
        f"grid {grids[0].code}",
        "outside_county",
        ReasonKind.NOTE,
    )
    assert "in county 441223" in problem.message
    assert problem.spot == there.geometry


def test_grids_along_the_edge_of_their_county_are_in_it():
    edge = drawn(huaiji(), north(200))
    found = position(edge, "layer", Reference(outlines()), None)
    assert [one for one in found if one.rule == "outside_county"] == []
    assert position(zhaoqing(), "layer", Reference(outlines()), None) == ()


def test_where_no_county_is_known_no_grid_is_outside():
    grids = [replace(one, county_code="999999") for one in huaiji()]
    found = position(grids, "layer", Reference(outlines()), None)
    assert [one.rule for one in found] == ["position_untold"]
