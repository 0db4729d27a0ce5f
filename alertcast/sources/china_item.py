"""One warning as China's list feeds give it: a headline, an identifier, a time of Beijing.

They have no status, no references and no polygon: the place is that of the office that entered the
warning, by the digits of its national identifier. Hazard and colour are read from the headline;
codes are hints. The point beside it is where the observatory stands, and no area.
"""

from datetime import datetime

from alertcast.core.alert import Alert, Area, Info, Reference
from alertcast.core.hazard import HazardTable
from alertcast.core.national_id import NationalId
from alertcast.core.witness import Body
from alertcast.sources.cap_info import issuing_body
from alertcast.sources.fields import Fields
from alertcast.sources.parsed import Findings, Parsed

_OFFICES = ("突发事件预警信息发布中心", "预警信息发布中心", "气象台", "气象局", "气象站")
_NOT_MEANT = {"演练": "Exercise", "演习": "Exercise", "测试": "Test"}


def parsed(alert: Alert | None, findings: Findings, item: int, hint: str | None) -> Parsed:
    """Return the item as far as it was read."""
    refused = findings.has_error or alert is None
    has_text = alert is not None and any(info.description for info in alert.infos)
    body = Body.JSON if has_text else Body.TITLE
    return Parsed(None if refused else alert, tuple(findings.reasons), item, hint, body)


def sent_at(identifier: str | None, fields: Fields, *names: str) -> datetime | None:
    """Return when it was sent, else when it was entered, which the identifier says."""
    time = fields.time(*names, vital=False)
    national = NationalId.read(identifier or "")
    if time is not None:
        return time
    if national is not None and national.stamp is not None:
        fields.findings.repair("sent_from_id", names[0], "no time; read from the identifier")
        return national.stamp
    fields.findings.error("no_sent", names[0], f"{names[0]} is missing or no time")
    return None


def warning(
    fields: Fields,
    hazards: HazardTable,
    *,
    identifier: str,
    sender: str,
    sent: datetime,
    headline: str,
    msg_type: str = "Alert",
    references: tuple[Reference, ...] = (),
    language: str = "zh-CN",
    event: str = "",
    severity: str = "Unknown",
    colour: str | None = None,
    codes: tuple[tuple[str, str], ...] = (),
    place: str = "",
    **words: object,
) -> Alert:
    """Return the warning; `words` are further fields of its only info.

    `colour` is the feed's own word for the level, taken where the text states none. `place` is the
    administrative code it was asked for, taken where the identifier names none.
    """
    description = words.get("description")
    said = description if isinstance(description, str) else None
    found = hazards.classify(
        headline=headline, event=event, description=said, event_codes=codes, severity=severity
    )
    level, notes = found.level, list(found.reasons)
    unstated = [one for one in notes if one.code in ("level_from_severity", "no_level")]
    if unstated and colour in hazards.levels:
        level = colour
        notes = [one for one in notes if one not in unstated]
        fields.findings.note("level_from_colour", "color", f"read as {colour}")
    fields.findings.reasons.extend(notes)
    if severity == "Unknown" and level is not None:
        severity = hazards.severity_of(level)
    info = Info(
        language=language,
        category=("Met",),
        event=event or (hazards.name(found.hazard) if found.hazard else ""),
        urgency=fields.word("urgency", _URGENCIES, "Unknown"),
        severity=severity,
        certainty=fields.word("certainty", _CERTAINTIES, "Unknown"),
        hazard=found.hazard,
        level=level,
        event_codes=codes,
        headline=headline,
        areas=_areas(identifier, headline, place, fields.findings),
        **{"sender_name": issuing_body(headline), **words},  # type: ignore[arg-type]
    )
    return Alert(
        identifier=identifier,
        sender=sender,
        sent=sent,
        status=_status(headline, said, fields.findings),
        msg_type=msg_type,
        references=references,
        infos=(info,),
    )


_URGENCIES = ("Immediate", "Expected", "Future", "Past")
_CERTAINTIES = ("Observed", "Likely", "Possible", "Unlikely")


def _areas(identifier: str, headline: str, place: str, findings: Findings) -> tuple[Area, ...]:
    national = NationalId.read(identifier)
    code = national.admin_code if national else place
    if not code:
        findings.note("no_area", "", "neither identifier nor feed says which place is meant")
        return ()
    name = issuing_body(headline) or code
    for office in _OFFICES:
        name = name.removesuffix(office)
    return (Area(name or code, geocodes=(("adcode", code),)),)


def _status(headline: str, description: str | None, findings: Findings) -> str:
    """Return Actual, unless the text itself says that it is a drill or a test."""
    said = (description or "").lstrip("【[（( \n")
    for word, status in _NOT_MEANT.items():
        if word in headline or said.startswith(word):
            findings.note("not_meant", "headline", f"the text says {word}: read as {status}")
            return status
    return "Actual"
