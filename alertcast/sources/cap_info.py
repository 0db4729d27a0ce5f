"""One info of a CAP alert: what is said, in one language, about its own areas."""

import re
from datetime import datetime

from alertcast.core.alert import (
    CERTAINTIES,
    RESPONSES,
    SEVERITIES,
    URGENCIES,
    Info,
)
from alertcast.core.hazard import HazardTable
from alertcast.core.national_id import NationalId
from alertcast.sources.cap_area import Budget, read_areas
from alertcast.sources.cap_nodes import Node
from alertcast.sources.cap_times import read_time
from alertcast.sources.parsed import Findings

DEFAULT_LANGUAGE = "en-US"
"""CAP 1.2 section 3.2.2: the language of an info that names none."""

_RESPONSES = {word.casefold(): word for word in RESPONSES}
_ISSUER = re.compile(
    r"^\W*([\u4e00-\u9fff]{2,20}?(?:气象台|气象局|气象站|气象中心|预警信息发布中心|应急管理局|指挥部))"
    r"|^\W*([A-Z][\w' -]{2,80}?(?:Observatory|Bureau|Office|Center|Centre|Station))\b"
)


def read_info(
    node: Node, identifier: str, hazards: HazardTable, budget: Budget, findings: Findings
) -> Info:
    """Return the info; whatever could not be read as published is named in `findings`."""
    event = node.text("event")
    if event is None:
        findings.repair("no_event", node.under("event"), "event is missing; left empty")
    headline, description = node.text("headline"), node.text("description")
    severity = _word_or_unknown(node, "severity", SEVERITIES, findings)
    event_codes = node.pairs("eventCode", findings)
    parameters = node.pairs("parameter", findings)
    found = hazards.classify(
        headline=headline,
        event=event or "",
        description=description,
        event_codes=event_codes,
        parameters=parameters,
        severity=severity,
        where=node.path,
    )
    findings.reasons.extend(found.reasons)
    areas = tuple(
        area for child in node.nodes("area") for area in read_areas(child, budget, findings)
    )
    if not areas:
        findings.note("no_area", node.path, "the info names no area")
    return Info(
        language=node.text("language") or DEFAULT_LANGUAGE,
        category=node.texts("category"),
        event=event or "",
        urgency=_word_or_unknown(node, "urgency", URGENCIES, findings),
        severity=severity,
        certainty=_certainty(node, findings),
        hazard=found.hazard,
        level=found.level,
        response_types=_responses(node, findings),
        audience=node.text("audience"),
        event_codes=event_codes,
        effective=_time(node, "effective", findings, vital=False),
        onset=_time(node, "onset", findings, vital=False),
        expires=_time(node, "expires", findings, vital=True),
        sender_name=_sender_name(node, identifier, headline, findings),
        headline=headline,
        description=description,
        instruction=node.text("instruction"),
        web=node.text("web"),
        contact=node.text("contact"),
        parameters=parameters,
        areas=areas,
    )


def issuing_body(headline: str | None) -> str | None:
    """Return the office that a headline begins with, or None: "怀集县气象台变更发布..."."""
    match = _ISSUER.match(headline) if headline else None
    return next((group for group in match.groups() if group), None) if match else None


def _sender_name(
    node: Node, identifier: str, headline: str | None, findings: Findings
) -> str | None:
    """Return who issued it; in China's own CAP senderName is the forecaster in person."""
    published = node.text("senderName")
    if published is None or not (NationalId.read(identifier) or _is_coded_as_in_china(node)):
        return published
    message = "senderName names the forecaster and is not kept; the headline names the office"
    findings.note("personal_name", node.under("senderName"), message)
    return issuing_body(headline)


def _is_coded_as_in_china(info: Node) -> bool:
    names = (g.text("valueName") for area in info.nodes("area") for g in area.nodes("geocode"))
    return any((name or "").casefold().startswith("cpeas") for name in names)


def _word_or_unknown(node: Node, name: str, allowed: tuple[str, ...], findings: Findings) -> str:
    """Return CAP's word, or Unknown: no default that sounds an alarm, none that hides one."""
    found = node.word(name, allowed, findings)
    if found is None:
        text = node.text(name)
        problem = f"{text[:40]!r} is not a word of CAP" if text else "it is missing"
        findings.repair(f"no_{name}", node.under(name), f"{name}: {problem}; read as Unknown")
    return found or "Unknown"


def _certainty(node: Node, findings: Findings) -> str:
    text = node.text("certainty")
    if text in CERTAINTIES:
        return text
    if (text or "").casefold() == "very likely":
        findings.repair("very_likely", node.under("certainty"), "CAP 1.0's Very Likely is Likely")
        return "Likely"
    return _word_or_unknown(node, "certainty", CERTAINTIES, findings)


def _responses(node: Node, findings: Findings) -> tuple[str, ...]:
    responses = []
    for text in node.texts("responseType"):
        if word := _RESPONSES.get(text.casefold()):
            responses.append(word)
        else:
            message = f"{text[:40]!r} is not a responseType; left out"
            findings.repair("bad_response", node.under("responseType"), message)
    return tuple(responses)


def _time(node: Node, name: str, findings: Findings, *, vital: bool) -> datetime | None:
    text = node.text(name)
    return read_time(text, node.under(name), findings, vital=vital) if text else None
