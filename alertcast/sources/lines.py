"""One parsed item as one JSON object: what `alertcast alerts parse` prints and scripts read.

Every key is always there; what is absent is null or an empty list. Coordinates are WGS 84, lon
before lat; radii are kilometres; times are ISO 8601 with the offset that was published.
"""

from datetime import datetime

from alertcast.core.alert import Alert, Area, Info, Reference
from alertcast.core.hazard import HazardTable
from alertcast.sources.parsed import Parsed

Line = dict[str, object]


def as_line(file: str, parsed: Parsed, hazards: HazardTable, language: str = "zh") -> Line:
    """Return the JSON object of one item of `file`.

    The words are those of the most dangerous info in `language` (else in the alert's first
    language); the areas are those of all infos in that language, each with its own level.
    """
    alert = parsed.alert
    infos = alert.infos_in(language) if alert else ()
    info = max(infos, key=lambda one: hazards.rank(one.level), default=None)
    return {
        "file": file,
        "item": parsed.item,
        "accepted": parsed.accepted,
        "reasons": [
            {"code": r.code, "kind": r.kind.value, "where": r.where, "message": r.message}
            for r in parsed.reasons
        ],
        "signature": {
            "verdict": parsed.signature.verdict.value,
            "detail": parsed.signature.detail,
        },
        **_envelope(alert, parsed.identifier_hint),
        **_words(info),
        "areas": [_area(area, one) for one in infos for area in one.areas],
    }


def _envelope(alert: Alert | None, hint: str | None) -> Line:
    if alert is None:
        return {
            "identifier": hint,
            "sender": None,
            "sent": None,
            "status": None,
            "msg_type": None,
            "references": [],
        }
    return {
        "identifier": alert.identifier,
        "sender": alert.sender,
        "sent": alert.sent.isoformat(),
        "status": alert.status,
        "msg_type": alert.msg_type,
        "references": [_reference(reference) for reference in alert.references],
    }


def _words(info: Info | None) -> Line:
    names = ("hazard", "level", "severity", "urgency", "certainty", "event", "headline")
    times = ("effective", "onset", "expires")
    words: Line = {name: getattr(info, name, None) for name in names}
    words |= {name: _iso(getattr(info, name, None)) for name in times}
    words["language"] = info.language if info else None
    return words


def _area(area: Area, info: Info) -> Line:
    geocodes: dict[str, list[str]] = {}
    for name, value in area.geocodes:
        geocodes.setdefault(name, []).append(value)
    return {
        "desc": area.desc,
        "level": area.level or info.level,
        "sentence": area.sentence,
        "polygons": [[list(point) for point in ring] for ring in area.polygons],
        "circles": [{"lon": c.lon, "lat": c.lat, "radius_km": c.radius_km} for c in area.circles],
        "geocodes": geocodes,
    }


def _reference(reference: Reference) -> str:
    """Return a reference as CAP writes it: sender,identifier,sent."""
    return f"{reference.sender},{reference.identifier},{_iso(reference.sent) or ''}"


def _iso(time: datetime | None) -> str | None:
    return time.isoformat() if time else None
