"""What an officer wants to begin, as it would begin: an alert that is relayed, or a notice.

Nothing is written here; the same is looked at before (`preview`) and begun (`desk`).
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from alertcast.core.broadcast import Purpose
from alertcast.core.grid import Hit
from alertcast.core.refusal import sentence
from alertcast.dispatch import drafts
from alertcast.dispatch.compose import own_slots, title_of, warning_slots
from alertcast.dispatch.start import EVERY_TEXT, CanNotStart, Start
from alertcast.dispatch.towns import Reach, reach
from alertcast.dispatch.world import World
from alertcast.store import alerts
from alertcast.store import grids as layers
from alertcast.store.db import Tx


def of_alert(
    world: World,
    tx: Tx,
    alert_id: int,
    *,
    user: str,
    mode: str,
    key: str,
    now: datetime,
    only: Collection[str] = (),
    policy: str | None = None,
) -> tuple[Start, Reach]:
    """Return the relay of an alert to the grids it touches, or those of them in `only`.

    `only` holds codes of grids, towns or counties. It is in no episode yet. Beside it stands all
    that the alert touches. Raises CanNotStart.
    """
    message = alerts.load(tx, alert_id)
    row = alerts.facts(tx, alert_id)
    if mode == "live":
        _check_live(message.status, message.is_end(), row, now)
    layer_id = layer_of(tx)
    found = reach(world, tx, layer_id, message)
    hits = [hit for hit in found.matched.hits if not only or _is_meant(hit, only)]
    if not hits:
        msg = sentence("预警范围没有碰到所选网格")
        raise CanNotStart(msg)
    infos = message.warns_in(world.config.main.office.language)
    new = Start(
        key=key,
        purpose=Purpose.WARNING,
        mode=mode,
        hits=hits,
        layer_id=layer_id,
        title=title_of(message, world.config.main.office.language),
        slots=warning_slots(world, message),
        created_by=user,
        hazard=next((info.hazard for info in infos if info.hazard), None),
        alerts=(alert_id,),
        expires_at=row["expires"],
        policy=_known(world, policy),
    )
    return new, found


def of_notice(
    world: World,
    tx: Tx,
    *,
    text: str,
    codes: Collection[str],
    user: str,
    mode: str,
    key: str,
    now: datetime,
    policy: str | None = None,
) -> Start:
    """Return an officer's own notice (内部通知) for the grids, towns or counties `codes`.

    It carries no colour, and never the words of a signal unless this office is an authority.
    Raises CanNotStart.
    """
    if faults := drafts.notice(world.config, text, mode).faults:
        raise CanNotStart(*faults)
    layer_id = layer_of(tx)
    hits = hits_at(world, tx, layer_id, codes)
    if not hits:
        msg = sentence("没有选中任何网格")
        raise CanNotStart(msg)
    return Start(
        key=key,
        purpose=Purpose.DESK,
        mode=mode,
        hits=hits,
        layer_id=layer_id,
        title=text.strip()[:80],
        slots=own_slots(world, text.strip(), now),
        created_by=user,
        policy=_known(world, policy) or world.config.rules.desk,
        texts=("desk.", *EVERY_TEXT, "help."),
    )


def confirmed(world: World, new: Start) -> Start:
    """Return `new` as it begins: after a second person's approval if there must be one."""
    most = world.config.rules.second_person
    if new.mode != "live" or not 0 < most < len(new.hits):
        return new
    return replace(new, is_to_confirm=True)


def hits_at(world: World, tx: Tx, layer_id: int, codes: Collection[str]) -> list[Hit]:
    """Return the grids of a layer that an officer means by these grids, towns or counties."""
    wanted = set(codes)
    hits = [Hit(grid, None, None, "officer") for grid in world.index(tx, layer_id).grids]
    return [hit for hit in hits if _is_meant(hit, wanted)]


def layer_of(tx: Tx) -> int:
    """Return the id of the active layer; raises CanNotStart if there is none."""
    layer = layers.active_layer(tx)
    if layer is None:
        msg = sentence("尚未导入网格")
        raise CanNotStart(msg)
    return int(layer["id"])


def _is_meant(hit: Hit, codes: Collection[str]) -> bool:
    grid = hit.grid
    return any(code in codes for code in (grid.code, grid.town_code, grid.county_code))


def _check_live(status: str, is_end: bool, row: Any, now: datetime) -> None:
    if status != "Actual":
        msg = sentence("该预警状态为 {status}，只能用于演练", status=status)
    elif is_end:
        msg = sentence("这是解除信息，不能作为预警启动")
    elif row["standing"] != "in_force":
        msg = sentence("该预警已被更新、解除或过期，不能启动")
    elif row["expires"] is not None and row["expires"] <= now:
        msg = sentence("该预警已过有效期")
    else:
        return
    raise CanNotStart(msg)


def _known(world: World, policy: str | None) -> str | None:
    if policy is not None and policy not in world.config.rules.policies:
        msg = sentence("没有叫应方案 {policy}", policy=policy)
        raise CanNotStart(msg)
    return policy
