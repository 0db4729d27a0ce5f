"""Read a layer of grids from GeoJSON, GeoPackage, Shapefile...; the only file with geopandas."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas
import numpy as np
import pyproj
import shapely
from shapely.geometry.base import BaseGeometry

from alertcast.core.alert import ReasonKind
from alertcast.core.earth import area_km2
from alertcast.core.grid import Grid
from alertcast.core.place import polygonal
from alertcast.grids.datum import SHIFTED, to_wgs84
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

_WGS84 = "EPSG:4326"
_GEOJSON = (".geojson", ".json")
_DBF_NAME = 10  # a Shapefile cuts the names of its columns to ten characters


@dataclass(frozen=True, slots=True)
class LayerRead:
    """The good features of a layer, and every problem of the others.

    With an error in `report` the caller imports nothing, unless told to skip bad features.
    """

    grids: tuple[Grid, ...]  # geometry valid and WGS 84 (lon, lat)
    report: tuple[Problem, ...]


def read_layer(
    path: Path, *, crs: str | None = None, columns: Mapping[str, str] | None = None
) -> LayerRead:
    """Read a layer; nothing is raised, every mistake of every feature is in the report.

    `crs` names the coordinate system where the file does not ("EPSG:4490", "GCJ-02", "BD-09"); a
    GeoJSON file that names none is WGS 84 by its standard (RFC 7946), any other is refused.
    `columns` gives the file's own name for a property of REQUIRED or OPTIONAL.
    """
    report: list[Problem] = []
    frame = _frame(path, report)
    placed = None if frame is None else _on_wgs84(frame, path, crs, report)
    if frame is None or placed is None:
        return LayerRead((), tuple(report))
    names = _columns(list(frame.columns), columns or {}, path.name, report)
    grids: list[Grid] = []
    seen: dict[str, str] = {}
    if all(field in names for field in REQUIRED):
        values = {field: frame[name].tolist() for field, name in names.items()}
        for number, geometry in enumerate(placed):
            feature = _Feature(path.name, number, {f: v[number] for f, v in values.items()})
            grid, problems = feature.read(geometry, seen)
            report += problems
            grids += [grid] if grid is not None else []
    if not len(placed):
        report.append(Problem(path.name, "file", "no_features", "the layer has no features"))
    return LayerRead(tuple(grids), tuple(report))


@dataclass(frozen=True, slots=True)
class Features:
    """The features of any file with shapes, in its order."""

    columns: tuple[str, ...]
    shapes: tuple[BaseGeometry | None, ...]  # WGS 84 (lon, lat), as drawn
    values: tuple[Mapping[str, str], ...]  # the properties of each as text, "" for null


def read_features(path: Path, crs: str | None, report: list[Problem]) -> Features | None:
    """Return the features of a file, or None with the reason in `report`; `crs`: see read_layer."""
    frame = _frame(path, report)
    placed = None if frame is None else _on_wgs84(frame, path, crs, report)
    if frame is None or placed is None:
        return None
    names = [str(name) for name in frame.columns if name != frame.active_geometry_name]
    table = {name: frame[name].tolist() for name in names}
    values = tuple(
        {name: as_text(column[number]) for name, column in table.items()}
        for number in range(len(placed))
    )
    return Features(tuple(names), tuple(placed), values)


def as_text(value: object) -> str:
    """Return a property as text; a code that a reader took for a number is whole again."""
    if value is None or value != value:  # NaN stands for null in a column of numbers
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _frame(path: Path, report: list[Problem]) -> geopandas.GeoDataFrame | None:
    """Return the file's features; what GDAL warns of becomes notes."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            frame = geopandas.read_file(path)
        except (OSError, RuntimeError, ValueError, shapely.errors.GEOSException) as error:
            # pyogrio's errors are RuntimeErrors; GEOS refuses a ring that is not closed
            message = f"the file cannot be read: {str(error).splitlines()[0]}"
            report.append(Problem(path.name, "file", "unreadable", message))
            return None
    for warning in caught:
        message = str(warning.message)
        report.append(Problem(path.name, "file", "reader_warning", message, ReasonKind.NOTE))
    if isinstance(frame, geopandas.GeoDataFrame) and frame.active_geometry_name is not None:
        return frame
    report.append(Problem(path.name, "file", "no_geometry", "the file is a table without shapes"))
    return None


def _on_wgs84(
    frame: geopandas.GeoDataFrame, path: Path, crs: str | None, report: list[Problem]
) -> list[BaseGeometry | None] | None:
    """Return the shapes on WGS 84, flat; those outside the world stay so and are found later."""
    shapes = np.array(frame.geometry.tolist(), dtype=object)
    shapes = shapely.force_2d(shapes)
    if crs is not None and crs.casefold() in SHIFTED:
        return list(shapely.transform(shapes, lambda points: to_wgs84(points, crs)).tolist())
    try:
        given = None if crs is None else pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.CRSError:
        report.append(Problem(path.name, "file", "bad_crs", f"{crs!r} is no coordinate system"))
        return None
    is_geojson = path.suffix.casefold() in _GEOJSON
    declared = frame.crs
    if given is not None and declared is not None and not is_geojson and given != declared:
        message = f"the file declares {declared.name}, but {given.name} was given"
        report.append(Problem(path.name, "file", "crs_conflict", message))
        return None
    source = given or declared or (pyproj.CRS.from_user_input(_WGS84) if is_geojson else None)
    if source is None:
        message = "the file declares no coordinate system; name it"
        report.append(Problem(path.name, "file", "crs_missing", message))
        return None
    series = geopandas.GeoSeries(shapes, crs=source)
    return list(series.tolist() if source == _WGS84 else series.to_crs(_WGS84).tolist())


