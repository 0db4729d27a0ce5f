"""A warning as somebody at the simulator writes it: a few words in JSON, or a CAP document."""

import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from itertools import count

from alertcast.config import shipped
from alertcast.core.alert import MSG_TYPES, STATUSES, Alert, Area, Info, Reference
from alertcast.core.hazard import HazardTable
from alertcast.core.national_id import BEIJING
from alertcast.simulator.feeds.entry import Entry
from alertcast.simulator.feeds.nws import SCHEME
from alertcast.sources.cap import parse

SENDER = "simulator@localhost"

KEYS = {
    "headline": str,
    "text": str,
    "event": str,
    "level": str,
    "place": str,
    "name": str,
    "issuer": str,
    "kind": str,
    "status": str,
    "identifier": str,
    "hours": (int, float),
    "replaces": list,
    "polygon": list,
    "zones": list,
}
"""What may be said of a warning, and the type of each in JSON."""

_HUAIJI = "441224"


@cache
def hazards() -> HazardTable:
    """Return the hazards as they are shipped."""
    path = shipped("config/hazards.toml")
    return HazardTable.from_mapping(tomllib.loads(path.read_text("utf-8")))


def entry_of(document: bytes, title: str, at: datetime, identifier: str = "") -> Entry:
    """Return a CAP document as it is published at `at`, under its own or another identifier.

    One that is no CAP goes out as well, as it does elsewhere; the lists then know its title only.
    """
    (first, *_) = parse(document, hazards())
    named = identifier or title or sha256(document).hexdigest()[:12]
    alert = first.alert or Alert(named, SENDER, at, "Actual", "Alert")
    alert = replace(alert, identifier=identifier or alert.identifier)
    return Entry(alert, document, title or Entry.of(alert).title, at)


def alert_of(row: Mapping[str, object], known: Sequence[Alert], now: datetime) -> Alert:
    """Return the alert that `row` describes; raises ValueError naming what is wrong with it.

    `known` are those that it may replace.
    """
    _check(row)
    said = {key: str(value) for key, value in row.items() if isinstance(value, str)}
    kind, status = said.get("kind", "Alert"), said.get("status", "Actual")
    place = said.get("place", _HUAIJI)
    return Alert(
        identifier=said.get("identifier") or _national(place, now, known),
        sender=SENDER,
        sent=now,
        status=_word("status", status, STATUSES),
        msg_type=_word("kind", kind, MSG_TYPES),
        references=tuple(_reference(one, known) for one in _list(row, "replaces")),
        infos=(_info(row, said, place, now),),
    )


def _info(row: Mapping[str, object], said: Mapping[str, str], place: str, now: datetime) -> Info:
    headline = said["headline"]
    found = hazards().classify(headline=headline, event=said.get("event", ""))
    level = said.get("level", found.level)
    if level is not None:
        _word("level", level, hazards().levels)
    hours = row.get("hours", 24)
    area = Area(
        said.get("name") or said.get("issuer") or place,
        polygons=_ring(_list(row, "polygon")),
        geocodes=(("adcode", place), *((SCHEME, str(one)) for one in _list(row, "zones"))),
    )
    return Info(
        language="zh-CN",
        category=("Met",),
        event=said.get("event") or (hazards().name(found.hazard) if found.hazard else "warning"),
        urgency="Expected",
        severity=hazards().severity_of(level) if level else "Unknown",
        certainty="Likely",
        hazard=found.hazard,
        level=level,
        effective=now,
        expires=now + timedelta(hours=hours if isinstance(hours, (int, float)) else 24),
        sender_name=said.get("issuer"),
        headline=headline,
        description=said.get("text"),
        areas=(area,),
    )


def _check(row: Mapping[str, object]) -> None:
    if unknown := sorted(set(row) - set(KEYS)):
        raise ValueError(f"unknown key {unknown[0]!r}: must be one of {', '.join(KEYS)}")
    for key, value in row.items():
        if not isinstance(value, KEYS[key]):  # type: ignore[arg-type]
            raise ValueError(f"{key}: {value!r} is of another type than it has to be")
    if not row.get("headline"):
        raise ValueError("headline: is needed, e.g. 怀集县气象台发布寒冷红色预警信号")


def _word(key: str, word: str, allowed: Collection[str]) -> str:
    if word not in allowed:
        raise ValueError(f"{key} {word!r}: must be one of {', '.join(allowed)}")
    return word


def _list(row: Mapping[str, object], key: str) -> list[object]:
    value = row.get(key, [])
    return value if isinstance(value, list) else []


def _reference(identifier: object, known: Sequence[Alert]) -> Reference:
    found = next((one for one in known if one.identifier == identifier), None)
    if found is None:
        raise ValueError(f"replaces: {identifier!r} is not published here")
    return Reference(found.sender, found.identifier, found.sent)


def _ring(points: list[object]) -> tuple[tuple[tuple[float, float], ...], ...]:
    if not points:
        return ()
    ring = [_point(one) for one in points]
    return ((*ring, ring[0]) if ring[0] != ring[-1] else tuple(ring),)


def _point(point: object) -> tuple[float, float]:
    numbers = point if isinstance(point, list) else []
    if len(numbers) != 2 or not all(type(one) in (int, float) for one in numbers):
        raise ValueError(f"polygon: {point!r} is not [lon, lat]")
    return float(numbers[0]), float(numbers[1])


def _national(place: str, now: datetime, known: Sequence[Alert]) -> str:
    """Return an identifier as the national system gives it; a last digit keeps two apart."""
    taken = {one.identifier for one in known}
    names = (
        f"{place:0<6}41600000_{at.astimezone(BEIJING):%Y%m%d%H%M%S}_{serial}"
        for at in (now + timedelta(seconds=n) for n in count())
        for serial in range(10)
    )
    return next(name for name in names if name not in taken)
