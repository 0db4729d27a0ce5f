"""The peer of a cold start: GeoParquet is read by geopandas, and joined with a warning."""

import sys
from pathlib import Path

import geopandas
import shapely


def main(file: str, warning: str) -> None:
    grids = geopandas.read_parquet(file)
    shape = shapely.from_wkb(Path(warning).read_bytes())
    print(len(grids.sindex.query(shape, predicate="intersects")), _most_kb())


def _most_kb() -> str:
    status = Path("/proc/self/status").read_text().split()
    return status[status.index("VmHWM:") + 1]


if __name__ == "__main__":
    main(*sys.argv[1:])
