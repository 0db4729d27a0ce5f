"""Which grids a message touches, at which level, and how it was found."""

import dataclasses

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from alertcast.core.alert import Area, Circle, ReasonKind
from alertcast.core.grid import Grid, GridIndex
from alertcast.core.touch import Touch

LEVELS = ("red", "orange", "yellow", "blue")
GEOD = Geod(ellps="WGS84")
CPEAS = "CPEAS Geographic Code"


def box(west, south, size=0.1):
    return shapely.box(west, south, west + size, south + size)


def grid(code, geometry, town="441224101", county="441224", **fields):
    fields = {"kind": "village", "town": "冷坑镇", "county": "怀集县", **fields}
    return Grid(code, code, town_code=town, county_code=county, geometry=geometry, **fields)


def drawn(shape, level=None):
    return Area("x", level, polygons=(tuple(shape.exterior.coords),)), level


def coded(*codes, level=None, scheme=CPEAS):
    return Area("x", level, geocodes=tuple((scheme, code) for code in codes)), level


LENGKENG = grid("441224101201", box(112.0, 23.0))
MANING = grid("441224102201", box(112.1, 23.0), town="441224102")
NO_POLYGON = grid("441224102202", None, town="441224102", aliases=("441224109201", "UGC:GDZ001"))
QUARTER = grid(
    "Q1", box(112.4, 23.0, 0.01), "441202001", "441202", parent_code="441202001002", kind="quarter"
)
COMMUNITY = grid("441202001002", box(112.4, 23.0, 0.05), town="441202001", county="441202")
NOWHERE = grid("441202002201", None, town="441202002", county="441202")
INDEX = GridIndex([LENGKENG, MANING, NO_POLYGON, QUARTER, COMMUNITY, NOWHERE])


def found(matched):
    return {hit.grid.code: (hit.level, hit.matched_by) for hit in matched.hits}


def reasons(matched):
    return [(reason.code, reason.kind) for reason in matched.reasons]


def test_a_name_alone_hits_nothing_and_says_why():
    matched = INDEX.match([(Area("怀集县"), "red")])
    assert matched.hits == ()
    assert reasons(matched) == [("no_place", ReasonKind.ERROR)]
    assert matched.nearest_km is None


@pytest.mark.parametrize(
    ("code", "reason", "kind"),
    [
        ("441299", "unknown_code", ReasonKind.ERROR),
        ("110105000000", "elsewhere", ReasonKind.NOTE),
        ("11", "elsewhere", ReasonKind.NOTE),
        ("冷坑", "bad_code", ReasonKind.ERROR),
    ],
)
def test_a_code_that_names_nothing_here_is_told(code, reason, kind):
    matched = INDEX.match([coded(code)])
    assert matched.hits == ()
    assert (reason, kind) in reasons(matched)


@pytest.mark.parametrize(
    ("code", "grids", "matched_by"),
    [
        ("441224101201", {"441224101201"}, "grid code"),
        ("441224109201", {"441224102202"}, "grid code"),  # an older code
        ("441224102000", {"441224102201", "441224102202"}, "town code"),
        ("441224102", {"441224102201", "441224102202"}, "town code"),
        ("441224000000", {"441224101201", "441224102201", "441224102202"}, "county code"),
        ("441200000000", {g.code for g in INDEX.grids}, "city code"),
        ("440000", {g.code for g in INDEX.grids}, "province code"),
    ],
)
def test_codes_name_grids_and_everything_above_them(code, grids, matched_by):
    matched = INDEX.match([coded(code, level="red")], levels=LEVELS)
    assert found(matched) == dict.fromkeys(grids, ("red", matched_by))
    assert {hit.share for hit in matched.hits} == {None}
    is_all = len(grids) == len(INDEX.grids)
    assert reasons(matched) == [("touches_everything", ReasonKind.NOTE)] * is_all


def test_a_community_brings_its_quarters():
    matched = INDEX.match([coded("441202001002")])
    assert found(matched) == {
        "441202001002": (None, "grid code"),
        "Q1": (None, "community code"),
    }


def test_an_unknown_village_is_widened_to_its_town_and_said():
    matched = INDEX.match([coded("441224101999")])
    assert found(matched) == {"441224101201": (None, "town code, widened")}
    assert reasons(matched) == [("widened", ReasonKind.REPAIR)]


