"""A fresh process that maps the files of a layer, and says how many grids a warning touches."""

import sys
from pathlib import Path

import shapely

from alertcast.core.packed_cells import PackedCells
from alertcast.store.index_files import open_index


def main(folder: str, key: str, warning: str) -> None:
    packed = open_index(Path(folder), key, is_thorough=False)
    if packed is None:
        sys.exit("there is no index")
    shape = shapely.from_wkb(Path(warning).read_bytes())
    print(len(PackedCells(packed).touching(shape)), _most_kb())


def _most_kb() -> str:
    status = Path("/proc/self/status").read_text().split()
    return status[status.index("VmHWM:") + 1]


if __name__ == "__main__":
    main(*sys.argv[1:])
