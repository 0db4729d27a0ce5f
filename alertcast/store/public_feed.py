"""What our own feed holds: the rows of warnings that may be handed on, and of their witnesses."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from alertcast.core.broadcast import Broadcast, BroadcastState, Purpose
from alertcast.core.grid import Grid
from alertcast.store import broadcasts, grids, witnesses
from alertcast.store.crypto import Vault
from alertcast.store.db import Tx
from alertcast.store.schema import alert, broadcast, broadcast_alert, callout, info, witness

STAYS = timedelta(hours=24)
"""How long an end, and what an office wrote itself, stays in the feed."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One message of the feed, without its document."""

    id: int  # of the alert, or of the broadcast that an authority wrote
    title: str
    updated: datetime  # when what we have of it changed last
    version: str  # changes whenever the document may have


def alerts_listed(tx: Tx, now: datetime, only: int | None = None) -> list[Listed]:
    """Return the public warnings in force, and the ends of the last day, newest first.

    What waits for a human is left out until he lets it go out, and so is what he did not. `only`:
    the id of the one that is asked for.
    """
    newest = select(func.max(witness.c.id)).where(witness.c.alert_id == alert.c.id)
    updated = select(func.max(witness.c.received_at)).where(witness.c.alert_id == alert.c.id)
    headline = (
        select(func.coalesce(info.c.headline, info.c.event))
        .where(info.c.alert_id == alert.c.id)
        .order_by(info.c.ord)
        .limit(1)
        .scalar_subquery()
    )
    rows = (
        select(
            alert.c.id,
            alert.c.identifier,
            headline.label("headline"),
            newest.scalar_subquery().label("last"),
            updated.scalar_subquery().label("updated"),
        )
        .where(_is_public(now))
        .order_by(alert.c.sent.desc(), alert.c.id.desc())
    )
    if only is not None:
        rows = rows.where(alert.c.id == only)
    return [
        Listed(row.id, row.headline or row.identifier, row.updated, f"{row.id}-{row.last}")
        for row in tx.execute(rows)
    ]


def notices_listed(tx: Tx, now: datetime) -> list[Listed]:
    """Return what the office itself wrote in the last day and told people, or then stopped."""
    rows = select(
        broadcast.c.id, broadcast.c.title, broadcast.c.state, broadcast.c.starts_at
    ).where(_is_notice(now))
    return [
        Listed(
            row.id,
            row.title,
            row.starts_at,
            f"notice-{row.id}-{'end' if row.state == BroadcastState.CANCELLED else 'on'}",
        )
        for row in tx.execute(rows.order_by(broadcast.c.id.desc()))
    ]


def one_notice(tx: Tx, broadcast_id: int, now: datetime) -> Broadcast | None:
    """Return what the office wrote, None if it is not in the feed (any more)."""
    here = select(broadcast.c.id).where(broadcast.c.id == broadcast_id, _is_notice(now))
    return broadcasts.get(tx, broadcast_id) if tx.execute(here).first() else None


def documents_of(tx: Tx, vault: Vault, alert_id: int) -> Iterator[bytes]:
    """Yield the documents that brought an alert, the first one first; raises DataKeyError."""
    rows = select(witness.c.raw).where(witness.c.alert_id == alert_id).order_by(witness.c.id)
    for raw in tx.execute(rows).scalars():
        yield witnesses.opened(vault, raw)


def grids_of(tx: Tx, broadcast_id: int) -> list[Grid]:
    """Return the grids that a broadcast is about, in the order of their layer."""
    rows = select(callout.c.grid_id).where(callout.c.broadcast_id == broadcast_id)
    found = grids.by_id(tx, tx.execute(rows).scalars())
    return [found[one] for one in sorted(found)]


def last_change(tx: Tx) -> datetime | None:
    """Return when the newest alert came, None where none ever did."""
    rows = select(alert.c.received_at).order_by(alert.c.id.desc()).limit(1)
    return tx.execute(rows).scalar()


def _is_public(now: datetime) -> ColumnElement[bool]:
    let_out = exists().where(
        broadcast_alert.c.alert_id == alert.c.id,
        broadcast.c.id == broadcast_alert.c.broadcast_id,
        broadcast.c.mode == "live",
        _goes_out(),
    )
    holds = and_(
        alert.c.standing == "in_force",
        alert.c.msg_type.in_(("Alert", "Update")),
        or_(alert.c.expires.is_(None), alert.c.expires > now),
        or_(alert.c.decision.not_in(_IN_DOUBT), let_out),
    )
    ends = and_(
        alert.c.standing == "ended",
        alert.c.decision.in_(("ended", "all_clear", "part_clear")),
        alert.c.decided_at > now - STAYS,
    )
    return and_(
        alert.c.status == "Actual",
        alert.c.scope == "Public",
        alert.c.decided_at.is_not(None),
        or_(holds, ends),
    )


_IN_DOUBT = ("held", "fault", "dismissed", "confirm", "approval", "refused")
"""Decisions after which an alert is handed on only while a broadcast of it goes out, or has."""


def _is_notice(now: datetime) -> ColumnElement[bool]:
    stopped = and_(broadcast.c.state == BroadcastState.CANCELLED, _has_begun())
    return and_(
        broadcast.c.purpose == Purpose.DESK,
        broadcast.c.mode == "live",
        broadcast.c.starts_at > now - STAYS,
        broadcast.c.starts_at <= now,
        or_(_goes_out(), stopped),
    )


def _goes_out() -> ColumnElement[bool]:
    """Say that a broadcast has begun and was not stopped; one that is held may only have waited."""
    begun = broadcast.c.state.in_((BroadcastState.RUNNING, BroadcastState.CLOSED))
    return or_(begun, and_(broadcast.c.state == BroadcastState.HELD, _has_begun()))


def _has_begun() -> ColumnElement[bool]:
    return exists().where(callout.c.broadcast_id == broadcast.c.id, callout.c.rung >= 0)
