"""What an officer does: start from an alert, write a notice, confirm, stop the calling."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from alertcast.core.alert import Alert
from alertcast.core.broadcast import BroadcastState, Purpose
from alertcast.core.callout import CalloutState
from alertcast.core.refusal import sentence
from alertcast.dispatch import by_hand, downgrade, drill_plan, part_clear
from alertcast.dispatch.confirm import Stopped, is_unconfirmed, stop
from alertcast.dispatch.decision import episodes_of
from alertcast.dispatch.episodes import episode_of
from alertcast.dispatch.repeated import SentBefore, lately
from alertcast.dispatch.start import CanNotStart, Start, begin, start
from alertcast.dispatch.towns import Reach, over_in
from alertcast.dispatch.world import World
from alertcast.store import (
    alerts,
    audit,
    broadcasts,
    callouts,
    channels,
    reaches,
    references,
    turns,
)
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
    policy: str | None = None,
    night_why: str = "",
) -> tuple[int, BroadcastState]:
    """Start a broadcast of an alert by hand, for all the grids it touches or `only` some.

    `key` is the form's own token: sent twice, it is one broadcast. A drill of an alert stays
    outside its episode. `night_why`: why a drill is to begin at night, for the record. Raises
    CanNotStart.
    """
    key = f"officer:{key}"
    with world.db.write() as tx:
        turns.take(tx, "decide")
        known = broadcasts.by_key(tx, key)
        if known is not None:
            return known, broadcasts.state_of(tx, known)
        new, found = by_hand.of_alert(
            world, tx, alert_id, user=user, mode=mode, key=key, now=now, only=only, policy=policy
        )
        new = replace(by_hand.confirmed(world, new), starts_at=_undo_until(world, now))
        return _relayed(world, tx, alert_id, new, found, user, now, night_why)


def relay(
    world: World,
    tx: Tx,
    alert_id: int,
    *,
    user: str,
    key: str,
    now: datetime,
    only: Sequence[str] = (),
) -> tuple[int, BroadcastState]:
    """Start a live broadcast of an alert within a transaction, at once; see `start_from_alert`."""
    new, found = by_hand.of_alert(
        world, tx, alert_id, user=user, mode="live", key=key, now=now, only=only
    )
    return _relayed(world, tx, alert_id, new, found, user, now)


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
    policy: str | None = None,
    again: bool = False,
    night_why: str = "",
) -> tuple[int, BroadcastState]:
    """Start an officer's own internal notice (内部通知) for the grids, towns or counties `codes`.

    `key` is the form's own token: sent twice, it is one broadcast. Another with the same words to
    some of the same grids shortly afterwards is begun only `again`. `night_why`: why a drill is to
    begin at night, for the record. Raises CanNotStart.
    """
    with world.db.write() as tx:
        turns.take(tx, "decide")
        new = by_hand.of_notice(
            world,
            tx,
            text=text,
            codes=codes,
            user=user,
            mode=mode,
            key=f"officer:{key}",
            now=now,
            policy=policy,
        )
        earlier = None if again or begun_by(tx, key) is not None else lately(tx, new, now)
        if earlier is not None:
            raise SentBefore(earlier)
        new = replace(by_hand.confirmed(world, new), starts_at=_undo_until(world, now))
        return _started(world, tx, new, user, now, night_why)


def begun_by(tx: Tx, key: str) -> int | None:
    """Return the broadcast that an officer's form with this token has begun, or None."""
    return broadcasts.by_key(tx, f"officer:{key}")


@begun_again
def approve(world: World, broadcast_id: int, user: str, now: datetime) -> bool:
    """Confirm a broadcast that waits for a human; False if it does not wait (any more).

    One that is held goes on where it was: what is overdue on its ladders is done once. Raises
    CanNotStart if whoever began it would be the second person as well.
    """
    with world.db.write() as tx:
        turns.take(tx, "decide")
        found = broadcasts.get(tx, broadcast_id, lock=True)
        if found is None or not (found.state in CONFIRMABLE or is_unconfirmed(found)):
            return False
        if found.state is BroadcastState.APPROVAL and found.created_by == user:
            msg = sentence("须由发起人以外的第二人确认")
            raise CanNotStart(msg)
        states = {one.state for one in callouts.of_broadcast(tx, broadcast_id)}
        if found.purpose is Purpose.DOWNGRADE:
            downgrade.begin(world, tx, broadcast_id, now)
        elif found.state is BroadcastState.HELD and CalloutState.PLANNED not in states:
            broadcasts.move(tx, broadcast_id, BroadcastState.RUNNING, now)
        else:
            begin(world, tx, broadcast_id, now)
        audit.record(tx, user, "approve", f"broadcast:{broadcast_id}", now)
    return True


