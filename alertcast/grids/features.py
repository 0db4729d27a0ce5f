"""Read the features of a file with shapes, in any usual format; the only file with geopandas."""

import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pyogrio
import pyproj
import shapely
from numpy.typing import NDArray
from pyogrio._ogr import _register_drivers

from alertcast.core.alert import ReasonKind
from alertcast.grids import attribute_text
from alertcast.grids.archive import unpacked
from alertcast.grids.datum import SHIFTED, to_wgs84
from alertcast.grids.problem import Problem, UnreadableFile

_WGS84 = "EPSG:4326"
_GEOJSON = (".geojson", ".json")
_PARQUET = (".parquet", ".geoparquet")
_HEAD = 64 * 1024
_BEGINS = {
    **dict.fromkeys(_GEOJSON, rb"[{\x1e]"),
    ".gpkg": rb"SQLite format 3\x00",
    ".shp": rb"\x00\x00\x27\x0a",
    ".kml": rb"(<\?xml.*?\?>)?\s*(<!--.*?-->\s*)*<(\w+:)?kml[\s>]",
    ".kmz": rb"PK",
}
"""How the content of a file begins, by its suffix."""

_DRIVERS = {
    *("MEM", "ESRI Shapefile", "GPKG", "LIBKML", "KML"),
    *("GeoJSON", "GeoJSONSeq", "TopoJSON", "ESRIJSON"),
}
"""The drivers of GDAL for files of these formats."""
_BYTES = "ISO-8859-1"  # gives every byte of an attribute table as the letter of that number


@dataclass(frozen=True, slots=True)
class Asked:
    """What whoever brings a file says of it, where the file does not, or says it wrongly."""

    crs: str | None = None  # "EPSG:4490", "GCJ-02", "BD-09"
    layer: str | None = None  # where the file has several
    encoding: str | None = None  # of an attribute table


NOTHING = Asked()


@dataclass(frozen=True, slots=True)
class Features:
    """The features of any file with shapes, in its order."""

    columns: dict[str, list[Any]]  # the values of each property, as the file holds them
    shapes: NDArray[np.object_]  # WGS 84 (lon, lat), as drawn; None: it has no shape

    def texts(self, column: str) -> list[str]:
        """Return the values of a property as text, "" for null."""
        values = self.columns[column]
        if set(map(type, values)) == {str}:
            return [*map(str.strip, values)]
        return [as_text(value) for value in self.columns[column]]


def read_features(path: Path, asked: Asked, report: list[Problem]) -> Features | None:
    """Return the features of a file, or None with the reason in `report`; nothing is raised.

    GeoJSON, GeoPackage, Shapefile, KML and GeoParquet, also in a ZIP archive. A GeoJSON file that
    names no coordinate system is WGS 84 by its standard (RFC 7946), as is KML; any other is refused
    unless `asked` names it.
    """
    try:
        with _file(path, asked.layer) as (file, layer):
            frame = _frame(file, path.name, layer, asked.encoding, report)
            _no_garbage(frame)
            shapes = _on_wgs84(frame, file, asked.crs)
    except UnreadableFile as error:
        report.append(Problem(path.name, "file", error.rule, str(error)))
        return None
    names = [name for name in frame.columns if name != frame.active_geometry_name]
    return Features({str(name): frame[name].tolist() for name in names}, shapes)


def as_text(value: object) -> str:
    """Return a property as text; a code that a reader took for a number is whole again."""
    if value is None or value != value:  # NaN stands for null in a column of numbers
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


@contextmanager
def _file(path: Path, layer: str | None) -> Iterator[tuple[Path, str | None]]:
    """Yield the file to read, and which of its layers; what an archive is called is used up."""
    if path.suffix.casefold() != ".zip":
        yield path, layer
        return
    with unpacked(path, layer) as inner:
        yield inner.path, None if layer == inner.name else layer


