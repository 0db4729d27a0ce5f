"""Areas, shares and circles against PROJ, which knows nothing of how we reckon."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod, Transformer
from shapely.geometry.base import BaseGeometry

from alertcast.core.alert import Area, Circle
from alertcast.core.earth import area_km2
from alertcast.core.grid import Grid, GridIndex
from alertcast.core.packed import pack
from alertcast.core.packed_cells import PackedCells
from alertcast.core.place import place_of
from alertcast.core.touch import Touch

GEOD = Geod(ellps="WGS84")
SEEDS = st.integers(0, 2**32 - 1)
LATITUDES = st.floats(-75, 75)
SIZES = [(0.001, 1e-5), (0.05, 1e-4), (1.0, 2e-3)]  # degrees, and how far off at most


def star(rng: np.random.Generator, lon: float, lat: float, size: float, points: int = 9):
    """Return a polygon about `size` degrees wide."""
    angle = np.linspace(0, 2 * np.pi, points, endpoint=False)
    radius = size / 2 * rng.uniform(0.4, 1.0, points)
    return shapely.Polygon(
        np.column_stack([lon + radius * np.cos(angle), lat + radius * np.sin(angle)])
    )


def true_km2(shape: BaseGeometry) -> float:
    """Return the area by geographiclib; edges are straight in degrees, as CAP and layers mean."""
    fine = shapely.segmentize(shape, max(shape.length / 2000, 1e-6))
    return abs(GEOD.geometry_area_perimeter(fine)[0]) / 1e6


def true_share(cell: BaseGeometry, warning: BaseGeometry) -> float:
    """Return the share of a cell in a warning, in PROJ's equal-area projection around the cell."""
    lon, lat = cell.centroid.x, cell.centroid.y
    onto = f"+proj=laea +lat_0={lat} +lon_0={lon} +ellps=WGS84 +units=m"
    to = Transformer.from_crs("EPSG:4326", onto, always_xy=True)

    def flat(shape: BaseGeometry) -> BaseGeometry:
        fine = shapely.segmentize(shape, max(shape.length / 3000, 1e-7))
        return shapely.transform(fine, lambda xy: np.column_stack(to.transform(*xy.T)))

    return float((flat(cell) & flat(warning)).area / flat(cell).area)


@settings(max_examples=60, deadline=None)
@given(seed=SEEDS, lat=LATITUDES, size=st.sampled_from(SIZES))
def test_areas_of_villages_are_exact_and_of_counties_nearly(seed, lat, size):
    degrees, at_most = size
    shape = star(np.random.default_rng(seed), 112.0, lat, degrees)
    (found,) = area_km2(np.array([shape], dtype=object))
    assert found == pytest.approx(true_km2(shape), rel=at_most)


@settings(max_examples=40, deadline=None)
@given(seed=SEEDS, lat=LATITUDES, lon=st.floats(-179, 179), wide=st.sampled_from([0.02, 0.2]))
def test_shares_agree_with_a_projection_around_the_cell(seed, lat, lon, wide):
    rng = np.random.default_rng(seed)
    cell, warning = star(rng, lon, lat, wide), star(rng, lon + wide / 4, lat, wide)
    grid = Grid("A", "A", "village", "441224101", "镇", "441224", "县", geometry=cell)
    area = Area("x", polygons=(tuple(warning.exterior.coords),))
    for cells in (None, PackedCells(pack([[cell]]))):
        (hit,) = GridIndex([grid], cells).match([(area, None)], touch=Touch(0.0)).hits
        assert hit.share == pytest.approx(true_share(cell, warning), abs=1e-4)


@settings(max_examples=80, deadline=None)
@given(
    lon=st.floats(-180, 180),
    lat=st.floats(-89.5, 89.5),
    exponent=st.floats(-1.5, 3.7),
    seed=SEEDS,
)
def test_a_circle_leaves_out_nobody_within_its_true_metres_and_takes_in_few_beyond(
    lon, lat, exponent, seed
):
    radius = 10**exponent
    place = place_of(Area("x", circles=(Circle(lon, lat, radius),)))
    ways = np.random.default_rng(seed).uniform(0, 360, 200)
    for metres, is_inside in ((radius * 1000, True), (radius * 1002.5, False)):
        many = np.full(len(ways), 1.0)
        east, north, _ = GEOD.fwd(many * lon, many * lat, ways, many * metres)
        found = shapely.intersects_xy(place.shape, east, north)
        if is_inside:
            assert found.all()
        elif not any(reason.code == "around_pole" for reason in place.reasons):
            assert not found.any()


@pytest.mark.parametrize("lat", [-70.0, 0.0, 66.0])
def test_what_crosses_the_180th_meridian_loses_nothing(lat):
    ring = shapely.box(179.2, lat, 181.0, lat + 1.0)
    for turn in (0.0, -360.0):
        corners = [(lon + turn, south) for lon, south in ring.exterior.coords]
        area = Area("x", polygons=(tuple(corners),))
        assert area_km2(np.array([place_of(area).shape], dtype=object))[0] == pytest.approx(
            true_km2(ring), rel=5e-4
        )
    cell = shapely.union(
        shapely.box(179.9, lat, 180, lat + 0.2), shapely.box(-180, lat, -179.9, lat + 0.2)
    )
    grid = Grid("A", "A", "village", "441224101", "镇", "441224", "县", geometry=cell)
    for cells in (None, PackedCells(pack([[cell]]))):
        half = Area("x", polygons=(tuple(shapely.box(178, lat, 180, lat + 1).exterior.coords),))
        both = [(half, "red"), (area, "orange")]
        index = GridIndex([grid], cells)
        (hit,) = index.match([(half, None)]).hits
        assert hit.share == pytest.approx(0.5, abs=1e-9)
        (hit,) = index.match(both, levels=("red", "orange"), touch=Touch(0.9)).hits
        assert (hit.level, hit.share) == ("orange", pytest.approx(1.0, abs=1e-9))
