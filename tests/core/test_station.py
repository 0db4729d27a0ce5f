"""Stations: the night a word is about, the nearest in true metres, the rules of policy.toml."""

from datetime import datetime, time, timedelta
from typing import Any

import numpy as np
import pyproj
import pytest
import shapely

from alertcast.core.earth import metres_between
from alertcast.core.station import (
    OpenStation,
    StationRules,
    distance,
    nearest,
    night_end,
    read_stations,
)

GEOD = pyproj.Geod(ellps="WGS84")
LEVELS, HAZARDS = ("red", "orange", "yellow"), ("cold", "frost")


def hall(code: str, lon: float, lat: float) -> OpenStation:
    return OpenStation(code, code, "E1", "东村", "全天", True, lon, lat)


@pytest.mark.parametrize(
    ("said", "ends"),
    [
        ("2026-12-26T17:20", "2026-12-27T08:00"),
        ("2026-12-27T03:00", "2026-12-27T08:00"),
        ("2026-12-27T07:59", "2026-12-27T08:00"),
        ("2026-12-27T08:00", "2026-12-28T08:00"),
        ("2026-12-31T23:59", "2027-01-01T08:00"),
    ],
)
def test_a_word_is_about_the_night_it_is_said_in_or_before(said: str, ends: str) -> None:
    assert night_end(datetime.fromisoformat(said), time(8)) == datetime.fromisoformat(ends)


@pytest.mark.parametrize("lat", [0.0, 23.9, -33.0, 60.0, 84.0])
@pytest.mark.parametrize("lon", [112.18, 179.999, -180.0])
@pytest.mark.parametrize("metres", [10.0, 900.0, 9_000.0, 40_000.0])
def test_metres_are_those_of_the_ellipsoid(lon: float, lat: float, metres: float) -> None:
    azimuths = np.arange(0.0, 360.0, 30.0)
    start = np.full(len(azimuths), 1.0)
    there_lon, there_lat, _ = GEOD.fwd(lon * start, lat * start, azimuths, metres * start)
    points = shapely.points(there_lon, there_lat)
    found = metres_between(points, lon * start, lat * start)
    assert np.allclose(found, metres, rtol=1e-3)


def test_within_a_grid_it_is_no_distance_and_else_to_its_edge() -> None:
    box = shapely.box(112.0, 24.0, 112.01, 24.01)
    inside, beside = (112.005, 24.005), (112.02, 24.005)
    lon, lat = np.array([inside, beside]).T
    here, there = metres_between(np.array([box, box], dtype=object), lon, lat)
    _, _, edge = GEOD.inv(112.01, 24.005, 112.02, 24.005)
    assert here == 0
    assert there == pytest.approx(edge, rel=1e-3)


def test_the_nearest_within_reach_is_found_as_by_looking_at_all() -> None:
    rng = np.random.default_rng(5)
    halls = [
        hall(f"S{n}", *at) for n, at in enumerate(rng.uniform((112, 23.5), (112.6, 24), (40, 2)))
    ]
    corners = rng.uniform((112, 23.5), (112.6, 24), (60, 2))
    shapes = {n: shapely.box(x, y, x + 0.02, y + 0.01) for n, (x, y) in enumerate(corners)}
    found = nearest(shapes, halls, 5_000.0)
    for n, shape in shapes.items():
        every = np.array([shape] * len(halls), dtype=object)
        lon, lat = np.array([(one.lon, one.lat) for one in halls]).T
        metres = metres_between(every, lon, lat)
        best = int(metres.argmin())
        if metres[best] <= 5_000:
            assert found[n] == (halls[best], pytest.approx(metres[best]))
        else:
            assert n not in found
    assert 0 < len(found) < len(shapes)
    assert nearest(shapes, [], 5_000.0) == nearest({}, halls, 5_000.0) == {}


@pytest.mark.parametrize(
    ("metres", "zh", "en"),
    [
        (3.0, "约50米", "about 50 m away"),
        (312.0, "约300米", "about 300 m away"),
        (1194.0, "约1.2公里", "about 1.2 km away"),
        (8_020.0, "约8公里", "about 8 km away"),
    ],
)
def test_a_distance_is_said_no_finer_than_it_is_of_use(metres: float, zh: str, en: str) -> None:
    assert distance(metres, "zh-CN") == zh
    assert distance(metres, "en") == en


def test_the_rules_are_read_and_without_any_nobody_is_asked() -> None:
    mistakes: list[str] = []
    part = {"levels": ["red"], "hazards": ["cold"], "again": "30m", "until": "07:30"}
    rules = read_stations(part, LEVELS, HAZARDS, mistakes)
    assert mistakes == []
    assert (rules.again, rules.until) == (timedelta(minutes=30), time(7, 30))
    assert rules.asks("frost", "cold")
    assert not rules.asks("wind", "wind")
    assert not StationRules().asks("cold", "cold")
    assert StationRules(levels=("red",)).asks("wind", None)


@pytest.mark.parametrize(
    "part",
    [
        {"level": ["red"]},
        {"levels": ["purple"]},
        {"levels": "red"},
        {"hazards": ["snow"]},
        {"kinds": ["robot"]},
        {"calls": 0},
        {"calls": True},
        {"every": "soon"},
        {"again": 2},
        {"until": "8"},
        {"until": 8},
        {"within": "10km"},
        {"most": 0},
    ],
)
def test_every_mistake_names_its_key(part: dict[str, Any]) -> None:
    mistakes: list[str] = []
    read_stations(part, LEVELS, HAZARDS, mistakes)
    assert len(mistakes) == 1
    assert mistakes[0].startswith(("stations.", "stations: "))
    assert next(iter(part)) in mistakes[0]
