"""Warnings as files that somebody or something drops into a directory.

Whole files only: write under a name that begins with "." or ends in .part or .tmp, then rename. A
file that changed is handed over again; one that was removed says nothing about its warning.
"""

import os
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import ClassVar

from alertcast.sources.base import Document, Memory, Outcome, Polled, SourceSettings
from alertcast.sources.cap_xml import MAX_BYTES
from alertcast.sources.signed import SignedSettings

_UNFINISHED = (".part", ".tmp", "~")


class FolderSettings(SignedSettings):
    """The section of a folder source."""

    path: Path  # the directory; it must exist, and is not searched deeper


class Folder:
    """A directory that is looked through at every poll."""

    Settings: ClassVar[type[SourceSettings]] = FolderSettings

    def __init__(self, name: str, settings: FolderSettings) -> None:
        self.name = name
        self.settings = settings
        self.path = settings.path

    def poll(self, memory: Memory, now: datetime) -> Polled:
        """Return the files that are new or changed since `memory`, the oldest first."""
        try:
            files = _whole_files(self.path)
        except OSError as error:
            return Polled(Outcome.FAILED, (), f"{self.path}: {error.strerror}", memory)
        documents, problems, seen = [], [], {}
        for file, stat in files:
            known = memory.get(file.name, "")
            if known.startswith(_stamp(stat)):
                seen[file.name] = known
                continue
            try:
                raw = _read_whole(file, stat)
            except OSError as error:
                problems.append(f"{file.name}: {error.strerror or error}")
                continue
            digest = sha256(raw).hexdigest()
            seen[file.name] = f"{_stamp(stat)} {digest}"
            if not known.endswith(digest):
                documents.append(Document(raw, "", str(file)))
        outcome, why = _outcome(documents, problems, files), "; ".join(problems)
        return Polled(outcome, tuple(documents), why, seen, is_put=True)


Files = list[tuple[Path, os.stat_result]]


def _whole_files(folder: Path) -> Files:
    files = []
    for file in folder.iterdir():
        if file.name.startswith(".") or file.name.endswith(_UNFINISHED):
            continue
        try:
            if file.is_file():
                files.append((file, file.stat()))
        except FileNotFoundError:
            continue  # removed since it was listed
    return sorted(files, key=lambda found: (found[1].st_mtime_ns, found[0].name))


def _read_whole(file: Path, listed: os.stat_result) -> bytes:
    """Return the file's bytes; raises OSError if it is being written at this moment."""
    with file.open("rb") as opened:
        raw = opened.read(MAX_BYTES + 1)  # one byte over, so that the reader refuses it by size
        read = os.fstat(opened.fileno())
    if not raw or _stamp(read) != _stamp(listed):
        msg = "still being written"
        raise OSError(msg)
    return raw


def _stamp(stat: os.stat_result) -> str:
    return f"{stat.st_size} {stat.st_mtime_ns}"


def _outcome(documents: list[Document], problems: list[str], files: Files) -> Outcome:
    if documents:
        return Outcome.OK
    if problems:
        return Outcome.FAILED
    return Outcome.UNCHANGED if files else Outcome.NO_DATA
