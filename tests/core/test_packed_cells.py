"""Packed cells say what an STRtree says, and both what looking at each grid alone says."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from alertcast.core.cells import TreeCells, mended
from alertcast.core.grid import GridIndex
from alertcast.core.packed import FAN_OUT, Packed, level_sizes, pack
from alertcast.core.packed_cells import PackedCells
from alertcast.core.touch import Touch
from tests.made_up import LEVELS, areas, layer, one_by_one

RULES = [(0.0, None), (0.01, None), (0.3, None), (1.0, None), (0.3, 5e5), (1.0, 2e6)]
PLACES = [(112.0, 23.0), (179.0, -1.0), (10.0, 68.0)]  # the second on both sides of the meridian


def shapes_of(grids):
    return [grid.geometry for grid in grids]


def packed(grids):
    return PackedCells(pack([shapes_of(grids)]))


def found(matched):
    return {
        hit.grid.code: (hit.level, hit.matched_by, hit.counted_by, hit.share)
        for hit in matched.hits
        if hit.matched_by != "town shape"
    }


def same(one, other):
    """Say whether two matches agree: shares to nine places, all else exactly."""
    return one.keys() == other.keys() and all(
        one[code][:-1] == other[code][:-1]
        and one[code][-1] == pytest.approx(other[code][-1], abs=1e-9)
        for code in one
    )


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    number=st.integers(1, 150),
    warned=st.integers(1, 4),
    place=st.sampled_from(PLACES),
    rule=st.sampled_from(RULES),
    red=st.sampled_from(RULES),
)
def test_every_index_finds_what_looking_at_each_grid_finds(seed, number, warned, place, rule, red):
    rng = np.random.default_rng(seed)
    grids, areas_of_it = layer(rng, number, *place), areas(rng, warned, *place)
    hits, near = one_by_one(grids, areas_of_it, dict.fromkeys([*LEVELS, None], rule) | {"red": red})
    told = {}
    for cells in (None, packed(grids)):
        matched = GridIndex(grids, cells).match(
            areas_of_it, levels=LEVELS, touch=Touch(*rule), touch_at={"red": Touch(*red)}
        )
        assert same(found(matched), hits)
        assert {m.grid.code: pytest.approx(m.share, abs=1e-9) for m in matched.near_misses} == near
        told[cells is None] = [hit.grid.code for hit in matched.hits], matched.nearest_km is None
    assert told[True] == told[False]


@pytest.fixture(scope="module")
def many():
    rng = np.random.default_rng(5)
    return layer(rng, 9000, 112.0, 23.0)


@pytest.mark.parametrize("points", [4, 100, 3000])
@pytest.mark.parametrize("size", [0.03, 0.3, 0.9, 5.0])
def test_a_large_layer_is_cut_and_descended_alike(many, points, size):
    rng = np.random.default_rng(points)
    angle = np.linspace(0, 2 * np.pi, points, endpoint=False)
    radius = size * rng.uniform(0.97, 1.0, points)
    warning = shapely.Polygon(
        np.column_stack([113 + radius * np.cos(angle), 24 + radius * np.sin(angle)])
    )
    numbers, shapes = mended(shapes_of(many))
    tree, ours = TreeCells(numbers, shapes), PackedCells(pack([shapes_of(many)]))
    assert sorted(ours.touching(warning)) == sorted(tree.touching(warning))
    one, other = tree.shared(warning), ours.shared(warning)
    order = np.argsort(other.numbers)
    assert (other.numbers[order] == one.numbers).all()
    for name in ("share", "km2", "of_part"):
        assert getattr(other, name)[order] == pytest.approx(getattr(one, name), abs=1e-9), name


def test_a_box_wholly_inside_is_not_looked_into(many):
    """Its cells' bytes are not even read: they may be anything."""
    made = pack([shapes_of(many)])
    spoiled = Packed(made.numbers, made.km2, made.starts, made.wkb * 0, made.boxes)
    world = shapely.box(100, 10, 130, 40)
    assert len(PackedCells(spoiled).shared(world).numbers) == len(made.numbers)
    with pytest.raises(shapely.GEOSException):
        PackedCells(spoiled).shared(shapely.box(100, 10, 113.0001, 40))


@pytest.mark.parametrize("number", [0, 1, FAN_OUT, FAN_OUT + 1, 70])
def test_a_layer_of_any_size_can_be_packed(number):
    grids = layer(np.random.default_rng(number), number, 112.0, 23.0)
    cells = packed(grids)
    warning = shapely.box(111.0, 22.0, 116.0, 27.0)
    assert sorted(cells.touching(warning)) == sorted(cells.numbers)
    assert sorted(cells.shared(warning).numbers) == sorted(cells.numbers)
    assert (cells.nearest(warning) is None) == (len(cells.numbers) == 0)
    assert len(cells.shared(shapely.Polygon()).numbers) == 0


def test_the_nearest_cell_is_found_wherever_the_greedy_way_leads(many):
    cells, (_, shapes) = packed(many), mended(shapes_of(many))
    rng = np.random.default_rng(1)
    for lon, lat in rng.uniform([108, 19], [118, 29], (40, 2)):
        point = shapely.Point(lon, lat).buffer(0.01)
        nearest = shapely.distance(point, shapes).min()
        assert shapely.distance(point, cells.nearest(point)) == pytest.approx(nearest, abs=1e-9)


def test_the_same_cells_make_the_same_bytes_in_whatever_pieces(many):
    shapes = shapes_of(many)
    pieces = ([shapes], [shapes[:1000], [], shapes[1000:]])
    one, other = (pack(one).arrays() for one in pieces)
    assert {k: v.tobytes() for k, v in one.items()} == {k: v.tobytes() for k, v in other.items()}


def test_a_layer_is_packed_along_the_curve_so_that_boxes_stay_small(many):
    boxes = pack([shapes_of(many)]).boxes
    extent = np.prod(boxes[-1][:, 2:].max(0) - boxes[-1][:, :2].min(0))
    of_64 = boxes[2]
    mean = np.prod(of_64[:, 2:] - of_64[:, :2], axis=1).mean()
    assert mean < 4 * extent * 64 / 9000


def test_arrays_that_do_not_belong_together_are_refused():
    grids = layer(np.random.default_rng(0), 70, 112.0, 23.0)
    arrays = pack([shapes_of(grids)]).arrays()
    assert Packed.of_arrays(arrays).boxes[1].shape == (level_sizes(len(arrays["km2"]))[1], 4)
    for name, wrong in (
        ("starts", arrays["starts"][:-1]),
        ("wkb", arrays["wkb"][:-1]),
        ("km2", arrays["km2"][1:]),
        ("numbers", arrays["numbers"].astype("<i4")),
        ("boxes_1", arrays["boxes_1"][1:]),
    ):
        with pytest.raises(ValueError, match=r"cells|numbers"):
            Packed.of_arrays(arrays | {name: wrong})
    for name in arrays:
        with pytest.raises(ValueError, match=r"missing|cells"):
            Packed.of_arrays({key: one for key, one in arrays.items() if key != name})