def _frame(
    file: Path, name: str, layer: str | None, encoding: str | None, report: list[Problem]
) -> geopandas.GeoDataFrame:
    """Return the file's features; what GDAL warns of becomes notes."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            frame = _read(file, name, layer, encoding, report)
        except UnicodeDecodeError as error:
            message = "its text is not UTF-8: save it as UTF-8, or name what it is with --encoding"
            raise UnreadableFile("encoding_unknown", message) from error
        except (OSError, RuntimeError, ValueError, shapely.errors.GEOSException) as error:
            # pyogrio's errors are RuntimeErrors; GEOS refuses a ring that is not closed
            message = f"the file cannot be read: {str(error).splitlines()[0]}"
            raise UnreadableFile("unreadable", message) from error
    for warning in caught:
        message = str(warning.message)
        report.append(Problem(name, "file", "reader_warning", message, ReasonKind.NOTE))
    if isinstance(frame, geopandas.GeoDataFrame) and frame.active_geometry_name is not None:
        return frame
    raise UnreadableFile("no_geometry", "the file is a table without shapes")


def _read(
    file: Path, name: str, layer: str | None, encoding: str | None, report: list[Problem]
) -> geopandas.GeoDataFrame:
    suffix = file.suffix.casefold()
    _be_what_it_says(file, suffix)
    _forget_other_drivers()
    if suffix in _PARQUET:
        return _read_parquet(file)
    chosen = _layer(file, layer)
    if suffix != ".shp":
        return geopandas.read_file(file, layer=chosen, encoding=encoding)
    frame = geopandas.read_file(file, layer=chosen, encoding=_BYTES)
    return _in_letters(frame, file, name, encoding, report)


def _be_what_it_says(file: Path, suffix: str) -> None:
    """Refuse a file that is of another format than its name says."""
    with file.open("rb") as opened:
        head = opened.read(_HEAD).removeprefix(b"\xef\xbb\xbf").lstrip()
    begins = _BEGINS.get(suffix)
    if begins is not None and not re.match(begins, head, re.DOTALL):
        raise UnreadableFile("other_format", f"the file is not what its name says: {suffix}")


@cache
def _forget_other_drivers() -> None:
    """Leave GDAL no driver but those of our formats, in this process.

    It goes by what it finds anywhere in a file's beginning: in one that begins as KML or as JSON
    there could be a list of others, on this machine or in the network, and they would be read.
    """
    others = pyogrio.list_drivers().keys() - _DRIVERS
    pyogrio.set_gdal_config_options({"OGR_SKIP": ",".join(sorted(others))})
    _register_drivers()


def _read_parquet(file: Path) -> geopandas.GeoDataFrame:
    try:
        return geopandas.read_parquet(file)
    except ImportError as error:
        message = "GeoParquet needs pyarrow: pip install 'alertcast[geoparquet]'"
        raise UnreadableFile("needs_pyarrow", message) from error


def _layer(file: Path, wanted: str | None) -> str | None:
    """Return which layer of a file to read; a table without shapes is none."""
    layers = pyogrio.list_layers(file).tolist()
    shaped = [name for name, kind in layers if kind is not None]
    if wanted is not None and wanted not in shaped:
        raise UnreadableFile("no_layer", f"there is no layer {wanted!r} in it: {', '.join(shaped)}")
    if wanted is None and len(shaped) > 1:
        message = f"the file has the layers {', '.join(shaped)}; name one with --layer"
        raise UnreadableFile("several_layers", message)
    return wanted or next(iter(shaped), None)


def _in_letters(
    frame: geopandas.GeoDataFrame,
    file: Path,
    name: str,
    encoding: str | None,
    report: list[Problem],
) -> geopandas.GeoDataFrame:
    """Return a Shapefile's features with their text as it was written."""
    given = None if encoding is None else attribute_text.known(encoding)
    if encoding is not None and given is None:
        raise UnreadableFile("bad_encoding", f"{encoding!r} is no encoding")
    raw = {
        column: [_as_bytes(value) for value in frame[column]]
        for column in frame.columns
        if column != frame.active_geometry_name
    }
    heads = {column: str(column).encode(_BYTES) for column in raw}
    cells = {cell for column in raw.values() for cell in column if isinstance(cell, bytes)}
    said = given or attribute_text.declared(file)
    found = given or attribute_text.encoding_of(cells | set(heads.values()), said)
    if said is None and not all(cell.isascii() for cell in cells):
        message = f"no .cpg says how the text is written; read as {found}: check a name"
        report.append(Problem(name, "file", "encoding", message, ReasonKind.NOTE))
    try:
        letters = {cell: attribute_text.decoded(cell, found) for cell in cells}
        names = {column: attribute_text.decoded(head, found)[0] for column, head in heads.items()}
    except UnicodeDecodeError as error:
        raise UnreadableFile("encoding_conflict", f"the text is not {found}") from error
    for column, values in raw.items():
        frame[column] = _column(values, letters)
        for number, value in enumerate(values):
            if isinstance(value, bytes) and letters[value][1]:
                message = f"{names[column]} is cut in the middle of a letter: its column is narrow"
                where = f"feature {number + 1}"
                report.append(Problem(name, where, "cut", message, ReasonKind.NOTE))
    return frame.rename(columns=names)


