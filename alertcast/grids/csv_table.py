"""CSV as spreadsheets write it: any usual encoding, with comma, semicolon or tabulator."""

import csv
import io
from collections.abc import Iterator

from alertcast.grids.sheet import NotATable, Record, Sheet

DELIMITERS = ",;\t"
_HEAD = 30  # lines by which the delimiter is known


def read_csv(raw: bytes) -> Sheet:
    """Return the one table of a CSV file.

    Encodings: UTF-8 with or without mark, UTF-16 with mark, GB 18030 (which GBK is part of).
    Raises NotATable, also while its records are read.
    """
    text, encoding = decoded(raw)
    notes = [] if encoding == "utf-8-sig" else [_note(encoding)]
    return Sheet(None, _records(text), notes)


def decoded(raw: bytes) -> tuple[str, str]:
    """Return the text of a file and the encoding it was read by; raises NotATable."""
    encodings = ("utf-16",) if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return raw.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise NotATable("encoding", "the file is neither UTF-8 nor GB 18030")


def delimiter(text: str) -> str:
    """Return what separates the cells of a CSV text: the one that its first lines have most of."""
    head = "\n".join(text.lstrip().split("\n", _HEAD)[:_HEAD])
    return max(DELIMITERS, key=head.count)


def _records(text: str) -> Iterator[Record]:
    records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter(text), strict=True)
    try:
        for cells in records:
            yield Record(records.line_num, [cell.strip() for cell in cells])
    except csv.Error as error:
        message = f"line {records.line_num}: the file is not CSV from here on: {error}"
        raise NotATable("not_csv", message) from None


def _note(encoding: str) -> tuple[str, str]:
    return "encoding", f"the file was read as {encoding}; check a name"
