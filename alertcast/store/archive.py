"""A backup as one file: a ZIP of a manifest and a SQLite database, checked before it is used."""

import hashlib
import json
import os
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from alertcast.store.crypto import Vault
from alertcast.store.db import StoreError

FORMAT = 1
"""Of the archive; a program that reads another one has another number."""

MANIFEST, DATABASE = "manifest.json", "alertcast.sqlite3"

LONGEST = 100_000
"""Most bytes of a manifest."""

_PIECE = 1024 * 1024


class ArchiveError(StoreError):
    """The file can not be restored; the message says why."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself."""

    made_at: str  # ISO 8601, product time
    program: str  # version of alertcast that made it
    version: str  # of the tables
    kind: str  # of the database it was taken from: sqlite, postgresql
    key: str  # fingerprint of the data key that opens its names and phones; never the key
    sha256: str  # of the database inside
    size: int  # of the database inside, in bytes
    rows: Mapping[str, int]  # table -> how many
    format: int = FORMAT

    @property
    def made(self) -> datetime:
        """When the backup was made, aware."""
        return datetime.fromisoformat(self.made_at)


def digest(file: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def pack(target: Path, database: Path, manifest: Manifest, vault: Vault) -> None:
    """Write the archive; readable by its owner only, whole on the disk or not there at all.

    Raises ArchiveError if there is a file already.
    """
    content = _written(manifest)
    part = target.with_name(f".{target.name}.part")
    handle = os.open(part, os.O_CREAT | os.O_TRUNC | os.O_RDWR, 0o600)
    try:
        with os.fdopen(handle, "w+b") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
                archive.writestr(MANIFEST, content + b"\n" + vault.mark(content).encode() + b"\n")
                archive.write(database, DATABASE)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            raise ArchiveError(f"{target}: there is a file already; nothing is ever overwritten")
        part.rename(target)
    finally:
        part.unlink(missing_ok=True)


def unpack(source: Path, into: Path, vault: Vault) -> Manifest:
    """Write the database of an archive to the file `into`, once everything about it is right.

    Raises
    ------
    ArchiveError
        It is no backup, of another format, needs another key, or is damaged.
    """
    try:
        with zipfile.ZipFile(source) as archive:
            manifest = _manifest(source, _first(archive), vault)
            with archive.open(DATABASE) as packed, into.open("xb") as file:
                sha256, size = _copied(packed, file, manifest.size)
    except FileNotFoundError:
        raise ArchiveError(f"{source}: there is no such file") from None
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError, NotImplementedError) as error:
        raise ArchiveError(f"{source}: it is damaged, or no backup ({error})") from None
    if (sha256, size) != (manifest.sha256, manifest.size):
        raise ArchiveError(f"{source}: it is damaged: the checksum of its database is wrong")
    return manifest


def _written(manifest: Manifest) -> bytes:
    return json.dumps(asdict(manifest), sort_keys=True).encode()


def _first(archive: zipfile.ZipFile) -> bytes:
    with archive.open(MANIFEST) as packed:
        return packed.read(LONGEST)


def _manifest(source: Path, packed: bytes, vault: Vault) -> Manifest:
    content, _, mark = packed.strip().rpartition(b"\n")
    try:
        said: dict[str, Any] = json.loads(content)
        known = said["format"]
        if known != FORMAT:
            raise ArchiveError(f"{source}: a backup of format {known}, this program reads {FORMAT}")
        manifest = Manifest(**said)
    except (ValueError, KeyError, TypeError):
        raise ArchiveError(f"{source}: it is damaged: its manifest can not be read") from None
    if manifest.key not in (vault.newest, vault.former):
        raise ArchiveError(
            f"{source}: it needs the data key {manifest.key}, "
            f"ALERTCAST_DATA_KEY here is {vault.newest}: put the key of that installation "
            "into alertcast.env, or into ALERTCAST_DATA_KEY_OLD beside the one of today"
        )
    if mark != vault.mark(content, manifest.key).encode():
        raise ArchiveError(f"{source}: it is damaged, or was changed: its manifest is not as made")
    return manifest


def _copied(packed: Any, file: BinaryIO, most: int) -> tuple[str, int]:
    """Copy no more than one piece beyond `most` bytes; return their SHA-256 and their number."""
    sha256, size = hashlib.sha256(), 0
    while size <= most and (piece := packed.read(_PIECE)):
        sha256.update(piece)
        file.write(piece)
        size += len(piece)
    return sha256.hexdigest(), size
