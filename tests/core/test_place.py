"""What can be read of a CAP area, and what is refused with a reason."""

import math

import numpy as np
import pytest
import shapely
from pyproj import Geod

from alertcast.core.alert import Area, Circle, ReasonKind
from alertcast.core.earth import area_km2, gap_km, ring_around
from alertcast.core.place import Code, china_code, place_of

GEOD = Geod(ellps="WGS84")
SQUARE = ((112.0, 23.0), (112.1, 23.0), (112.1, 23.1), (112.0, 23.1), (112.0, 23.0))


def codes(place):
    return [reason.code for reason in place.reasons]


@pytest.mark.parametrize(
    ("ring", "code"),
    [
        ((), "short_ring"),
        (((112.0, 23.0), (112.1, 23.0)), "short_ring"),
        (((112.0, 23.0), (112.1, 23.1), (112.2, 23.2), (112.0, 23.0)), "flat_ring"),
        (((23.0, 112.0), (23.0, 112.1), (23.1, 112.1), (23.0, 112.0)), "outside_world"),
        (((13040.7, 32.0), (13041.0, 32.0), (13041.0, 33.0), (13040.7, 32.0)), "outside_world"),
        (((math.nan, 23.0), (112.1, 23.0), (112.1, 23.1), (112.0, 23.0)), "outside_world"),
        (((0.0, 80.0), (90.0, 80.0), (180.0, 80.0), (-90.0, 80.0), (0.0, 80.0)), "around_pole"),
    ],
)
def test_an_unusable_polygon_is_named_and_left_out(ring, code):
    place = place_of(Area("x", polygons=(ring,)))
    assert place.shape is None
    assert code in codes(place)
    assert codes(place)[-1] == "no_place"


@pytest.mark.parametrize(
    ("circle", "code"),
    [
        (Circle(112.0, 123.0, 5.0), "outside_world"),
        (Circle(112.0, 23.0, -1.0), "bad_radius"),
        (Circle(112.0, 23.0, 20_001.0), "bad_radius"),
        (Circle(112.0, 23.0, math.nan), "bad_radius"),
        (Circle(math.inf, 23.0, 1.0), "outside_world"),
    ],
)
def test_an_unusable_circle_is_named_and_left_out(circle, code):
    place = place_of(Area("x", circles=(circle,)), "info[0]/area[2]")
    assert place.shape is None
    assert codes(place) == [code, "no_place"]
    assert place.reasons[0].where == "info[0]/area[2]/circle[0]"


def test_one_bad_polygon_does_not_lose_the_good_one():
    place = place_of(Area("x", polygons=((), SQUARE)))
    assert place.shape.equals(shapely.Polygon(SQUARE))
    assert codes(place) == ["short_ring"]


def test_an_open_ring_is_closed():
    place = place_of(Area("x", polygons=(SQUARE[:-1],)))
    assert place.shape.equals(shapely.Polygon(SQUARE))
    assert codes(place) == ["open_ring"]


def test_a_bow_tie_keeps_both_wings_and_says_so():
    ring = ((112.0, 23.0), (112.1, 23.1), (112.1, 23.0), (112.0, 23.1), (112.0, 23.0))
    place = place_of(Area("x", polygons=(ring,)))
    assert len(shapely.get_parts(place.shape)) == 2
    assert codes(place) == ["mended"]


def test_a_star_keeps_its_heart():
    turns = np.radians(90 + 144 * np.arange(6))
    ring = tuple((112 + float(np.cos(t)), 23 + float(np.sin(t))) for t in turns)
    place = place_of(Area("x", polygons=(ring,)))
    assert place.shape.contains(shapely.Point(112, 23))


def test_winding_and_overlap_make_one_union_without_holes():
    inner = ((112.02, 23.02), (112.02, 23.05), (112.05, 23.05), (112.05, 23.02), (112.02, 23.02))
    place = place_of(Area("x", polygons=(SQUARE, inner)))
    assert place.shape.equals(shapely.Polygon(SQUARE))


@pytest.mark.parametrize("ring_west", [-179.5, 180.5])
def test_a_polygon_over_the_180th_meridian_is_cut_there(ring_west):
    ring = ((179.5, -17.0), (ring_west, -17.0), (ring_west, -16.0), (179.5, -16.0), (179.5, -17.0))
    place = place_of(Area("x", polygons=(ring,)))
    assert place.shape.bounds == (-180.0, -17.0, 180.0, -16.0)
    assert place.shape.area == pytest.approx(1.0)
    assert codes(place) == ["antimeridian"]


def test_a_circle_over_the_180th_meridian_is_cut_there():
    shape = place_of(Area("x", circles=(Circle(179.9, -17.0, 100.0),))).shape
    assert shape.intersects(shapely.Point(-179.9, -17.0))
    assert not shape.intersects(shapely.Point(0.0, -17.0))


@pytest.mark.parametrize("lat", [0.0, 23.05, -45.0, 70.0, 84.0])
@pytest.mark.parametrize("radius", [0.5, 25.0, 300.0])
def test_a_circle_is_true_metres_and_leaves_nobody_out(lat, radius):
    place = place_of(Area("x", circles=(Circle(112.0, lat, radius),)))
    azimuths = np.linspace(0, 360, 1000)
    lon, lat_out, _ = GEOD.fwd(
        np.full(1000, 112.0), np.full(1000, lat), azimuths, np.full(1000, radius * 1000)
    )
    assert shapely.covers(place.shape, shapely.points(lon, lat_out)).all()
    lon, lat_out, _ = GEOD.fwd(
        np.full(1000, 112.0), np.full(1000, lat), azimuths, np.full(1000, radius * 1004)
    )
    assert not shapely.covers(place.shape, shapely.points(lon, lat_out)).any()


