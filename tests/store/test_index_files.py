"""Files of packed cells: mapped, whole or not at all, never believed when they are damaged."""

import json
import os
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
import shapely

from alertcast.core.packed import Packed, pack
from alertcast.store import index_files
from alertcast.store.index_files import IndexFileError, open_index, prune, write_index

KEY, OTHER = "0" * 32, "a" * 32
CELLS = pack([[shapely.box(lon, 0, lon + 1, 1) for lon in range(100)]])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_index(tmp_path / "deep" / "indexes", KEY, CELLS)
    return tmp_path / "deep" / "indexes"


def of(folder: Path) -> Path:
    """Return the folder of the one layer."""
    return folder / f"{KEY}.cells"


def same(one: Packed | None, other: Packed) -> bool:
    arrays = other.arrays()
    return one is not None and all(
        (found == arrays[name]).all() for name, found in one.arrays().items()
    )


def test_what_was_written_is_mapped_and_can_not_be_changed(folder: Path) -> None:
    found = open_index(folder, KEY)
    assert same(found, CELLS)
    assert found is not None
    for array in found.arrays().values():
        assert isinstance(array, np.memmap)
        assert not array.flags.writeable
    assert [one.name for one in folder.iterdir()] == [f"{KEY}.cells"]


def test_nobody_else_may_read_them(folder: Path) -> None:
    assert folder.stat().st_mode & 0o777 == 0o700
    assert of(folder).stat().st_mode & 0o777 == 0o700


def test_a_layer_without_files_has_none(folder: Path) -> None:
    assert open_index(folder, OTHER) is None
    assert open_index(folder / "nowhere", KEY) is None


@pytest.mark.parametrize("name", sorted(CELLS.arrays()))
def test_a_file_cut_short_is_seen_by_its_length(folder: Path, name: str) -> None:
    path = of(folder) / f"{name}.npy"
    os.truncate(path, path.stat().st_size - 1)
    with pytest.raises(IndexFileError, match=rf"{name}\.npy has \d+ bytes, not"):
        open_index(folder, KEY, is_thorough=False)


@pytest.mark.parametrize("name", sorted(CELLS.arrays()))
def test_a_byte_that_turned_is_seen_by_its_checksum(folder: Path, name: str) -> None:
    path = of(folder) / f"{name}.npy"
    spoilt = bytearray(path.read_bytes())
    spoilt[-1] ^= 1
    path.write_bytes(spoilt)
    with pytest.raises(IndexFileError, match=rf"{name}\.npy was altered"):
        open_index(folder, KEY)


def test_a_file_that_is_gone_is_missed(folder: Path) -> None:
    (of(folder) / "km2.npy").unlink()
    with pytest.raises(IndexFileError, match=r"km2\.npy is missing"):
        open_index(folder, KEY)


def test_another_layer_or_format_is_not_taken_for_it(folder: Path) -> None:
    of(folder).rename(folder / f"{OTHER}.cells")
    with pytest.raises(IndexFileError, match=f"of layer {KEY}, not 1 of {OTHER}"):
        open_index(folder, OTHER)


@pytest.mark.parametrize(
    "header", [b"", b"{}", b"[]", b"null", b"\xff", b'{"sha256": "0", "format": 1}']
)
def test_a_header_that_is_none_is_refused(folder: Path, header: bytes) -> None:
    (of(folder) / "index.json").write_bytes(header)
    with pytest.raises(IndexFileError, match=KEY):
        open_index(folder, KEY)


def test_a_header_that_was_altered_is_refused(folder: Path) -> None:
    path = of(folder) / "index.json"
    header = json.loads(path.read_bytes())
    header["files"].pop("boxes_1.npy")
    path.write_text(json.dumps(header))
    with pytest.raises(IndexFileError, match="was altered"):
        open_index(folder, KEY)


def test_what_is_damaged_is_replaced(folder: Path) -> None:
    (of(folder) / "index.json").write_bytes(b"")
    write_index(folder, KEY, CELLS)
    assert same(open_index(folder, KEY), CELLS)
    assert [one.name for one in folder.iterdir()] == [f"{KEY}.cells"]


def test_killed_before_the_end_it_leaves_nothing_that_is_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(index_files, "_put", killed)
        dying.setattr(index_files.shutil, "rmtree", lambda *_, **__: None)
        with pytest.raises(KeyboardInterrupt):
            write_index(tmp_path, KEY, CELLS)
    (left,) = tmp_path.iterdir()
    assert open_index(tmp_path, KEY) is None
    write_index(tmp_path, OTHER, CELLS)
    assert left.exists(), "somebody may still be at work on it"
    os.utime(left, (0, 0))
    write_index(tmp_path, KEY, CELLS)
    assert not left.exists()


def test_what_can_not_be_written_is_an_error_of_the_system(tmp_path: Path) -> None:
    (tmp_path / "indexes").write_text("a file")
    with pytest.raises(OSError, match="indexes"):
        write_index(tmp_path / "indexes", KEY, CELLS)
    (tmp_path / f"{KEY}.cells").write_text("a file")
    with pytest.raises(OSError, match=KEY):
        write_index(tmp_path, KEY, CELLS)
    assert sorted(one.name for one in tmp_path.iterdir()) == [f"{KEY}.cells", "indexes"]


def test_written_by_several_at_once_each_finds_them_whole(tmp_path: Path) -> None:
    with get_context("spawn").Pool(3) as pool:
        assert all(pool.map(_write_and_read, [tmp_path] * 6))
    assert [one.name for one in tmp_path.iterdir()] == [f"{KEY}.cells"]


def _write_and_read(folder: Path) -> bool:
    write_index(folder, KEY, CELLS)
    return same(open_index(folder, KEY), CELLS)


def test_a_layer_that_is_gone_takes_its_files_along_and_nothing_else(folder: Path) -> None:
    write_index(folder, OTHER, CELLS)
    mapped = open_index(folder, KEY)
    (folder / "notes.cells").mkdir()
    (folder / "notes.txt").write_text("mine")
    assert prune(folder, {OTHER}) == 1
    assert sorted(one.name for one in folder.iterdir()) == [
        f"{OTHER}.cells",
        "notes.cells",
        "notes.txt",
    ]
    assert same(mapped, CELLS), "whoever has them mapped goes on with them"
    assert prune(folder / "nowhere", set()) == 0
