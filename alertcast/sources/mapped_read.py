"""One item of a mapped publisher read as a warning. Words that are not mapped are errors.

Hazard and level are those of the headline; what the publisher's own fields say of them is taken
where the headline states none, since such fields have been seen to lie.
"""

import json
import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from alertcast.core.alert import ATTRIBUTION, Alert, Area, Reference
from alertcast.core.dotted import listed, opened, text_at, value_at, written
from alertcast.core.hazard import HazardTable
from alertcast.sources.cap_area import Ring, closed
from alertcast.sources.china_item import parsed, warning
from alertcast.sources.fields import Fields
from alertcast.sources.json_text import items_at, read_json
from alertcast.sources.mapping import MappedSettings
from alertcast.sources.parsed import Findings, Parsed, Unreadable

END = "#end"
"""What is put behind the identifier of an end that has the identifier of what it ends."""

_DRILLS = {"exercise": "Exercise", "test": "Test"}


def items_of(body: bytes, mapping: MappedSettings) -> tuple[bytes, ...]:
    """Return the items of an answer, each as it arrived.

    Raises
    ------
    Unreadable
        It is not JSON, does not say what `ok` asks for, or has no list where it should be.
    """
    if mapping.ok is not None:
        said = text_at(read_json(body), mapping.ok.path) or ""
        if said not in mapping.ok.values:
            known = ", ".join(mapping.ok.values)
            raise Unreadable("not_ok", f"{mapping.ok.path} is {said[:60]!r}, not one of {known}")
    return tuple(items_at(body, *(mapping.items.split(".") if mapping.items else ())))


def read_answer(body: bytes, mapping: MappedSettings, hazards: HazardTable) -> list[Parsed]:
    """Read every item of an answer; never raises for what it holds."""
    try:
        items = items_of(body, mapping)
    except Unreadable as error:
        return error.as_parsed()
    if not items:
        return Unreadable("empty_feed", "the list is empty: no alert, no all-clear").as_parsed()
    return [one for n, item in enumerate(items) for one in read_item(item, mapping, hazards, n)]


def read_item(
    data: bytes, mapping: MappedSettings, hazards: HazardTable, number: int = 0
) -> list[Parsed]:
    """Read one item as it arrived; never raises for what it holds."""
    try:
        item = read_json(data)
    except Unreadable as error:
        return error.as_parsed()
    findings = Findings()
    alert = _alert(item, mapping, hazards, findings)
    return [parsed(alert, findings, number, text_at(item, mapping.fields.id))]


def _alert(
    item: Any, mapping: MappedSettings, hazards: HazardTable, findings: Findings
) -> Alert | None:
    paths = mapping.fields
    identifier = _needed(item, paths.id, "id", findings)
    headline = _needed(item, paths.headline, "headline", findings)
    said = _needed(item, paths.time, "time", findings)
    sent = mapping.times.read(said) if said else None
    if said and sent is None:
        findings.error("bad_time", paths.time, f"{said[:40]!r} is not {mapping.times.format}")
    until = text_at(item, paths.expires)
    expires = mapping.times.read(until) if until else None
    if until and expires is None:
        findings.error("bad_time", paths.expires or "", f"{until[:40]!r} is no time")
    state = _word(item, paths.state, mapping.states, "alert", findings)
    hazard = _word(item, paths.hazard, mapping.hazards, None, findings)
    level = _word(item, paths.level, mapping.levels, None, findings)
    if findings.has_error or not (identifier and headline and sent):
        return None
    replaced = [one for one in _texts(item, paths.replaces) if one != identifier]
    if state == "cancel" and not replaced:
        replaced, identifier = [identifier], f"{identifier}{END}"
    found = warning(
        Fields({}, findings),
        hazards,
        identifier=identifier,
        sender=mapping.sender,
        sent=sent,
        headline=headline,
        msg_type={"update": "Update", "cancel": "Cancel"}.get(state or "", "Alert"),
        references=tuple(Reference(mapping.sender, one, None) for one in replaced),
        event=hazards.name(hazard) if hazard else "",
        colour=level,
        description=text_at(item, paths.text),
        instruction=text_at(item, paths.instruction),
        expires=expires,
        parameters=tuple((ATTRIBUTION, one) for one in mapping.attributions),
    )
    (info,) = found.infos
    areas = _areas(item, mapping, headline, findings)
    info = replace(
        info,
        hazard=info.hazard or hazard,
        areas=areas or info.areas,
        sender_name=text_at(item, paths.issuer) or info.sender_name,
    )
    status = _DRILLS.get(state or "", found.status)
    return replace(found, status=status, infos=(info,))


def _needed(item: Any, path: str, what: str, findings: Findings) -> str | None:
    found = text_at(item, path)
    if found is None or not found.strip():
        findings.error(f"no_{what}", path, f"{what} is missing: nothing at {path!r}")
        return None
    return found.strip()


def _word(
    item: Any,
    path: str | None,
    words: dict[str, Any],
    otherwise: str | None,
    findings: Findings,
) -> str | None:
    """Return what a publisher's word means; a word that is not mapped is an error, not a guess."""
    if path is None:
        return otherwise
    said = text_at(item, path) or ""
    if said not in words:
        known = ", ".join(words)
        findings.error("unknown_word", path, f"{said[:40]!r} is not one of {known}")
    return words.get(said, otherwise)


def _texts(item: Any, path: str | None) -> list[str]:
    """Return the texts at a path: of a list, or of one text with commas between."""
    if path is None:
        return []
    many = listed(item, path)
    values = many if many is not None else (text_at(item, path) or "").split(",")
    return [one for value in values if (one := written(value).strip()) and value is not None]


def _areas(
    item: Any, mapping: MappedSettings, headline: str, findings: Findings
) -> tuple[Area, ...]:
    paths = mapping.fields
    rings = _rings(item, paths.polygon, findings) if paths.polygon is not None else ()
    codes = _texts(item, paths.codes)
    if not (rings or codes):
        return ()
    name = text_at(item, paths.area) or headline
    return (Area(name, polygons=rings, geocodes=tuple(("adcode", one) for one in codes)),)


def _rings(item: Any, path: str, findings: Findings) -> tuple[Ring, ...]:
    """Return the rings at a path: GeoJSON (lon, lat), or the text of a CAP polygon (lat, lon)."""
    found = opened(value_at(item, path))
    if found is None or found == "":
        return ()
    try:
        rings = list(_points(found))
    except (ValueError, TypeError, KeyError, IndexError, AttributeError):
        shown = json.dumps(found, ensure_ascii=False)[:60]
        findings.repair("bad_polygon", path, f"{shown} is no polygon; left out")
        return ()
    good = [closed(points, path, findings) for points in rings]
    return tuple(ring for ring in good if ring is not None)


def _points(found: Any) -> Iterable[list[tuple[float, float]]]:
    """Yield the outer rings of a shape; what is cut out is told too, since CAP has no holes."""
    if isinstance(found, str):
        pairs = [pair.split(",") for pair in found.split()]
        yield [_pair(lon, lat) for lat, lon in pairs]
    elif found.get("type") == "Feature":
        yield from _points(found["geometry"])
    elif found.get("type") == "Polygon":
        yield [_pair(*point[:2]) for point in found["coordinates"][0]]
    elif found.get("type") == "MultiPolygon":
        for part in found["coordinates"]:
            yield [_pair(*point[:2]) for point in part[0]]
    else:
        raise ValueError


def _pair(lon: Any, lat: Any) -> tuple[float, float]:
    point = float(lon), float(lat)
    if not all(map(math.isfinite, point)):
        raise ValueError
    return point
