"""JSON from outside: bytes to a document, and the items of a list exactly as they arrived."""

import json
import re

from alertcast.sources.cap_xml import MAX_BYTES
from alertcast.sources.parsed import Unreadable

_SPACE = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder()


def read_json(data: bytes) -> object:
    """Return what the document holds.

    Raises
    ------
    Unreadable
        Too large, not UTF-8, or not JSON.
    """
    text = _text(data)
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable("not_json", f"not readable as JSON: {str(error)[:120]}") from error


def items_at(data: bytes, *path: str) -> list[bytes]:
    """Return the items of the list at `path` in an object, each as it arrived, byte for byte.

    Raises
    ------
    Unreadable
        Not JSON, or there is no list at `path`.
    """
    found = read_json(data)
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    if not isinstance(found, list):
        raise Unreadable("no_list", f"there is no list at {'.'.join(path)}: not the shape we know")
    text = _text(data)
    at = _past_space(text, 0)
    for name in path:
        at = _member(text, at, name)
    return [text[start:end].encode() for start, end in _elements(text, at)]


def _text(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise Unreadable("too_large", f"{len(data)} bytes is over the limit of {MAX_BYTES}")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable("not_json", f"not UTF-8: {error.reason}") from error


def _member(text: str, at: int, wanted: str) -> int:
    """Return where the value of a key begins, in the object at `at`; of equal keys the last."""
    found = at
    at = _past_space(text, at + 1)
    while text[at] != "}":
        key, at = _DECODER.raw_decode(text, at)
        value = _past_space(text, _past_space(text, at) + 1)
        if key == wanted:
            found = value
        at = _past_comma(text, _DECODER.raw_decode(text, value)[1])
    return found


def _elements(text: str, at: int) -> list[tuple[int, int]]:
    """Return where each element of the list at `at` begins and ends."""
    spans = []
    at = _past_space(text, at + 1)
    while text[at] != "]":
        end = _DECODER.raw_decode(text, at)[1]
        spans.append((at, end))
        at = _past_comma(text, end)
    return spans


def _past_comma(text: str, at: int) -> int:
    at = _past_space(text, at)
    return _past_space(text, at + 1) if text[at] == "," else at


def _past_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at
