"""Which other warnings of its episode hold where a broadcast tells people."""

from collections.abc import Collection

from sqlalchemy import select

from alertcast.store.db import Tx
from alertcast.store.many import among
from alertcast.store.schema import alert, broadcast, broadcast_alert, grid, reach

SETTLED = ("broadcast", "quiet")
"""Decisions after which an alert may be named to people: nobody has to confirm it first."""


def holding(
    tx: Tx, broadcast_ids: Collection[int], grid_ids: Collection[int]
) -> list[tuple[int, int, int, str | None]]:
    """Return (broadcast, grid, alert, level there) of what none of the broadcasts relays itself."""
    asked = {"broadcasts": sorted(broadcast_ids), "grids": sorted(grid_ids)}
    return [tuple(row) for row in tx.execute(_HOLDING, asked)]


_RELAYED = select(broadcast_alert.c.alert_id).where(
    broadcast_alert.c.alert_id == alert.c.id, broadcast_alert.c.broadcast_id == broadcast.c.id
)
_HOLDING = (
    select(broadcast.c.id, grid.c.id, alert.c.id, reach.c.level)
    .join(alert, alert.c.episode_id == broadcast.c.episode_id)
    .join(reach, reach.c.alert_id == alert.c.id)
    .join(grid, grid.c.code == reach.c.grid_code)
    .where(among(broadcast.c.id, "broadcasts"), among(grid.c.id, "grids"))
    .where(broadcast.c.purpose == "warning", grid.c.layer_id == broadcast.c.layer_id)
    .where(alert.c.standing == "in_force", alert.c.decision.in_(SETTLED))
    .where(reach.c.ended_by.is_(None), ~_RELAYED.exists())
)
