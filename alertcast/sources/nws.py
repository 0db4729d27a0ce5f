"""Alerts as the US National Weather Service's API gives them: GeoJSON features of CAP's words.

Source: https://www.weather.gov/documentation/services-web-api. Most features have no geometry and
name forecast zones instead; the codes (SAME, UGC) are kept, for zones are not counties. The end of
the event is `ends`; `expires` is only when the message goes stale, and is kept as a parameter.
"""

import json
from datetime import datetime

from alertcast.core.alert import (
    CERTAINTIES,
    MSG_TYPES,
    RESPONSES,
    SCOPES,
    SEVERITIES,
    STATUSES,
    URGENCIES,
    Alert,
    Area,
    Info,
    Reference,
)
from alertcast.core.hazard import HazardTable
from alertcast.core.vtec import is_test
from alertcast.sources.cap_area import Budget, Ring, closed
from alertcast.sources.cap_times import read_time
from alertcast.sources.cap_xml import MAX_BYTES
from alertcast.sources.nws_replay import replayed
from alertcast.sources.nws_zones import SCHEME, zone_of
from alertcast.sources.parsed import Findings, Parsed, Unreadable

Json = dict[str, object]


def parse(data: bytes, hazards: HazardTable, *, now: datetime | None = None) -> list[Parsed]:
    """Read every alert of a collection or of one feature; at least one item, and never raises.

    `now`: read recordings too, whose times are counted from the moment of replay
    (`nws_replay.replayed`); None: such times are refused, as they must be in a live feed.
    """
    try:
        document = _document(data)
    except Unreadable as error:
        return error.as_parsed()
    return parse_document(document, hazards, now=now)


def parse_document(
    document: object, hazards: HazardTable, *, now: datetime | None = None
) -> list[Parsed]:
    """Read every alert of JSON that is taken apart already; otherwise like `parse`."""
    try:
        features = _features(document)
    except Unreadable as error:
        return error.as_parsed()
    if not features:
        message = "the collection has no features: no alert, no all-clear either"
        return Unreadable("empty_feed", message).as_parsed()
    return [_parse_feature(feature, item, hazards, now) for item, feature in enumerate(features)]


def features_in(data: bytes) -> list[object]:
    """Return the features of a collection, or the one feature.

    Raises
    ------
    Unreadable
        Too large, not JSON, or not GeoJSON of the NWS.
    """
    return _features(_document(data))


def _document(data: bytes) -> object:
    if len(data) > MAX_BYTES:
        raise Unreadable("too_large", f"{len(data)} bytes is over the limit of {MAX_BYTES}")
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Unreadable("not_json", f"not readable as JSON: {str(error)[:120]}") from error


def _features(document: object) -> list[object]:
    if not isinstance(document, dict):
        raise Unreadable("not_nws", "JSON, but not an NWS alert collection or feature")
    features = document.get("features")
    if document.get("type") == "FeatureCollection" and isinstance(features, list):
        return features
    if document.get("type") == "Feature":
        return [document]
    if "title" in document and "status" in document:
        raise Unreadable("problem_json", f"an error answer: {str(document['title'])[:80]}")
    raise Unreadable("not_nws", "JSON, but not an NWS alert collection or feature")


def _parse_feature(
    feature: object, item: int, hazards: HazardTable, now: datetime | None
) -> Parsed:
    findings = Findings()
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(feature, dict) or not isinstance(properties, dict):
        findings.error("no_properties", "feature", "the feature has no properties")
        return Parsed(None, tuple(findings.reasons), item)
    reader = _Reader(properties, findings, now)
    alert = _alert(reader, feature.get("geometry"), hazards)
    refused = findings.has_error
    return Parsed(None if refused else alert, tuple(findings.reasons), item, reader.text("id"))


