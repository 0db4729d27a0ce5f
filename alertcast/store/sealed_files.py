"""Files at rest that can be read without the database: one folder, the vault's key, no more.

A file is written whole or not at all, readable by its owner only.
"""

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog

from alertcast.store.crypto import Vault

log = structlog.get_logger()

SUFFIX = ".sealed"
_FETCHED = "fetched.jsonl"


@dataclass(frozen=True, slots=True)
class Sealed:
    """One file: BROADCAST-COUNTY.TARGETS.ANSWERS.sealed."""

    path: Path
    broadcast_id: int
    county_code: str
    targets: str  # changes with whoever is to be called
    answers: int  # how many had answered
    written_at: datetime  # real time


def listed(folder: Path) -> list[Sealed]:
    """Return the sealed files of a folder, the oldest first; a folder that is not there has none.

    What is not named like one of ours is left alone.
    """
    found = [_named(path) for path in folder.glob(f"*{SUFFIX}")] if folder.is_dir() else []
    return sorted((one for one in found if one is not None), key=lambda one: one.written_at)


def write(
    folder: Path,
    vault: Vault,
    text: str,
    *,
    broadcast_id: int,
    county_code: str,
    targets: str,
    answers: int,
) -> Path:
    """Seal `text` into its file, on disk when this returns; older files of the same are removed.

    Raises OSError. Killed in between, the older file is still there.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{broadcast_id}-{county_code}.{targets}.{answers}{SUFFIX}"
    _replace(path, vault.seal(text))
    for one in listed(folder):
        if (one.broadcast_id, one.county_code) == (broadcast_id, county_code) and one.path != path:
            one.path.unlink(missing_ok=True)
    return path


def read(folder: Path, vault: Vault, broadcast_id: int, county_code: str) -> str | None:
    """Return what was sealed last for a county of a broadcast, or None.

    Raises DataKeyError if it was written with another key, OSError if it can not be read.
    """
    for one in reversed(listed(folder)):
        if (one.broadcast_id, one.county_code) == (broadcast_id, county_code):
            return vault.open(one.path.read_bytes())
    return None


def reseal(folder: Path, vault: Vault) -> int:
    """Seal every file with the newest key, now in force; return how many another had sealed.

    Each keeps its age. One that no key opens stays as it is.
    """
    done = 0
    for one in listed(folder):
        kept, stat = one.path.read_bytes(), one.path.stat()
        text = "" if vault.opens(kept, vault.newest) else vault.read(kept)
        if text:
            _replace(one.path, vault.seal(text))
            os.utime(one.path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
            done += 1
    return done


def note_fetched(folder: Path, **facts: object) -> None:
    """Write down beside the files that somebody fetched one while nobody else could record it."""
    line = "\n" + json.dumps(facts, ensure_ascii=False) + "\n"  # the one before may be cut short
    path = folder / _FETCHED
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "wb") as file:
        file.write(line.encode())


def fetched(folder: Path) -> list[dict[str, object]]:
    """Return what `note_fetched` wrote down, to be recorded; then call `forget_fetched`.

    Whoever is killed in between finds it again.
    """
    taken = _taken(folder)
    if not taken.exists():
        with suppress(FileNotFoundError):
            (folder / _FETCHED).replace(taken)
    found = []
    for line in taken.read_bytes().split(b"\n") if taken.exists() else ():
        try:
            found += [dict(json.loads(line))] if line else []
        except ValueError:  # cut short by a full disk, perhaps within a letter
            log.warning("who fetched a call list can not be read", bytes=len(line))
    return found


def forget_fetched(folder: Path) -> None:
    """Forget what `fetched` returned: it is recorded."""
    _taken(folder).unlink(missing_ok=True)


def _replace(path: Path, sealed: bytes) -> None:
    new = path.with_suffix(f".{os.getpid()}.new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(sealed)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def _taken(folder: Path) -> Path:
    return folder / f"{_FETCHED}.taken"


def _named(path: Path) -> Sealed | None:
    try:
        key, targets, answers = path.name.removesuffix(SUFFIX).split(".")
        broadcast_id, county_code = key.split("-")
        at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        return Sealed(path, int(broadcast_id), county_code, targets, int(answers), at)
    except (ValueError, OSError):
        return None
