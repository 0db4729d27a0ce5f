"""Safe XML: bytes to elements, and where alerts stand in CAP, Atom, RSS and EDXL-DE documents.

CAP needs no document type, so any DOCTYPE, and with it every entity attack, is refused. Nothing
that a document names is ever fetched here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from xml.etree.ElementTree import Element, ParseError, fromstring

from alertcast.sources.parsed import Unreadable

MAX_TAGS = 1_000_000
"""A document with more tags is refused: each costs a hundred times its bytes in memory."""

MAX_BYTES = 20_000_000
"""A larger document is refused, bytes. The largest genuine ones seen are under 2 MB."""

CAP_NAMESPACES = {
    "urn:oasis:names:tc:emergency:cap:1.2": "1.2",
    "urn:oasis:names:tc:emergency:cap:1.1": "1.1",
    "http://www.incident.com/cap/1.0": "1.0",
}
"""Namespace -> version."""

_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["'][^>]*\?>""")
_BOMS = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_WIDER = {  # what calls itself by the first name is often the wider
    "gb2312": "gb18030",  # 塱 and 镕 are not in GB 2312, and yet written under its name
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "big5-hkscs": "big5hkscs",
}
_ENCODINGS = re.compile(
    r"utf-?8|(?:us-)?ascii|iso-?8859-\d{1,2}|windows-125\d|cp125\d|koi8-[ru]|gb18030|big5hkscs"
    r"|shift[_-]jis|euc-(?:jp|kr)"
)
"""Encodings that are read: in each of them a document type looks as it does in ASCII."""
_BEFORE_ROOT = re.compile(rb"\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*)*", re.DOTALL)
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
    text_statuses: tuple[str | None, ...] = ()  # the same of each text
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
        plain = as_utf8(data)
        if has_document_type(plain):  # entities are declared in it, and nowhere else
            message = "a DOCTYPE or entity is refused: CAP needs none, attacks do"
            raise Unreadable("doctype", message)
        if (tags := plain.count(b"<")) > MAX_TAGS:
            raise Unreadable("too_large", f"{tags} tags are over the limit of {MAX_TAGS}")
        return fromstring(plain)  # noqa: S314  # the two lines above; defusedxml takes twice as long
    except (ParseError, ValueError, LookupError) as error:
        raise Unreadable("not_xml", f"not well-formed XML: {error}") from error


def has_document_type(plain: bytes) -> bool:
    """Say whether a document in UTF-8 has a document type, which can only stand before its root."""
    before = _BEFORE_ROOT.match(plain)
    return plain.startswith(b"<!", before.end() if before else 0)


def local_name(element: Element) -> str:
    """Return the element's name without its namespace."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def is_feed(root: Element) -> bool:
    """Say whether the document is an Atom or RSS feed."""
    return local_name(root) in _FEEDS


def alerts_in(root: Element) -> list[tuple[Element | bytes, str | None]]:
    """Return the CAP alerts of a document that is not a feed: alone or in an EDXL-DE envelope.

    What stands in an envelope as text (escaped, or CDATA) is given as a document of its own. With
    each: what the envelopes around it say of its status; None: nothing. Of several the first that
    is not Actual counts.

    Raises
    ------
    Unreadable
        The root is none of these, or the envelope holds no alert.
    """
    name = local_name(root)
    if name == "alert":
        return [(root, None)]
    if name == "EDXLDistribution":
        if found := list(_within(root)):
            return found
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
    """Return a document in UTF-8, without a declaration of any other encoding.

    Raises ValueError and LookupError for what is not in its encoding, or in none that is read.
    """
    mark = next((one for one in _BOMS if data.startswith(one)), b"")
    if _BOMS.get(mark, "utf-8") != "utf-8":
        text = data.removeprefix(mark).decode(_BOMS[mark])
        return _without_declaration(text.encode())
    data = data.removeprefix(mark)
    match = _DECLARED.match(data)
    name = match.group(1).decode().lower() if match else "utf-8"
    encoding = _WIDER.get(name, name)
    if name == "utf-8" or match is None:
        return data
    if not _ENCODINGS.fullmatch(encoding):
        msg = f"the encoding {name[:40]!r} is not read"
        raise LookupError(msg)
    return data[match.end() :].decode(encoding).encode()


def _without_declaration(data: bytes) -> bytes:
    match = _DECLARED.match(data)
    return data[match.end() :] if match else data


def _entry(number: int, element: Element) -> Entry:
    links = []
    key = title = expires = ""
    is_dated = False
    texts: list[bytes] = []
    is_rss = local_name(element) == "item"
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
    found = list(_within(element))
    alerts = [(one, said) for one, said in found if not isinstance(one, bytes)]
    deeper = [(one, said) for one, said in found if isinstance(one, bytes)]
    return Entry(
        number,
        key or first_link,
        stamp,
        tuple(links),
        tuple(alert for alert, _ in alerts),
        title,
        (*texts, *(one for one, _ in deeper)),
        tuple(said for _, said in alerts),
        (*(None for _ in texts), *(said for _, said in deeper)),
        expires,
    )


def _is_alert(text: str) -> bool:
    """Say whether a text is itself a document with an alert or an envelope as its root."""
    return bool(_ALERT_AS_TEXT.match(text))


def _within(root: Element) -> Iterator[tuple[Element | bytes, str | None]]:
    """Yield every alert within an element, in order, with what the envelopes around it say.

    In an envelope, but not in an alert, a document may also stand as text.
    """
    waiting: list[tuple[Element, str | None, bool]] = [(root, None, False)]
    while waiting:  # not recursion: a document may be deeper than the stack
        element, said, may_be_text = waiting.pop()
        name = local_name(element)
        if name == "EDXLDistribution":
            may_be_text = True
            if said in (None, "Actual"):
                own = _status_of(element)
                said = said if own is None else own
        elif name == "alert" and element is not root:
            may_be_text = False
            yield element, said
        elif may_be_text and _is_alert(text := element.text or ""):
            yield text.strip().encode(), said
        waiting.extend((child, said, may_be_text) for child in element[::-1])


def _status_of(envelope: Element) -> str | None:
    said = (child for child in envelope if local_name(child) == "distributionStatus")
    return next(("".join(child.itertext()).strip() for child in said), None)