def _alert(reader: "_Reader", geometry: object, hazards: HazardTable) -> Alert | None:
    findings = reader.findings
    identifier, sender = reader.needed("id"), reader.needed("sender")
    msg_type = reader.word("messageType", MSG_TYPES)
    sent = reader.time("sent", vital=True)
    if reader.text("sent") is None:
        findings.error("no_sent", "sent", "sent is missing")
    if msg_type is None:
        findings.error("bad_msgtype", "messageType", f"must be one of {', '.join(MSG_TYPES)}")
    info = _info(reader, _area(reader, geometry), hazards)
    status = _status(reader, info)
    if not (identifier and sender and sent and msg_type):
        return None
    return Alert(
        identifier=identifier,
        sender=sender,
        sent=sent,
        status=status,
        msg_type=msg_type,
        scope=reader.word("scope", SCOPES) or "Public",
        codes=reader.texts("code"),
        note=reader.text("note"),
        references=_references(reader, identifier, msg_type),
        infos=(info,),
    )


def _status(reader: "_Reader", info: Info) -> str:
    status = reader.word("status", STATUSES)
    if status is None:
        message = "unknown or missing; read as Test, never sent"
        reader.findings.repair("no_status", "status", message)
    if status == "Actual" and is_test(info.parameters):
        message = "its VTEC calls it a test product; read as Test, never sent"
        reader.findings.repair("vtec_test", "parameters/VTEC", message)
        return "Test"
    return status or "Test"


def _info(reader: "_Reader", area: Area, hazards: HazardTable) -> Info:
    event, severity = reader.text("event") or "", reader.known("severity", SEVERITIES)
    headline, description = reader.text("headline"), reader.text("description")
    parameters, event_codes = reader.pairs("parameters"), reader.pairs("eventCode")
    found = hazards.classify(
        headline=headline,
        event=event,
        description=description,
        event_codes=event_codes,
        parameters=parameters,
        severity=severity,
    )
    reader.findings.reasons.extend(found.reasons)
    expires, ends = reader.time("expires", vital=True), reader.time("ends", vital=True)
    if expires and ends and ends != expires:
        message = "lasts until `ends`; `expires` is when the message goes stale"
        reader.findings.note("ends", "ends", message)
        parameters = (*parameters, ("expires", expires.isoformat()))
    return Info(
        language=reader.text("language") or "en-US",
        category=reader.texts("category"),
        event=event,
        urgency=reader.known("urgency", URGENCIES),
        severity=severity,
        certainty=reader.known("certainty", CERTAINTIES),
        hazard=found.hazard,
        level=found.level,
        response_types=tuple([r for r in reader.texts("response") if r in RESPONSES]),
        event_codes=event_codes,
        effective=reader.time("effective", vital=False),
        onset=reader.time("onset", vital=False),
        expires=ends or expires,
        sender_name=reader.text("senderName"),
        headline=headline,
        description=description,
        instruction=reader.text("instruction"),
        web=reader.text("web"),
        contact=reader.text("contact"),
        parameters=parameters,
        areas=(area,),
    )


def _area(reader: "_Reader", geometry: object) -> Area:
    """Return the one area; a polygon that cannot be read gives way to the codes."""
    codes, zones = list(reader.pairs("geocode")), reader.texts("affectedZones")
    if not any(scheme == "UGC" for scheme, _ in codes):
        codes += [("UGC", url.rpartition("/")[2]) for url in zones]
    codes += [(SCHEME, zone) for url in zones if (zone := zone_of(url))]
    rings = [_ring(points, reader.findings) for points in _exteriors(geometry)]
    good = tuple(ring for ring in rings if ring is not None)
    if len(good) < len(rings) and codes:
        message = "a polygon cannot be read; the codes are used for all of the area"
        reader.findings.repair("codes_instead", "geometry", message)
        good = ()
    if good and not Budget().take(good):
        reader.findings.repair("too_much_geometry", "geometry", "too many points; left out")
        good = ()
    if geometry is not None and not rings:
        reader.findings.repair("bad_geometry", "geometry", "neither Polygon nor MultiPolygon")
    return Area(desc=reader.text("areaDesc") or "", polygons=good, geocodes=tuple(codes))