def _columns(
    found: list[str], given: Mapping[str, str], file: str, report: list[Problem]
) -> dict[str, str]:
    names: dict[str, str] = {}
    for field in (*REQUIRED, *OPTIONAL):
        wanted = (given[field],) if field in given else (field, field[:_DBF_NAME])
        name = next((word for word in wanted if word in found), None)
        if name is not None:
            names[field] = name
        elif field in REQUIRED or field in given:
            message = f"the features have no property {wanted[0]!r}"
            report.append(Problem(file, "file", "missing_property", message))
    return names


@dataclass(frozen=True, slots=True)
class _Feature:
    file: str
    number: int
    values: Mapping[str, object]

    def read(
        self, geometry: BaseGeometry | None, seen: dict[str, str]
    ) -> tuple[Grid | None, list[Problem]]:
        """Return the grid, or None and why not; `seen` keeps where each code was first met."""
        problems = [self._problem(f"{f}_missing", f"{f} is empty") for f in self._empty()]
        code = self._text("code")
        if code and seen.setdefault(code, self._where) != self._where:
            problems.append(self._problem("duplicate", f"{seen[code]} has the same code"))
        kind = KINDS.get(self._text("kind").casefold())
        if kind is None and self._text("kind"):
            problems.append(self._problem("bad_kind", f"kind {self._text('kind')!r} is not known"))
        county = self._text("county_code")
        if county and not (len(county) == 6 and county.isascii() and county.isdigit()):
            problems.append(self._problem("bad_county", f"county code {county!r} is not 6 digits"))
        shape, more = self._shape(geometry)
        problems += more
        if any(p.kind is ReasonKind.ERROR for p in problems) or kind is None:
            return None, problems
        return self._grid(kind, shape), problems

    def _grid(self, kind: str, shape: BaseGeometry | None) -> Grid:
        return Grid(
            code=self._text("code"),
            name=self._text("name"),
            kind=kind,
            town_code=self._text("town_code"),
            town=self._text("town"),
            county_code=self._text("county_code"),
            county=self._text("county"),
            parent_code=self._text("parent") or None,
            property_management=yes_or_no(self._text("property_management")),
            approximate=yes_or_no(self._text("approximate")) is True,
            aliases=self._aliases(),
            geometry=shape,
        )

    def _shape(self, geometry: BaseGeometry | None) -> tuple[BaseGeometry | None, list[Problem]]:
        if geometry is None:
            message = "has no polygon; it is told with its town"
            return None, [self._problem("no_polygon", message, ReasonKind.NOTE)]
        if geometry.is_empty:
            return None, [self._problem("empty_polygon", "polygon is empty")]
        if geometry.geom_type not in ("Polygon", "MultiPolygon"):
            message = f"a grid is a polygon, not a {geometry.geom_type}"
            return None, [self._problem("not_polygon", message)]
        west, south, east, north = geometry.bounds
        if not (west >= -180 and east <= 180 and south >= -90 and north <= 90):
            message = f"polygon reaches lon {west:g}..{east:g}, lat {south:g}..{north:g}"
            return None, [self._problem("outside_world", f"{message}, outside the world")]
        shape = polygonal(geometry)
        if shape is None:
            return None, [self._problem("flat_polygon", "polygon encloses no area")]
        if geometry.is_valid:
            return geometry, []
        before, after = area_km2(np.array([geometry, shape], dtype=object))
        message = f"polygon crosses itself; mended, area {before:.4f} -> {after:.4f} km2"
        return shape, [self._problem("mended", message, ReasonKind.REPAIR)]

    def _empty(self) -> list[str]:
        return [field for field in REQUIRED if not self._text(field)]

    def _aliases(self) -> tuple[str, ...]:
        value = self.values.get("aliases")
        if isinstance(value, (list, tuple, np.ndarray)):
            return tuple(str(alias) for alias in value)
        return tuple(alias.strip() for alias in self._text("aliases").split(";") if alias.strip())

    def _text(self, field: str) -> str:
        return as_text(self.values.get(field))

    @property
    def _where(self) -> str:
        code = self._text("code")
        return f"feature {self.number + 1}" + (f" (code {code})" if code else "")

    def _problem(self, rule: str, message: str, kind: ReasonKind = ReasonKind.ERROR) -> Problem:
        return Problem(self.file, self._where, rule, message, kind)
