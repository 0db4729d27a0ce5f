"""What an officer does: start from an alert, write a notice, confirm, stop the calling."""

from collections.abc import Collection, Sequence
from datetime import datetime

from alertcast.core.alert import Alert
from alertcast.core.broadcast import BroadcastState, Purpose
from alertcast.core.callout import CalloutState
from alertcast.core.grid import Hit
from alertcast.dispatch import drafts, part_clear
from alertcast.dispatch.compose import own_slots, title_of, warning_slots
from alertcast.dispatch.confirm import Stopped, is_unconfirmed, stop
from alertcast.dispatch.decision import episodes_of
from alertcast.dispatch.fanout import episode_of
from alertcast.dispatch.start import EVERY_TEXT, CanNotStart, Start, begin, start
from alertcast.dispatch.towns import Reach, over_in, reach
from alertcast.dispatch.world import World
from alertcast.store import alerts, audit, broadcasts, callouts, channels, turns
from alertcast.store import grids as layers
from alertcast.store.again import begun_again
from alertcast.store.db import Tx

HELD = ("held", "fault")
"""Decisions on an alert that wait for a human."""

CONFIRMABLE = (BroadcastState.APPROVAL, BroadcastState.HELD)
"""States in which a broadcast waits for a human."""


@begun_again
def start_from_alert(
    world: World,
    alert_id: int,
    *,
    user: str,
    mode: str,
    key: str,
    now: datetime,
    only: Sequence[str] = (),
) -> tuple[int, BroadcastState]:
    """Start a broadcast of an alert by hand, for all the grids it touches or `only` some.

    `key` is the form's own token: sent twice, it is one broadcast. A drill of an alert stays
    outside its episode. Raises CanNotStart.
    """
    with world.db.write() as tx:
        turns.take(tx, "decide")
        starts_at = _undo_until(world, now)
        return relay(
            world,
            tx,
            alert_id,
            user=user,
            mode=mode,
            key=f"officer:{key}",
            now=now,
            only=only,
            starts_at=starts_at,
        )


def relay(
    world: World,
    tx: Tx,
    alert_id: int,
    *,
    user: str,
    mode: str,
    key: str,
    now: datetime,
    only: Sequence[str] = (),
    starts_at: datetime | None = None,
) -> tuple[int, BroadcastState]:
    """Start a broadcast of an alert within a transaction; see `start_from_alert`."""
    message = alerts.load(tx, alert_id)
    row = alerts.facts(tx, alert_id)
    if mode == "live" and message.status != "Actual":
        msg = f"该预警状态为 {message.status}，只能用于演练"
        raise CanNotStart(msg)
    if mode == "live" and message.is_end():
        msg = "这是解除信息，不能作为预警启动"
        raise CanNotStart(msg)
    if mode == "live" and row["standing"] != "in_force":
        msg = "该预警已被更新、解除或过期，不能启动"
        raise CanNotStart(msg)
    if mode == "live" and row["expires"] is not None and row["expires"] <= now:
        msg = "该预警已过有效期"
        raise CanNotStart(msg)
    layer_id = _layer(tx)
    found = reach(world, tx, layer_id, message)
    hits = _chosen(found.matched.hits, only)
    infos = message.warns_in(world.config.main.office.language)
    hazard = next((info.hazard for info in infos if info.hazard), None)
    new = Start(
        key=key,
        purpose=Purpose.WARNING,
        mode=mode,
        hits=hits,
        layer_id=layer_id,
        title=title_of(message, world.config.main.office.language),
        slots=warning_slots(world, message),
        created_by=user,
        hazard=hazard,
        episode_id=_joined(world, tx, alert_id, message, hazard, hits, now)
        if mode == "live"
        else None,
        alerts=(alert_id,),
        expires_at=row["expires"],
        starts_at=starts_at,
    )
    if mode == "live":
        _take_effect(world, tx, alert_id, message, found, new, user, now)
    return _started(world, tx, new, user, now)


@begun_again
def start_notice(
    world: World,
    *,
    text: str,
    codes: Sequence[str],
    user: str,
    mode: str,
    key: str,
    now: datetime,
) -> tuple[int, BroadcastState]:
    """Start an officer's own internal notice (内部通知) for the grids, towns or counties `codes`.

    It carries no colour, and never the words of a signal unless this office is an authority.
    `key` is the form's own token: sent twice, it is one broadcast. Raises CanNotStart.
    """
    if faults := drafts.notice(world.config, text, mode).faults:
        raise CanNotStart("；".join(faults))
    with world.db.write() as tx:
        turns.take(tx, "decide")
        layer_id = _layer(tx)
        hits = hits_at(world, tx, layer_id, codes)
        if not hits:
            msg = "没有选中任何网格"
            raise CanNotStart(msg)
        new = Start(
            key=f"officer:{key}",
            purpose=Purpose.DESK,
            mode=mode,
            hits=hits,
            layer_id=layer_id,
            title=text.strip()[:80],
            slots=own_slots(world, text.strip(), now),
            created_by=user,
            starts_at=_undo_until(world, now),
            policy=world.config.rules.desk,
            texts=("desk.", *EVERY_TEXT, "help."),
        )
        return _started(world, tx, new, user, now)


