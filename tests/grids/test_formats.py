"""Every usual format is read, and no name is ever read in the wrong letters without a word."""

import io
import json
import sys
import warnings
import zipfile

import geopandas
import pytest
import shapely

from alertcast.core.alert import ReasonKind
from alertcast.grids.features import Asked
from alertcast.grids.problem import has_errors
from alertcast.grids.read import read_layer
from tests.grids.test_read import PROPERTIES, SQUARE, rules

NEXT = shapely.box(112.1, 23.0, 112.2, 23.1)
NAMES = ["双甘村", "崤阳社区"]  # 崤 is beyond GB 2312


def frame(**columns):
    rows = [PROPERTIES | {"name": NAMES[0]}, PROPERTIES | {"name": NAMES[1], "code": "B"}]
    found = geopandas.GeoDataFrame(rows, geometry=[SQUARE, NEXT], crs="EPSG:4490")
    return found.assign(**columns)


def shapefile(folder, written, cpg, found=None, name="网格"):
    """Write a Shapefile whose text is `written`, with a .cpg that says `cpg`, or none."""
    folder.mkdir(exist_ok=True, parents=True)
    path = folder / f"{name}.shp"
    with warnings.catch_warnings(action="ignore"):  # of columns cut to ten letters
        (frame() if found is None else found).to_file(path, encoding=written)
    if cpg is None:
        path.with_suffix(".cpg").unlink()
    else:
        path.with_suffix(".cpg").write_text(cpg)
    return path


def zipped(path, *files, names=None):
    with zipfile.ZipFile(path, "w") as archive:
        for number, file in enumerate(files):
            archive.write(file, names[number] if names else file.name)
    return path


