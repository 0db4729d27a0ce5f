"""The API of the US National Weather Service: the collection in force, and the shapes of zones."""

import json
from collections.abc import Sequence

from alertcast.core.alert import Alert, Area
from alertcast.simulator.feeds.entry import Asked, Entry, Item
from alertcast.simulator.feeds.lists import listed

SCHEME = "NWSZONE"
"""Scheme of the geocodes that name a zone by kind and code, e.g. "forecast/WAZ558"."""


def feature(entry: Entry) -> Item:
    """Return one alert; where its area names zones it has no shape of its own."""
    alert, info = entry.alert, entry.info
    until = info.expires.isoformat() if info.expires else None
    zones = [zone for area in info.areas for zone in _zones(area)]
    properties = {
        "id": alert.identifier,
        "areaDesc": "; ".join(area.desc for area in info.areas),
        "geocode": {"SAME": [], "UGC": [one.rpartition("/")[2] for one in zones]},
        "affectedZones": [f"https://api.weather.gov/zones/{one}" for one in zones],
        "references": [_reference(alert, n) for n in range(len(alert.references))],
        "sent": alert.sent.isoformat(),
        "effective": alert.sent.isoformat(),
        "onset": alert.sent.isoformat(),
        "expires": until,
        "ends": until,
        "status": alert.status,
        "messageType": alert.msg_type,
        "category": "Met",
        "severity": info.severity,
        "certainty": info.certainty,
        "urgency": info.urgency,
        "event": info.event,
        "sender": alert.sender,
        "senderName": info.sender_name,
        "headline": entry.title,
        "description": info.description,
        "response": "Prepare",
        "parameters": {},
    }
    rings = [] if zones else [ring for area in info.areas for ring in area.polygons]
    return {"type": "Feature", "geometry": _shape(rings), "properties": properties}


def collection(items: list[Item], asked: Asked) -> Item:
    """Return the collection."""
    return {"type": "FeatureCollection", "features": items}


def zone(entries: Sequence[Entry], asked: Asked) -> bytes | None:
    """Return the shape of the zone that is asked for, as the newest warning of it draws it."""
    wanted = asked.args.get("zone", "")
    areas = [area for one in entries for info in one.alert.infos for area in info.areas]
    drawn = [area for area in areas if wanted in _zones(area) and area.polygons]
    if not drawn:
        return None
    properties = {"id": wanted.rpartition("/")[2], "name": drawn[-1].desc}
    shape = _shape(drawn[-1].polygons)
    document = {"type": "Feature", "geometry": shape, "properties": properties}
    return json.dumps(document, ensure_ascii=False).encode()


ACTIVE = listed(feature, collection)
"""The writer of the collection."""


def _zones(area: Area) -> list[str]:
    return [value for scheme, value in area.geocodes if scheme == SCHEME]


def _shape(rings: Sequence[Sequence[tuple[float, float]]]) -> Item | None:
    if not rings:
        return None
    return {"type": "MultiPolygon", "coordinates": [[[list(p) for p in ring]] for ring in rings]}


def _reference(alert: Alert, number: int) -> Item:
    one = alert.references[number]
    sent = one.sent.isoformat() if one.sent else None
    return {"identifier": one.identifier, "sender": one.sender, "sent": sent}
