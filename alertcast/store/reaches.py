"""Which grids each alert touches, and the level that it says holds there."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import (
    Select,
    and_,
    delete,
    insert,
    or_,
    select,
    update,
)

from alertcast.store.db import Tx
from alertcast.store.many import among
from alertcast.store.schema import (
    alert,
    reach,
)


def write_reach(tx: Tx, alert_id: int, levels: Mapping[str, str | None]) -> None:
    """Write which grids (by code) an alert touches, and the level that it says holds there.

    Again: instead of what was written.
    """
    tx.execute(delete(reach).where(reach.c.alert_id == alert_id))
    rows = [{"alert_id": alert_id, "grid_code": c, "level": level} for c, level in levels.items()]
    if rows:
        tx.execute(insert(reach), rows)


def touched(tx: Tx, alert_id: int) -> set[str]:
    """Return the codes of the grids that an alert touches, or did; empty: not written so far."""
    rows = select(reach.c.grid_code).where(reach.c.alert_id == alert_id)
    return set(tx.execute(rows).scalars())


def end_at(tx: Tx, ids: Iterable[int], codes: Collection[str], ended_by: int) -> None:
    """Let the alerts `ids` hold no more in the grids `codes`; elsewhere they go on."""
    here = and_(
        reach.c.alert_id.in_(list(ids)),
        among(reach.c.grid_code, "codes"),
        reach.c.ended_by.is_(None),
    )
    tx.execute(update(reach).where(here).values(ended_by=ended_by), {"codes": sorted(codes)})


def reached(tx: Tx, episode_id: int, without: Iterable[int] = ()) -> dict[str, list[str | None]]:
    """Return the levels that the alerts in force of an episode say hold, by grid code."""
    rows = (
        select(reach.c.grid_code, reach.c.level)
        .join(alert, alert.c.id == reach.c.alert_id)
        .where(alert.c.episode_id == episode_id, alert.c.standing == "in_force")
        .where(alert.c.id.notin_(list(without)), reach.c.ended_by.is_(None))
    )
    return _by_code(tx, rows)


def ran_out(tx: Tx, episode_id: int) -> set[str]:
    """Return the codes of the grids of an episode's alerts whose time has run out."""
    rows = (
        select(reach.c.grid_code)
        .join(alert, alert.c.id == reach.c.alert_id)
        .where(alert.c.episode_id == episode_id, alert.c.standing == "expired")
        .where(reach.c.ended_by.is_(None))
        .distinct()
    )
    return set(tx.execute(rows).scalars())


def reach_of(tx: Tx, ids: Iterable[int]) -> dict[str, list[str | None]]:
    """Return the levels that these alerts, in force or not, say hold, by grid code.

    Where one of them was ended before the rest of it, it says nothing.
    """
    rows = select(reach.c.grid_code, reach.c.level).where(
        reach.c.alert_id.in_(list(ids)), reach.c.ended_by.is_(None)
    )
    return _by_code(tx, rows)


def ended_by(tx: Tx, end_id: int, ended: Iterable[int]) -> dict[str, list[str | None]]:
    """Return the levels, by grid code, of what a message ended: in part, or the alerts `ended`."""
    rows = select(reach.c.grid_code, reach.c.level).where(
        or_(
            reach.c.ended_by == end_id,
            and_(reach.c.alert_id.in_(list(ended)), reach.c.ended_by.is_(None)),
        )
    )
    return _by_code(tx, rows)


def _by_code(tx: Tx, rows: Select[Any]) -> dict[str, list[str | None]]:
    found: dict[str, list[str | None]] = {}
    for code, level in tx.execute(rows):
        found.setdefault(code, []).append(level)
    return found
