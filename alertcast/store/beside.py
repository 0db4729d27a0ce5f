"""Which other warnings of its episode hold where a broadcast tells people."""

from collections.abc import Collection

from sqlalchemy import or_, select

from alertcast.core.broadcast import BroadcastState, Purpose
from alertcast.store.db import Tx
from alertcast.store.many import among
from alertcast.store.schema import alert, broadcast, broadcast_alert, grid, reach


def holding(
    tx: Tx, broadcast_ids: Collection[int], grid_ids: Collection[int]
) -> list[tuple[int, int, int, str | None]]:
    """Return (broadcast, grid, alert, level there) of what holds beside what a broadcast relays.

    Where that holds no more nothing does: what has replaced it holds alone. Nobody hears in this
    way of what waits for a human, or was stopped by one.
    """
    asked = {"broadcasts": sorted(broadcast_ids)}
    others = tx.execute(_OTHERS, asked).all()
    if not others:
        return []
    own = tx.execute(_OWN, asked).all()
    ids = {alert_id for _, alert_id in (*others, *own)}
    reached: dict[int, dict[int, str | None]] = {}
    here = {"alerts": sorted(ids), "grids": sorted(grid_ids)}
    for alert_id, grid_id, level in tx.execute(_REACHED, here):
        reached.setdefault(alert_id, {})[grid_id] = level
    still: dict[int, set[int]] = {}
    for broadcast_id, alert_id in own:
        still.setdefault(broadcast_id, set()).update(reached.get(alert_id, ()))
    return [
        (broadcast_id, grid_id, alert_id, level)
        for broadcast_id, alert_id in others
        for grid_id, level in reached.get(alert_id, {}).items()
        if grid_id in still.get(broadcast_id, ())
    ]


_TOLD = broadcast.alias("told")
_IS_TOLD = (
    select(_TOLD.c.id)
    .join(broadcast_alert, broadcast_alert.c.broadcast_id == _TOLD.c.id)
    .where(broadcast_alert.c.alert_id == alert.c.id, _TOLD.c.purpose == Purpose.WARNING)
    .where(_TOLD.c.state.in_((BroadcastState.RUNNING, BroadcastState.CLOSED)))
    .where(_TOLD.c.mode == "live")
)
_RELAYED = select(broadcast_alert.c.alert_id).where(
    broadcast_alert.c.alert_id == alert.c.id, broadcast_alert.c.broadcast_id == broadcast.c.id
)
_OTHERS = (
    select(broadcast.c.id, alert.c.id)
    .join(alert, alert.c.episode_id == broadcast.c.episode_id)
    .where(among(broadcast.c.id, "broadcasts"), broadcast.c.purpose == Purpose.WARNING)
    .where(alert.c.standing == "in_force", or_(alert.c.decision == "quiet", _IS_TOLD.exists()))
    .where(~_RELAYED.exists())
)
_OWN = (
    select(broadcast_alert.c.broadcast_id, alert.c.id)
    .join(alert, alert.c.id == broadcast_alert.c.alert_id)
    .where(among(broadcast_alert.c.broadcast_id, "broadcasts"), alert.c.standing == "in_force")
)
# By itself: as a part of the others, SQLite looked through all grids of each alert.
_REACHED = (
    select(reach.c.alert_id, grid.c.id, reach.c.level)
    .join(grid, grid.c.code == reach.c.grid_code)
    .where(among(reach.c.alert_id, "alerts"), among(grid.c.id, "grids"))
    .where(reach.c.ended_by.is_(None))
)