def test_a_circle_that_reaches_the_pole_is_told_outward():
    place = place_of(Area("x", circles=(Circle(20.0, 89.0, 300.0),)))
    assert place.shape.intersects(shapely.Point(-160.0, 89.0))
    assert codes(place) == ["around_pole"]


def test_a_point_is_told_within_the_policy_distance():
    place = place_of(Area("x", circles=(Circle(112.0, 23.0, 0.0),)))
    assert area_km2(place.shape) == pytest.approx(math.pi, rel=0.01)
    assert codes(place) == ["point"]


def test_ring_around_agrees_with_geographiclib():
    ring = ring_around(112.465, 23.047, 250.0, 64)
    _, _, metres = GEOD.inv(np.full(64, 112.465), np.full(64, 23.047), ring[:, 0], ring[:, 1])
    assert np.abs(metres - 250_000).max() < 0.01


def test_areas_agree_with_geographiclib():
    for lat in (0.0, 23.0, 60.0, -80.0):
        cell = shapely.box(112.0, lat, 112.2, lat + 0.1)
        true = abs(GEOD.geometry_area_perimeter(cell)[0]) / 1e6
        assert area_km2(cell) == pytest.approx(true, rel=1e-4)


def test_gap_is_kilometres():
    one, other = shapely.box(112.0, 23.0, 112.1, 23.1), shapely.box(112.2, 23.0, 112.3, 23.1)
    _, _, metres = GEOD.inv(112.1, 23.05, 112.2, 23.05)
    assert gap_km(one, other) == pytest.approx(metres / 1000, rel=0.01)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", None),
        ("怀集", None),
        ("44122", None),
        ("000000000000", None),
        ("9412240000001", None),
        ("441224000000", "441224"),
        ("341823100000", "341823100"),
        ("441224101200", "441224101200"),
        ("440000000000", "44"),
        ("441200", "4412"),
        ("441900", "4419"),
        ("441224101", "441224101"),
        ("44", "44"),
    ],
)
def test_china_codes_lose_their_padding_and_nothing_else(text, code):
    assert china_code(text) == code


def test_codes_are_normalised_for_known_schemes_and_kept_for_others():
    area = Area(
        "x",
        geocodes=(
            ("CPEAS Geographic Code", "441224000000,441224101000 x1"),
            ("adcode", "441224"),
            ("SAME", "006109"),
        ),
    )
    place = place_of(area)
    assert place.codes == (Code("CN", "441224"), Code("CN", "441224101"), Code("SAME", "006109"))
    assert codes(place) == ["bad_code"]


def test_a_name_alone_is_never_guessed():
    place = place_of(Area("怀集县冷坑镇"))
    assert codes(place) == ["no_place"]


def test_a_code_that_cannot_be_read_is_an_error_only_where_it_is_needed():
    square = ((112.0, 23.0), (112.1, 23.0), (112.1, 23.1), (112.0, 23.0))
    bad = (("adcode", "none"),)
    assert place_of(Area("x", geocodes=bad)).reasons[0].kind is ReasonKind.ERROR
    (beside,) = place_of(Area("x", polygons=(square,), geocodes=bad)).reasons
    assert (beside.code, beside.kind) == ("bad_code", ReasonKind.NOTE)


INNER = "23.02,112.02 23.08,112.02 23.08,112.08 23.02,112.08 23.02,112.02"


def excluding(value, name="EXCLUDE_POLYGON", **more):
    return place_of(Area("x", polygons=(SQUARE,), geocodes=((name, value),), **more))


@pytest.mark.parametrize("name", ["EXCLUDE_POLYGON", "exclude_polygon "])
def test_what_is_to_be_left_out_is_cut_out(name):
    place = excluding(INNER, name)
    assert not place.shape.contains(shapely.Point(112.05, 23.05))
    assert place.shape.contains(shapely.Point(112.01, 23.01))
    assert place.codes == ()
    assert codes(place) == ["cut_out"]


@pytest.mark.parametrize(
    "value",
    ["23.05,112.05", "", "a,b c,d", "23.05 112.05", INNER.replace(" ", ","), "nan,nan " * 4],
)
def test_what_can_not_be_read_cuts_out_nothing(value):
    place = excluding(value)
    assert place.shape.equals(shapely.Polygon(SQUARE))
    assert codes(place) == ["bad_exclusion"]


def test_a_hole_that_is_all_of_the_area_cuts_out_nothing():
    all_of_it = "22,111 24,111 24,113 22,113 22,111"
    place = excluding(all_of_it)
    assert place.shape.equals(shapely.Polygon(SQUARE))
    assert "excludes_all" in codes(place)


def test_it_is_cut_out_of_circles_and_of_one_area_alone():
    place = excluding(INNER, circles=(Circle(112.05, 23.05, 20.0),))
    assert not place.shape.contains(shapely.Point(112.05, 23.05))
    other = place_of(Area("y", polygons=(SQUARE,)))
    assert other.shape.contains(shapely.Point(112.05, 23.05))


def test_an_area_that_only_leaves_out_names_no_place():
    place = place_of(Area("x", geocodes=(("EXCLUDE_POLYGON", INNER),)))
    assert place.shape is None
    assert "no_place" in codes(place)
