"""Small warnings to read: one good CAP alert, and the same with any element replaced."""

from datetime import UTC, datetime

NOW = datetime(2026, 12, 26, 9, 30, tzinfo=UTC)

ALERT = {
    "identifier": "A-1",
    "sender": "office@example.org",
    "sent": "2026-12-26T17:20:00+08:00",
    "status": "Actual",
    "msgType": "Alert",
    "scope": "Public",
}
INFO = {
    "language": "zh-CN",
    "category": "Met",
    "event": "寒冷",
    "urgency": "Expected",
    "severity": "Severe",
    "certainty": "Likely",
    "expires": "2026-12-27T17:20:00+08:00",
    "headline": "怀集县气象台发布寒冷橙色预警信号",
}
SQUARE = "23.0,112.0 23.0,112.1 23.1,112.1 23.1,112.0 23.0,112.0"
NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"


def cap(area=None, *, infos=None, namespace=NAMESPACE, extra="", **changes):
    """Return one alert as bytes; a changed element set to None is left out."""
    alert = _elements({**ALERT, **{k: v for k, v in changes.items() if k not in INFO}})
    words = {**INFO, **{k: v for k, v in changes.items() if k in INFO}}
    if infos is None:
        infos = info(area, **words)
    xmlns = f' xmlns="{namespace}"' if namespace else ""
    return f"<alert{xmlns}>{alert}{extra}{infos}</alert>".encode()


def info(area=None, **words):
    """Return one info as text."""
    area = area if area is not None else f"<areaDesc>怀集</areaDesc><polygon>{SQUARE}</polygon>"
    return f"<info>{_elements({**INFO, **words})}<area>{area}</area></info>"


def atom(*entries):
    """Return an Atom feed of entries given as text."""
    inner = "".join(f"<entry>{entry}</entry>" for entry in entries)
    return f'<feed xmlns="http://www.w3.org/2005/Atom">{inner}</feed>'.encode()


def embedded(alert, key="e"):
    """Return an entry that carries an alert."""
    return f'<id>{key}</id><content type="text/xml">{alert.decode()}</content>'


def linked(href, key="e", mime="application/cap+xml", updated="2026-12-26T09:20:00Z"):
    """Return an entry that points to an alert."""
    return f'<id>{key}</id><updated>{updated}</updated><link href="{href}" type="{mime}"/>'


def _elements(words):
    return "".join(f"<{name}>{text}</{name}>" for name, text in words.items() if text is not None)
