"""Read a layer of grids: every mistake of every feature is named, and good features survive."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from alertcast.core.alert import ReasonKind
from alertcast.core.earth import area_km2
from alertcast.core.grid import Grid
from alertcast.core.place import polygonal
from alertcast.grids.features import NOTHING, Asked, Features, read_features
from alertcast.grids.problem import Problem
from alertcast.grids.table import yes_or_no

KINDS = {
    **dict.fromkeys(("quarter", "小区"), "quarter"),
    **dict.fromkeys(("community", "社区"), "community"),
    **dict.fromkeys(("village", "村", "行政村"), "village"),
}
"""Words for a grid's kind, and ours."""

REQUIRED = ("code", "name", "kind", "town_code", "town", "county_code", "county")
"""Properties every feature must have."""

OPTIONAL = ("parent", "property_management", "approximate", "aliases")
"""Properties a feature may have."""

_DBF_NAME = 10  # a Shapefile cuts the names of its columns to ten characters
_POLYGONS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
_COUNTY = re.compile("[0-9]{6}")
_LEAST_AREA = 1e-9  # square degrees, about ten square metres: below, it is looked at more closely

Fault = tuple[str, str, ReasonKind]  # rule, message, kind


@dataclass(frozen=True, slots=True)
class LayerRead:
    """The good features of a layer, and every problem of the others.

    With an error in `report` the caller imports nothing, unless told to skip bad features.
    """

    grids: tuple[Grid, ...]  # geometry valid and WGS 84 (lon, lat)
    report: tuple[Problem, ...]


def read_layer(
    path: Path, asked: Asked = NOTHING, *, columns: Mapping[str, str] | None = None
) -> LayerRead:
    """Read a layer; nothing is raised, every mistake of every feature is in the report.

    `columns` gives the file's own name for a property of REQUIRED or OPTIONAL.
    """
    report: list[Problem] = []
    features = read_features(path, asked, report)
    if features is None:
        return LayerRead((), tuple(report))
    names = _columns(features.columns, columns or {}, path.name, report)
    grids: list[Grid] = []
    if all(field in names for field in REQUIRED):
        reader = _Reader(path.name, features, names)
        for grid, problems in reader.read():
            report += problems
            grids += [grid] if grid is not None else []
    if not len(features.shapes):
        report.append(Problem(path.name, "file", "no_features", "the layer has no features"))
    return LayerRead(tuple(grids), tuple(report))


def _columns(
    found: Mapping[str, object], given: Mapping[str, str], file: str, report: list[Problem]
) -> dict[str, str]:
    """Return the file's name of each property; upper and lower case are one where none is given."""
    names: dict[str, str] = {}
    plain = {name.casefold(): name for name in reversed([*found])}
    for field in (*REQUIRED, *OPTIONAL):
        wanted = (given[field],) if field in given else (field, field[:_DBF_NAME])
        name = next((word for word in wanted if word in found), None)
        if name is None and field not in given:
            name = next((plain[word] for word in wanted if word in plain), None)
        if name is not None:
            names[field] = name
        elif field in REQUIRED or field in given:
            message = f"the features have no property {wanted[0]!r}"
            report.append(Problem(file, "file", "missing_property", message))
    return names


