"""What a map shows of each grid: the level in force, and whether anybody has answered for it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, select

from alertcast.store.db import Tx
from alertcast.store.report_areas import inside
from alertcast.store.report_now import is_current
from alertcast.store.schema import (
    alert,
    broadcast,
    callout,
    grid,
    help_request,
    layer,
    reach,
    respondent,
)

SHOWN = ("help", "unreached", "open", "planned", "answered", "superseded", "cancelled")
"""What a grid may be, the most urgent first: it is shown as that where several hold."""


class Cell(NamedTuple):
    """How one grid is drawn."""

    levels: tuple[str | None, ...]  # in force, or called at; several hazards may hold
    state: str | None  # one of SHOWN; None: nobody is called for it


def layer_of(tx: Tx, layer_id: int) -> Mapping[Any, Any] | None:
    """Return the row of a layer, old ones too."""
    return tx.execute(select(layer).where(layer.c.id == layer_id)).mappings().first()


def cells_now(tx: Tx, now: datetime, *, area: str = "") -> dict[str, Cell]:
    """Return, by code, the grids in which a warning is in force, or somebody is called, live."""
    in_force = (
        select(reach.c.grid_code, reach.c.level)
        .join(alert, alert.c.id == reach.c.alert_id)
        .join(grid, grid.c.code == reach.c.grid_code)
        .join(layer, layer.c.id == grid.c.layer_id)
        .where(alert.c.standing == "in_force", alert.c.status == "Actual")
        .where(reach.c.ended_by.is_(None), layer.c.is_active, inside(area))
        .distinct()
    )
    levels: dict[str, list[str | None]] = {}
    for code, level in tx.execute(in_force):
        levels.setdefault(code, []).append(level)
    called = _called(area).where(is_current(now), callout.c.mode == "live")
    asking = _asking(area).where(is_current(now), callout.c.mode == "live")
    states = {code: state for code, (_, state) in _worst(tx, called, asking).items()}
    return {
        code: Cell(tuple(levels.get(code, ())), states.get(code))
        for code in levels.keys() | states.keys()
    }


def cells_of(tx: Tx, broadcast_id: int, *, area: str = "") -> dict[str, Cell]:
    """Return, by code, the grids of one broadcast."""
    called = _called(area).where(callout.c.broadcast_id == broadcast_id)
    asking = _asking(area).where(callout.c.broadcast_id == broadcast_id)
    worst = _worst(tx, called, asking)
    return {code: Cell((level,), state) for code, (level, state) in worst.items()}


def _called(area: str) -> Select[Any]:
    return (
        select(callout.c.grid_code, callout.c.level, callout.c.state)
        .join(broadcast, broadcast.c.id == callout.c.broadcast_id)
        .join(grid, grid.c.id == callout.c.grid_id)
        .where(inside(area))
    )


def _asking(area: str) -> Select[Any]:
    """Return the grids for which somebody answers who asks for help that has not come yet."""
    return (
        select(callout.c.grid_code)
        .join(respondent, respondent.c.callout_id == callout.c.id)
        .join(broadcast, broadcast.c.id == callout.c.broadcast_id)
        .join(help_request, help_request.c.broadcast_id == broadcast.c.id)
        .join(grid, grid.c.id == callout.c.grid_id)
        .where(help_request.c.closed_at.is_(None), inside(area))
        .where(help_request.c.person_id == respondent.c.person_id)
        .distinct()
    )


def _worst(tx: Tx, called: Select[Any], asking: Select[Any]) -> dict[str, tuple[str | None, str]]:
    found: dict[str, tuple[str | None, str]] = {}
    for code, level, state in tx.execute(called):
        known = found.get(code)
        if known is None or SHOWN.index(state) < SHOWN.index(known[1]):
            found[code] = (level, state)
    for code in tx.execute(asking).scalars():
        if code in found:
            found[code] = (found[code][0], "help")
    return found
