"""Areas with codes only get the shapes of an imported layer; what is unknown is never silent."""

import shapely

from alertcast.core.alert import Area, Circle, ReasonKind
from alertcast.core.code_places import code_key, key_of, with_shapes, without_shape
from alertcast.core.grid import Grid, GridIndex
from alertcast.core.place import Code

WEST, EAST = shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)
SQUARE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0), (0.0, 0.0))
SHAPES = {("emma_id", "xx001"): WEST, ("emma_id", "xx002"): EAST, ("cn", "441224"): EAST}


def grid(code, shape, **more):
    fields = {"kind": "village", "town": "t", "county": "c", "county_code": "441224"}
    return Grid(code=code, name=code, town_code=code[:9], geometry=shape, **{**fields, **more})


INDEX = GridIndex(
    [
        grid("441224101001", WEST.buffer(-0.1)),
        grid("441224102001", EAST.buffer(-0.1), aliases=("LOCAL:E",)),
    ]
)


def matched(*geocodes, **area):
    areas = [(Area("A", geocodes=geocodes, **area), "red")]
    made, reasons = with_shapes(areas, without_shape(areas), SHAPES, INDEX.names)
    found = INDEX.match(made, levels=["red"])
    return [hit.grid.code for hit in found.hits], [*reasons, *found.reasons]


def errors(reasons):
    return [reason.code for reason in reasons if reason.kind is ReasonKind.ERROR]


def test_a_code_is_taken_as_its_shape_and_that_is_said():
    grids, reasons = matched(("EMMA_ID", "XX001"))
    assert grids == ["441224101001"]
    assert [(one.code, one.kind) for one in reasons] == [("code_shape", ReasonKind.NOTE)]
    assert "EMMA_ID XX001" in reasons[0].message


def test_several_codes_are_all_told_whatever_their_case():
    assert matched(("emma_id", " xx001"), ("Emma_ID", "XX002"))[0] == [
        "441224101001",
        "441224102001",
    ]


def test_a_code_that_the_layer_lacks_is_an_error_beside_what_is_known():
    grids, reasons = matched(("EMMA_ID", "XX001"), ("EMMA_ID", "XX999"))
    assert grids == ["441224101001"]
    assert errors(reasons) == ["unknown_code"]
    assert any("XX999" in reason.message for reason in reasons)


def test_a_code_of_a_scheme_nobody_imported_is_another_name_of_the_same_place():
    grids, reasons = matched(("EMMA_ID", "XX001"), ("FIPS", "1"))
    assert grids == ["441224101001"] and errors(reasons) == []


def test_where_no_code_is_known_somebody_must_look():
    grids, reasons = matched(("EMMA_ID", "XX999"), ("FIPS", "1"))
    assert grids == []
    assert errors(reasons) == ["unknown_code", "unknown_code"]


def test_a_shape_of_the_area_itself_is_finer_than_its_code():
    assert matched(("EMMA_ID", "XX002"), polygons=(SQUARE,))[0] == ["441224101001"]
    assert matched(("EMMA_ID", "XX002"), circles=(Circle(0.5, 0.5, 1.0),))[0] == ["441224101001"]


def test_a_shape_that_can_not_be_used_gives_way_to_the_code():
    assert matched(("EMMA_ID", "XX002"), polygons=(SQUARE[:2],))[0] == ["441224102001"]


def test_what_our_grids_name_exactly_needs_no_layer():
    assert matched(("adcode", "441224"))[0] == ["441224101001", "441224102001"]
    grids, reasons = matched(("LOCAL", "E"), ("EMMA_ID", "XX001"))
    assert grids == ["441224101001", "441224102001"] and errors(reasons) == []


def test_the_hole_of_a_shape_is_filled():
    ring = WEST.union(EAST).difference(EAST.buffer(-0.05))
    areas = [(Area("A", geocodes=(("X", "1"),)), None)]
    made, _ = with_shapes(areas, without_shape(areas), {("x", "1"): ring}, INDEX.names)
    assert len(INDEX.match(made).hits) == 2


def test_all_names_of_china_s_codes_are_one_scheme_without_padding():
    assert code_key("CPEAS Geographic Code", "441224000000") == key_of(Code("CN", "441224"))
    assert code_key("EMMA_ID", " De001 ") == ("emma_id", "de001")