def damaged():
    """Return an archive whose first bytes of a packed file are others."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.geojson", json.dumps(list(range(9999))))
    raw = bytearray(file.getvalue())
    raw[60:100] = b"\xff" * 40
    return bytes(raw)


def parts(path):
    return sorted(path.parent.glob(f"{path.stem}.*"))


def names(read):
    return [grid.name for grid in read.grids]


# What can not be read rightly is refused ----------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "cpg", "rule"),
    [
        ("GBK", "UTF-8", "encoding_conflict"),
        ("UTF-8", "GBK", "encoding_conflict"),
        ("GBK", "ISO-8859-1", "encoding_conflict"),
        ("BIG5-HKSCS", None, "encoding_unknown"),
        ("ISO-8859-1", None, "encoding_unknown"),
    ],
)
def test_text_that_is_not_what_it_is_said_to_be_is_refused_with_the_remedy(
    tmp_path, written, cpg, rule
):
    west = {"ISO-8859-1": ["Köln", "Zürich"], "BIG5-HKSCS": ["雙甘里", "龍潭里"]}
    path = shapefile(
        tmp_path, written, cpg, frame(name=west.get(written, NAMES), town="x", county="y")
    )
    read = read_layer(path)
    assert rules(read)[-1] == rule
    assert "--encoding" in str(read.report[-1])
    assert read.grids == ()
    with_it = read_layer(path, Asked(encoding=written))
    assert names(with_it) == west.get(written, NAMES)


def test_an_encoding_that_does_not_exist_or_does_not_fit_is_refused(tmp_path):
    path = shapefile(tmp_path, "GBK", None)
    assert rules(read_layer(path, Asked(encoding="klingon"))) == ["bad_encoding"]
    assert rules(read_layer(path, Asked(encoding="UTF-8"))) == ["encoding_conflict"]


def test_a_geojson_in_gbk_is_refused_until_it_is_said_to_be(tmp_path):
    path = tmp_path / "layer.geojson"
    frame().to_crs("EPSG:4326").to_file(path)
    document = json.loads(path.read_text("utf-8"))
    path.write_bytes(json.dumps(document, ensure_ascii=False).encode("gbk"))
    assert rules(read_layer(path)) == ["encoding_unknown"]
    assert names(read_layer(path, Asked(encoding="GBK"))) == NAMES


def test_garbled_text_in_any_format_is_refused(tmp_path):
    path = tmp_path / "layer.gpkg"
    frame(name=["å\x8f\x8cç\x94\x98", "B"]).to_file(path)
    read = read_layer(path)
    assert rules(read) == ["garbled"]
    assert "'name'" in str(read.report[0])


def test_a_name_cut_in_the_middle_of_a_letter_is_told(tmp_path):
    path = shapefile(tmp_path, "GBK", "GBK")
    table = path.with_suffix(".dbf")
    raw = bytearray(table.read_bytes())
    at = raw.index("双甘村".encode("gbk"))
    raw[at : at + 6] = "双甘村".encode("gbk")[:5] + b" "
    table.write_bytes(raw)
    read = read_layer(path)
    assert names(read) == ["双甘", NAMES[1]]
    assert [(p.where, p.rule) for p in read.report] == [("feature 1", "cut")]


def test_one_of_several_layers_has_to_be_named(tmp_path):
    path = tmp_path / "layers.gpkg"
    for layer in ("villages", "quarters"):
        frame().to_file(path, layer=layer)
    read = read_layer(path)
    assert rules(read) == ["several_layers"]
    assert "villages, quarters" in str(read.report[0])
    assert rules(read_layer(path, Asked(layer="towns"))) == ["no_layer"]
    assert names(read_layer(path, Asked(layer="quarters"))) == NAMES


@pytest.mark.parametrize(
    ("make", "rule"),
    [
        (lambda path: path.write_bytes(b"PK\x03\x04 not a zip"), "unreadable"),
        (lambda path: path.write_bytes(damaged()), "unreadable"),
        (lambda path: zipped(path), "no_layer"),
        (lambda path: zipped(path, path.parent / "grids.csv"), "no_layer"),
    ],
)
def test_an_archive_that_holds_no_layer_is_refused(tmp_path, make, rule):
    (tmp_path / "grids.csv").write_text("code\n1\n")
    path = tmp_path / "layer.zip"
    make(path)
    assert rules(read_layer(path)) == [rule]


def test_an_archive_of_several_layers_asks_which(tmp_path):
    one, other = (shapefile(tmp_path, "GBK", "GBK", name=name) for name in ("村", "小区"))
    path = zipped(tmp_path / "layer.zip", *parts(one), *parts(other))
    read = read_layer(path)
    assert rules(read) == ["several_layers"]
    assert "小区, 村" in str(read.report[0])
    assert names(read_layer(path, Asked(layer="村"))) == NAMES


def test_a_member_never_leaves_the_folder_it_is_unpacked_into(tmp_path):
    inside = tmp_path / "a" / "b"
    inside.mkdir(parents=True)
    source = shapefile(tmp_path / "from", "GBK", "GBK", name="grids")
    path = zipped(
        inside / "layer.zip", *parts(source), names=[f"../../{p.name}" for p in parts(source)]
    )
    assert names(read_layer(path)) == NAMES
    assert not list(tmp_path.glob("*.shp"))


def test_geoparquet_without_its_library_says_what_to_install(tmp_path, monkeypatch):
    path = tmp_path / "layer.parquet"
    frame().to_parquet(path)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    read = read_layer(path)
    assert rules(read) == ["needs_pyarrow"]
    assert "alertcast[geoparquet]" in str(read.report[0])


# What can be read ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "cpg", "noted"),
    [
        ("GBK", "GBK", []),
        ("GBK", "936", []),
        ("GB18030", "ANSI 936", []),
        ("UTF-8", "UTF-8", []),
        ("UTF-8", "65001", []),
        ("UTF-8", None, ["encoding"]),
        ("GBK", None, ["encoding"]),
        ("GBK", "what?", ["encoding"]),
    ],
)
def test_a_zipped_shapefile_is_read_in_its_own_letters(tmp_path, written, cpg, noted):
    source = shapefile(tmp_path / "from", written, cpg)
    read = read_layer(zipped(tmp_path / "网格.zip", *parts(source)))
    assert names(read) == NAMES
    assert [grid.town for grid in read.grids] == ["冷坑镇"] * 2
    assert [p.rule for p in read.report if p.kind is ReasonKind.NOTE] == noted
    assert not has_errors(read.report)


def test_columns_may_have_chinese_names_in_gbk(tmp_path):
    found = frame().rename(columns={"code": "网格编码"})
    path = shapefile(tmp_path, "GBK", None, found)
    read = read_layer(path, columns={"code": "网格编码"})
    assert [grid.code for grid in read.grids] == [PROPERTIES["code"], "B"]


class Windows(zipfile.ZipInfo):
    """A member whose name is written as an old Windows does: in GBK, and not said to be."""

    def _encodeFilenameFlags(self):
        return self.filename.encode("gbk"), self.flag_bits


def test_an_archive_written_on_windows_has_its_names_in_gbk(tmp_path):
    source = shapefile(tmp_path / "from", "GBK", "GBK")
    path = tmp_path / "layer.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in parts(source):
            for stem in ("网格", "图斑"):
                archive.writestr(Windows(f"{stem}{file.suffix}"), file.read_bytes())
    assert "图斑, 网格" in str(read_layer(path).report[0])
    assert names(read_layer(path, Asked(layer="网格"))) == NAMES


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg", ".kml", ".parquet", ".shp"])
def test_every_format_gives_the_same_grids(tmp_path, suffix):
    path = tmp_path / f"layer{suffix}"
    found = frame().to_crs("EPSG:4326")
    with warnings.catch_warnings(action="ignore"):
        if suffix == ".parquet":
            found.to_parquet(path)
        else:
            found.to_file(path, driver="LIBKML" if suffix == ".kml" else None)
    read = read_layer(path)
    assert not has_errors(read.report)
    assert names(read) == NAMES
    assert [grid.county_code for grid in read.grids] == ["441224"] * 2
    assert shapely.hausdorff_distance(read.grids[0].geometry, SQUARE) < 1e-9
    assert not read.grids[0].geometry.has_z


def test_a_drawing_on_a_shifted_map_in_metres_is_brought_back(tmp_path):
    path = tmp_path / "layer.gpkg"
    frame().to_crs("EPSG:3857").to_file(path)
    read = read_layer(path, Asked(crs="GCJ-02"))
    moved = read.grids[0].geometry.centroid.distance(SQUARE.centroid) * 111_000
    assert 500 < moved < 700
