"""The identity of an event in messages of the US National Weather Service: P-VTEC.

Source: NWS Instruction 10-1703. "/O.CON.KSEW.FF.W.0001.000000T0000Z-251216T0500Z/" says:
operational, continued, by the office KSEW, flash flood (FF) warning (W) number 1 of the year. A new
message of an event need not refer to the one before; this names the event through its whole life.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alertcast.core.alert import Alert

_VTEC = re.compile(
    r"/([OTEX])\.([A-Z]{3})\.([A-Z]{4})\.([A-Z]{2})\.([A-Z])\.(\d{4})"
    r"\.\d{6}T\d{4}Z-\d{6}T\d{4}Z/",
    re.ASCII,
)
OVER = frozenset({"CAN", "EXP"})
"""Actions that end an event in the places of the message: cancelled, run out."""


@dataclass(frozen=True, slots=True)
class Event:
    """What one VTEC string says of an event."""

    key: str  # class, office, phenomenon, significance, number; the number begins anew each year
    action: str  # NEW, CON, EXT, EXA, EXB, UPG, CAN, EXP, COR, ROU

    @property
    def is_over(self) -> bool:
        """Say whether the event ends with this message, in its places."""
        return self.action in OVER

    @property
    def is_test(self) -> bool:
        """Say whether this is of a test product (class T), which nobody is to act on."""
        return self.key.startswith("T.")


def events(parameters: Iterable[tuple[str, str]]) -> tuple[Event, ...]:
    """Return the events that an info's parameters name, in order."""
    found = (_VTEC.finditer(text) for name, text in parameters if name == "VTEC")
    return tuple(
        Event(f"{kind}.{office}.{phenomenon}.{significance}.{number}", action)
        for matches in found
        for kind, action, office, phenomenon, significance, number in (m.groups() for m in matches)
    )


def is_test(parameters: Iterable[tuple[str, str]]) -> bool:
    """Say whether parameters name events, and all of them of test products."""
    named = [pair for pair in parameters if pair[0] == "VTEC"]
    if not any("/T." in text for _, text in named):  # nearly always
        return False
    found = events(named)
    return bool(found) and all(event.is_test for event in found)


def events_of(alert: "Alert") -> frozenset[str]:
    """Return the keys of all events that an alert names."""
    return frozenset(event.key for info in alert.infos for event in events(info.parameters))


def zones_of(alert: "Alert") -> frozenset[str]:
    """Return the zones and counties (UGC) that an alert names."""
    return frozenset(
        value.strip().upper()
        for info in alert.infos
        for area in info.areas
        for scheme, value in area.geocodes
        if scheme.strip().upper() == "UGC"
    )