def hits_at(world: World, tx: Tx, layer_id: int, codes: Collection[str]) -> list[Hit]:
    """Return the grids of a layer that an officer means by these grids, towns or counties."""
    wanted = set(codes)
    return [
        Hit(grid, None, None, "officer")
        for grid in world.index(tx, layer_id).grids
        if wanted & {grid.code, grid.town_code, grid.county_code}
    ]


@begun_again
def approve(world: World, broadcast_id: int, user: str, now: datetime) -> bool:
    """Confirm a broadcast that waits for a human; False if it does not wait (any more).

    One that is held goes on where it was: what is overdue on its ladders is done once.
    """
    with world.db.write() as tx:
        turns.take(tx, "decide")
        found = broadcasts.get(tx, broadcast_id, lock=True)
        if found is None or not (found.state in CONFIRMABLE or is_unconfirmed(found)):
            return False
        states = {one.state for one in callouts.of_broadcast(tx, broadcast_id)}
        if found.state is BroadcastState.HELD and CalloutState.PLANNED not in states:
            broadcasts.move(tx, broadcast_id, BroadcastState.RUNNING, now)
        else:
            begin(world, tx, broadcast_id, now)
        audit.record(tx, user, "approve", f"broadcast:{broadcast_id}", now)
    return True


@begun_again
def cancel(world: World, broadcast_id: int, user: str, now: datetime) -> Stopped | None:
    """Stop the calling (停止叫应); None if the broadcast is over or does not exist.

    What a sender holds at this moment is checked once more right before its request.
    """
    with world.db.write() as tx:
        turns.take(tx, "decide")
        return stop(tx, broadcast_id, user, now)


@begun_again
def dismiss(world: World, alert_id: int, user: str, why: str, now: datetime) -> bool:
    """Write down why an alert that was held for a human is not sent; False if it is not held."""
    with world.db.write() as tx:
        if alerts.facts(tx, alert_id)["decision"] not in HELD:
            return False
        said = f"值班员核实，不下发：{why}"
        alerts.decide(tx, alert_id, decision="dismissed", why=said, now=now)
        audit.record(tx, user, "dismiss", f"alert:{alert_id}", now)
    return True


@begun_again
def restart_channel(world: World, name: str, user: str, now: datetime) -> None:
    """Let a channel work again that was stopped, and take note of the forged callbacks it had."""
    with world.db.write() as tx:
        channels.start(tx, name, world.db.real_now(tx))
        audit.record(tx, user, "restart_channel", f"channel:{name}", now)


def _started(
    world: World, tx: Tx, new: Start, user: str, now: datetime
) -> tuple[int, BroadcastState]:
    known = broadcasts.by_key(tx, new.key)
    broadcast_id, state = start(world, tx, new, now)
    if known is None:
        audit.record(
            tx,
            user,
            "start",
            f"broadcast:{broadcast_id}",
            now,
            purpose=new.purpose.value,
            mode=new.mode,
            grids=len(new.hits),
        )
    return broadcast_id, state


def _joined(
    world: World,
    tx: Tx,
    alert_id: int,
    message: Alert,
    hazard: str | None,
    hits: Sequence[Hit],
    now: datetime,
) -> int:
    """Return the episode of an alert.

    An alert that was held has no episode yet; without one its people would never hear the end.
    """
    known = alerts.facts(tx, alert_id, lock=True)["episode_id"]
    codes = {hit.grid.code for hit in hits}
    if known is None or broadcasts.is_ended(tx, known):
        known = episode_of(world, tx, hazard, alerts.referenced(tx, message), codes, now)
        alerts.join(tx, alert_id, known)
    return int(known)


def _layer(tx: Tx) -> int:
    layer = layers.active_layer(tx)
    if layer is None:
        msg = "尚未导入网格"
        raise CanNotStart(msg)
    return int(layer["id"])


def _take_effect(
    world: World,
    tx: Tx,
    alert_id: int,
    message: Alert,
    found: Reach,
    new: Start,
    user: str,
    now: datetime,
) -> None:
    """Let an alert that may have been held replace what it refers to, and hold where it says."""
    here = {hit.grid.code: hit.level for hit in found.matched.hits}
    if not alerts.touched(tx, alert_id):
        alerts.write_reach(tx, alert_id, here)
    earlier = alerts.referenced(tx, message)
    episodes = episodes_of(tx, earlier)
    alerts.end(tx, earlier, "superseded")
    part_clear.leave_out(
        world,
        tx,
        alert_id,
        message,
        earlier,
        episodes,
        here,
        now,
        only=over_in(found),
        starts_at=new.starts_at,
        user=user,
    )


def _chosen(matched: Sequence[Hit], only: Sequence[str]) -> list[Hit]:
    hits = [hit for hit in matched if not only or {hit.grid.code, hit.grid.town_code} & set(only)]
    if not hits:
        msg = "预警范围没有碰到所选网格"
        raise CanNotStart(msg)
    return hits


def _undo_until(world: World, now: datetime) -> datetime | None:
    undo = world.config.main.dispatch.undo
    return now + undo if undo else None
