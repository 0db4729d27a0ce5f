"""Drills that are scheduled: written once, called off before their time, begun once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from alertcast.core.drill import DrillState, PlannedDrill
from alertcast.store.db import Tx
from alertcast.store.rows import new_id, value
from alertcast.store.schema import broadcast, callout, planned_drill

_DUE = (  # asked at every tick: made once
    select(planned_drill)
    .where(planned_drill.c.state == DrillState.PLANNED)
    .where(planned_drill.c.starts_at <= bindparam("now"))
    .order_by(planned_drill.c.id)
)


def write(
    tx: Tx,
    key: str,
    text: str,
    codes: Sequence[str],
    policy: str | None,
    starts_at: datetime,
    user: str,
    now: datetime,
) -> tuple[int, bool]:
    """Write a drill down, once for each key; return its id and whether it is new."""
    known = tx.execute(select(planned_drill.c.id).where(planned_drill.c.key == key)).scalar()
    if known is not None:
        return int(known), False
    row = insert(planned_drill).values(
        key=key,
        text=text,
        codes=list(codes),
        policy=policy,
        starts_at=starts_at,
        state=DrillState.PLANNED,
        created_at=now,
        created_by=user,
    )
    return new_id(tx.execute(row)), True


def get(tx: Tx, drill_id: int) -> PlannedDrill | None:
    """Return a drill, or None."""
    rows = select(planned_drill).where(planned_drill.c.id == drill_id)
    row = tx.execute(rows).mappings().first()
    return None if row is None else _value(row)


def listed(tx: Tx, limit: int = 100) -> list[PlannedDrill]:
    """Return the drills, the latest first."""
    latest = (planned_drill.c.starts_at.desc(), planned_drill.c.id.desc())
    rows = select(planned_drill).order_by(*latest)
    return [_value(row) for row in tx.execute(rows.limit(limit)).mappings()]


def due(tx: Tx, now: datetime) -> list[PlannedDrill]:
    """Return the drills whose time has come, the oldest first."""
    return [_value(row) for row in tx.execute(_DUE, {"now": now}).mappings()]


def move(
    tx: Tx,
    drill_id: int,
    state: DrillState,
    *,
    why: str | None = None,
    broadcast_id: int | None = None,
    user: str | None = None,
) -> bool:
    """Let a drill that is planned become something else; False if it is not planned any more."""
    waits = (planned_drill.c.id == drill_id) & (planned_drill.c.state == DrillState.PLANNED)
    values = {"state": state, "why": why, "broadcast_id": broadcast_id, "cancelled_by": user}
    return bool(tx.execute(update(planned_drill).where(waits).values(values)).rowcount)


def before(tx: Tx, broadcast_id: int) -> int | None:
    """Return the last drill broadcast before this one that called any of the same grids."""
    codes = select(callout.c.grid_code).where(callout.c.broadcast_id == broadcast_id)
    rows = (
        select(broadcast.c.id)
        .join(callout, callout.c.broadcast_id == broadcast.c.id)
        .where(broadcast.c.mode == "drill", broadcast.c.id < broadcast_id)
        .where(callout.c.grid_code.in_(codes))
        .order_by(broadcast.c.id.desc())
        .limit(1)
    )
    found = tx.execute(rows).scalar()
    return None if found is None else int(found)


def _value(row: Mapping[Any, Any]) -> PlannedDrill:
    return value(PlannedDrill, row, state=DrillState(row["state"]), codes=tuple(row["codes"]))
