"""CAP 1.0, 1.1 and 1.2 alerts: alone, within Atom and RSS entries, or in an EDXL-DE envelope.

The reading is lenient and says what it did: every item gives an alert with its repairs and notes,
or the errors for which it was refused. Nothing raises for bad input, and one bad item leaves the
others alone. Who says it, when, of what kind and for whom is never assumed: an alert without
identifier, sender, sent, msgType or scope is refused. An unknown status is read as Test, which is
never sent.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from xml.etree.ElementTree import Element

from alertcast.core.alert import (
    MSG_TYPES,
    SCOPES,
    STATUSES,
    Alert,
    Info,
    Reason,
    ReasonKind,
    Reference,
)
from alertcast.core.hazard import HazardTable
from alertcast.core.national_id import NationalId
from alertcast.core.vtec import is_test
from alertcast.sources.cap_area import Budget
from alertcast.sources.cap_info import read_info
from alertcast.sources.cap_nodes import Node
from alertcast.sources.cap_times import read_time
from alertcast.sources.cap_xml import (
    CAP_NAMESPACES,
    alerts_in,
    entries_in,
    is_feed,
    read_xml,
)
from alertcast.sources.parsed import Findings, Parsed, Unreadable
from alertcast.sources.signed import Judge, Seals, of_both

_BREAKS_IDENTITY = re.compile(r"[\s,&<]")  # CAP 1.2 section 3.2.1; references could not name it
_QUOTED_OR_WORD = re.compile(r'"([^"]*)"|(\S+)')


MOST_WITHIN = 4
"""Documents that may stand as text within each other; what lies deeper is not read."""


def parse(
    data: bytes, hazards: HazardTable, judge: Judge | None = None, *, within: int = 0
) -> list[Parsed]:
    """Read every alert of an XML document, in order; at least one item, and never raises.

    A document that cannot be read, or is only an index of links, gives one refused item. `judge`
    knows whose signatures count; None: nobody's. `within`: it stands as text in so many others.
    """
    try:
        if within > MOST_WITHIN:
            message = f"it stands as text within more than {MOST_WITHIN} other documents"
            raise Unreadable("too_deep", message)
        root = read_xml(data)
        seals = Seals(data, root, judge)
        read = _parse_feed if is_feed(seals.root) else _parse_document
        found = read(seals.root, hazards, seals, within + 1)
    except Unreadable as error:
        return error.as_parsed()
    if not seals.is_part_signed:
        return found
    message = "a part of the envelope is signed: not checked, and worth nothing"
    note = Reason("part_signed", ReasonKind.NOTE, "Signature", message)
    return [replace(one, reasons=(*one.reasons, note)) for one in found]


def _parse_document(root: Element, hazards: HazardTable, seals: Seals, within: int) -> list[Parsed]:
    """Read what is no feed: an alert alone, or an envelope."""
    parsed: list[Parsed] = []
    for one, said in alerts_in(root):
        parsed += _parse_one(one, said, len(parsed), hazards, seals, within)
    return parsed


def _parse_one(
    one: Element | bytes,
    said: str | None,
    item: int,
    hazards: HazardTable,
    seals: Seals,
    within: int,
) -> list[Parsed]:
    """Read an alert, or what a document that stands as text holds; `said` by its envelopes."""
    if isinstance(one, bytes):
        found = parse(one, hazards, seals.judge, within=within)
        found = [
            replace(each, item=item + number, signature=of_both(seals.envelope, each.signature))
            for number, each in enumerate(found)
        ]
    else:
        found = [parse_alert(one, item, hazards, seals)]
    return [_as_envelope_says(said, each) for each in found]


def _as_envelope_says(said: str | None, parsed: Parsed) -> Parsed:
    """Return the alert with the distributionStatus of its EDXL-DE envelopes if that is not Actual.

    What an envelope calls a test is not acted on, whatever is in it. It never makes an alert more
    than it is.
    """
    if parsed.alert is None or said in (None, "Actual") or parsed.alert.status != "Actual":
        return parsed
    status = said if said in STATUSES else "Test"
    message = f"the envelope says {said[:40]!r}, so the alert is taken as {status}"
    reason = Reason("envelope_status", ReasonKind.REPAIR, "distributionStatus", message)
    alert = replace(parsed.alert, status=status)
    return replace(parsed, alert=alert, reasons=(*parsed.reasons, reason))


def parse_alert(element: Element, item: int, hazards: HazardTable, seals: Seals) -> Parsed:
    """Read one CAP alert element; what was signed of it, if its signature is verified."""
    element, signature = seals.look(element)
    findings = Findings()
    node = Node(element, "")
    _check_namespace(element, findings)
    alert = None if findings.has_error else _alert(node, hazards, findings)
    hint = node.text("identifier")
    if findings.has_error:
        alert = None
    reasons = tuple(findings.reasons)
    return Parsed(alert, reasons, item, hint, signature=signature)


def _parse_feed(root: Element, hazards: HazardTable, seals: Seals, within: int) -> list[Parsed]:
    entries = entries_in(root)
    if not entries:
        raise Unreadable("empty_feed", "the feed has no entries: no alert, no all-clear either")
    if not any(entry.holds_alert for entry in entries):
        if any(entry.links for entry in entries):
            message = f"an index of {len(entries)} links; the alerts are behind them"
            raise Unreadable("index_only", message)
        raise Unreadable("no_alert", f"none of the {len(entries)} entries holds an alert or a link")
    parsed: list[Parsed] = []
    links = sum(1 for entry in entries if entry.links and not entry.holds_alert)
    for entry in entries:
        if not entry.holds_alert and not entry.links:
            code, message = "no_alert", "the entry holds no alert"
            reason = Reason(code, ReasonKind.ERROR, f"entry[{entry.number}]", message)
            parsed.append(Parsed(None, (reason,), len(parsed), entry.key or None))
        each: list[tuple[Element | bytes, str | None]] = [
            *zip(entry.alerts, entry.statuses, strict=True),
            *zip(entry.texts, entry.text_statuses, strict=True),
        ]
        for one, said in each:
            parsed += _parse_one(one, said, len(parsed), hazards, seals, within)
    if links:
        message = f"{links} other entries of the feed are links; their alerts are elsewhere"
        note = Reason("links_beside", ReasonKind.NOTE, "feed", message)
        parsed[0] = replace(parsed[0], reasons=(*parsed[0].reasons, note))
    return parsed


def _check_namespace(element: Element, findings: Findings) -> None:
    namespace = element.tag.rpartition("}")[0].lstrip("{")
    if not namespace:
        findings.repair("no_namespace", "alert", "the alert has no namespace; read as CAP 1.2")
    elif namespace not in CAP_NAMESPACES:
        message = f"namespace {namespace[:60]!r} is not CAP 1.0, 1.1 or 1.2"
        findings.error("unknown_namespace", "alert", message)


def _alert(node: Node, hazards: HazardTable, findings: Findings) -> Alert | None:
    identifier = _needed(node, "identifier", findings)
    sender = _needed(node, "sender", findings)
    sent = _sent(node, findings)
    msg_type = _needed_word(node, "msgType", MSG_TYPES, findings)
    scope = _needed_word(node, "scope", SCOPES, findings)
    _check_identity(identifier, sender, findings)
    budget, name = Budget(), identifier or ""
    infos = tuple(read_info(n, name, hazards, budget, findings) for n in node.nodes("info"))
    if not infos and msg_type in ("Alert", "Update"):
        findings.error("no_info", "info", f"an {msg_type} without info says nothing")
    if not (identifier and sender and sent and msg_type and scope):
        return None
    return Alert(
        identifier=identifier,
        sender=sender,
        sent=sent,
        status=_status(node, infos, findings),
        msg_type=msg_type,
        scope=scope,
        source=node.text("source"),
        restriction=node.text("restriction"),
        addresses=_delimited(node.text("addresses")),
        codes=node.texts("code"),
        note=node.text("note"),
        references=_references(node, identifier, sent, msg_type, findings),
        incidents=_delimited(node.text("incidents")),
        infos=infos,
    )


def _needed(node: Node, name: str, findings: Findings) -> str | None:
    text = node.text(name)
    if text is None:
        findings.error(f"no_{name.lower()}", name, f"{name} is missing")
    return text


def _needed_word(node: Node, name: str, allowed: tuple[str, ...], findings: Findings) -> str | None:
    text = _needed(node, name, findings)
    word = node.word(name, allowed, findings)
    if text is not None and word is None:
        message = f"{text[:40]!r} is not one of {', '.join(allowed)}"
        findings.error(f"bad_{name.lower()}", name, message)
    return word


def _sent(node: Node, findings: Findings) -> datetime | None:
    text = _needed(node, "sent", findings)
    return read_time(text, "sent", findings, vital=True) if text else None


def _status(node: Node, infos: Iterable[Info], findings: Findings) -> str:
    word = node.word("status", STATUSES, findings)
    if word is None:
        text = node.text("status")
        problem = f"{text[:40]!r} is not a status" if text else "status is missing"
        findings.repair("no_status", "status", f"{problem}; read as Test, which is never sent")
    if word == "Actual" and is_test([pair for info in infos for pair in info.parameters]):
        message = "its VTEC calls it a test product; read as Test, which is never sent"
        findings.repair("vtec_test", "parameter/VTEC", message)
        return "Test"
    return word or "Test"


def _check_identity(identifier: str | None, sender: str | None, findings: Findings) -> None:
    if identifier and _BREAKS_IDENTITY.search(identifier):
        message = (
            f"identifier {identifier[:60]!r} has a space, comma, & or <: no update can name it"
        )
        findings.error("bad_identifier", "identifier", message)
    if sender and _BREAKS_IDENTITY.search(sender):
        message = f"sender {sender[:60]!r} has a space, comma, & or <, which CAP forbids"
        findings.note("bad_sender", "sender", message)


def _references(
    node: Node, identifier: str, sent: datetime, msg_type: str, findings: Findings
) -> tuple[Reference, ...]:
    """Return what the alert refers to, without itself (some publishers rewrite in place).

    One that keeps its identifier for every message may mean an earlier one: the time says which.
    """
    text = node.text("references") or ""
    if not text and node.has("references"):
        findings.repair("empty_references", "references", "an empty references was read as absent")
    references = []
    for token in text.split():
        parts = token.rsplit(",", 2)
        if len(parts) != 3 or not parts[1]:
            message = f"{token[:60]!r} is not sender,identifier,sent; left out"
            findings.repair("bad_reference", "references", message)
            continue
        when = read_time(parts[2], "references", findings, vital=False)
        if parts[1] == identifier and (when in (None, sent) or NationalId.read(identifier)):
            findings.repair("self_reference", "references", "the alert names itself; left out")
        else:
            references.append(Reference(parts[0], parts[1], when))
            if when and when > sent:
                message = f"{parts[1]!r} is dated after the alert that refers to it"
                findings.note("later_reference", "references", message)
    if not references and msg_type in ("Update", "Cancel"):
        message = f"an {msg_type}" if msg_type == "Update" else f"a {msg_type}"
        findings.note("no_reference", "references", f"{message} that names no earlier message")
    return tuple(references)


def _delimited(text: str | None) -> tuple[str, ...]:
    """Return the items of a list parted by spaces, those with spaces within in double quotes."""
    return tuple(quoted or word for quoted, word in _QUOTED_OR_WORD.findall(text or ""))
