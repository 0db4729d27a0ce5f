"""Reads a file or document of any kind that warnings come in, by looking at it.

CAP XML alone, in Atom, RSS or EDXL-DE, NWS GeoJSON, and the lists of CMA, NMC, Caiyun and QWeather.
Everything else is refused with a reason.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from alertcast.core.hazard import HazardTable
from alertcast.sources import caiyun, cap, cma_map, nmc, nws, qweather_read
from alertcast.sources.cap_xml import MAX_BYTES
from alertcast.sources.json_text import read_json
from alertcast.sources.parsed import Parsed, Unreadable
from alertcast.sources.signed import Judge

_UTF8_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")


def parse_bytes(
    data: bytes,
    hazards: HazardTable,
    *,
    now: datetime | None = None,
    place: str = "",
    judge: Judge | None = None,
) -> list[Parsed]:
    """Read every alert of a document; at least one item, and never raises for what it holds.

    `now`: also read recordings whose times are counted from the moment of replay; see `nws.parse`.
    `place`: administrative code the document was asked for, of a publisher that names no area.
    `judge`: knows whose signatures count; None: nobody's.
    """
    start = data.removeprefix(_UTF8_BOM).lstrip()[:1]
    if start == b"<" or data.startswith(_UTF16_BOMS):
        return cap.parse(data, hazards, judge)
    if start in (b"{", b"["):
        return _parse_json(data, hazards, now, place)
    if not start:
        return Unreadable("empty", "there is nothing in it").as_parsed()
    return Unreadable("unknown_format", "neither XML nor JSON: not an alert").as_parsed()


def _parse_json(
    data: bytes, hazards: HazardTable, now: datetime | None, place: str
) -> list[Parsed]:
    try:
        document = read_json(data)
    except Unreadable as error:
        return error.as_parsed()
    for items_in, parse_item in _LISTS:
        items = items_in(document)
        if items is not None:
            found = [parse_item(item, number, hazards) for number, item in enumerate(items)]
            return found or _empty()
    items = qweather_read.items_in(document)
    if items is not None:
        return qweather_read.parse(document, items, hazards, place) or _empty()
    return nws.parse_document(document, hazards, now=now)


_LISTS: tuple[
    tuple[Callable[[object], list[object] | None], Callable[[object, int, HazardTable], Parsed]],
    ...,
] = (
    (cma_map.items_in, cma_map.parse_item),
    (nmc.items_in, nmc.parse_item),
    (caiyun.items_in, caiyun.parse_item),
)


def _empty() -> list[Parsed]:
    message = "the list is empty: no alert, no all-clear either"
    return Unreadable("empty_feed", message).as_parsed()


def parse_file(
    path: Path,
    hazards: HazardTable,
    *,
    now: datetime | None = None,
    judge: Judge | None = None,
) -> list[Parsed]:
    """Read every alert of a file; a file that cannot be opened is one refused item."""
    try:
        data = bytes_of(path)
    except Unreadable as error:
        return error.as_parsed()
    return parse_bytes(data, hazards, now=now, judge=judge)


def bytes_of(path: Path) -> bytes:
    """Return what a file holds, one byte over the limit at most; raises Unreadable."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise Unreadable("unreadable_file", f"cannot be read: {error.strerror}") from error
