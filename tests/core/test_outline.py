"""What a map draws is close to the layer, joined at its borders, and never decides anything."""

import pytest
import shapely
from shapely import Point, box
from shapely.geometry.base import BaseGeometry

from alertcast.core.grid import Grid
from alertcast.core.outline import TOLERANCE, cells, counties, towns


def cell(
    code: str, shape: BaseGeometry | None, town: str = "441224101", *, approximate: bool = False
) -> Grid:
    return Grid(
        code=code,
        name=f"{code}村",
        kind="village",
        town_code=town,
        town=f"{town[-1]}镇",
        county_code=town[:6],
        county="怀集县",
        approximate=approximate,
        geometry=shape,
    )


def test_a_border_of_many_corners_is_drawn_with_few_and_close() -> None:
    circle = Point(112.2, 23.9).buffer(0.05, quad_segs=500)
    drawn = cells([cell("A", circle)])[0].shape
    assert len(drawn.exterior.coords) < len(circle.exterior.coords) / 10
    assert shapely.hausdorff_distance(drawn, circle) < 2 * TOLERANCE


def test_neighbours_that_share_a_border_share_the_drawn_one() -> None:
    wave = [(0.001 * n, 0.00005 * (n % 7)) for n in range(101)]
    north = shapely.Polygon([*wave, (0.1, 0.1), (0, 0.1)])
    south = shapely.Polygon([*wave, (0.1, -0.1), (0, -0.1)])
    one, other = (place.shape for place in cells([cell("N", north), cell("S", south)]))
    assert one.intersection(other).area == pytest.approx(0, abs=1e-12)
    assert one.union(other).geom_type == "Polygon"


def test_grids_that_overlap_are_drawn_all_the_same() -> None:
    found = cells([cell("A", box(0, 0, 1, 1)), cell("B", box(0.5, 0, 1.5, 1))])
    assert [place.shape.is_valid for place in found] == [True, True]


def test_a_town_is_its_grids_without_the_cracks_between_them() -> None:
    left, right = box(0, 0, 0.1, 0.1), box(0.1002, 0, 0.2, 0.1)
    (town,) = towns([cell("A", left), cell("B", right, approximate=True)])
    assert (town.code, town.name, town.within) == ("441224101", "1镇", "怀集县")
    assert town.approximate
    assert town.shape.geom_type == "Polygon"
    assert not town.shape.interiors


def test_a_county_is_all_its_towns() -> None:
    grids = [cell("A", box(0, 0, 1, 1)), cell("B", box(1, 0, 2, 1), "441224102")]
    (county,) = counties(grids)
    assert (county.code, county.name, county.within) == ("441224", "怀集县", "")
    assert county.shape.area == pytest.approx(2, rel=1e-3)
    assert len(towns(grids)) == 2


def test_what_has_no_shape_is_not_drawn() -> None:
    grids = [cell("A", None), cell("B", shapely.Polygon())]
    assert cells(grids) == towns(grids) == counties(grids) == []


def test_a_sliver_stays_what_it_is() -> None:
    sliver = box(0, 0, 0.00004, 0.01)
    assert not cells([cell("A", sliver)])[0].shape.is_empty
    assert not towns([cell("A", sliver)])[0].shape.is_empty
