"""Which warnings have been replaced, as lists and fuller words show after they were decided on."""

from collections.abc import Collection, Sequence

from sqlalchemy import and_, select

from alertcast.core.national_id import NationalId
from alertcast.core.witness import Body
from alertcast.store.db import Tx
from alertcast.store.events import PUT_ASIDE
from alertcast.store.schema import alert, info, sighting
from alertcast.store.witnesses import GONE_AFTER

_COUNTS = and_(alert.c.decided_at.is_not(None), ~PUT_ASIDE)
"""It was decided on; one that waits for an officer replaces nothing."""


def may_be_enriched(tx: Tx, keys: Collection[str]) -> bool:
    """Say whether any alert of these keys was decided on by less than the words of a whole one."""
    poor = and_(alert.c.decided_at.is_not(None), alert.c.body != Body.CAP.value)
    rows = select(alert.c.id).where(alert.c.key.in_(keys), poor)
    return bool(keys) and tx.execute(rows.limit(1)).first() is not None


def replaces(tx: Tx, alert_id: int) -> bool:
    """Say whether an alert may replace others: it is an update in force, and counts."""
    update = and_(alert.c.msg_type == "Update", alert.c.standing == "in_force")
    rows = select(alert.c.id).where(alert.c.id == alert_id, update, _COUNTS)
    return tx.execute(rows).first() is not None


def in_list(tx: Tx, source: str) -> dict[int, list[int]]:
    """Return the alerts that a list has dropped for a later one of the same office and hazard.

    By the id of the newest such one that is listed. China's lists do not say what replaces what.
    """
    rows = tx.execute(
        select(alert.c.id, alert.c.key, alert.c.sent, sighting.c.missed, _COUNTS.label("counts"))
        .join(sighting, sighting.c.alert_id == alert.c.id)
        .where(sighting.c.source == source, alert.c.standing == "in_force")
    ).all()
    gone = [row for row in rows if row.missed >= GONE_AFTER]
    there = [row for row in rows if row.missed == 0 and row.counts]
    if not (gone and there):
        return {}
    about = _hazards(tx, [row.id for row in rows])
    offices = {row.id: _office(row.key) for row in rows}
    found: dict[int, list[int]] = {}
    for old in gone:
        later = [
            new
            for new in there
            if new.sent > old.sent
            and offices[old.id] is not None
            and offices[new.id] == offices[old.id]
            and about.get(old.id)
            and about.get(new.id) == about[old.id]
        ]
        if later:
            newest = max(later, key=lambda one: (one.sent, one.id))
            found.setdefault(newest.id, []).append(old.id)
    return found


def _hazards(tx: Tx, ids: Sequence[int]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    rows = select(info.c.alert_id, info.c.hazard).where(
        info.c.alert_id.in_(ids), info.c.hazard.is_not(None)
    )
    for alert_id, hazard in tx.execute(rows):
        found.setdefault(alert_id, set()).add(hazard)
    return found


def _office(key: str) -> str | None:
    national = NationalId.read(key)
    return national.issuer if national else None
