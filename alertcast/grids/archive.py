"""The one layer in a ZIP archive, unpacked for as long as it is read."""

import io
import shutil
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from alertcast.grids.problem import UnreadableFile

MAIN = (".shp", ".gpkg", ".geojson", ".json", ".kml", ".kmz", ".parquet", ".geoparquet")
"""Suffixes of a file that is a layer; those of a Shapefile lie beside it under its name."""

MOST_UNPACKED = 400 * 1024 * 1024
"""Most bytes that an archive which was sent to a page may unpack to."""

MOST_PARTS = 5_000
"""Most members that it may have."""

_NESTED = (".zip", ".kmz")
_UTF8_NAME = 0x800  # bit 11 of a member's flags (APPNOTE.TXT 4.4.4): its name is UTF-8


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A file taken out of an archive."""

    path: Path
    name: str  # what the archive calls it, without folder and suffix


@contextmanager
def unpacked(path: Path, wanted: str | None) -> Iterator[Unpacked]:
    """Unpack the layer of an archive into a folder of its own, which goes away afterwards.

    `wanted` is its name, needed only where the archive holds several.

    Raises
    ------
    UnreadableFile
        If the file is no archive, holds no layer, or several of which `wanted` names none.
    """
    with TemporaryDirectory(prefix="alertcast-") as folder:
        try:
            inner = _unpack(path, wanted, Path(folder))
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            NotImplementedError,
            RuntimeError,
        ) as error:
            # a method we have not, or a password: zipfile has no class of its own for either
            raise UnreadableFile("unreadable", f"the archive cannot be read: {error}") from error
        yield inner


def check_size(raw: bytes) -> None:
    """Refuse an archive that unpacks to too much; what is no archive at all passes.

    It need not begin as one: what unpacks it looks for its end. Raises UnreadableFile.
    """
    if not (raw.startswith(b"PK") or zipfile.is_zipfile(io.BytesIO(raw))):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise UnreadableFile("unreadable", f"the archive cannot be read: {error}") from error
    if len(members) > MOST_PARTS or sum(one.file_size for one in members) > MOST_UNPACKED:
        most = MOST_UNPACKED // 1024 // 1024
        raise UnreadableFile("too_large", f"the archive unpacks to more than {most} MB")
    if any(one.filename.casefold().endswith(_NESTED) for one in members):
        raise UnreadableFile("nested", "the archive holds another archive: unpack it first")


def _unpack(path: Path, wanted: str | None, folder: Path) -> Unpacked:
    with zipfile.ZipFile(path) as archive:
        main, members = _chosen(archive, wanted)
        for member in members:
            # never under its own name: that may lead out of the folder
            target = folder / f"layer{PurePosixPath(member.filename).suffix.casefold()}"
            with archive.open(member) as packed, target.open("wb") as file:
                shutil.copyfileobj(packed, file)
    return Unpacked(folder / f"layer{_name(main).suffix.casefold()}", _name(main).stem)


def _chosen(
    archive: zipfile.ZipFile, wanted: str | None
) -> tuple[zipfile.ZipInfo, list[zipfile.ZipInfo]]:
    """Return the main member of the layer to read, and all that belong to it."""
    parts: dict[PurePosixPath, list[zipfile.ZipInfo]] = defaultdict(list)
    for member in archive.infolist():
        name = _name(member)
        if not member.is_dir() and "__MACOSX" not in name.parts:
            parts[name.with_suffix("")].append(member)
    layers = {
        stem: (main, members)
        for stem, members in parts.items()
        for main in members
        if _name(main).suffix.casefold() in MAIN
    }
    if not layers:
        raise UnreadableFile("no_layer", f"the archive holds none of {', '.join(MAIN)}")
    found = [both for stem, both in layers.items() if wanted in (stem.name, str(stem))]
    if not found and len(layers) > 1:
        names = ", ".join(sorted(str(stem) for stem in layers))
        raise UnreadableFile("several_layers", f"the archive holds {names}; name one with --layer")
    return found[0] if found else next(iter(layers.values()))


def _name(member: zipfile.ZipInfo) -> PurePosixPath:
    """Return a member's name; one that is not marked as UTF-8 is GB 18030 where it can be."""
    name = member.filename
    if not member.flag_bits & _UTF8_NAME and not name.isascii():
        raw = name.encode("cp437")  # which zipfile took it for
        for encoding in ("utf-8", "gb18030"):
            try:
                return PurePosixPath(raw.decode(encoding))
            except UnicodeDecodeError:
                continue
    return PurePosixPath(name)
