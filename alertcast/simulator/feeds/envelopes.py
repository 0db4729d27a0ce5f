"""CAP as it is published: alone, signed, in an EDXL-DE envelope, by an index in Atom or RSS."""

from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import quote
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring

from defusedxml.ElementTree import fromstring

from alertcast.simulator.feeds.entry import CAP_TYPE, Asked, Entry

ATOM = "http://www.w3.org/2005/Atom"
EDXL = "urn:oasis:names:tc:emergency:EDXL:DE:1.0"
DOCUMENTS = "/feed"
"""Where the CAP documents are that an index leads to."""
SWIC_KEEPS = 500  # items

_TITLE = "模拟预警发布 (simulated warnings)"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def alone(entries: Sequence[Entry], asked: Asked) -> bytes | None:
    """Write the newest message as it is."""
    return entries[-1].document if entries else None


def signed(entries: Sequence[Entry], asked: Asked) -> bytes | None:
    """Write the newest message with the simulator's signature."""
    return asked.sign(entries[-1].document) if entries else None


def edxl(entries: Sequence[Entry], asked: Asked) -> bytes | None:
    """Write all messages in one envelope."""
    if not entries:
        return None
    envelope = Element("EDXLDistribution", xmlns=EDXL)
    SubElement(envelope, "distributionID").text = entries[-1].alert.identifier
    SubElement(envelope, "senderID").text = "simulator@localhost"
    SubElement(envelope, "dateTimeSent").text = entries[-1].at.isoformat()
    SubElement(envelope, "distributionStatus").text = "Actual"
    SubElement(envelope, "distributionType").text = "Report"
    for entry in entries:
        content = SubElement(SubElement(envelope, "contentObject"), "xmlContent")
        _embed(SubElement(content, "embeddedXMLContent"), entry)
    return _written(envelope)


def atom(entries: Sequence[Entry], asked: Asked) -> bytes:
    """Write an Atom index, newest first."""
    feed = _feed(entries, asked)
    for entry in reversed(entries):
        row = _row(feed, entry)
        SubElement(row, "link", type=CAP_TYPE, href=address(entry, asked))
    return _written(feed)


def fat_atom(entries: Sequence[Entry], asked: Asked) -> bytes:
    """Write an Atom feed that holds the messages themselves."""
    feed = _feed(entries, asked)
    for entry in reversed(entries):
        _embed(SubElement(_row(feed, entry), "content", type="text/xml"), entry)
    return _written(feed)


def rss(entries: Sequence[Entry], asked: Asked) -> bytes:
    """Write an index in RSS, newest first."""
    root = Element("rss", version="2.0")
    channel = SubElement(root, "channel")
    SubElement(channel, "title").text = _TITLE
    SubElement(channel, "link").text = asked.root
    for entry in reversed(entries):
        item = SubElement(channel, "item")
        SubElement(item, "title").text = entry.title
        SubElement(item, "link").text = address(entry, asked)
        SubElement(item, "guid", isPermaLink="false").text = entry.alert.identifier
        SubElement(item, "pubDate").text = format_datetime(entry.at)
    return _written(root)


def swic(entries: Sequence[Entry], asked: Asked) -> bytes:
    """Write the index as WMO has it, which keeps the newest items only."""
    return rss(entries[-SWIC_KEEPS:], asked)


def address(entry: Entry, asked: Asked) -> str:
    """Return where the CAP document of an entry is."""
    return f"{asked.root}{DOCUMENTS}/{quote(entry.alert.identifier, safe='')}.xml"


def _feed(entries: Sequence[Entry], asked: Asked) -> Element:
    feed = Element("feed", xmlns=ATOM)
    SubElement(feed, "id").text = f"{asked.root}/feed"
    SubElement(feed, "title").text = _TITLE
    SubElement(feed, "updated").text = max((e.at for e in entries), default=_EPOCH).isoformat()
    SubElement(SubElement(feed, "author"), "name").text = "alertcast simulator"
    return feed


def _row(feed: Element, entry: Entry) -> Element:
    row = SubElement(feed, "entry")
    SubElement(row, "id").text = entry.alert.identifier
    SubElement(row, "title").text = entry.title
    SubElement(row, "updated").text = entry.at.isoformat()
    return row


def _embed(parent: Element, entry: Entry) -> None:
    """Put a message into an envelope; one that is no XML, as somebody may publish it, as text."""
    try:
        parent.append(fromstring(entry.document))
    except ParseError:
        parent.text = entry.document.decode("utf-8", "replace")


def _written(root: Element) -> bytes:
    body: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return body
