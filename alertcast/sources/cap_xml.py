"""Safe XML: bytes to elements, and where alerts stand in CAP, Atom, RSS and EDXL-DE documents.

CAP needs no document type, so any DOCTYPE, and with it every entity attack, is refused. Nothing
that a document names is ever fetched here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from alertcast.sources.parsed import Unreadable

MAX_BYTES = 20_000_000
"""A larger document is refused, bytes. The largest genuine ones seen are under 2 MB."""

CAP_NAMESPACES = {
    "urn:oasis:names:tc:emergency:cap:1.2": "1.2",
    "urn:oasis:names:tc:emergency:cap:1.1": "1.1",
    "http://www.incident.com/cap/1.0": "1.0",
}
"""Namespace -> version."""

_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["'][^>]*\?>""")
_MULTIBYTE = {  # expat cannot read these; what calls itself by the first name is often the wider
    "gb2312": "gb18030",  # 塱 and 镕 are not in GB 2312, and yet written under its name
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "big5": "big5hkscs",
    "big5-hkscs": "big5hkscs",
}
_ALERT_AS_TEXT = re.compile(
    r"\s*(?:<\?xml[^>]*\?>\s*)?<(?:[\w.-]+:)?(?:alert|EDXLDistribution)[\s>]"
)
_FEEDS = {"feed", "rss", "RDF"}
_FEED_ITEMS = {"entry", "item"}
_DATES = {"updated", "published", "pubDate", "date", "sent"}
_BODIES = {"content", "summary", "description", "encoded"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of an Atom or RSS feed."""

    number: int
    key: str  # its id, guid or link; "" where it has none
    stamp: str  # changes when the entry does; "" where it carries no time to tell by
    links: tuple[tuple[str, str, str], ...]  # (href, MIME type or "", rel or "")
    alerts: tuple[Element, ...]  # CAP alerts within the entry
    title: str = ""
    texts: tuple[bytes, ...] = ()  # documents that stand within it as text (escaped, or CDATA)
    statuses: tuple[str | None, ...] = ()  # what the EDXL-DE envelopes around each alert say of it
    expires: str = ""  # as written

    @property
    def holds_alert(self) -> bool:
        """Say whether the alert itself is in the entry, so that its links need not be followed."""
        return bool(self.alerts or self.texts)


def read_xml(data: bytes) -> Element:
    """Return the root element.

    Raises
    ------
    Unreadable
        Too large, not well-formed, in an unknown encoding, or with a document type.
    """
    if len(data) > MAX_BYTES:
        raise Unreadable("too_large", f"{len(data)} bytes is over the limit of {MAX_BYTES}")
    try:
        root: Element = fromstring(as_utf8(data), forbid_dtd=True)
    except DefusedXmlException as error:
        message = "a DOCTYPE or entity is refused: CAP needs none, attacks do"
        raise Unreadable("doctype", message) from error
    except (ParseError, ValueError, LookupError) as error:
        raise Unreadable("not_xml", f"not well-formed XML: {error}") from error
    return root


def local_name(element: Element) -> str:
    """Return the element's name without its namespace."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def is_feed(root: Element) -> bool:
    """Say whether the document is an Atom or RSS feed."""
    return local_name(root) in _FEEDS


def alerts_in(root: Element) -> list[tuple[Element, str | None]]:
    """Return the CAP alerts of a document that is not a feed: alone or in an EDXL-DE envelope.

    With each: what the envelopes around it say of its status; None: nothing. Of several the first
    that is not Actual counts.

    Raises
    ------
    Unreadable
        The root is none of these, or the envelope holds no alert.
    """
    name = local_name(root)
    if name == "alert":
        return [(root, None)]
    if name == "EDXLDistribution":
        if alerts := list(_cap_alerts(root)):
            return alerts
        raise Unreadable("no_alert", "the EDXL-DE envelope holds no CAP alert")
    if name.lower() == "html":
        raise Unreadable("html", "this is a web page, not an alert")
    raise Unreadable("not_cap", f"root element {name[:40]!r} is not CAP, Atom, RSS or EDXL-DE")


def entries_in(feed: Element) -> list[Entry]:
    """Return the entries of a feed; an alert outside any entry is foreign markup and not read."""
    items = [element for element in feed.iter() if local_name(element) in _FEED_ITEMS]
    return [_entry(number, element) for number, element in enumerate(items)]


def fingerprint(element: Element) -> str:
    """Return the SHA-256 of all that an element holds, to tell whether it was seen before."""
    digest = sha256()
    for part in element.iter():  # not tostring(), which recurses as deep as the document
        digest.update(repr((part.tag, sorted(part.items()), part.text, part.tail)).encode())
    return digest.hexdigest()


def as_utf8(data: bytes) -> bytes:
    """Return the document in UTF-8 if it declares a Chinese encoding that expat cannot read."""
    match = _DECLARED.match(data)
    encoding = _MULTIBYTE.get(match.group(1).decode().lower()) if match else None
    if match is None or encoding is None:
        return data
    text = data[match.end() :].decode(encoding)
    return b'<?xml version="1.0" encoding="UTF-8"?>' + text.encode()


def _entry(number: int, element: Element) -> Entry:
    links = []
    key = title = expires = ""
    is_dated = False
    texts, is_rss = [], local_name(element) == "item"
    for child in element:
        name = local_name(child)
        is_dated = is_dated or name in _DATES
        text = (child.text or "").strip()
        if name in _BODIES and _is_alert(text):
            texts.append(text.encode())
        if name in ("content", "enclosure") and (href := child.get("src", child.get("url", ""))):
            links.append((href.strip(), child.get("type", "").strip().lower(), name))
        if name == "link" and (href := child.get("href", text).strip()):
            links.append((href, child.get("type", "").strip().lower(), child.get("rel", "")))
        elif name in ("id", "guid") and text:
            key = text
        elif name == "title":
            title = text
        elif name == "expires":
            expires = text
    first_link = links[0][0] if links else ""
    stamp = fingerprint(element) if is_dated else ""
    if not links and is_rss and key.startswith(("http://", "https://")):
        links.append((key, "", "guid"))  # RSS 2.0: a guid is the item's address unless it says not
    alerts = list(_cap_alerts(element))
    return Entry(
        number,
        key or first_link,
        stamp,
        tuple(links),
        tuple(alert for alert, _ in alerts),
        title,
        tuple(texts),
        tuple(said for _, said in alerts),
        expires,
    )


def _is_alert(text: str) -> bool:
    """Say whether a text is itself a document with an alert or an envelope as its root."""
    return bool(_ALERT_AS_TEXT.match(text))


def _cap_alerts(root: Element) -> Iterator[tuple[Element, str | None]]:
    """Yield every alert within an element, in order, with what the envelopes around it say."""
    waiting: list[tuple[Element, str | None]] = [(root, None)]
    while waiting:  # not recursion: a document may be deeper than the stack
        element, said = waiting.pop()
        name = local_name(element)
        if name == "EDXLDistribution" and said in (None, "Actual"):
            own = _status_of(element)
            said = said if own is None else own
        elif name == "alert" and element is not root:
            yield element, said
        waiting.extend((child, said) for child in element[::-1])


def _status_of(envelope: Element) -> str | None:
    said = (child for child in envelope if local_name(child) == "distributionStatus")
    return next(("".join(child.itertext()).strip() for child in said), None)
