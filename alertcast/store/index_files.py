"""Files of packed cells: made from a layer of the database, mapped by every process that matches.

A folder for each layer: its arrays as .npy, and index.json, which says what they are. They are made
under another name and renamed once they are whole and on disk. They hold nothing that the database
does not: whoever finds them missing, of another version or damaged makes them anew.
"""

import json
import os
import re
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from hashlib import file_digest, sha256
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np

from alertcast.core.packed import FORMAT, Packed

SUFFIX = ".cells"
"""Ends the name of a layer's folder; what does not end so is not ours."""

_HEADER = "index.json"
_KEY = re.compile("[0-9a-f]{32}")
_MAKING, _BROKEN = ".making-", ".broken-"
_STALE = 3600.0  # seconds; nobody is at work on a folder for so long


class IndexFileError(Exception):
    """The files of a layer are there and can not be used."""


def open_index(folder: Path, key: str, *, is_thorough: bool = True) -> Packed | None:
    """Return the packed cells of the layer `key`, mapped from `folder`; None if there are none.

    The header is checked, and the length of every file; `is_thorough`: and every byte, for which
    the files are read once. Raises IndexFileError.
    """
    place = folder / f"{key}{SUFFIX}"
    try:
        header = _header(place, key)
        for name, facts in header["files"].items():
            _check(place / name, facts, is_thorough)
        arrays = {
            Path(name).stem: np.load(place / name, mmap_mode="r", allow_pickle=False)
            for name in header["files"]
        }
        return Packed.of_arrays(arrays)
    except FileNotFoundError as error:
        if not place.exists():
            return None
        msg = f"{error.filename} is missing"
        raise IndexFileError(msg) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        msg = f"{place}: {error}"
        raise IndexFileError(msg) from error


def write_index(folder: Path, key: str, packed: Packed) -> None:
    """Write the packed cells of the layer `key`, on disk when this returns.

    Killed in between, nothing is there; written by two at once, either's files are. Damaged ones
    are replaced. Raises OSError.
    """
    with _making(folder) as made:
        files = {}
        for name, array in packed.arrays().items():
            path = made / f"{name}.npy"
            with path.open("wb") as file:
                np.save(file, array, allow_pickle=False)
                file.flush()
                os.fsync(file.fileno())
            files[path.name] = {"bytes": path.stat().st_size, "sha256": _digest(path)}
        header = {"format": FORMAT, "layer": key, "files": files}
        with (made / _HEADER).open("wb") as file:
            file.write(_sealed(header))
            file.flush()
            os.fsync(file.fileno())
        _put(made, folder, key)


def prune(folder: Path, keys: Collection[str]) -> int:
    """Remove the files of layers that are not among `keys`; return of how many.

    Processes that have them mapped go on with them. What is not named like ours is left alone.
    """
    gone = 0
    for place in folder.glob(f"*{SUFFIX}"):
        key = place.name.removesuffix(SUFFIX)
        if _KEY.fullmatch(key) and key not in keys:
            shutil.rmtree(place, ignore_errors=True)
            gone += not place.exists()
    return gone


@contextmanager
def _making(folder: Path) -> Iterator[Path]:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = Path(mkdtemp(prefix=_MAKING, dir=folder))
    now = made.stat().st_mtime  # the clock that also dated those of processes that were killed
    for other in (*folder.glob(f"{_MAKING}*"), *folder.glob(f"{_BROKEN}*")):
        if other.is_dir() and now - other.stat().st_mtime > _STALE:
            shutil.rmtree(other, ignore_errors=True)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _put(made: Path, folder: Path, key: str) -> None:
    """Rename what was made to where it belongs, unless somebody else was faster.

    A folder that holds anything is never written over: one that is damaged is moved away first.
    """
    place = folder / f"{key}{SUFFIX}"
    try:
        made.rename(place)
    except OSError:
        if not place.is_dir():
            raise
        if not _is_whole(folder, key):
            away = Path(mkdtemp(prefix=_BROKEN, dir=folder))
            with suppress(FileNotFoundError):  # another has moved it away
                place.rename(away / place.name)
            shutil.rmtree(away, ignore_errors=True)
            _put(made, folder, key)
    _sync(folder)


def _is_whole(folder: Path, key: str) -> bool:
    try:
        return open_index(folder, key) is not None
    except IndexFileError:
        return False


def _header(place: Path, key: str) -> dict[str, Any]:
    header = json.loads((place / _HEADER).read_bytes())
    said = header.pop("sha256")
    if said != sha256(_plain(header)).hexdigest():
        msg = f"{_HEADER} was altered"
        raise ValueError(msg)
    if (header["format"], header["layer"]) != (FORMAT, key):
        msg = f"format {header['format']} of layer {header['layer']}, not {FORMAT} of {key}"
        raise ValueError(msg)
    return dict(header)


def _check(path: Path, facts: dict[str, Any], is_thorough: bool) -> None:
    size = path.stat().st_size
    if size != facts["bytes"]:
        msg = f"{path.name} has {size} bytes, not {facts['bytes']}"
        raise ValueError(msg)
    if is_thorough and _digest(path) != facts["sha256"]:
        msg = f"{path.name} was altered"
        raise ValueError(msg)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _sealed(header: dict[str, Any]) -> bytes:
    return _plain(header | {"sha256": sha256(_plain(header)).hexdigest()})


def _plain(header: dict[str, Any]) -> bytes:
    return json.dumps(header, indent=1, sort_keys=True).encode()


def _sync(folder: Path) -> None:
    """Let the names in a folder reach the disk, where the system can open a folder."""
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
