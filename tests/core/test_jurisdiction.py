"""What a source may warn of: by code, within a box, and latitude and longitude swapped."""

import pytest

from alertcast.core.alert import Alert, Area, Circle, Info
from alertcast.core.jurisdiction import Jurisdiction
from tests.stories.town import EVENING

CODES = {"codes": ["4412"]}
BOX = {"box": [20, 20, 30, 26]}  # both ways round on Earth, so that a swap is no proof by itself


def alert(*areas: Area) -> Alert:
    info = Info("zh-CN", ("Met",), "寒冷", "Expected", "Severe", "Likely", areas=areas)
    return Alert("x", "observatory", EVENING, "Actual", "Alert", infos=(info,))


def ring(lon: float, lat: float) -> Area:
    points = ((lon, lat), (lon + 1, lat), (lon + 1, lat + 1), (lon, lat))
    return Area("某地", polygons=(points,))


def coded(*codes: str) -> Area:
    return Area("某地", geocodes=tuple(("CPEAS Geographic Code", code) for code in codes))


@pytest.mark.parametrize(
    ("section", "area", "said"),
    [
        (CODES, coded("110000000000"), "区划代码 11 在辖区之外"),
        (CODES, coded("440000000000"), "区划代码 44 在辖区之外"),  # wider than what was declared
        (CODES, coded("441224000000", "441300000000"), "区划代码 4413"),
        (BOX, ring(40, 22), "图形在辖区之外"),
        (BOX, ring(24, 29), "经纬度像是写反了"),
        (BOX, Area("某地", circles=(Circle(50, 50, 10),)), "图形在辖区之外"),
        (BOX, Area("某地", circles=(Circle(25, 29, 10),)), "经纬度像是写反了"),
        (CODES | BOX, ring(40, 22), "图形在辖区之外"),
    ],
)
def test_what_lies_outside_is_named(section, area, said):
    fault = Jurisdiction.read(section).fault(alert(ring(21, 21), coded("441224000000"), area))
    assert fault is not None
    assert said in fault
    assert "某地" in fault


@pytest.mark.parametrize(
    ("section", "area"),
    [
        (CODES, coded("441224000000")),
        (CODES, coded("441224101000")),
        (CODES, ring(40, 22)),  # no box is declared
        (BOX, coded("110000000000")),  # no codes are declared
        (BOX, ring(29.5, 25.5)),  # reaches over the edge
        (BOX, ring(19.5, 21)),
        (BOX, Area("某地", circles=(Circle(19, 22, 200),))),
        (CODES, Area("某地", geocodes=(("UGC", "WAZ558"),))),
        (CODES | BOX, Area("某地")),
    ],
)
def test_what_lies_inside_or_can_not_be_told_is_no_fault(section, area):
    assert Jurisdiction.read(section).fault(alert(area)) is None


@pytest.mark.parametrize(
    "section",
    [
        {},
        [],
        "4412",
        {"codes": []},
        {"codes": "4412"},
        {"codes": ["441"]},
        {"code": ["4412"]},
        {"box": [1, 2, 3]},
        {"box": [112, 24, 111, 22]},
        {"box": [0, 0, 400, 1]},
        {"box": ["a", 0, 1, 1]},
        {"box": [float("nan"), 0, 1, 1]},
    ],
)
def test_a_mistake_is_told(section):
    with pytest.raises(ValueError, match=r"e\.g\."):
        Jurisdiction.read(section)