def test_an_unknown_town_is_widened_to_its_county_but_never_outranks_it():
    areas = [coded("441224199", level="red"), coded("441224", level="orange")]
    matched = INDEX.match(areas, levels=LEVELS)
    assert {level for level, _ in found(matched).values()} == {"orange"}
    assert reasons(matched) == [("widened", ReasonKind.REPAIR)]


def test_another_scheme_matches_only_aliases_that_name_it():
    assert found(INDEX.match([coded("gdz001", scheme="UGC")])).keys() == {"441224102202"}
    matched = INDEX.match([coded("441224", scheme="profile:CAP-CP:Location:0.3")])
    assert matched.hits == ()
    assert reasons(matched) == [("unknown_code", ReasonKind.ERROR)]


def test_town_red_and_county_orange_each_hold_where_they_are_said():
    areas = [coded("441224000000", level="orange"), coded("441224101000", level="red")]
    assert found(INDEX.match(areas, levels=LEVELS)) == {
        "441224101201": ("red", "town code"),
        "441224102201": ("orange", "county code"),
        "441224102202": ("orange", "county code"),
    }


def test_the_finer_code_wins_even_when_it_is_lower():
    areas = [coded("441224", level="orange"), coded("441224101", level="yellow")]
    assert found(INDEX.match(areas, levels=LEVELS))["441224101201"] == ("yellow", "town code")


def test_of_equally_fine_codes_the_higher_level_wins():
    areas = [coded("441224101", level=level) for level in ("yellow", "red", None, "orange")]
    assert found(INDEX.match(areas, levels=LEVELS))["441224101201"] == ("red", "town code")


def test_no_level_never_wins_over_a_level():
    areas = [coded("441224", level="blue"), coded("441224101")]
    assert found(INDEX.match(areas, levels=LEVELS))["441224101201"] == ("blue", "county code")


def test_a_shape_wins_over_a_county_and_the_higher_level_over_a_town():
    shape = drawn(box(112.0, 23.0), "yellow")
    county = INDEX.match([shape, coded("441224", level="orange")], levels=LEVELS)
    assert found(county)["441224101201"] == ("yellow", "polygon")
    town = INDEX.match([shape, coded("441224101", level="red")], levels=LEVELS)
    assert found(town)["441224101201"] == ("red", "town code")
    lower = INDEX.match([shape, coded("441224101", level="blue")], levels=LEVELS)
    assert found(lower)["441224101201"] == ("yellow", "polygon")


def test_a_geocode_is_not_used_beside_a_usable_shape():
    area = dataclasses.replace(drawn(box(112.0, 23.0))[0], geocodes=((CPEAS, "441224"),))
    assert found(INDEX.match([(area, None)], touch=Touch(0.01))) == {
        "441224101201": (None, "polygon")
    }


def test_a_geocode_is_used_when_its_shape_is_not_usable():
    area = Area("x", polygons=(((0.0, 0.0),),), geocodes=((CPEAS, "441224101"),))
    matched = INDEX.match([(area, "red")], levels=LEVELS)
    assert found(matched) == {"441224101201": ("red", "town code")}
    assert ("short_ring", ReasonKind.ERROR) in reasons(matched)


def test_a_grid_without_polygon_is_told_with_its_town():
    matched = INDEX.match([drawn(box(112.15, 23.0, 0.05), "red")], levels=LEVELS)
    assert found(matched)["441224102202"] == ("red", "town shape")


def test_a_town_without_any_polygon_is_told_by_the_code_beside_the_shape():
    area = dataclasses.replace(drawn(box(112.4, 23.0))[0], geocodes=((CPEAS, "441202"),))
    assert found(INDEX.match([(area, None)]))["441202002201"] == (None, "county code")


def test_a_town_without_any_polygon_is_named_when_a_shape_cannot_find_it():
    matched = INDEX.match([drawn(box(112.4, 23.0))])
    assert reasons(matched) == [("grids_without_polygon", ReasonKind.NOTE)]
    assert "441202002201" in matched.reasons[0].message


def test_a_sliver_is_a_near_miss_and_a_touch_counts_when_asked():
    sliver = shapely.box(112.0, 23.0, 112.1001, 23.1)
    matched = INDEX.match([drawn(sliver)])
    assert found(matched).keys() == {"441224101201"}
    assert [(near.grid.code, round(near.share, 4)) for near in matched.near_misses] == [
        ("441224102201", 0.001)
    ]
    assert "441224102201" in found(INDEX.match([drawn(sliver)], touch=Touch(0.0)))


