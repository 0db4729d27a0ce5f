"""Which alerts are about the same event, where publishers name events (VTEC) and not messages."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, func, insert, select

from alertcast.core.alert import Alert
from alertcast.core.vtec import events_of, zones_of
from alertcast.store.db import Tx
from alertcast.store.schema import alert, alert_event

SAME_YEAR = timedelta(days=180)
"""How far apart in time two messages may be about one event: its number comes again next year."""

PUT_ASIDE = and_(
    func.coalesce(alert.c.decision, "").in_(("held", "fault", "dismissed")),
    alert.c.episode_id.is_(None),
)
"""Nobody understood it, or it was not for its source to say: it waits for an officer."""


@dataclass(frozen=True, slots=True)
class Sibling:
    """Another real, trusted alert about an event."""

    id: int
    sent: datetime
    standing: str
    zones: frozenset[str]
    counts: bool  # it was not put aside for an officer


def write(tx: Tx, alert_id: int, message: Alert) -> None:
    """Write which events an alert is about; again: instead of what was written."""
    tx.execute(delete(alert_event).where(alert_event.c.alert_id == alert_id))
    zones = sorted(zones_of(message))
    rows = [
        {"alert_id": alert_id, "event": key, "zones": zones} for key in sorted(events_of(message))
    ]
    if rows:
        tx.execute(insert(alert_event), rows)


def siblings(tx: Tx, alert_id: int, message: Alert) -> list[Sibling]:
    """Return the other alerts about any event of this one, oldest first."""
    keys = events_of(message)
    if not keys:
        return []
    rows = (
        select(alert.c.id, alert.c.sent, alert.c.standing, alert_event.c.zones)
        .add_columns((~PUT_ASIDE).label("counts"))
        .join(alert_event, alert_event.c.alert_id == alert.c.id)
        .where(alert_event.c.event.in_(keys), alert.c.id != alert_id)
        .where(alert.c.status == "Actual", alert.c.is_trusted)
        .where(alert.c.sent > message.sent - SAME_YEAR, alert.c.sent < message.sent + SAME_YEAR)
        .order_by(alert.c.sent, alert.c.id)
    )
    return list(
        _once(
            Sibling(r.id, r.sent, r.standing, frozenset(r.zones), r.counts)
            for r in tx.execute(rows)
        )
    )


def _once(found: Iterable[Sibling]) -> Iterable[Sibling]:
    return {one.id: one for one in found}.values()
