"""A publisher on localhost: CAP messages, an Atom index of them, and one in RSS as WMO has it.

Answers carry an ETag and honour If-None-Match (304). A test or a drill can let the indexes fail.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from enum import StrEnum
from urllib.parse import quote
from xml.etree.ElementTree import Element, SubElement, tostring

from flask import Blueprint, Response, abort, request

ATOM = "http://www.w3.org/2005/Atom"
CAP_TYPE = "application/cap+xml"
INDEX = "/feed/atom.xml"
"""Where the index is, below the simulator's address."""
SWIC_INDEX = "/v2/cap-alerts/cn-cma-xx/rss.xml"
"""Where the index in RSS is, which like the real one keeps the newest items only."""
SWIC_KEEPS = 500  # items

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Failure(StrEnum):
    """What is wrong with an index or a list."""

    ERROR = "error"  # HTTP 500
    THROTTLED = "throttled"  # HTTP 429
    SLOW = "slow"  # answered after some real seconds
    BROKEN = "broken"  # cut off in the middle: not XML
    BLANK = "blank"  # 200 with nothing in it
    EMPTY = "empty"  # a valid feed without entries


@dataclass(frozen=True, slots=True)
class Entry:
    """One published message."""

    identifier: str
    cap: bytes
    title: str
    at: datetime  # aware


class Feed:
    """What is published. `closing` is set when the server goes down, and ends every wait."""

    def __init__(self, closing: threading.Event | None = None) -> None:
        self._lock = threading.Lock()
        self._entries: dict[str, Entry] = {}
        self._failure: Failure | None = None
        self._seconds = 0.0
        self._closing = closing or threading.Event()

    def publish(self, identifier: str, cap_bytes: bytes, title: str, at: datetime) -> None:
        """Publish a CAP message at `at` (aware); the same identifier again replaces it."""
        with self._lock:
            self._entries.pop(identifier, None)
            self._entries[identifier] = Entry(identifier, cap_bytes, title, at)

    def withdraw(self, identifier: str) -> None:
        """Take a message out of the feed, as publishers do with old ones; unknown is fine."""
        with self._lock:
            self._entries.pop(identifier, None)

    def fail(self, failure: Failure | str, seconds: float = 0.0) -> None:
        """From now on the index fails; `seconds` (real) is the wait of a slow one."""
        with self._lock:
            self._failure, self._seconds = Failure(failure), seconds

    def mend(self) -> None:
        """From now on the index is whole."""
        with self._lock:
            self._failure = None

    def blueprint(self) -> Blueprint:
        """Return the pages, to be registered without a prefix."""
        pages = Blueprint("feed", __name__)
        pages.add_url_rule(INDEX, "index", self.index)
        pages.add_url_rule(SWIC_INDEX, "swic", self.swic)
        pages.add_url_rule("/feed/<path:identifier>.xml", "document", self.document)
        return pages

    def index(self) -> Response:
        """Answer with the Atom index, newest first."""
        return self._listed(_atom, "application/atom+xml; charset=utf-8")

    def swic(self) -> Response:
        """Answer with the newest items in RSS, newest first, each named by its identifier."""
        return self._listed(_rss, "application/rss+xml; charset=utf-8")

    def document(self, identifier: str) -> Response:
        """Answer with one CAP message."""
        with self._lock:
            entry = self._entries.get(identifier)
        if entry is None:
            abort(404)
        return _tagged(entry.cap, CAP_TYPE)

    def _listed(self, write: Callable[[list[Entry], str], bytes], content_type: str) -> Response:
        with self._lock:
            failure, seconds = self._failure, self._seconds
            entries = [] if failure is Failure.EMPTY else list(self._entries.values())[::-1]
        body = write(entries, request.url_root.rstrip("/"))
        return answered(body, content_type, failure, seconds, self._closing)


def answered(
    body: bytes,
    content_type: str,
    failure: Failure | None,
    seconds: float,
    closing: threading.Event,
) -> Response:
    """Answer with `body`, or as `failure` has it; a slow one waits so many real seconds."""
    if failure is Failure.SLOW:
        closing.wait(seconds)
    if failure is Failure.ERROR:
        return Response("the publisher is down", 500, mimetype="text/plain")
    if failure is Failure.THROTTLED:
        return Response("too many requests", 429, {"Retry-After": "1"}, mimetype="text/plain")
    if failure is Failure.BROKEN:
        body = body[: len(body) // 2]
    if failure is Failure.BLANK:
        body = b""
    return _tagged(body, content_type)


def _rss(entries: list[Entry], root: str) -> bytes:
    rss = Element("rss", version="2.0")
    channel = SubElement(rss, "channel")
    SubElement(channel, "title").text = "模拟预警发布 (simulated warnings)"
    SubElement(channel, "link").text = root + SWIC_INDEX
    for entry in entries[:SWIC_KEEPS]:
        item = SubElement(channel, "item")
        SubElement(item, "title").text = entry.title
        SubElement(item, "link").text = f"{root}/feed/{quote(entry.identifier, safe='')}.xml"
        SubElement(item, "guid", isPermaLink="false").text = entry.identifier
        SubElement(item, "pubDate").text = format_datetime(entry.at)
    body: bytes = tostring(rss, encoding="utf-8", xml_declaration=True)
    return body


def _atom(entries: list[Entry], root: str) -> bytes:
    feed = Element("feed", xmlns=ATOM)
    SubElement(feed, "id").text = root + INDEX
    SubElement(feed, "title").text = "模拟预警发布 (simulated warnings)"
    SubElement(feed, "updated").text = max((e.at for e in entries), default=_EPOCH).isoformat()
    SubElement(SubElement(feed, "author"), "name").text = "alertcast simulator"
    SubElement(feed, "link", rel="self", href=root + INDEX)
    for entry in entries:
        row = SubElement(feed, "entry")
        SubElement(row, "id").text = entry.identifier
        SubElement(row, "title").text = entry.title
        SubElement(row, "updated").text = entry.at.isoformat()
        href = f"{root}/feed/{quote(entry.identifier, safe='')}.xml"
        SubElement(row, "link", type=CAP_TYPE, href=href)
    body: bytes = tostring(feed, encoding="utf-8", xml_declaration=True)
    return body


def _tagged(body: bytes, content_type: str) -> Response:
    response = Response(body, content_type=content_type)
    response.add_etag()
    response.make_conditional(request)
    return response
