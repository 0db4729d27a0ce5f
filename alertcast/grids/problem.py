"""What was found in a file that was read for import, each finding with its place and its rule."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from shapely.geometry.base import BaseGeometry

from alertcast.core.alert import ReasonKind


@dataclass(frozen=True, slots=True)
class Cell:
    """The cell of a table that a finding is about, or the row."""

    sheet: str | None  # None: the file is one table
    row: int  # of the sheet, or line of the file, from 1
    column: int | None  # from 1; None: the whole row
    header: str
    value: str  # names and phones in it are masked


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding about one line or feature, for the person who has to mend the file."""

    file: str  # the file's name
    where: str  # "line 12", "sheet 责任人, row 12", "feature 3 (code E07)", or "file"
    rule: str  # a short fixed word, e.g. "unknown_grid"
    message: str  # one English sentence; names and phones in it are masked
    kind: ReasonKind = ReasonKind.ERROR
    cell: Cell | None = None  # None: it is about no row of a table
    spot: BaseGeometry | None = field(default=None, compare=False, repr=False)
    """Where the trouble is, WGS 84 (lon, lat)."""

    def __str__(self) -> str:
        return f"{self.file}, {self.where}: {self.message} [{self.rule}]"


class UnreadableFile(Exception):  # it is what it says
    """A file that can not be read, or not surely: the rule that it breaks, and one sentence."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule


def has_errors(problems: Iterable[Problem]) -> bool:
    """Say whether any finding is an error: then nothing is imported unless bad rows are skipped."""
    return any(problem.kind is ReasonKind.ERROR for problem in problems)
