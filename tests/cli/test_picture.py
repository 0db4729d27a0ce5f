"""A picture of a warning over the grids: what it shows, and what happens where none can be made."""

import sys

import pytest
import shapely
from matplotlib.image import imread

from alertcast.cli import picture
from alertcast.core.alert import Area, Circle
from alertcast.core.grid import Grid, GridIndex
from alertcast.core.place import place_of
from alertcast.core.touch import Touch
from tests.cli.conftest import WHOLE_LAYER
from tests.sources.documents import atom, cap, embedded

EAST = "<areaDesc>东村</areaDesc><polygon>24,112 24,112.1 24.1,112.1 24.1,112 24,112</polygon>"
LEVELS = {"red": "红色", "orange": "橙色", "yellow": "黄色"}


def colours(file) -> dict[str, int]:
    """Return how many dots of the picture have each of the levels' fills."""
    dots = (imread(file)[..., :3] * 255).round().astype(int).reshape(-1, 3)
    wanted = {
        level: [int(fill[at : at + 2], 16) for at in (1, 3, 5)]
        for level, fill in picture.FILL.items()
    }
    return {level: int((dots == dot).all(axis=1).sum()) for level, dot in wanted.items()}


def grid(code, west, **fields):
    shape = fields.pop("geometry", shapely.box(west, 23.0, west + 0.1, 23.1))
    return Grid(
        code, f"{code}村", "village", "441224101", "镇", "441224", "县", geometry=shape, **fields
    )


def drawn(grids, areas, headline="寒冷红色预警", **rule):
    matched = GridIndex(grids).match(areas, levels=tuple(LEVELS), touch=Touch(**rule))
    shapes = [place_of(area).shape for area, _ in areas if area.polygons or area.circles]
    return picture.Drawn("A-1", headline, "2026-12-26", None, grids, matched, shapes, LEVELS)


@pytest.fixture
def folder(terminal):
    terminal.write("layer.json", WHOLE_LAYER)
    (terminal.folder / "warning.xml").write_bytes(cap(EAST))
    return terminal


def test_a_picture_is_drawn_beside_the_answer(folder):
    result = folder.run("alerts", "match", "warning.xml", "--grids", "layer.json", "--png", "w.png")
    assert result.exit_code == 0
    assert "polygon 1" in result.stdout
    found = colours(folder.folder / "w.png")
    assert found["orange"] > 10_000
    assert found["red"] == found["yellow"] == 0


def test_each_level_and_way_is_seen(tmp_path):
    grids = [
        grid("A", 112.0),
        grid("B", 112.1),
        grid("C", 112.2),
        grid("D", 112.3, geometry=None),
        grid(
            "E",
            112.4,
            aliases=("UGC:GDZ001",),
            geometry=shapely.box(112.4, 23, 112.5, 23.1)
            - shapely.box(112.43, 23.03, 112.45, 23.05),
        ),
    ]
    areas = [
        (
            Area("x", polygons=(tuple(shapely.box(112.0, 23, 112.1001, 23.1).exterior.coords),)),
            "red",
        ),
        (Area("x", circles=(Circle(112.25, 23.05, 0.05),)), "orange"),
        (Area("x", geocodes=(("UGC", "GDZ001"),)), "yellow"),
    ]
    file = tmp_path / "all.png"
    picture.save(drawn(grids, areas, share=0.02), file)
    assert all(colours(file)[level] > 2000 for level in LEVELS)


def test_a_warning_that_touches_nothing_is_a_picture_too(tmp_path):
    far = [(Area("x", polygons=(tuple(shapely.box(113, 24, 114, 25).exterior.coords),)), "red")]
    for grids in ([grid("A", 112.0)], [grid("A", 112.0, geometry=None)], []):
        picture.save(drawn(grids, far), tmp_path / "none.png")
        assert colours(tmp_path / "none.png")["red"] == 0
    nowhere = drawn([], [])
    picture.save(nowhere, tmp_path / "none.png")


def test_without_a_chinese_font_codes_are_shown_and_no_letter_is_missing(tmp_path):
    over = [
        (Area("x", polygons=(tuple(shapely.box(112, 23, 112.1, 23.1).exterior.coords),)), "red")
    ]
    for fonts in ((), ("No Such Font",)):
        picture.save(drawn([grid("A", 112.0)], over), tmp_path / "ascii.png", fonts)
    assert colours(tmp_path / "ascii.png")["red"] > 10_000


def test_a_headline_is_no_formula(tmp_path):
    over = [
        (Area("x", polygons=(tuple(shapely.box(112, 23, 112.1, 23.1).exterior.coords),)), "red")
    ]
    picture.save(drawn([grid("A", 112.0)], over, headline=r"$\frac$ 50 $ 预警"), tmp_path / "a.png")


def test_several_warnings_are_not_one_picture(folder):
    two = atom(embedded(cap(EAST, identifier="A-2")), embedded(cap(EAST, identifier="A-3")))
    (folder.folder / "two.atom").write_bytes(two)
    result = folder.run("alerts", "match", "two.atom", "--grids", "layer.json", "--png", "w.png")
    assert result.exit_code == 2
    assert "draws one warning, and 2 were read" in result.stderr
    assert not (folder.folder / "w.png").exists()


def test_without_matplotlib_it_is_said_what_to_install(folder, monkeypatch):
    monkeypatch.delitem(sys.modules, "alertcast.cli.picture")
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    plain = folder.run("alerts", "match", "warning.xml", "--grids", "layer.json")
    assert plain.exit_code == 0
    result = folder.run("alerts", "match", "warning.xml", "--grids", "layer.json", "--png", "w.png")
    assert result.exit_code == 2
    assert "pip install 'alertcast[picture]'" in result.stderr


def test_a_picture_that_can_not_be_written_is_refused(folder):
    where = folder.folder / "nowhere" / "w.png"
    result = folder.run("alerts", "match", "warning.xml", "--grids", "layer.json", "--png", where)
    assert result.exit_code == 1
    assert "--png" in result.stderr


def test_holes_stay_open():
    ring = shapely.box(0, 0, 4, 4) - shapely.box(1, 1, 2, 2)
    x, y = picture.curve(ring).vertices.T
    areas = [
        (x[at : at + 4] * y[at + 1 : at + 5] - x[at + 1 : at + 5] * y[at : at + 4]).sum()
        for at in (0, 5)
    ]
    assert areas[0] * areas[1] < 0, "a hole runs the other way round"
