"""A table as a file holds it, before anybody asks what its columns mean."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MOST_BYTES = 200 * 1024 * 1024
"""Largest file that is read: a line for each of a million people has room in it."""


class NotATable(Exception):
    """A file can not be read as a table; `rule` is a short fixed word, the message a sentence."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule


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
