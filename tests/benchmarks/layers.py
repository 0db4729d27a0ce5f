"""A layer of grids is imported, with every check and into the database.

Beside it, in the same run, geopandas reads the same file, makes every polygon valid, and joins the
layer with itself: the least that whoever wants to know its overlaps does.
"""

import gc
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import process_time

import geopandas
import numpy as np
import shapely
from click.testing import CliRunner

from alertcast.cli import main
from alertcast.store.crypto import new_key
from tests.benchmarks.figures import Figure

GOAL = 2.0  # times as long as the peer
ROUNDS = 3
SPOILT = 100  # one grid of so many has something wrong
TOWN = 100  # grids of a town
BOX = shapely.box(111.0, 23.0, 113.0, 24.5)

OFFICE = """\
[office]
name = "试验县三防办"
short_name = "试验三防"
check_number = "0758-0000000"
"""


def import_grids(number: int = 100_000) -> Figure:
    """Import a layer of so many grids, one of SPOILT crooked, moved, or without a polygon."""
    with tempfile.TemporaryDirectory(prefix="alertcast-layers-") as folder:
        file = Path(folder, "layer.gpkg")
        layer(number).to_file(file)
        took, theirs, imported = [], [], 0
        for at in range(ROUNDS):
            home = Path(folder, f"office{at}")
            home.mkdir()
            home.joinpath("alertcast.toml").write_text(OFFICE, "utf-8")
            config, key = str(home / "alertcast.toml"), new_key()
            environ = {"ALERTCAST_CONFIG": config, "ALERTCAST_DATA_KEY": key}
            _run(environ, "db", "upgrade")
            theirs.append(_seconds(lambda: _peer(file)))
            began = process_time()
            said = _run(environ, "grids", "import", str(file), "--name", "large", "--json")
            took.append(process_time() - began)
            imported = json.loads(said)["grids"]
    ours, peer = min(took), min(theirs)
    return Figure(
        f"import, {number} grids",
        f"within {GOAL:g}x of geopandas: read, make_valid, sjoin with itself",
        {
            "grids": imported,
            "processor seconds": round(ours, 2),
            "grids a second": round(imported / ours),
        },
        ours <= GOAL * peer and imported == number,
        {"processor seconds": round(peer, 2)},
        round(ours / peer, 2),
    )


def layer(number: int) -> geopandas.GeoDataFrame:
    """Return a seeded layer of cells that cover a box, some of them spoilt."""
    chance = np.random.default_rng(20240123)
    west, south, east, north = BOX.bounds
    points = chance.uniform((west, south), (east, north), (number, 2))
    drawn = shapely.voronoi_polygons(shapely.multipoints(points), extend_to=BOX, ordered=True)
    cells = shapely.intersection(shapely.get_parts(drawn), BOX)
    towns = shapely.STRtree(shapely.points(points[::TOWN])).query_nearest(
        shapely.points(points), all_matches=False
    )[1]
    for at in range(0, number, SPOILT):
        cells[at] = (_crooked, _moved, _none)[at // SPOILT % 3](cells[at])
    columns = {
        "code": [f"441224{at:09d}" for at in range(number)],
        "name": [f"第{at}村" for at in range(number)],
        "kind": "village",
        "town_code": [f"T{town:05d}" for town in towns],
        "town": [f"{town}号镇" for town in towns],
        "county_code": "441224",
        "county": "怀集县",
    }
    return geopandas.GeoDataFrame(columns, geometry=list(cells), crs="EPSG:4326")


def _crooked(cell: shapely.Polygon) -> shapely.Polygon:
    points = shapely.get_coordinates(cell)
    points[[1, 2]] = points[[2, 1]]
    return shapely.Polygon(points)


def _moved(cell: shapely.Polygon) -> shapely.Polygon:
    return shapely.transform(cell, lambda points: points + 3e-4)  # some thirty metres


def _none(_cell: shapely.Polygon) -> None:
    return None


def _peer(file: Path) -> None:
    frame = geopandas.read_file(file)
    frame = frame[~frame.geometry.isna()]
    frame = frame.set_geometry(frame.make_valid())
    frame.sjoin(frame)


def _seconds(work: Callable[[], None]) -> float:
    gc.collect()
    began = process_time()
    work()
    return process_time() - began


def _run(environ: dict[str, str], *arguments: str) -> str:
    result = CliRunner(env=environ).invoke(main, arguments)
    if result.exit_code:
        raise RuntimeError(result.output)
    return result.output