@begun_again
def cancel(
    world: World, broadcast_id: int, user: str, now: datetime, *, unbegun: bool = False
) -> Stopped | None:
    """Stop the calling (停止叫应); None if the broadcast is over or does not exist.

    With `unbegun` also None if it does not wait to begin any more: who calls back what has not
    begun has not been asked about what runs. What a sender holds at this moment is checked once
    more right before its request.
    """
    with world.db.write() as tx:
        turns.take(tx, "decide")
        found = broadcasts.get(tx, broadcast_id, lock=True)
        if unbegun and (found is None or found.state is not BroadcastState.WAITING):
            return None
        return stop(tx, broadcast_id, user, now)


@begun_again
def dismiss(world: World, alert_id: int, user: str, why: str, now: datetime) -> bool:
    """Write down why an alert that was held for a human is not sent; False if it is not held."""
    with world.db.write() as tx:
        turns.take(tx, "decide")
        if alerts.facts(tx, alert_id)["decision"] not in HELD:
            return False
        said = f"值班员核实，不下发：{why}"
        alerts.decide(tx, alert_id, decision="dismissed", why=said, now=now)
        part_clear.leave_out_beside(world, tx, alert_id, alerts.load(tx, alert_id), now)
        audit.record(tx, user, "dismiss", f"alert:{alert_id}", now)
    return True


@begun_again
def restart_channel(world: World, name: str, user: str, now: datetime) -> None:
    """Let a channel work again that was stopped, and take note of the forged callbacks it had."""
    with world.db.write() as tx:
        channels.start(tx, name, world.db.real_now(tx))
        audit.record(tx, user, "restart_channel", f"channel:{name}", now)


def _started(
    world: World, tx: Tx, new: Start, user: str, now: datetime, night_why: str
) -> tuple[int, BroadcastState]:
    known = broadcasts.by_key(tx, new.key)
    if known is None and new.mode == "drill":
        drill_plan.check_now(world, tx, new, now, night_why)
    broadcast_id, state = start(world, tx, new, now)
    if known is None:
        more = {"why": night_why} if night_why else {}
        audit.record(
            tx,
            user,
            "start",
            f"broadcast:{broadcast_id}",
            now,
            purpose=new.purpose.value,
            mode=new.mode,
            grids=len(new.hits),
            **more,
        )
    return broadcast_id, state


def _relayed(
    world: World,
    tx: Tx,
    alert_id: int,
    new: Start,
    found: Reach,
    user: str,
    now: datetime,
    night_why: str = "",
) -> tuple[int, BroadcastState]:
    if new.mode == "live":
        message = alerts.load(tx, alert_id)
        new = replace(new, episode_id=_joined(world, tx, alert_id, message, new, now))
        _take_effect(world, tx, alert_id, message, found, new, user, now)
    return _started(world, tx, new, user, now, night_why)


def _joined(world: World, tx: Tx, alert_id: int, message: Alert, new: Start, now: datetime) -> int:
    """Return the episode of an alert.

    An alert that was held has no episode yet; without one its people would never hear the end.
    """
    known = alerts.facts(tx, alert_id, lock=True)["episode_id"]
    codes = {hit.grid.code for hit in new.hits}
    if known is None or broadcasts.is_ended(tx, known):
        known = episode_of(world, tx, new.hazard, references.referenced(tx, message), codes, now)
        alerts.join(tx, alert_id, known)
    return int(known)


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
    if not reaches.touched(tx, alert_id):
        reaches.write_reach(tx, alert_id, here)
    earlier = references.referenced(tx, message)
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
        is_to_confirm=new.is_to_confirm,
        starts_at=new.starts_at,
        user=user,
    )


def _undo_until(world: World, now: datetime) -> datetime | None:
    undo = world.config.main.dispatch.undo
    return now + undo if undo else None
