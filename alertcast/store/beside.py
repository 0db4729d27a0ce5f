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
    asked = {"broadcasts": sorted(broadcast_ids), "grids": sorted(grid_ids)}
    return [tuple(row) for row in tx.execute(_HOLDING, asked)]


_RELAYED = select(broadcast_alert.c.alert_id).where(
    broadcast_alert.c.alert_id == alert.c.id, broadcast_alert.c.broadcast_id == broadcast.c.id
)
_OWN, _HERE = alert.alias("own"), reach.alias("here")
_STILL_HOLDS = (
    select(_OWN.c.id)
    .join(broadcast_alert, broadcast_alert.c.alert_id == _OWN.c.id)
    .join(_HERE, _HERE.c.alert_id == _OWN.c.id)
    .where(broadcast_alert.c.broadcast_id == broadcast.c.id, _OWN.c.standing == "in_force")
    .where(_HERE.c.grid_code == grid.c.code, _HERE.c.ended_by.is_(None))
)
_OTHER = broadcast.alias("other")
_IS_TOLD = (
    select(_OTHER.c.id)
    .join(broadcast_alert, broadcast_alert.c.broadcast_id == _OTHER.c.id)
    .where(broadcast_alert.c.alert_id == alert.c.id, _OTHER.c.purpose == Purpose.WARNING)
    .where(_OTHER.c.state.in_((BroadcastState.RUNNING, BroadcastState.CLOSED)))
    .where(_OTHER.c.mode == "live")
)
_HOLDING = (
    select(broadcast.c.id, grid.c.id, alert.c.id, reach.c.level)
    .join(alert, alert.c.episode_id == broadcast.c.episode_id)
    .join(reach, reach.c.alert_id == alert.c.id)
    .join(grid, grid.c.code == reach.c.grid_code)
    .where(among(broadcast.c.id, "broadcasts"), among(grid.c.id, "grids"))
    .where(broadcast.c.purpose == Purpose.WARNING, grid.c.layer_id == broadcast.c.layer_id)
    .where(alert.c.standing == "in_force", reach.c.ended_by.is_(None))
    .where(or_(alert.c.decision == "quiet", _IS_TOLD.exists()))
    .where(~_RELAYED.exists(), _STILL_HOLDS.exists())
)
