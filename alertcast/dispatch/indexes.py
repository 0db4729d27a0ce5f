"""The index of a layer: of a small one in memory, of a large one in files that processes share.

The files lie beside the database and hold nothing that it does not. Missing, damaged or of another
version they are made anew; where they can not be written, the index is in memory all the same.
"""

from pathlib import Path

import structlog

from alertcast.config import Config
from alertcast.core.cells import Cells
from alertcast.core.grid import GridIndex
from alertcast.core.packed import Packed, pack
from alertcast.core.packed_cells import PackedCells
from alertcast.store import grids, index_files
from alertcast.store.db import Tx
from alertcast.store.index_files import IndexFileError

log = structlog.get_logger()


def index_of(config: Config, tx: Tx, layer_id: int) -> GridIndex:
    """Return the index of a layer, ready to be matched; files of other layers are removed."""
    is_large = _is_large(config, tx, layer_id)
    listed = grids.load(tx, layer_id, is_drawn=not is_large)
    key, active = grids.key(tx, layer_id), grids.active_layer(tx)
    index_files.prune(folder_of(config), {key, grids.key(tx, active["id"]) if active else key})
    cells = cells_of(folder_of(config), tx, layer_id) if is_large else None
    return GridIndex(list(listed.values()), cells)


def make_ready(config: Config, tx: Tx, layer_id: int) -> None:
    """Make the files of a large layer before a warning asks for them; twice makes them once.

    Killed in between nothing is there, and who matches first makes them.
    """
    if _is_large(config, tx, layer_id):
        cells_of(folder_of(config), tx, layer_id)


def folder_of(config: Config) -> Path:
    """Return where the files of large layers are."""
    return config.folder / config.main.match.folder


def cells_of(folder: Path, tx: Tx, layer_id: int) -> Cells:
    """Return the cells of a layer from its files, which are made if they can not be used."""
    key = grids.key(tx, layer_id)
    packed = _opened(folder, key)
    if packed is not None:
        return PackedCells(packed)
    packed = pack(grids.shapes(tx, layer_id))
    try:
        index_files.write_index(folder, key, packed)
    except OSError as error:  # a full disk delays no warning
        log.error("index files can not be written", layer=layer_id, error=str(error))
        return PackedCells(packed)
    log.info("index files made", layer=layer_id, cells=len(packed.numbers))
    return PackedCells(_opened(folder, key) or packed)  # mapped, it is no memory of this process


def _is_large(config: Config, tx: Tx, layer_id: int) -> bool:
    return grids.count(tx, layer_id, is_drawn=True) >= config.main.match.packed_from


def _opened(folder: Path, key: str) -> Packed | None:
    try:
        return index_files.open_index(folder, key)
    except IndexFileError as error:
        log.warning("index files can not be used", key=key, error=str(error))
        return None
