import pytest

from alertcast.core.alert import Area, Circle
from alertcast.sources.cap import parse
from tests.sources.documents import SQUARE, cap

CODE = "<geocode><valueName>CPEAS Geographic Code</valueName><value>441224000000</value></geocode>"


def read(hazards, shapes, desc="<areaDesc>怀集</areaDesc>"):
    (parsed,) = parse(cap(desc + shapes), hazards)
    assert parsed.accepted
    return parsed.alert.infos[0].areas[0], {reason.code for reason in parsed.reasons}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty_shape"),
        ("23,112 23,112.1", "short_ring"),
        ("23,112 23,112 23,112 23,112", "short_ring"),
        ("23,112 23,112.1 x,112.1 23,112", "bad_pair"),
        ("23,112 23,112.1 23.1 112.1 23,112", "bad_pair"),
        ("23,112 23,nan 23.1,112.1 23,112", "bad_pair"),
        ("23,112 23,1e2 23.1,112.1 23,112", "bad_pair"),
        ("112.0,23.0 112.1,23.0 112.1,23.1 112.0,23.0", "outside_world"),
        ("3237.5,13040.7 3237.6,13040.7 3237.6,13040.8 3237.5,13040.7", "outside_world"),
    ],
)
def test_a_polygon_that_cannot_be_read_is_left_out(hazards, text, code):
    area, found = read(hazards, f"<polygon>{text}</polygon>")
    assert area.polygons == ()
    assert code in found


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (SQUARE.rsplit(" ", 1)[0], "open_ring"),
        (SQUARE.replace(" ", ", "), "stray_marks"),
        (f"({SQUARE.replace(' ', ') (')})", "stray_marks"),
        (SQUARE.replace(" ", "\n\t  "), None),
        (SQUARE.replace("112.", "+112."), None),
    ],
)
def test_a_polygon_with_a_slip_is_mended(hazards, text, code):
    area, found = read(hazards, f"<polygon>{text}</polygon>")
    assert area.polygons[0][:2] == ((112.0, 23.0), (112.1, 23.0))  # lon, lat
    assert area.polygons[0][0] == area.polygons[0][-1]
    assert found == ({code} if code else set())


def test_codes_beside_an_empty_polygon_are_kept(hazards):
    area, _ = read(hazards, "<polygon/>" + CODE)
    assert area.geocodes == (("CPEAS Geographic Code", "441224000000"),)


def test_a_spoiled_ring_hands_the_whole_area_to_its_codes(hazards):
    shapes = f"<polygon>{SQUARE}</polygon><polygon>23,x 1,1 2,2 3,3</polygon>"
    area, found = read(hazards, shapes + CODE)
    assert area.polygons == () and area.geocodes
    assert "codes_instead" in found
    area, found = read(hazards, shapes)
    assert len(area.polygons) == 1 and "codes_instead" not in found
    (parsed,) = parse(cap(f"<areaDesc>怀集</areaDesc>{shapes}"), hazards)
    assert parsed.alert.infos[0].areas[1] == Area("怀集"), "what is lost stands beside it"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1, 2 3 4", "bad_circle"),
        ("23,112", "bad_circle"),
        ("112,23 5", "outside_world"),
        ("23,112 -1", "bad_radius"),
        ("23,112 20001", "bad_radius"),
    ],
)
def test_a_circle_that_cannot_be_read_is_left_out(hazards, text, code):
    area, found = read(hazards, f"<circle>{text}</circle>")
    assert area.circles == () and code in found


def test_a_circle_is_kept_with_its_radius(hazards):
    area, found = read(hazards, "<circle>23.9,112.2 15.5</circle><circle>23.9,112.2 0</circle>")
    assert area.circles == (Circle(112.2, 23.9, 15.5), Circle(112.2, 23.9, 0.0))
    assert found == set()


def test_too_much_geometry_gives_way_to_codes(hazards):
    area, found = read(hazards, f"<polygon>{SQUARE}</polygon>" * 1001 + CODE)
    assert area.polygons == () and area.geocodes
    assert "too_much_geometry" in found


def test_an_area_without_a_name_or_with_an_odd_height_is_kept(hazards):
    area, found = read(hazards, "<altitude>high</altitude><ceiling>300</ceiling>", desc="")
    assert (area.desc, area.altitude, area.ceiling) == ("", None, 300.0)
    assert {"no_area_desc", "bad_height"} <= found


def test_an_empty_geocode_is_left_out(hazards):
    area, found = read(hazards, "<geocode><valueName>SAME</valueName><value/></geocode>")
    assert area.geocodes == () and "empty_geocode" in found


def test_a_coast_of_six_thousand_points_and_two_hundred_islands_lose_none(hazards):
    coast = (
        " ".join(f"{23 + n / 1e5:.5f},{112 + n % 2 / 10}" for n in range(6207)) + " 23.00000,112.0"
    )
    islands = "".join(
        f"<polygon>{SQUARE.replace('112.', f'{n}.')}</polygon>" for n in range(-179, 33)
    )
    area, found = read(hazards, f"<polygon>{coast}</polygon>")
    assert len(area.polygons[0]) == 6208
    area, found = read(hazards, islands)
    assert len(area.polygons) == 212
    assert found == set()


def test_a_code_that_leaves_a_place_out_is_kept_as_it_came(hazards):
    out = "<geocode><valueName>EXCLUDE_POLYGON</valueName><value>23.05,112.05</value></geocode>"
    area, _ = read(hazards, f"<polygon>{SQUARE}</polygon>{out}")
    assert len(area.polygons) == 1
    assert area.geocodes == (("EXCLUDE_POLYGON", "23.05,112.05"),)
