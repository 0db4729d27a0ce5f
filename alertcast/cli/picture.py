"""A picture of one warning over the grids: what it touches, at which level, and how it was found.

Imported only where a picture is asked for: matplotlib need not be installed.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import shapely
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path as Curve
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from alertcast.cli.picture_words import EN, ZH, Words
from alertcast.core.grid import Grid, Hit, Matched

FONTS = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Source Han Sans SC",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "Microsoft YaHei",
    "PingFang SC",
    "SimHei",
)
"""Fonts with Chinese letters; the first that is installed is used, without any codes are shown."""

FILL = {
    "red": "#c5121c",
    "orange": "#f08a1d",
    "yellow": "#ffd93b",
    "blue": "#1f66c1",
    "white": "#fdfdfd",
}
HATCH = {"polygon": "", "circle": "oo", "town shape": "//", "code": ".."}
MOST_LABELS = 100
"""If more grids are touched none is labelled: nothing could be read."""

_NO_LEVEL, _UNTOUCHED, _INK, _OTHERWISE = "#9aa3af", "#eef0f3", "#1b1f24", "#7a1fa2"
_WORLD = shapely.box(-180, -90, 180, 90)
_HATCHED = "#00000070"
_DARK = ("red", "blue")  # fills on which letters are white


@dataclass(frozen=True, slots=True)
class Drawn:
    """What is drawn."""

    identifier: str
    headline: str
    sent: str  # local time
    expires: str | None
    grids: Sequence[Grid]
    matched: Matched
    warning: Sequence[BaseGeometry]  # its polygons and circles
    level_names: dict[str, str]  # from the highest


def save(drawn: Drawn, file: Path, fonts: Sequence[str] = FONTS) -> None:
    """Write the picture as PNG; raises OSError."""
    installed = {one.name for one in font_manager.fontManager.ttflist}
    found = [name for name in fonts if name in installed]
    settings: Any = {
        "font.family": "sans-serif",
        "font.sans-serif": [*found, "DejaVu Sans"],
        "hatch.linewidth": 0.6,
        "axes.unicode_minus": False,
        "text.parse_math": False,  # a headline is no formula, whatever is in it
    }
    with mpl.rc_context(settings):
        figure = Figure(figsize=(12, 8), dpi=150, layout="constrained", facecolor="white")
        FigureCanvasAgg(figure)
        _Picture(figure.add_subplot(), drawn, ZH if found else EN).draw()
        figure.savefig(file, format="png", bbox_inches="tight", pad_inches=0.25)


class _Picture:
    def __init__(self, axes: Axes, drawn: Drawn, words: Words) -> None:
        self.axes, self.drawn, self.words = axes, drawn, words
        self.hits = {hit.grid.code: hit for hit in drawn.matched.hits}
        self.grazed = {one.grid.code for one in drawn.matched.near_misses}

    def draw(self) -> None:
        shaped = [grid for grid in self.drawn.grids if _has_shape(grid)]
        for grid in shaped:
            self.axes.add_patch(PathPatch(curve(grid.geometry), **self._look(grid)))
        for shape in self.drawn.warning:
            self.axes.add_patch(PathPatch(curve(shape), fill=False, ec=_INK, lw=1.8, zorder=3))
        self._frame(shaped)
        touched = [grid for grid in shaped if grid.code in self.hits]
        for grid in touched if len(touched) <= MOST_LABELS else ():
            self._label(grid)
        self._titles(len(touched))
        self._legend()

    def _look(self, grid: Grid) -> dict[str, Any]:
        hit = self.hits.get(grid.code)
        if hit is not None:
            is_otherwise = hit.counted_by in ("area", "part")
            edge, width = (_OTHERWISE, 2.2) if is_otherwise else ("#ffffff", 0.8)
            return {
                "facecolor": _fill(hit.level),
                "edgecolor": edge,
                "linewidth": width,
                "hatch": HATCH[_way(hit)],
                "hatchcolor": _HATCHED,
                "zorder": 2.5 if is_otherwise else 2,
            }
        if grid.code in self.grazed:
            return {"fc": _UNTOUCHED, "ec": "#444", "lw": 1.3, "ls": (0, (4, 3)), "zorder": 2.4}
        return {"fc": _UNTOUCHED, "ec": "#c3c8d0", "lw": 0.5, "zorder": 1}

    def _label(self, grid: Grid) -> None:
        spot = shapely.point_on_surface(grid.geometry)
        level = self.hits[grid.code].level
        around = {"boxstyle": "round,pad=0.15", "fc": _fill(level), "ec": "none", "alpha": 0.8}
        self.axes.annotate(
            grid.name if self.words.is_chinese else grid.code,
            (spot.x, spot.y),
            ha="center",
            va="center",
            fontsize=7.5,
            color="white" if level in _DARK else _INK,
            annotation_clip=True,
            zorder=4,
            bbox=around,
        )

    def _frame(self, shaped: Sequence[Grid]) -> None:
        """Show what is touched with some of its surroundings, and the whole warning."""
        near = [one.geometry for one in shaped if one.code in self.hits or one.code in self.grazed]
        shown = near or [one.geometry for one in shaped]
        shown = [*shown, *self.drawn.warning] or [_WORLD]
        west, south, east, north = shapely.total_bounds(shown)
        wide, high = max(east - west, 1e-4) * 0.08, max(north - south, 1e-4) * 0.08
        self.axes.set_xlim(west - wide, east + wide)
        self.axes.set_ylim(south - high, north + high)
        middle = np.clip((south + north) / 2, -80, 80)
        self.axes.set_aspect(float(1 / np.cos(np.radians(middle))))
        self.axes.ticklabel_format(useOffset=False)
        self.axes.tick_params(labelsize=7, colors="#666")
        self.axes.set_facecolor("#fafbfc")

    def _titles(self, shaped: int) -> None:
        drawn, words = self.drawn, self.words
        title = drawn.headline if words.is_chinese else drawn.identifier
        self.axes.set_title(title or drawn.identifier, loc="left", fontsize=13, pad=24)
        said = [
            words.times(drawn.sent, drawn.expires),
            words.touched(len(self.hits), len(drawn.grids)),
        ]
        if drawn.matched.nearest_km is not None:
            said.append(words.nearest(drawn.matched.nearest_km))
        if len(self.hits) > shaped:
            said.append(words.flat(len(self.hits) - shaped))
        if any(grid.approximate for grid in drawn.grids):
            said.append(words.approximate)
        self.axes.text(
            0, 1.012, "  ·  ".join(said), transform=self.axes.transAxes, fontsize=9, color="#444"
        )

    def _legend(self) -> None:
        words, drawn = self.words, self.drawn
        levels = Counter(hit.level for hit in self.hits.values())
        ways = Counter(_way(hit) for hit in self.hits.values())
        counted = {hit.counted_by for hit in self.hits.values()}
        keys: list[Patch | Line2D] = [
            Patch(fc=_fill(level), ec="#5b6270", label=f"{self._level(level)}  {levels[level]}")
            for level in (*drawn.level_names, None)
            if level in levels
        ]
        keys += [
            Patch(
                fc="#ffffff",
                ec="#5b6270",
                hatch=hatch,
                hatchcolor=_HATCHED,
                label=f"{words.ways[way]}  {ways[way]}",
            )
            for way, hatch in HATCH.items()
            if way in ways
        ]
        keys += [
            Patch(fc="#ffffff", ec=_OTHERWISE, lw=2.2, label=label)
            for how, label in words.counted.items()
            if how in counted
        ]
        if self.grazed:
            label = f"{words.grazed}  {len(self.grazed)}"
            keys.append(Patch(fc=_UNTOUCHED, ec="#444", ls="--", lw=1.3, label=label))
        keys.append(Patch(fc=_UNTOUCHED, ec="#c3c8d0", label=words.untouched))
        if drawn.warning:
            keys.append(Line2D([], [], color=_INK, lw=1.8, label=words.warning))
        self.axes.legend(
            handles=keys,
            loc="upper left",
            bbox_to_anchor=(1.01, 1.0),
            frameon=False,
            fontsize=9,
            handleheight=1.4,
        )

    def _level(self, level: str | None) -> str:
        if level is None:
            return self.words.no_level
        return self.drawn.level_names[level] if self.words.is_chinese else level


def _fill(level: str | None) -> str:
    return FILL.get(level or "", _NO_LEVEL)


def _way(hit: Hit) -> str:
    return hit.matched_by if hit.matched_by in HATCH else "code"


def _has_shape(grid: Grid) -> bool:
    return grid.geometry is not None and not grid.geometry.is_empty


def curve(shape: BaseGeometry) -> Curve:
    """Return the rings of polygons, holes left open: they run the other way round."""
    rings = _rings(shapely.normalize(shape))
    codes = [
        np.r_[Curve.MOVETO, np.full(len(ring) - 2, Curve.LINETO), Curve.CLOSEPOLY] for ring in rings
    ]
    return Curve(np.concatenate(rings), np.concatenate(codes))


def _rings(shape: BaseGeometry) -> list[NDArray[np.float64]]:
    rings: Iterable[BaseGeometry] = shapely.get_rings(shapely.get_parts(shape))
    return [shapely.get_coordinates(ring) for ring in rings]
