"""An alert written as a CAP 1.2 message: children in the order of the schema, times to the second.

Source: CAP 1.2 (OASIS), section 3.2. What the schema would refuse is left out: a language that is
no tag, a category that is not CAP's. Resources are not kept, and so not written. Line ends
are those of XML.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from xml.etree.ElementTree import Element, SubElement, tostring

from alertcast.core.alert import Alert, Area, Info, Reference

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"

CATEGORIES = frozenset(
    {
        "Geo",
        "Met",
        "Safety",
        "Security",
        "Rescue",
        "Fire",
        "Health",
        "Env",
        "Transport",
        "Infra",
        "CBRNE",
        "Other",
    }
)
"""CAP 1.2 category."""

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LANGUAGE = re.compile(r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*", re.ASCII)
_BREAKS_IDENTITY = re.compile(r"[\s,&<]+")


def message(alert: Alert) -> bytes:
    """Return the CAP 1.2 document of an alert, in UTF-8; the same alert gives the same bytes."""
    root = Element("alert", xmlns=NAMESPACE)
    _put(root, "identifier", named(alert.identifier))
    _put(root, "sender", named(alert.sender))
    _put(root, "sent", time(alert.sent))
    _put(root, "status", alert.status)
    _put(root, "msgType", alert.msg_type)
    _put(root, "source", alert.source)
    _put(root, "scope", alert.scope)
    _put(root, "restriction", alert.restriction)
    _put(root, "addresses", _delimited(alert.addresses))
    for code in alert.codes:
        _put(root, "code", code)
    _put(root, "note", alert.note)
    _put(root, "references", " ".join(filter(None, map(_reference, alert.references))))
    _put(root, "incidents", _delimited(alert.incidents))
    for info in alert.infos:
        _put_info(root, info)
    document: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def named(text: str) -> str:
    """Return an identifier or sender without what CAP forbids in it."""
    return _BREAKS_IDENTITY.sub("_", text)


def time(at: datetime) -> str:
    """Return an aware time as CAP writes it; UTC is -00:00, since it is nobody's local time."""
    text = at.replace(microsecond=0).isoformat()
    return text.removesuffix("+00:00") + "-00:00" if text.endswith("+00:00") else text[:25]


def _put_info(root: Element, info: Info) -> None:
    block = SubElement(root, "info")
    if _LANGUAGE.fullmatch(info.language):
        _put(block, "language", info.language)
    for category in [one for one in info.category if one in CATEGORIES] or ["Other"]:
        _put(block, "category", category)
    SubElement(block, "event").text = _clean(info.event)
    for response in info.response_types:
        _put(block, "responseType", response)
    _put(block, "urgency", info.urgency)
    _put(block, "severity", info.severity)
    _put(block, "certainty", info.certainty)
    _put(block, "audience", info.audience)
    _put_pairs(block, "eventCode", info.event_codes)
    for name, at in (
        ("effective", info.effective),
        ("onset", info.onset),
        ("expires", info.expires),
    ):
        _put(block, name, time(at) if at else None)
    _put(block, "senderName", info.sender_name)
    _put(block, "headline", info.headline)
    _put(block, "description", info.description)
    _put(block, "instruction", info.instruction)
    if info.web and re.fullmatch(r"https?://[\x21-\x7e]+", info.web):
        _put(block, "web", info.web)
    _put(block, "contact", info.contact)
    _put_pairs(block, "parameter", info.parameters)
    for area in info.areas:
        _put_area(block, area)


def _put_area(block: Element, area: Area) -> None:
    place = SubElement(block, "area")
    SubElement(place, "areaDesc").text = _clean(area.desc)
    for ring in area.polygons:
        _put(place, "polygon", " ".join(f"{_number(lat)},{_number(lon)}" for lon, lat in ring))
    for circle in area.circles:
        centre = f"{_number(circle.lat)},{_number(circle.lon)}"
        _put(place, "circle", f"{centre} {_number(circle.radius_km)}")
    _put_pairs(place, "geocode", area.geocodes)
    if area.altitude is not None:
        _put(place, "altitude", _number(area.altitude))
        if area.ceiling is not None:
            _put(place, "ceiling", _number(area.ceiling))


def _put(parent: Element, name: str, text: str | None) -> None:
    if text:
        SubElement(parent, name).text = _clean(text)


def _put_pairs(parent: Element, name: str, pairs: Iterable[tuple[str, str]]) -> None:
    for key, text in pairs:
        pair = SubElement(parent, name)
        SubElement(pair, "valueName").text = _clean(key)
        SubElement(pair, "value").text = _clean(text)


def _reference(one: Reference) -> str | None:
    """Return a reference, or None where it can not be written: all three parts are needed."""
    if one.sent is None or not one.sender or not one.identifier:
        return None
    if _BREAKS_IDENTITY.search(one.sender + one.identifier):
        return None
    return f"{one.sender},{one.identifier},{time(one.sent)}"


def _delimited(items: Iterable[str]) -> str:
    return " ".join(f'"{one}"' if re.search(r"\s", one) else one for one in items)


def _number(value: float) -> str:
    return f"{value:.7f}".rstrip("0").rstrip(".")


def _clean(text: str) -> str:
    return _NO_XML.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