def _as_bytes(value: object) -> object:
    return value.encode(_BYTES) if isinstance(value, str) else value


def _column(values: Sequence[object], letters: dict[bytes, tuple[str, bool]]) -> list[object]:
    return [letters[value][0] if isinstance(value, bytes) else value for value in values]


def _no_garbage(frame: geopandas.GeoDataFrame) -> None:
    """Refuse text that was read in a wrong encoding, whatever the format."""
    for column in frame.columns:
        if column == frame.active_geometry_name:
            continue
        values = [value for value in frame[column].tolist() if isinstance(value, str)]
        if attribute_text.is_garbled([str(column), *values]):
            message = f"the text of {column!r} is garbled: name how it is written with --encoding"
            raise UnreadableFile("garbled", message)


def _on_wgs84(frame: geopandas.GeoDataFrame, file: Path, crs: str | None) -> NDArray[np.object_]:
    """Return the shapes on WGS 84, flat; those outside the world stay so and are found later."""
    shapes = frame.geometry.to_numpy()
    if shapely.has_z(shapes).any():
        shapes = shapely.force_2d(shapes)
    if crs is not None and crs.casefold() in SHIFTED:
        if frame.crs is not None and frame.crs.is_projected:  # a drawing on a shifted map's tiles
            shapes = _array(geopandas.GeoSeries(shapes, crs=frame.crs).to_crs(_WGS84).tolist())
        return _array(shapely.transform(shapes, lambda points: to_wgs84(points, crs)))
    try:
        given = None if crs is None else pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.CRSError as error:
        raise UnreadableFile("bad_crs", f"{crs!r} is no coordinate system") from error
    is_geojson = file.suffix.casefold() in _GEOJSON
    declared = frame.crs
    if given is not None and declared is not None and not is_geojson and given != declared:
        message = f"the file declares {declared.name}, but {given.name} was given"
        raise UnreadableFile("crs_conflict", message)
    source = given or declared or (pyproj.CRS.from_user_input(_WGS84) if is_geojson else None)
    if source is None:
        message = "the file declares no coordinate system; name it with --crs"
        raise UnreadableFile("crs_missing", message)
    if source == _WGS84:
        return _array(shapes)
    return _array(geopandas.GeoSeries(shapes, crs=source).to_crs(_WGS84).tolist())


def _array(shapes: Any) -> NDArray[np.object_]:
    """Return shapes as a flat array of objects, whatever they are."""
    flat = np.empty(len(shapes), dtype=object)
    flat[:] = shapes
    return flat