def _exteriors(geometry: object) -> list[object]:
    """Return the outer rings; CAP has no holes, so neither have its areas here."""
    if not isinstance(geometry, dict):
        return []
    coordinates = geometry.get("coordinates")
    if geometry.get("type") == "Polygon":
        coordinates = [coordinates]
    elif geometry.get("type") != "MultiPolygon":
        return []
    if not isinstance(coordinates, list):
        return [None]
    return [p[0] if isinstance(p, list) and p else None for p in coordinates]


def _ring(points: object, findings: Findings) -> Ring | None:
    pairs = []
    for point in points if isinstance(points, list) else [None]:
        numbers = point[:2] if isinstance(point, list) else []
        if len(numbers) != 2 or not all(type(number) in (int, float) for number in numbers):
            findings.repair("bad_pair", "geometry", f"{str(point)[:40]} is not lon, lat; left out")
            return None
        pairs.append((float(numbers[0]), float(numbers[1])))
    return closed(pairs, "geometry", findings)


def _references(reader: "_Reader", identifier: str, msg_type: str) -> tuple[Reference, ...]:
    references = []
    given = reader.properties.get("references")
    for entry in given if isinstance(given, list) else []:
        found = _Reader(entry if isinstance(entry, dict) else {}, reader.findings, reader.now)
        named, sender = found.text("identifier"), found.text("sender")
        if not named:
            reader.findings.repair("bad_reference", "references", "without identifier; left out")
        elif named != identifier:
            references.append(Reference(sender or "", named, found.time("sent", vital=False)))
    if not references and msg_type in ("Update", "Cancel"):
        message = f"{msg_type} that names no earlier message"
        reader.findings.note("no_reference", "references", message)
    return tuple(references)


class _Reader:
    """Reads properties of known kinds, whatever the JSON holds."""

    def __init__(self, properties: Json, findings: Findings, now: datetime | None) -> None:
        self.properties, self.findings, self.now = properties, findings, now
        texts = {
            name: text
            for name, value in properties.items()
            if type(value) is str and (text := value.strip())
        }
        self.text = texts.get  # asked twenty times an alert

    def needed(self, name: str) -> str | None:
        text = self.text(name)
        if text is None:
            self.findings.error(f"no_{name.lower()}", name, f"{name} is missing")
        return text

    def texts(self, name: str) -> tuple[str, ...]:
        value = self.properties.get(name)
        return _texts(value) if value is not None else ()

    def pairs(self, name: str) -> tuple[tuple[str, str], ...]:
        body = self.properties.get(name)
        if not isinstance(body, dict):
            return ()
        return tuple(
            [
                (key, text)
                for key, given in body.items()
                for one in (given if type(given) is list else (given,))
                if type(one) is str and (text := one.strip())
            ]
        )

    def word(self, name: str, allowed: tuple[str, ...]) -> str | None:
        text = self.text(name)
        return text if text in allowed else None

    def known(self, name: str, allowed: tuple[str, ...]) -> str:
        word = self.word(name, allowed)
        if word is None:
            message = f"{name} is missing or no word of CAP; read as Unknown"
            self.findings.repair(f"no_{name}", name, message)
        return word or "Unknown"

    def time(self, name: str, *, vital: bool) -> datetime | None:
        text = self.text(name)
        if text is None:
            return None
        if self.now is not None and (time := replayed(text, self.now)) is not None:
            if not any(reason.code == "replayed_time" for reason in self.findings.reasons):
                message = f"a recording: {text!r} and others count from the moment of replay"
                self.findings.repair("replayed_time", name, message)
            return time
        return read_time(text, name, self.findings, vital=vital)


def _texts(value: object) -> tuple[str, ...]:
    """Return a list of texts, or the one text that stands for it, without empty ones."""
    values = value if type(value) is list else [value]
    return tuple([text for one in values if type(one) is str and (text := one.strip())])
