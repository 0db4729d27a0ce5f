"""The outlines of counties that are known: of a file, of what comes with alertcast, of a layer."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from alertcast.core.grid import Grid
from alertcast.core.polygonal import polygonal
from alertcast.grids.edges import outlines
from alertcast.grids.features import NOTHING, read_features
from alertcast.grids.problem import Problem

CODES = ("county_code", "adcode", "code", "pac")
"""Properties that may hold the code of a county, lower case; the first that there is counts."""

BEYOND = 5e-5  # degrees, some five metres: what lies nearer on the other side of an edge meets it

_COUNTY = 6  # digits of the code of a county, GB/T 2260

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Outline:
    """The outline of one county."""

    lines: Floats  # (n, 2, 2) edges, WGS 84 degrees, the inside on their left
    source: str  # whose it is, for a sentence
    shapes: NDArray[np.object_]  # what it is drawn of: one polygon, or its towns or grids


def read_boundary(path: Path, report: list[Problem]) -> dict[str, Outline]:
    """Return the outlines of the counties in a file; what is wrong with it goes to `report`.

    A county may be drawn in several features, such as its towns. What is no polygon is left out.
    """
    features = read_features(path, NOTHING, report)
    if features is None:
        return {}
    plain = {name.casefold(): name for name in features.columns}
    column = next((plain[name] for name in CODES if name in plain), None)
    if column is None:
        message = f"a boundary has one of the properties {', '.join(CODES)}"
        report.append(Problem(path.name, "file", "missing_property", message))
        return {}
    mended = [_polygonal(shape) for shape in features.shapes]
    counties = [code[:_COUNTY] for code in features.texts(column)]
    return _outlines(mended, counties, path.name)


def known_outlines(
    files: Iterable[Path], grids: Sequence[Grid], source: str, report: list[Problem]
) -> dict[str, Outline]:
    """Return the outlines of the counties in files, the later file first, then those of `grids`."""
    found: dict[str, Outline] = {}
    for file in files:
        found |= read_boundary(file, report)
    others = [grid for grid in grids if grid.county_code not in found]
    return outlines_of(others, source) | found


def outlines_of(grids: Sequence[Grid], source: str) -> dict[str, Outline]:
    """Return the outlines of the counties of a layer, as far as it covers them."""
    shapes = [grid.geometry for grid in grids]
    return _outlines(shapes, [grid.county_code for grid in grids], source)


def _outlines(
    shapes: Sequence[BaseGeometry | None], counties: Iterable[str], source: str
) -> dict[str, Outline]:
    drawn = [(shape, code) for shape, code in zip(shapes, counties, strict=True) if shape]
    groups: dict[str, list[int]] = defaultdict(list)
    for spot, (_, code) in enumerate(drawn):
        groups[code].append(spot)
    if not drawn:
        return {}
    array = np.array([shape for shape, _ in drawn], dtype=object)
    spots = {code: np.array(found, dtype=np.intp) for code, found in groups.items()}
    found = outlines(array, spots, BEYOND)
    return {code: Outline(lines, source, array[spots[code]]) for code, lines in found.items()}


def _polygonal(shape: BaseGeometry | None) -> BaseGeometry | None:
    if shape is None or shape.is_empty:
        return None
    is_sound = shape.geom_type in ("Polygon", "MultiPolygon") and shapely.is_valid(shape)
    return shape if is_sound else polygonal(shape)
