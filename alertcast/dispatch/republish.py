"""Our own feed: what is in force here, handed on to whoever may read it.

A valid CAP 1.2 message goes out byte for byte as it came, with its signature. What came in another
form, is not valid, or names its forecaster in person is written anew, as a message of ours. Nothing
of an officer is in it, unless configuration names this office an issuing authority.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from threading import Lock
from xml.etree.ElementTree import Element, SubElement, tostring

import shapely

from alertcast.core.alert import Alert, Area
from alertcast.core.broadcast import Broadcast, BroadcastState
from alertcast.core.cap_message import message
from alertcast.core.grid import Grid
from alertcast.core.handed_on import composed, written_anew
from alertcast.dispatch.world import World
from alertcast.sources.cap_schema import invalid
from alertcast.sources.read import parse_bytes
from alertcast.store import alerts, public_feed
from alertcast.store.db import Tx
from alertcast.store.public_feed import STAYS, Listed

ATOM = "http://www.w3.org/2005/Atom"
CAP_TYPE = "application/cap+xml"
INDEX, ALERT, NOTICE = "/feed/atom.xml", "/feed/alerts/{}.xml", "/feed/notices/{}.xml"
"""Where the feed and its messages are, below the public address."""

KEPT = 256
"""How many documents are kept ready: what the feed of a bad night holds."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Document:
    """What is answered."""

    body: bytes
    etag: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """Documents that are ready, by what they were made of: many readers cost one."""

    _ready: dict[str, Document] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def get(self, version: str) -> Document | None:
        """Return what was made of this, None: nothing yet."""
        with self._lock:
            return self._ready.get(version)

    def put(self, version: str, body: bytes) -> Document:
        """Keep what was made, the oldest goes."""
        made = Document(body, sha256(body).hexdigest()[:32])
        with self._lock:
            while len(self._ready) >= KEPT:
                del self._ready[next(iter(self._ready))]
            self._ready[version] = made
        return made


def is_open(world: World) -> bool:
    """Say whether there is a feed: it is configured, and nothing in it is invented."""
    return world.config.main.republish.enabled and not world.is_demo


def index(world: World, tx: Tx, shelf: Shelf, now: datetime) -> Document:
    """Return the Atom feed of what is in force, newest first."""
    listed = [(one, ALERT) for one in public_feed.alerts_listed(tx, now)]
    if world.config.main.office.is_authority:
        listed = [(one, NOTICE) for one in public_feed.notices_listed(tx, now)] + listed
    changed = public_feed.last_change(tx)
    version = " ".join(["index", str(changed), *(one.version for one, _ in listed)])
    return shelf.get(version) or shelf.put(version, _atom(world, listed, changed))


def alert_document(
    world: World, tx: Tx, shelf: Shelf, alert_id: int, now: datetime
) -> Document | None:
    """Return one message of an authority, None if it is not in the feed."""
    for found in public_feed.alerts_listed(tx, now, only=alert_id):
        return shelf.get(found.version) or shelf.put(found.version, _message(world, tx, alert_id))
    return None


def notice_document(world: World, tx: Tx, broadcast_id: int, now: datetime) -> Document | None:
    """Return one message that this office wrote, None if it is not in the feed."""
    if not world.config.main.office.is_authority:
        return None
    found = public_feed.one_notice(tx, broadcast_id, now)
    return None if found is None else Shelf().put("", message(_notice(world, tx, found)))


def _message(world: World, tx: Tx, alert_id: int) -> bytes:
    kept = alerts.load(tx, alert_id)
    for raw in public_feed.documents_of(tx, world.db.vault, alert_id):
        if _is_original(world, raw, kept):
            return raw
    settings = world.config.main.republish
    return message(written_anew(kept, settings.sender, world.config.main.office.name))


def _is_original(world: World, raw: bytes, kept: Alert) -> bool:
    """Say whether these bytes are the words we kept, and may go out as they are."""
    found = parse_bytes(raw, world.config.hazards)
    if len(found) != 1 or found[0].alert != kept:
        return False
    if any(reason.code == "personal_name" for reason in found[0].reasons):
        return False
    return invalid(raw) is None


def _notice(world: World, tx: Tx, found: Broadcast) -> Alert:
    office = world.config.main.office
    is_stopped = found.state is BroadcastState.CANCELLED
    return composed(
        number=found.id,
        text=found.slots["zh"]["*"]["text"],
        title=found.title,
        sender=world.config.main.republish.sender,
        office=office.name,
        areas=_areas(public_feed.grids_of(tx, found.id)),
        sent=found.starts_at,
        expires=found.starts_at + STAYS,
        withdrawn_at=found.ended_at if is_stopped else None,
    )


def _areas(cells: list[Grid]) -> tuple[Area, ...]:
    """Return an area for each town; holes are told too, since CAP has none."""
    towns: dict[str, list[Grid]] = {}
    for cell in cells:
        towns.setdefault(f"{cell.county}{cell.town}", []).append(cell)
    return tuple(Area(name, polygons=_rings(inside)) for name, inside in towns.items())


def _rings(cells: list[Grid]) -> tuple[tuple[tuple[float, float], ...], ...]:
    shapes = shapely.union_all([one.geometry for one in cells if one.geometry is not None])
    parts = [part for part in getattr(shapes, "geoms", [shapes]) if part.geom_type == "Polygon"]
    return tuple(
        tuple((x, y) for x, y, *_ in part.exterior.coords) for part in parts if not part.is_empty
    )


def _atom(world: World, listed: list[tuple[Listed, str]], changed: datetime | None) -> bytes:
    root, office = world.config.main.web.public_base_url, world.config.main.office
    feed = Element("feed", xmlns=ATOM)
    SubElement(feed, "id").text = root + INDEX
    SubElement(feed, "title").text = f"{office.name} · 生效中的预警 / warnings in force"
    SubElement(feed, "updated").text = (changed or _EPOCH).isoformat()
    SubElement(SubElement(feed, "author"), "name").text = office.name
    SubElement(feed, "link", rel="self", type="application/atom+xml", href=root + INDEX)
    for one, where in listed:
        href = root + where.format(one.id)
        entry = SubElement(feed, "entry")
        SubElement(entry, "id").text = href
        SubElement(entry, "title").text = one.title
        SubElement(entry, "updated").text = one.updated.isoformat()
        SubElement(entry, "link", type=CAP_TYPE, href=href)
    body: bytes = tostring(feed, encoding="utf-8", xml_declaration=True)
    return body
