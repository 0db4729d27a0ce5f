"""Messages of one event that do not refer to each other: what a new one replaces, ends, or joins.

One event has several messages in force at once, each for its own zones. So a message replaces an
earlier one only where it names all of its zones, and ends it only then.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from alertcast.core.alert import Alert
from alertcast.core.vtec import events_of, zones_of
from alertcast.store import events
from alertcast.store.db import Tx


@dataclass(frozen=True, slots=True)
class Kin:
    """The alerts about the same event as a message, by what it means for them (ids)."""

    replaced: tuple[int, ...] = ()  # earlier, in force, nowhere else than the message
    beside: tuple[int, ...] = ()  # in force, and elsewhere too
    wider: frozenset[int] = frozenset()  # earlier, known to be elsewhere too, in force or not
    is_outdated: bool = False  # a later message is about all of its zones
    is_named: bool = False  # the message names an event at all

    def partly(self, referenced: Iterable[int]) -> list[int]:
        """Return what the message is to replace or end in its own zones only (ids)."""
        return [one for one in dict.fromkeys((*referenced, *self.beside)) if one in self.wider]


def kin_of(tx: Tx, alert_id: int, message: Alert) -> Kin:
    """Return the relatives of a message by the events it names; nothing if it names none."""
    zones = zones_of(message)
    found = events.siblings(tx, alert_id, message)
    earlier = [one for one in found if one.sent < message.sent]
    within = {one.id for one in earlier if one.zones and one.zones <= zones}
    return Kin(
        replaced=tuple(one.id for one in earlier if one.id in within and _holds(one)),
        beside=tuple(one.id for one in found if one.id not in within and _holds(one)),
        wider=frozenset(one.id for one in earlier if zones and one.zones - zones),
        is_outdated=bool(zones)
        and any(one.counts and one.sent > message.sent and zones <= one.zones for one in found),
        is_named=bool(events_of(message)),
    )


def since(tx: Tx, alert_id: int, message: Alert, earlier: Alert) -> list[int]:
    """Return the other messages about the event of `message` after `earlier`, up to it (ids)."""
    return [
        one.id
        for one in events.siblings(tx, alert_id, message)
        if one.counts and earlier.sent < one.sent <= message.sent
    ]


def _holds(one: events.Sibling) -> bool:
    return one.standing == "in_force"
