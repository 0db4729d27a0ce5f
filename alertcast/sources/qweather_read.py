"""Warnings as QWeather (和风天气) gives them for one point: `weatheralert/v1`, and v7 before it.

Source: https://dev.qweather.com/docs/api/warning/. Identifiers are QWeather's own unless they are
national ones, and no area is named: the place is the one that was asked for. Attributions are kept
as they came, since they must be shown unaltered.
"""

from collections.abc import Mapping, Sequence

from alertcast.core.alert import ATTRIBUTION, RESPONSES, SEVERITIES, Alert, Reference
from alertcast.core.hazard import HazardTable
from alertcast.sources.china_item import parsed, sent_at, warning
from alertcast.sources.fields import Fields
from alertcast.sources.json_text import read_json
from alertcast.sources.parsed import Findings, Parsed, Unreadable

PUBLISHER = "qweather.com"
_KINDS = {"alert": "Alert", "active": "Alert", "update": "Update", "cancel": "Cancel"}


def items_in(document: object) -> list[object] | None:
    """Return the warnings of an answer of either version; None: it is neither."""
    if not isinstance(document, Mapping):
        return None
    alerts, old = document.get("alerts"), document.get("warning")
    if isinstance(alerts, list) and isinstance(document.get("metadata"), Mapping):
        return alerts
    return old if isinstance(old, list) and document.get("code") == "200" else None


def warnings_in(data: bytes) -> list[object]:
    """Return the warnings of an answer.

    Raises
    ------
    Unreadable
        It is no answer of either version, or one that says what went wrong.
    """
    document = read_json(data)
    items = items_in(document)
    if items is None:
        known = document if isinstance(document, Mapping) else {}
        said = known.get("error") or known.get("code") or document
        raise Unreadable("not_qweather", f"not the answer we know: {str(said)[:120]!r}")
    return items


def parse(
    document: object, items: Sequence[object], hazards: HazardTable, place: str
) -> list[Parsed]:
    """Read the warnings of an answer; `place` is the administrative code of the point."""
    fields = Fields(document, Findings())
    given = [(ATTRIBUTION, text) for text in fields.inner("metadata").texts("attributions")]
    for name in ("sources", "license"):
        given += [(ATTRIBUTION, text) for text in fields.inner("refer").texts(name)]
    said = tuple(given)
    return [_parse_item(item, n, hazards, place, said) for n, item in enumerate(items)]


def _parse_item(
    item: object,
    number: int,
    hazards: HazardTable,
    place: str,
    attributions: tuple[tuple[str, str], ...],
) -> Parsed:
    fields = Fields(item, findings := Findings())
    identifier = fields.needed("id")
    headline = fields.needed("headline", "title")
    sent = sent_at(identifier, fields, "issuedTime", "pubTime")
    msg_type = _kind(fields)
    alert: Alert | None = None
    if identifier and headline and sent and msg_type:
        sender = f"{PUBLISHER}/{place}" if place else PUBLISHER
        code = fields.inner("eventType").text("code") or fields.text("type")
        event = fields.inner("eventType").text("name") or fields.text("typeName")
        colour = fields.inner("color").text("code") or fields.text("severityColor")
        words = {word.casefold(): word for word in RESPONSES}
        alert = warning(
            fields,
            hazards,
            identifier=identifier,
            sender=sender,
            sent=sent,
            headline=headline,
            msg_type=msg_type,
            references=_references(fields, sender, identifier),
            language="en-US" if headline.isascii() else "zh-CN",
            event=event or "",
            severity=fields.word("severity", SEVERITIES, "Unknown"),
            colour=colour.casefold() if colour else None,
            codes=(("QWeather", code),) if code else (),
            place=place,
            description=fields.text("description", "text"),
            instruction=fields.text("instruction"),
            effective=fields.time("effectiveTime", "startTime", vital=False),
            onset=fields.time("onsetTime", vital=False),
            expires=fields.time("expireTime", "expiredTime", "endTime"),
            sender_name=fields.text("senderName", "sender"),
            response_types=tuple(
                words[one.casefold()]
                for one in fields.texts("responseTypes")
                if one.casefold() in words
            ),
            parameters=_criteria(fields) + attributions,
        )
    return parsed(alert, findings, number, identifier)


def _kind(fields: Fields) -> str | None:
    """Return CAP's msgType; an unknown word is an error, not a guess."""
    text = fields.inner("messageType").text("code") or fields.text("msgType", "status")
    kind = _KINDS.get((text or "").casefold())
    if kind is None:
        message = f"{(text or '')[:40]!r} is not one of {', '.join(_KINDS)}"
        fields.findings.error("bad_msgtype", "messageType", message)
    return kind


def _references(fields: Fields, sender: str, identifier: str) -> tuple[Reference, ...]:
    named = [
        *fields.inner("messageType").texts("supersedes"),
        *fields.texts("relatedAlertIds"),
        *(part for text in fields.texts("related") for part in text.split(",")),
    ]
    names = [name.strip() for name in named if name.strip() and name.strip() != identifier]
    return tuple(Reference(sender, name, None) for name in dict.fromkeys(names))


def _criteria(fields: Fields) -> tuple[tuple[str, str], ...]:
    text = fields.text("criteria")
    return (("criteria", text),) if text else ()
