"""What only the whole layer shows: named once, with its place; sound layers are left in peace."""

import numpy as np
import pytest
import shapely

from alertcast.core.alert import ReasonKind
from alertcast.core.earth import perimeter_km
from alertcast.core.grid import Grid
from alertcast.grids.problem import has_errors
from alertcast.grids.survey import survey

STEP = 0.01  # degrees, about a kilometre


def box(column=0, row=0, width=1.0, height=1.0):
    west, south = 112 + column * STEP, 23 + row * STEP
    return shapely.box(west, south, west + width * STEP, south + height * STEP)


def grid(code, shape=None, town="T1", parent=None, kind="village", county="441224"):
    names = {"name": f"村{code}", "kind": kind, "town_code": town, "town": f"镇{town}"}
    return Grid(
        code, **names, county_code=county, county="怀集县", parent_code=parent, geometry=shape
    )


def field(columns=4, rows=4):
    """Return a sound layer: squares side by side, corner to corner."""
    return [
        grid(f"{row}{column}", box(column, row)) for row in range(rows) for column in range(columns)
    ]


def found(*grids):
    return [(p.rule, p.where) for p in survey(grids, "layer").report]


def test_a_sound_layer_is_left_in_peace():
    assert found(*field()) == []
    assert found() == []


@pytest.mark.parametrize(
    ("more", "rule", "where"),
    [
        (grid("x", box(1.5, 1.5)), "overlap", "grids 11 and x"),
        (grid("x", box(4, 0, 0.002)), "sliver", "grid x"),
        (grid("x", box(4, 0, 0.0001, 0.3)), "sliver", "grid x"),
        (grid("x", box(1, 1)), "same_shape", "grids 11 and x"),
        (grid("x"), "no_polygon", "grid x"),
        (grid("x", town="T9"), "no_polygon", "grid x"),
        (grid("x", box(8, 8)), "outside_town", "grid x"),
        (grid("x", box(8, 8), parent="00", town="T2"), "outside_parent", "grid x"),
    ],
)
def test_one_trouble_in_a_sound_layer_is_named_with_its_place(more, rule, where):
    report = survey([*field(), more], "layer").report
    assert (rule, where) in [(p.rule, p.where) for p in report]
    (problem,) = [p for p in report if (p.rule, p.where) == (rule, where)]
    assert problem.kind is ReasonKind.NOTE
    assert (problem.spot is None) == (rule == "no_polygon")


def test_a_sliver_that_is_a_part_of_a_grid_is_told():
    shape = shapely.union_all([box(4, 0), box(5.5, 0, 0.0001)])
    report = survey([*field(), grid("x", shape)], "layer").report
    assert [(p.rule, p.where) for p in report] == [("sliver", "grid x")]
    assert report[0].message.startswith("has a part of")
    assert report[0].spot.area < STEP**2


def test_a_gap_says_between_whom_it_lies():
    grids = [one for one in field() if one.code != "11"]
    (problem,) = survey(grids, "layer").report
    assert (problem.rule, problem.where) == ("gap", "between 00, 01, 02, ...")
    assert "1.14 km2" in problem.message
    assert shapely.hausdorff_distance(problem.spot, box(1, 1)) < 1e-9


def test_a_gap_is_found_between_neighbours_that_share_no_corner():
    cells = [(row, column) for row in range(3) for column in range(3) if (row, column) != (1, 1)]
    parts = {cell: 0.1 + 0.01 * number for number, cell in enumerate(cells)}  # of a side: corners
    grids = [
        grid(f"{row}{column}", shapely.segmentize(box(column, row), parts[row, column] * STEP))
        for row, column in cells
    ]
    told = {one.rule: one for one in survey(grids, "layer").report}
    assert told.keys() <= {"gap", "seams"}
    assert shapely.hausdorff_distance(told["gap"].spot, box(1, 1)) < 1e-9


def test_edges_drawn_a_little_apart_are_seams_counted_once():
    grids = field()
    grids[5] = grid("11", box(1 + 1e-4, 1 - 1e-4))
    assert found(*grids) == [("seams", "file"), ("seams", "file")]


def test_a_quarter_lies_in_its_community_or_in_a_hole_of_it():
    community = box(4, 0, 3, 3)
    quarter = box(5, 1)
    inside = [grid("c", community, kind="community"), grid("q", quarter, parent="c")]
    cut_out = [grid("c", community.difference(quarter), kind="community"), inside[1]]
    assert found(*inside) == []
    assert found(*cut_out) == []
    assert ("overlap", "grids c and q") in found(inside[0], grid("q", quarter))


def test_two_layers_over_each_other_are_found_though_each_is_sound():
    grids = [*field(), *(grid(f"b{one.code}", one.geometry) for one in field())]
    rules = [rule for rule, _ in found(*grids)]
    assert rules == ["same_shape"] * 16


def test_a_grid_far_from_its_county_is_an_error_and_named_as_misplaced():
    shifted = survey([*field(), grid("x", box(900, 0))], "layer")
    assert has_errors(shifted.report)
    assert shifted.misplaced == {"x"}
    (problem,) = [p for p in shifted.report if p.kind is ReasonKind.ERROR]
    assert (problem.rule, problem.where) == ("far_away", "grid x")
    assert "km from the middle of 怀集县" in problem.message


def test_a_long_county_has_no_grid_far_away():
    assert "far_away" not in [rule for rule, _ in found(*field(columns=150, rows=1))]


def test_a_town_in_two_parts_of_several_grids_is_left_in_peace():
    exclave = [grid("x", box(20, 0)), grid("y", box(21, 0))]
    assert "outside_town" not in [rule for rule, _ in found(*field(), *exclave)]


def test_perimeters_are_true_to_a_half_per_cent():
    rings = shapely.box(112.0, 23.0, 112.1, 23.1).difference(
        shapely.box(112.04, 23.04, 112.06, 23.06)
    )
    both = shapely.union_all([rings, shapely.box(112.5, 23.0, 112.6, 23.1)])
    side, around = 11.08, 10.25  # kilometres of a tenth of a degree at 23 degrees north
    square = 2 * side + 2 * around
    measured = perimeter_km(np.array([rings, both], dtype=object))
    assert np.allclose(measured, [1.2 * square, 2.2 * square], rtol=5e-3)