def test_a_small_cloud_over_a_large_village_is_not_a_sliver():
    matched = INDEX.match([drawn(box(112.05, 23.05, 0.002))])
    assert found(matched).keys() == {"441224101201"}
    assert matched.hits[0].share == pytest.approx(0.0004, rel=0.01)


def test_slivers_of_two_levels_are_added_up():
    west = drawn(shapely.box(111.0, 23.0, 112.0006, 23.1), "red")
    next_to_it = drawn(shapely.box(112.0006, 23.0, 112.0012, 23.1), "orange")
    hit = INDEX.match([next_to_it, west], levels=LEVELS).hits[0]
    assert (hit.grid.code, hit.level, hit.share) == (
        "441224101201",
        "orange",
        pytest.approx(0.012),
    )


def test_the_highest_level_that_touches_a_grid_holds_in_it():
    areas = [drawn(box(112.0, 23.0, 0.2), "orange"), drawn(box(112.0, 23.0, 0.05), "red")]
    matched = INDEX.match(areas, levels=LEVELS)
    assert found(matched)["441224101201"] == ("red", "polygon")
    assert matched.hits[0].share == pytest.approx(0.25, rel=0.01)
    assert found(matched)["441224102201"] == ("orange", "polygon")


def test_a_circle_is_said_to_be_a_circle():
    area = Area("x", circles=(Circle(112.05, 23.05, 1.0),))
    assert found(INDEX.match([(area, None)])) == {"441224101201": (None, "circle")}


def test_nothing_hit_says_how_far_away_the_nearest_grid_is():
    matched = INDEX.match([drawn(box(113.0, 23.0))])
    assert matched.hits == ()
    assert matched.nearest_km == pytest.approx(56.2, rel=0.02)


def test_an_empty_layer_hits_nothing():
    assert GridIndex([]).match([drawn(box(112.0, 23.0)), coded("441224")]).hits == ()


def test_a_crooked_grid_stops_nothing():
    tie = shapely.Polygon([(112.0, 23.0), (112.1, 23.1), (112.1, 23.0), (112.0, 23.1)])
    index = GridIndex([grid("tie", tie), grid("flat", shapely.LineString([(0, 0), (1, 1)]))])
    assert found(index.match([drawn(box(112.05, 23.0))])) == {
        "tie": (None, "polygon"),
        "flat": (None, "town shape"),  # a line encloses nothing: as good as no polygon
    }


@pytest.mark.parametrize("lat", [0.0, 23.0, 47.0, 65.0])
def test_shares_agree_with_geographiclib_within_one_percent(lat):
    cell = shapely.box(112.0, lat, 112.6, lat + 0.5)
    warning = shapely.Polygon([(111.9, lat - 0.1), (112.7, lat + 0.1), (112.3, lat + 0.6)])
    (hit,) = GridIndex([grid("A", cell)]).match([drawn(warning)]).hits
    part, whole = (abs(GEOD.geometry_area_perimeter(shape)[0]) for shape in (cell & warning, cell))
    assert hit.share == pytest.approx(part / whole, rel=0.01)


CELLS = [
    grid(f"{column}-{row}", box(112 + column / 10, 23 + row / 10))
    for column in range(6)
    for row in range(6)
]
CELL_INDEX = GridIndex(CELLS)
CORNERS = st.tuples(st.floats(111.9, 112.7), st.floats(22.9, 23.7))


@settings(max_examples=60, deadline=None)
@given(st.lists(CORNERS, min_size=3, max_size=9), st.sampled_from([0.0, 0.01, 0.3]))
def test_the_index_finds_what_brute_force_finds(corners, min_share):
    warning = shapely.MultiPoint(corners).convex_hull.buffer(0.003, quad_segs=2)
    expected, doubtful = set(), set()
    for cell in CELLS:
        shared = cell.geometry.intersection(warning).area
        ratio = max(shared / cell.geometry.area, shared / warning.area)
        if cell.geometry.intersects(warning) and ratio >= min_share:
            expected.add(cell.code)
        if abs(ratio - min_share) < 0.003:  # square degrees are not quite square kilometres
            doubtful.add(cell.code)
    hits = {
        hit.grid.code for hit in CELL_INDEX.match([drawn(warning)], touch=Touch(min_share)).hits
    }
    assert (hits ^ expected) <= (doubtful if min_share else set())


def test_hits_keep_the_order_of_the_layer():
    matched = CELL_INDEX.match([drawn(shapely.box(112.0, 23.0, 112.6, 23.6))])
    assert [hit.grid for hit in matched.hits] == CELLS
    assert np.allclose([hit.share for hit in matched.hits], 1.0)
