"""In which encoding the attribute table of a Shapefile is written; told, or found, never guessed.

A DBF table holds bytes. Beside it a .cpg file may say what they are; programs of this country
write GBK or UTF-8 and often no .cpg, or a wrong one. A name read in the wrong encoding is nonsense
that nobody notices until it is spoken on the phone.
"""

import codecs
import re
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from alertcast.grids.problem import UnreadableFile

FOUND = ("utf-8", "gb18030")
"""Encodings that are tried where none is named; GB 18030 contains GBK and GB 2312."""

GARBLED = re.compile("[\x80-\x9f\ufffd]")
"""Signs that stand in no name: text that was read in a wrong encoding."""

_BY_NUMBER = {"936": "gb18030", "54936": "gb18030", "65001": "utf-8", "950": "big5hkscs"}
_GB = ("gbk", "gb2312", "gb18030")
_GB2312_SHARE = 0.9  # of the letters of Chinese text; what is beyond it is rare in names
_TELLING = 12  # bytes of other letters that are all UTF-8 by chance once in thousands of times


def declared(shapefile: Path) -> str | None:
    """Return the encoding that the .cpg beside a Shapefile names, if it is one that we know."""
    for suffix in (".cpg", ".CPG"):
        file = shapefile.with_suffix(suffix)
        if file.exists():
            return known(file.read_text(encoding="latin-1"))
    return None


def known(name: str) -> str | None:
    """Return Python's name of an encoding written as people and programs do, or None."""
    word = name.strip().casefold()
    number = re.search(r"\d+$", word)
    if number and number[0] in _BY_NUMBER:
        return _BY_NUMBER[number[0]]
    try:
        found = codecs.lookup(word).name
    except LookupError:
        return None
    return "gb18030" if found in _GB else found


def encoding_of(cells: Iterable[bytes], said: str | None) -> str:
    """Return the encoding of these cells; `said` is what the .cpg names.

    Raises
    ------
    UnreadableFile
        If the cells are not what is said, or it can not be told what they are.
    """
    other = {cell for cell in cells if not cell.isascii()}
    if not other:
        return said or "utf-8"
    if said is not None:
        if _contradicts(other, said):
            really = found(other)
            remedy = f"it looks like {really}" if really else "nor UTF-8, nor GB 18030"
            message = (
                f"the .cpg says {said}, but the text is not: {remedy}; name it with --encoding"
            )
            raise UnreadableFile("encoding_conflict", message)
        return said
    told = found(other)
    if told is None:
        message = "no .cpg says how the text is written, and it is neither UTF-8 nor GB 18030"
        raise UnreadableFile("encoding_unknown", f"{message}; name it with --encoding")
    return told


def found(cells: Collection[bytes]) -> str | None:
    """Return which of FOUND the cells are written in, or None."""
    utf8, gb = FOUND
    if _fits(cells, utf8):
        return utf8
    return gb if _fits(cells, gb) and _is_mostly_gb2312(cells) else None


def decoded(cell: bytes, encoding: str) -> tuple[str, bool]:
    """Return a cell's text, and whether its last letter was cut: the column was too narrow.

    Raises UnicodeDecodeError where any other letter can not be read.
    """
    try:
        return cell.decode(encoding), False
    except UnicodeDecodeError as error:
        if error.end < len(cell) or error.start == 0:
            raise
        return cell[: error.start].decode(encoding), True


def is_garbled(texts: Sequence[str]) -> bool:
    """Say whether any of these texts was read in a wrong encoding."""
    return GARBLED.search("\n".join(texts)) is not None


def _fits(cells: Collection[bytes], encoding: str) -> bool:
    try:
        return not any(GARBLED.search(decoded(cell, encoding)[0]) for cell in cells)
    except UnicodeDecodeError:
        return False


def _contradicts(cells: Collection[bytes], said: str) -> bool:
    """Say whether cells are not what is said of them; almost any bytes are GBK or a western set."""
    if not _fits(cells, said):
        return True
    utf8, gb = FOUND
    if said == gb:
        return _is_surely_utf8(cells)
    return said != utf8 and found(cells) is not None


def _is_surely_utf8(cells: Collection[bytes]) -> bool:
    letters = sum(byte >= 0x80 for cell in cells for byte in cell)
    return letters >= _TELLING and _fits(cells, "utf-8")


def _is_mostly_gb2312(cells: Collection[bytes]) -> bool:
    """Say whether most letters are of GB 2312; western text read as GB 18030 has hardly one."""
    letters = [
        letter for cell in cells for letter in decoded(cell, "gb18030")[0] if not letter.isascii()
    ]
    return sum(_is_gb2312(letter) for letter in letters) >= _GB2312_SHARE * len(letters)


def _is_gb2312(letter: str) -> bool:
    try:
        return bool(letter.encode("gb2312"))
    except UnicodeEncodeError:
        return False