class _Reader:
    """Makes grids of features; what can be asked of all of them at once is asked at once."""

    def __init__(self, file: str, features: Features, names: Mapping[str, str]) -> None:
        self.file = file
        self.count = len(features.shapes)
        empty = [""] * self.count
        self.texts = {
            field: features.texts(names[field]) if field in names else empty
            for field in (*REQUIRED, *OPTIONAL)
        }
        self.aliases: Sequence[Any] = features.columns.get(names.get("aliases", ""), empty)
        self.shapes = features.shapes
        self.is_doubtful = _is_doubtful(features.shapes)
        self.seen: dict[str, int] = {}  # code -> the feature that first had it

    def read(self) -> Iterator[tuple[Grid | None, list[Problem]]]:
        """Yield for each feature its grid, or None, and what is to be said of it."""
        for number in range(self.count):
            faults = self._faults(number)
            shape: BaseGeometry | None = self.shapes[number]
            if self.is_doubtful[number]:
                shape, more = _mended(shape)
                faults += more
            is_bad = any(kind is ReasonKind.ERROR for _, _, kind in faults)
            problems = [Problem(self.file, self._where(number), *fault) for fault in faults]
            yield None if is_bad else self._grid(number, shape), problems

    def _faults(self, number: int) -> list[Fault]:
        empty = [field for field in REQUIRED if not self.texts[field][number]]
        faults = [_error(f"{field}_missing", f"{field} is empty") for field in empty]
        code, kind = self.texts["code"][number], self.texts["kind"][number]
        county = self.texts["county_code"][number]
        if code and self.seen.setdefault(code, number) != number:
            first = self._where(self.seen[code])
            faults.append(_error("duplicate", f"{first} has the same code"))
        if kind and kind.casefold() not in KINDS:
            faults.append(_error("bad_kind", f"kind {kind!r} is not known"))
        if county and not _COUNTY.fullmatch(county):
            faults.append(_error("bad_county", f"county code {county!r} is not 6 digits"))
        return faults

    def _grid(self, number: int, shape: BaseGeometry | None) -> Grid:
        texts = self.texts
        return Grid(
            code=texts["code"][number],
            name=texts["name"][number],
            kind=KINDS[texts["kind"][number].casefold()],
            town_code=texts["town_code"][number],
            town=texts["town"][number],
            county_code=texts["county_code"][number],
            county=texts["county"][number],
            parent_code=texts["parent"][number] or None,
            property_management=yes_or_no(texts["property_management"][number]),
            approximate=yes_or_no(texts["approximate"][number]) is True,
            aliases=_aliases(self.aliases[number]),
            geometry=shape,
        )

    def _where(self, number: int) -> str:
        code = self.texts["code"][number]
        return f"feature {number + 1}" + (f" (code {code})" if code else "")


def _error(rule: str, message: str) -> Fault:
    return rule, message, ReasonKind.ERROR


def _aliases(value: Any) -> tuple[str, ...]:
    if isinstance(value, (list, tuple, np.ndarray)):
        return tuple(str(alias) for alias in value)
    text = value if isinstance(value, str) else ""
    return tuple(alias.strip() for alias in text.split(";") if alias.strip())


def _is_doubtful(shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Return which shapes are to be looked at one by one: all but sound polygons on this earth."""
    west, south, east, north = shapely.bounds(shapes).T
    is_sound = np.isin(shapely.get_type_id(shapes), _POLYGONS) & shapely.is_valid(shapes)
    is_on_earth = (west >= -180) & (east <= 180) & (south >= -90) & (north <= 90)
    is_large = shapely.area(shapes) > _LEAST_AREA
    return np.asarray(~(is_sound & is_on_earth & is_large), dtype=np.bool_)


def _mended(geometry: BaseGeometry | None) -> tuple[BaseGeometry | None, list[Fault]]:
    """Return a shape as it can be used, and what was wrong with it."""
    if geometry is None:
        return None, [("no_polygon", "has no polygon; it is told with its town", ReasonKind.NOTE)]
    if geometry.is_empty:
        return None, [_error("empty_polygon", "polygon is empty")]
    if geometry.geom_type not in ("Polygon", "MultiPolygon"):
        return None, [_error("not_polygon", f"a grid is a polygon, not a {geometry.geom_type}")]
    west, south, east, north = geometry.bounds
    if not (west >= -180 and east <= 180 and south >= -90 and north <= 90):
        message = f"polygon reaches lon {west:g}..{east:g}, lat {south:g}..{north:g}"
        return None, [_error("outside_world", f"{message}, outside the world")]
    shape = polygonal(geometry)
    if shape is None:
        return None, [_error("flat_polygon", "polygon encloses no area")]
    if geometry.is_valid:
        return geometry, []
    before, after = area_km2(np.array([geometry, shape], dtype=object))
    message = f"polygon crosses itself; mended, area {before:.4f} -> {after:.4f} km2"
    return shape, [("mended", message, ReasonKind.REPAIR)]
