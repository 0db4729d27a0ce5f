"""The cells of a workbook's parts, as an XML parser comes upon them: values only, nothing followed.

Format: ECMA-376 part 1, section 18.3.
"""

from bisect import bisect_right
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import IO
from xml.parsers import expat

from alertcast.grids.sheet import NotATable, Record

MOST_COLUMNS = 256
"""Cells further right are not looked at: no roster is so wide, but a slip of the hand is."""

_LARGE = 10**20


class Texts:
    """Reads a table of texts, plain or rich, without how they are read aloud (rPh)."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.said = _Said()

    def begin(self, name: str, _attributes: dict[str, str]) -> None:
        """Take the beginning of an element."""
        self.said.begin(local[name])

    def end(self, name: str) -> None:
        """Take the end of an element."""
        tag = local[name]
        self.said.end(tag)
        if tag == "si":
            self.texts.append(self.said.take())


class _Said:
    """The text within the elements `t` and `v`, piece by piece as a parser finds it."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._is_text = self._is_aloud = False

    def __call__(self, piece: str) -> None:
        if self._is_text:
            self._pieces.append(piece)

    def begin(self, tag: str) -> None:
        if tag == "t" or tag == "v":
            self._is_text = not self._is_aloud
        elif tag == "rPh":
            self._is_aloud = True

    def end(self, tag: str) -> None:
        if tag == "t" or tag == "v":
            self._is_text = False
        elif tag == "rPh":
            self._is_aloud = False

    def take(self) -> str:
        """Return what was said since it was last asked."""
        text = "".join(self._pieces).strip()
        self._pieces.clear()
        return text


class Rows:
    """Reads the rows of a sheet that hold anything, and which cells are merged over several."""

    def __init__(self, strings: list[str]) -> None:
        self.records: list[Record] = []
        self.merged: list[tuple[int, int, int]] = []  # column, first and last row
        self.said = _Said()
        self._strings = strings
        self._line = 0
        self._at, self._kind, self._is_formula = -1, "", False
        self._cells: list[str] = []
        self._faults: list[tuple[int, str]] = []

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        """Take the beginning of an element."""
        tag = local[name]
        if tag == "c":
            place = attributes.get("r")
            self._at = _column(_letters(place)) if place else self._at + 1
            self._kind, self._is_formula = attributes.get("t", ""), False
        elif tag == "row":
            self._line = int(attributes.get("r") or self._line + 1)
            self._at, self._cells, self._faults = -1, [], []
        elif tag == "f":
            self._is_formula = True
        elif tag == "mergeCell":
            first, _, last = attributes.get("ref", "").partition(":")
            self.merged.append((_column(_letters(first)), _row(first), _row(last or first)))
        else:
            self.said.begin(tag)

    def end(self, name: str) -> None:
        """Take the end of an element."""
        tag = local[name]
        if tag == "c":
            self._take(self.said.take())
        elif tag == "row":
            if self._faults or any(self._cells):
                self.records.append(Record(self._line, self._cells, self._faults))
        else:
            self.said.end(tag)

    def _take(self, said: str) -> None:
        """Keep the cell that has ended."""
        at, kind = self._at, self._kind
        if at >= MOST_COLUMNS:
            return
        if kind == "s":
            said = self._strings[int(said)]
        elif kind == "e":
            self._faults.append((at, "formula_error"))
        elif kind == "b":
            said = "TRUE" if said == "1" else "FALSE"
        elif kind in ("", "n") and said:
            said = _number(said)
        elif self._is_formula and not said and kind != "str":
            self._faults.append((at, "formula_not_worked_out"))
        if at == len(self._cells):
            self._cells.append(said)
        else:
            self._cells += [""] * (at + 1 - len(self._cells))
            self._cells[at] = said


def fill(records: list[Record], merged: list[tuple[int, int, int]]) -> None:
    """Let the rows that a merged cell spans say what its first row says, in its first column."""
    rows = {one.line: one for one in records}
    lines = sorted(rows)
    filled: dict[int, int] = {}
    for column, first, last in sorted(merged):
        top = rows.get(first)
        overlaps = first <= filled.get(column, 0)  # as no program writes it
        if top is None or overlaps or column >= min(len(top.cells), MOST_COLUMNS):
            continue
        filled[column] = last
        for line in lines[bisect_right(lines, first) : bisect_right(lines, last)]:
            cells = rows[line].cells
            cells += [""] * (column + 1 - len(cells))
            cells[column] = cells[column] or top.cells[column]


class _Local(dict[str, str]):
    """Names without their namespace; there are few, and each is asked for again and again."""

    def __missing__(self, name: str) -> str:
        self[name] = found = name.rpartition(" ")[2]
        return found


local = _Local()


def parse(
    file: IO[bytes],
    begin: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None],
    said: Callable[[str], None] | None = None,
) -> None:
    """Call these for each element of a part, and its text; raises NotATable for a DTD in it."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = begin, end
    parser.CharacterDataHandler = said
    parser.StartDoctypeDeclHandler = _no_entities
    with file:
        parser.ParseFile(file)


def _no_entities(*_: object) -> None:
    raise NotATable("damaged", "a part of the workbook defines entities")


def _number(said: str) -> str:
    """Return a number without the point or the exponent that a program stored it with."""
    if said.isdecimal():
        return said
    try:
        number = Decimal(said)
    except InvalidOperation:
        return said
    is_whole = number.is_finite() and abs(number) < _LARGE and number == number.to_integral_value()
    return str(int(number)) if is_whole else said


def _letters(reference: str) -> str:
    return reference.rstrip("0123456789")


def _row(reference: str) -> int:
    return int(reference[len(_letters(reference)) :])


@lru_cache(maxsize=1024)
def _column(letters: str) -> int:
    """Return the index of the column called "A", "B", ... "XFD"."""
    at = 0
    for letter in letters.upper():
        if not "A" <= letter <= "Z":
            msg = f"{letters!r} is not a column"
            raise ValueError(msg)
        at = at * 26 + ord(letter) - ord("A") + 1
    return at - 1
