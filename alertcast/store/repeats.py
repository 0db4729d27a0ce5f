"""Notices and relays that say the same as an earlier one, to some of the same grids."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import select

from alertcast.core.broadcast import BroadcastState, Purpose
from alertcast.store.db import Tx
from alertcast.store.schema import broadcast, broadcast_alert, callout

Slots = Mapping[str, Mapping[str, Mapping[str, str]]]


def told(
    tx: Tx, mode: str, title: str, slots: Slots, codes: Collection[str], since: datetime
) -> int | None:
    """Return the newest notice since then that told one of the grids `codes` the same, or None.

    What an officer stopped does not count.
    """
    rows = (
        select(broadcast.c.id, broadcast.c.slots)
        .where(broadcast.c.purpose == Purpose.DESK, broadcast.c.mode == mode)
        .where(broadcast.c.title == title, broadcast.c.created_at > since)
        .where(broadcast.c.state != BroadcastState.CANCELLED)
        .order_by(broadcast.c.id.desc())
    )
    wanted = frozenset(codes)
    for found in tx.execute(rows).all():
        if _text(found.slots) == _text(slots) and not wanted.isdisjoint(_codes(tx, found.id)):
            return int(found.id)
    return None


def relayed(
    tx: Tx, mode: str, alerts: Collection[int], codes: Collection[str], since: datetime
) -> int | None:
    """Return the newest broadcast since then that told one of the grids of these alerts, or None.

    What an officer stopped does not count.
    """
    rows = (
        select(broadcast.c.id)
        .join(broadcast_alert, broadcast_alert.c.broadcast_id == broadcast.c.id)
        .where(broadcast_alert.c.alert_id.in_(alerts), broadcast.c.purpose == Purpose.WARNING)
        .where(broadcast.c.mode == mode, broadcast.c.created_at > since)
        .where(broadcast.c.state != BroadcastState.CANCELLED)
        .order_by(broadcast.c.id.desc())
        .distinct()
    )
    wanted = frozenset(codes)
    for found in tx.execute(rows).scalars().all():
        if not wanted.isdisjoint(_codes(tx, found)):
            return int(found)
    return None


def _text(slots: Slots) -> dict[str, str]:
    return {language: levels["*"]["text"] for language, levels in slots.items()}


def _codes(tx: Tx, broadcast_id: int) -> Collection[str]:
    rows = select(callout.c.grid_code).where(callout.c.broadcast_id == broadcast_id)
    return tx.execute(rows).scalars().all()
