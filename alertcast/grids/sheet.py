"""A table as a file holds it, before anybody asks what its columns mean."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

MOST_BYTES = 200 * 1024 * 1024
"""Largest file that is read: a line for each of a million people has room in it."""


@dataclass(frozen=True, slots=True)
class Content:
    """A file that is in memory only: what it is called, and its bytes."""

    name: str
    raw: bytes = field(repr=False)


File = Path | Content
"""A table to be read, wherever it is."""


class NotATable(Exception):
    """A file can not be read as a table; `rule` is a short fixed word, the message a sentence."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule


def content(file: File) -> Content:
    """Return a file with its bytes; raises NotATable if it can not be read, or is too large."""
    try:
        size = len(file.raw) if isinstance(file, Content) else file.stat().st_size
        if size > MOST_BYTES:
            most = MOST_BYTES // 1024 // 1024
            raise NotATable("too_large", f"the file has more than {most} MB: split it")
        return file if isinstance(file, Content) else Content(file.name, file.read_bytes())
    except OSError as error:
        raise NotATable("unreadable", f"the file cannot be read: {error.strerror}") from None


@dataclass(frozen=True, slots=True)
class Record:
    """One line of a table: its cells as text, stripped."""

    line: int  # its last line in the file, or its row in the sheet, from 1
    cells: list[str]
    faults: Sequence[tuple[int, str]] = ()  # index and rule of each cell without a value


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table, and what is to be said of the way it was read."""

    name: str | None  # None: the file is one table
    records: Iterator[Record]  # reading on may raise NotATable
    notes: Sequence[tuple[str, str]] = ()  # rule and sentence

    def where(self, line: int) -> str:
        """Return how a line of this table is named to a person."""
        return f"line {line}" if self.name is None else f"sheet {self.name}, row {line}"
