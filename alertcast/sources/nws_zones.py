"""The shapes of NWS zones, asked for once and then kept: most alerts name zones and bring no shape.

Forecast, fire and county zones share codes but not shapes, so a zone is named by its kind and code,
e.g. "forecast/WAZ558". The address is made of our own settings, never taken from an alert.
Source: https://www.weather.gov/documentation/services-web-api, /zones/{type}/{zoneId}.
"""

import json
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import requests
import shapely
from shapely.geometry.base import BaseGeometry

from alertcast.core.code_places import CodePlace
from alertcast.core.polygonal import polygonal
from alertcast.sources.base import Memory, SourceError
from alertcast.sources.fetch import HttpSettings, fetch

SCHEME = "NWSZONE"
"""What the codes of zones are kept under; not a name that the NWS uses."""

MAX_ZONE_BYTES = 5_000_000  # of one zone
MAX_ZONE_POINTS = 200_000  # of one zone; more would choke the matching
AGAIN_AFTER = timedelta(days=30)  # zones are redrawn a few times a year

_UNUSABLE = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    RecursionError,
    shapely.errors.ShapelyError,
)
_ZONE = re.compile(r"/zones/([a-z]{3,12})/([A-Z]{2}[CZ][0-9]{3})/?$", re.ASCII)


def zone_of(address: str) -> str | None:
    """Return kind and code of the zone that an address names, None if it names none."""
    found = _ZONE.search(address)
    return f"{found[1]}/{found[2]}" if found else None


def zones_needed(features: Iterable[object]) -> list[str]:
    """Return the zones of all features that bring no shape of their own, each once."""
    needed: dict[str, None] = {}
    for feature in features:
        if not isinstance(feature, Mapping) or feature.get("geometry") is not None:
            continue
        properties = feature.get("properties")
        named = properties.get("affectedZones") if isinstance(properties, Mapping) else None
        for address in named if isinstance(named, list) else []:
            if isinstance(address, str) and (zone := zone_of(address)):
                needed[zone] = None
    return list(needed)


@dataclass(slots=True)
class Gathered:
    """What asking for zones has brought."""

    places: list[CodePlace] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    memory: dict[str, str] = field(default_factory=dict)  # of all zones known by now


def gather(
    session: requests.Session,
    base_url: str,
    settings: HttpSettings,
    zones: Iterable[str],
    memory: Memory,
    now: datetime,
    *,
    most: int,
    seconds: float,
) -> Gathered:
    """Ask for the zones not known yet, and again for those known for long; never raises.

    At most `most` requests, none begun after `seconds` (real). One that failed is asked for again
    at the next poll.
    """
    found = Gathered(memory={k: v for k, v in memory.items() if k.startswith("zone ")})
    bounded = settings.model_copy(update={"max_bytes": min(settings.max_bytes, MAX_ZONE_BYTES)})
    deadline = time.monotonic() + seconds
    asked = waiting = 0
    for zone in zones:
        known = found.memory.get(f"zone {zone}", "")
        if known and not _is_old(known, now):
            continue
        if asked >= most or time.monotonic() > deadline:
            waiting += 1
            continue
        asked += 1
        try:
            _ask(session, base_url, bounded, zone, known, now, found)
        except SourceError as error:
            found.problems.append(f"zone {zone}: {error}")
    if waiting:
        found.problems.append(f"{waiting} zones wait for the next poll")
    return found


def _ask(
    session: requests.Session,
    base_url: str,
    settings: HttpSettings,
    zone: str,
    known: str,
    now: datetime,
    found: Gathered,
) -> None:
    address = f"{base_url.rstrip('/')}/zones/{zone}"
    headers = {"Accept": "application/geo+json"}
    etag = known.partition(" ")[2]
    if etag:
        headers["If-None-Match"] = etag
    answer = fetch(session, address, settings, headers, home=urlsplit(base_url).hostname)
    if not answer.is_unchanged:
        found.places.append(_place(zone, answer.body))
        etag = answer.etag
    found.memory[f"zone {zone}"] = f"{now.isoformat()} {etag}"


def _place(zone: str, body: bytes) -> CodePlace:
    """Return the place; raises SourceError saying why the answer holds none."""
    try:
        document = json.loads(body)
        shape = shapely.geometry.shape(document["geometry"])
        name = document["properties"].get("name")
        called = name if isinstance(name, str) and name.isprintable() else ""
        return CodePlace(zone, called, _checked(shape))
    except _UNUSABLE as error:
        msg = f"the answer holds no usable shape ({str(error)[:80]})"
        raise SourceError(msg) from error


def _checked(shape: BaseGeometry) -> BaseGeometry:
    if shapely.get_num_coordinates(shape) > MAX_ZONE_POINTS:
        msg = f"more than {MAX_ZONE_POINTS} points"
        raise ValueError(msg)
    usable = polygonal(shape)
    if usable is None:
        msg = "it encloses nothing"
        raise ValueError(msg)
    west, south, east, north = usable.bounds
    if not (west >= -180 and east <= 180 and south >= -90 and north <= 90):
        msg = "it leaves the world"
        raise ValueError(msg)
    return usable


def _is_old(known: str, now: datetime) -> bool:
    return datetime.fromisoformat(known.partition(" ")[0]) + AGAIN_AFTER < now
