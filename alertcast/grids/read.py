"""Read a layer of grids: every mistake of every feature is named, and good features survive."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from alertcast.core.alert import ReasonKind
from alertcast.core.earth import area_km2
from alertcast.core.grid import Grid
from alertcast.core.polygonal import polygonal
from alertcast.grids.features import NOTHING, Asked, Features, read_features
from alertcast.grids.parents import IN_COLUMNS, NEEDED, Parents, fill_parents
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

ALIASES = ("aliases", "town_aliases", "county_aliases")
"""Properties that list older codes."""

OPTIONAL = ("parent", "property_management", "approximate", *ALIASES)
"""Properties a feature may have."""

_DBF_NAME = 10  # a Shapefile cuts the names of its columns to ten characters
_POLYGONS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
_COUNTY = re.compile("[0-9]{6}")
_LEAST_AREA = 1e-9  # square degrees, about ten square metres: below, it is looked at more closely

T = TypeVar("T")
Fault = tuple[str, str, ReasonKind]  # rule, message, kind


@dataclass(frozen=True, slots=True)
class LayerRead:
    """The good features of a layer, and every problem of the others.

    With an error in `report` the caller imports nothing, unless told to skip bad features.
    """

    grids: tuple[Grid, ...]  # geometry valid and WGS 84 (lon, lat)
    report: tuple[Problem, ...]


def read_layer(
    path: Path,
    asked: Asked = NOTHING,
    *,
    columns: Mapping[str, str] | None = None,
    parents: Parents = IN_COLUMNS,
) -> LayerRead:
    """Read a layer; nothing is raised, every mistake of every feature is in the report.

    `columns` gives the file's own name for a property of REQUIRED or OPTIONAL.
    """
    report: list[Problem] = []
    features = read_features(path, asked, report)
    if features is None:
        return LayerRead((), tuple(report))
    needed = NEEDED[parents.way]
    names = _columns(features.columns, columns or {}, needed, path.name, report)
    grids: list[Grid] = []
    if all(field in names for field in needed):
        grids, more = _Reader(path.name, features, names, parents).read()
        report += more
    if not len(features.shapes):
        report.append(Problem(path.name, "file", "no_features", "the layer has no features"))
    return LayerRead(tuple(grids), tuple(report))


def _columns(
    found: Mapping[str, object],
    given: Mapping[str, str],
    needed: Collection[str],
    file: str,
    report: list[Problem],
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
        elif field in needed or field in given:
            message = f"the features have no property {wanted[0]!r}"
            report.append(Problem(file, "file", "missing_property", message))
    return names


class _Reader:
    """Makes grids of features; only what is doubtful is looked at feature by feature."""

    def __init__(
        self, file: str, features: Features, names: Mapping[str, str], parents: Parents
    ) -> None:
        self.file = file
        empty = [""] * len(features.shapes)
        self.texts = {
            field: features.texts(names[field]) if field in names else [*empty]
            for field in (*REQUIRED, *OPTIONAL)
        }
        self.lists = {
            field: features.columns[names[field]] if field in names else empty for field in ALIASES
        }
        self.shapes = features.shapes
        self.first: dict[str, int] = {}  # code -> the first feature that has it
        for number, code in enumerate(self.texts["code"]):
            self.first.setdefault(code, number)
        self.orphans = fill_parents(self.texts, parents.way, parents.towns)

    def read(self) -> tuple[list[Grid], list[Problem]]:
        """Return the grids of the good features, and what is to be said of the others."""
        report: list[Problem] = []
        bad: set[int] = set()
        shapes = self.shapes.copy()
        is_odd = _is_odd(self.shapes)
        for number in map(int, np.flatnonzero(is_odd | self._is_doubtful())):
            faults = self._faults(number)
            if is_odd[number]:
                shapes[number], more = _mended(self.shapes[number])
                faults += more
            where, spot = self._where(number), shapes[number]
            report += [Problem(self.file, where, *fault, spot=spot) for fault in faults]
            if any(kind is ReasonKind.ERROR for _, _, kind in faults):
                bad.add(number)
        rows = zip(*self._columns(), shapes, strict=True)
        return [Grid(*row) for number, row in enumerate(rows) if number not in bad], report

    def _columns(self) -> Iterator[Sequence[Any]]:
        """Return the columns in the order of the fields of a grid, but for its shape."""
        texts = self.texts
        yield from (texts[field] for field in ("code", "name"))
        yield _each(texts["kind"], lambda word: KINDS.get(word.casefold()))
        yield from (texts[field] for field in ("town_code", "town", "county_code", "county"))
        yield _each(texts["parent"], lambda code: code or None)
        yield _each(texts["property_management"], yes_or_no)
        yield _each(texts["approximate"], lambda word: yes_or_no(word) is True)
        yield from ([_aliases(value) for value in self.lists[field]] for field in ALIASES)

    def _is_doubtful(self) -> NDArray[np.bool_]:
        """Return which features lack something, or have something that can not be."""
        kinds = _each(self.texts["kind"], lambda word: word.casefold() in KINDS)
        counties = _each(self.texts["county_code"], lambda code: bool(_COUNTY.fullmatch(code)))
        is_good = np.array(kinds, np.bool_) & np.array(counties, np.bool_)
        for field in REQUIRED:
            is_good &= np.array(_each(self.texts[field], bool), np.bool_)
        is_good[[*self.orphans]] = False
        is_first = [self.first[code] == n for n, code in enumerate(self.texts["code"])]
        return ~(is_good & np.array(is_first, np.bool_))

    def _faults(self, number: int) -> list[Fault]:
        faults = [_error(*fault) for fault in self.orphans.get(number, ())]
        needed = REQUIRED if not faults else ("code", "name", "kind")
        empty = [field for field in needed if not self.texts[field][number]]
        faults += [_error(f"{field}_missing", f"{field} is empty") for field in empty]
        code, kind = self.texts["code"][number], self.texts["kind"][number]
        county = self.texts["county_code"][number]
        if code and self.first[code] != number:
            message = f"{self._where(self.first[code])} has the same code"
            faults.append(_error("duplicate", message))
        if kind and kind.casefold() not in KINDS:
            faults.append(_error("bad_kind", f"kind {kind!r} is not known"))
        if county and not _COUNTY.fullmatch(county):
            faults.append(_error("bad_county", f"county code {county!r} is not 6 digits"))
        return faults

    def _where(self, number: int) -> str:
        code = self.texts["code"][number]
        return f"feature {number + 1}" + (f" (code {code})" if code else "")


def _each(texts: Sequence[str], meaning: Callable[[str], T]) -> list[T]:
    """Return the meaning of each text, asked once for each different one."""
    known = {text: meaning(text) for text in set(texts)}
    return [known[text] for text in texts]


def _error(rule: str, message: str) -> Fault:
    return rule, message, ReasonKind.ERROR


def _aliases(value: Any) -> tuple[str, ...]:
    if isinstance(value, (list, tuple, np.ndarray)):
        return tuple(str(alias) for alias in value)
    text = value if isinstance(value, str) else ""
    return tuple(alias.strip() for alias in text.split(";") if alias.strip())


def _is_odd(shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Return which shapes are to be looked at one by one: all but sound polygons on this earth."""
    west, south, east, north = shapely.bounds(shapes).T
    is_sound = np.isin(shapely.get_type_id(shapes), _POLYGONS) & shapely.is_valid(shapes)
    is_on_earth = (west >= -180) & (east <= 180) & (south >= -90) & (north <= 90)
    is_large = shapely.area(shapes) > _LEAST_AREA
    return np.asarray(~(is_sound & is_on_earth & is_large), dtype=np.bool_)


def _mended(geometry: BaseGeometry | None) -> tuple[BaseGeometry | None, list[Fault]]:
    """Return a shape as it can be used, and what was wrong with it."""
    if geometry is None:
        return None, []  # the survey of the layer says what becomes of it
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
