"""What an officer draws, or brings in a file, is an area or is refused with the reason."""

import json
from typing import Any

import pytest

from alertcast.core import drawn
from alertcast.core.drawn import DrawnError, read_drawn

RING = [[112, 23], [113, 23], [113, 24], [112, 24], [112, 23]]
SQUARE = {"type": "Polygon", "coordinates": [RING]}
HOLE = [[112.5, 23.5], [112.6, 23.5], [112.5, 23.6], [112.5, 23.5]]
LINE = ((0, 0), (1, 1), (2, 2))
METRES = ((444000, 2600000), (444100, 2600000), (444100, 2600100))
FAR = {"type": "Polygon", "coordinates": [[[x + 5, y] for x, y in RING]]}


def feature(geometry: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": {}, "geometry": geometry}


def polygon(*corners: tuple[float, float]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [[*corners, corners[0]]]}


def collection(*geometries: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": [feature(one) for one in geometries]}


@pytest.mark.parametrize(
    ("document", "area"),
    [
        (SQUARE, 1),
        (feature(SQUARE), 1),
        (collection(SQUARE, SQUARE), 1),
        (collection(SQUARE, FAR, None), 2),
        (collection(SQUARE, {"type": "Point", "coordinates": [1, 2]}), 1),
        ({"type": "GeometryCollection", "geometries": [SQUARE, FAR]}, 2),
        ({"type": "MultiPolygon", "coordinates": [[RING], FAR["coordinates"]]}, 2),
        ({"type": "Polygon", "coordinates": [RING, HOLE]}, 0.995),
    ],
)
def test_an_area(document: Any, area: float) -> None:
    assert read_drawn(json.dumps(document)).area == pytest.approx(area)


def test_a_crossed_line_keeps_both_its_wings() -> None:
    bow_tie = {"type": "Polygon", "coordinates": [[[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]]}
    shape = read_drawn(json.dumps(bow_tie))
    assert shape.is_valid
    assert shape.area == pytest.approx(2)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "读不懂的 JSON"),
        ("x", "读不懂的 JSON"),
        ("[" * 100_000, "读不懂的 JSON"),
        ("[]", "没有可用的 type"),
        ("null", "没有可用的 type"),
        ('{"type": "Shape"}', "没有可用的 type"),
        ('{"type": "FeatureCollection"}', "缺少 features"),
        ('{"type": "FeatureCollection", "features": [{"type": "Nothing"}]}', "第 1 个要素不是"),
        (json.dumps(collection()), "没有面"),
        (json.dumps({"type": "LineString", "coordinates": RING}), "没有面"),
        (json.dumps({"type": "Polygon", "coordinates": []}), "没有围成面"),
        (json.dumps(polygon(*LINE)), "没有围成面"),
        (json.dumps({"type": "Polygon", "coordinates": "x"}), "坐标读不懂"),
        (json.dumps({"type": "Polygon"}), "坐标读不懂"),
        (json.dumps(collection(SQUARE, polygon((0, 0), (1, 1)))), "第 2 个要素没有围成面"),
        (json.dumps(polygon(*METRES)), "不是经纬度"),
        ('{"type": "Polygon", "coordinates": [[[0, 0], [1, NaN], [1, 1], [0, 0]]]}', "坐标"),
    ],
)
def test_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(DrawnError, match=why):
        read_drawn(text)


def test_too_many_corners(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawn, "MOST_CORNERS", 4)
    with pytest.raises(DrawnError, match="顶点超过 4 个"):
        read_drawn(json.dumps(SQUARE))
