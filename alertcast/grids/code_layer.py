"""Read a layer of places by code (EMMA_ID, NUTS, UGC, ...) for warnings that bring codes only."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from alertcast.core.alert import ReasonKind
from alertcast.core.code_places import CodePlace
from alertcast.core.polygonal import polygonal
from alertcast.grids.features import NOTHING, Asked, read_features
from alertcast.grids.problem import Problem

COLUMNS = ("code", "name")
"""Properties of a feature; the name may be missing."""

LONGEST = 64  # characters of a code or of the name of a scheme


@dataclass(frozen=True, slots=True)
class CodeLayerRead:
    """The good places of a layer, and every problem of the others."""

    places: tuple[CodePlace, ...]
    report: tuple[Problem, ...]


def read_code_layer(
    path: Path, asked: Asked = NOTHING, *, columns: Mapping[str, str] | None = None
) -> CodeLayerRead:
    """Read a layer; nothing is raised, every mistake of every feature is in the report.

    `columns` gives the file's own name for "code" or "name". Several features of one code are one
    place.
    """
    report: list[Problem] = []
    names = {field: (columns or {}).get(field, field) for field in COLUMNS}
    features = read_features(path, asked, report)
    if features is not None and names["code"] not in features.columns:
        message = f"the features have no property {names['code']!r}"
        report.append(Problem(path.name, "file", "missing_property", message))
        features = None
    if features is None:
        return CodeLayerRead((), tuple(report))
    parts: dict[str, list[BaseGeometry]] = {}
    called: dict[str, str] = {}
    codes = features.texts(names["code"])
    has_names = names["name"] in features.columns
    labels = features.texts(names["name"]) if has_names else [""] * len(codes)
    for number, geometry in enumerate(features.shapes):
        code, where = codes[number], f"feature {number + 1}"
        if not 0 < len(code) <= LONGEST:
            message = f"code is empty or longer than {LONGEST} characters"
            report.append(Problem(path.name, where, "bad_code", message))
            continue
        where += f" (code {code})"
        shape, fault = _shape(geometry)
        if shape is None:
            report.append(Problem(path.name, where, fault[0], fault[1]))
            continue
        if code.casefold() in parts:
            message = "has the code of another feature; they are one place"
            report.append(Problem(path.name, where, "joined", message, ReasonKind.NOTE))
        parts.setdefault(code.casefold(), []).append(shape)
        called.setdefault(code.casefold(), labels[number])
    if not len(features.shapes):
        report.append(Problem(path.name, "file", "no_features", "the layer has no features"))
    places = [
        CodePlace(code, called[code], shapely.union_all(shapes)) for code, shapes in parts.items()
    ]
    return CodeLayerRead(tuple(places), tuple(report))


def _shape(geometry: BaseGeometry | None) -> tuple[BaseGeometry | None, tuple[str, str]]:
    if geometry is None or geometry.is_empty:
        return None, ("no_polygon", "has no polygon")
    if geometry.geom_type not in ("Polygon", "MultiPolygon"):
        return None, ("not_polygon", f"a place is a polygon, not a {geometry.geom_type}")
    west, south, east, north = np.array(geometry.bounds)
    if not (west >= -180 and east <= 180 and south >= -90 and north <= 90):
        return None, ("outside_world", f"polygon reaches lon {west:g}..{east:g}, outside the world")
    shape = geometry if geometry.is_valid else polygonal(geometry)
    return shape, ("flat_polygon", "polygon encloses no area")
