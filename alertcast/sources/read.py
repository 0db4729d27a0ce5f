"""Reads a file or document of any kind that warnings come in, by looking at it.

CAP XML alone, in Atom, RSS or EDXL-DE, and NWS GeoJSON. Everything else is refused with a reason.
"""

from datetime import datetime
from pathlib import Path

from alertcast.core.hazard import HazardTable
from alertcast.sources import cap, nws
from alertcast.sources.cap_xml import MAX_BYTES
from alertcast.sources.parsed import Parsed, Unreadable

_UTF8_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")


def parse_bytes(data: bytes, hazards: HazardTable, *, now: datetime | None = None) -> list[Parsed]:
    """Read every alert of a document; at least one item, and never raises for what it holds.

    `now`: also read recordings whose times are counted from the moment of replay; see `nws.parse`.
    """
    start = data.removeprefix(_UTF8_BOM).lstrip()[:1]
    if start == b"<" or data.startswith(_UTF16_BOMS):
        return cap.parse(data, hazards)
    if start in (b"{", b"["):
        return nws.parse(data, hazards, now=now)
    if not start:
        return Unreadable("empty", "there is nothing in it").as_parsed()
    return Unreadable("unknown_format", "neither XML nor JSON: not an alert").as_parsed()


def parse_file(path: Path, hazards: HazardTable, *, now: datetime | None = None) -> list[Parsed]:
    """Read every alert of a file; a file that cannot be opened is one refused item."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        return Unreadable("unreadable_file", f"cannot be read: {error.strerror}").as_parsed()
    return parse_bytes(data, hazards, now=now)
