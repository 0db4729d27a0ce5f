"""A doubtful warning waits for a human: confirmed, refused, or left to the clock, each once.

Whoever was called (`ring`) presses 1 or 2; an officer may do the same on the page. Everything of an
answer is written in the transaction that takes it: killed in between, the receipt is applied again.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog

from alertcast.core.broadcast import Broadcast, BroadcastState, Purpose
from alertcast.core.callout import CalloutState
from alertcast.core.confirm import Doubt
from alertcast.core.grid import Hit
from alertcast.core.plan import rank
from alertcast.core.signature import Signature, Verdict
from alertcast.core.task import Task
from alertcast.dispatch.start import begin
from alertcast.dispatch.world import World
from alertcast.sources.signed import SignedSettings
from alertcast.store import alerts, audit, broadcasts, callouts, people, tasks, turns, witnesses
from alertcast.store.db import TROUBLE, Tx
from alertcast.store.witnesses import DissentFacts

log = structlog.get_logger()

AGREED = "1"
"""The key by which it goes out; the other one, 2, stops it."""

SECOND_SOURCE = "second_source"
"""What the audit calls a doubt that another source has removed."""

_ENOUGH = 2
"""Sources that say the same without a signature."""

_GLASS = f"{Purpose.CONFIRM.value}:glass:"
"""How keys of broadcasts begin that only tell: no answer to them changes anything."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """What stopping a broadcast still caught."""

    dropped: int  # messages that will not leave
    gone: int  # messages that had left already


def key_of(alert_id: int) -> str:
    """Return the key of the broadcast that asks about an alert."""
    return f"{Purpose.CONFIRM.value}:{alert_id}"


def glass_key(broadcast_id: int) -> str:
    """Return the key of the broadcast that tells of one begun without a second person."""
    return f"{_GLASS}{broadcast_id}"


def is_unconfirmed(broadcast: Broadcast) -> bool:
    """Say whether a broadcast, begun by itself, waits for an officer or for its clock.

    A downgrade waits for the others that may follow, which is no doubt.
    """
    waits = broadcast.state in (BroadcastState.WAITING, BroadcastState.APPROVAL)
    is_doubtful = broadcast.purpose is not Purpose.DOWNGRADE
    return waits and is_doubtful and broadcast.created_by == "scheduler"


def unconfirmed(tx: Tx, alert_ids: Iterable[int]) -> list[int]:
    """Return the ids of the broadcasts of these alerts that wait so."""
    return [one.id for one in _of_alerts(tx, alert_ids) if is_unconfirmed(one)]


def clock_of(
    world: World,
    tx: Tx,
    earlier: Iterable[int],
    hits: Iterable[Hit],
    now: datetime,
    latest: datetime,
) -> datetime:
    """Return when `hits` go out unanswered: by the clock that runs already, else at `latest`.

    The clock of an alert in `earlier` counts if it was to let something as high go out: updates
    that keep coming hold nothing back for ever, and a rise is not hurried by what was lower.
    """
    ladder = world.config.rules.levels
    rise = min((rank(hit.level, ladder) for hit in hits), default=len(ladder))
    running = [
        one.starts_at
        for one in _of_alerts(tx, earlier)
        if is_unconfirmed(one)
        and one.state is BroadcastState.WAITING
        and any(rank(c.level, ladder) <= rise for c in callouts.of_broadcast(tx, one.id))
    ]
    return max(now, min((*running, latest)))


def stop(tx: Tx, broadcast_id: int, user: str, now: datetime) -> Stopped | None:
    """Stop the calling within a transaction, recorded; None if it is over or does not exist."""
    if not broadcasts.move(tx, broadcast_id, BroadcastState.CANCELLED, now):
        return None
    running = [
        one.id
        for one in callouts.of_broadcast(tx, broadcast_id)
        if one.state in (CalloutState.PLANNED, CalloutState.OPEN)
    ]
    callouts.move(tx, running, CalloutState.CANCELLED, now)
    dropped = tasks.drop_all(tx, broadcast_id, "cancelled")
    gone = tasks.left(tx, broadcast_id)
    audit.record(tx, user, "stop", f"broadcast:{broadcast_id}", now, dropped=dropped, gone=gone)
    return Stopped(dropped, gone)


def answer(world: World, tx: Tx, ring: Broadcast, task: Task, value: str, now: datetime) -> str:
    """Take the key of somebody who was called; return the id of the text that says what it did.

    The first answer counts. One that refuses after the clock has let it go stops the calling; one
    after another person's answer changes nothing.
    """
    if ring.key.startswith(_GLASS):
        return "confirm.late"
    turns.take(tx, "decide")
    alert_id = _alert_of(ring)
    who = _who(world, tx, ring, task)
    waiting, begun = unconfirmed(tx, [alert_id]), _left_to_the_clock(tx, alert_id)
    if value == AGREED:
        for broadcast_id in waiting:
            begin(world, tx, broadcast_id, now)
        for broadcast_id in (*waiting, *(one.id for one in begun)):
            audit.record(tx, who, "approve", f"broadcast:{broadcast_id}", now)
        _close(tx, ring.id, now)
        return "confirm.sent" if waiting else "confirm.late"
    refused = [*waiting, *(one.id for one in begun)]
    for broadcast_id in refused:
        stop(tx, broadcast_id, who, now)
    for one in begun:  # the next warning of these grids is news, at whatever level
        if one.episode_id is not None:
            broadcasts.forget_standings(tx, one.episode_id, one.id)
    if refused:
        why = f"{who.partition(':')[2]}在电话里答复不下发。"
        alerts.decide(tx, alert_id, decision="refused", why=why, now=now)
        audit.record(tx, who, "refuse", f"alert:{alert_id}", now)
    _close(tx, ring.id, now)
    return "confirm.refused" if refused else "confirm.late"


def settle(world: World, now: datetime) -> int:
    """End the calls about what waits no more; let go what a second source has said since."""
    with world.db.read() as tx:
        begun = unconfirmed(tx, _said_by_another(world, tx))
    begun = [one for one in begun if _by_itself(world, one, partial(_let_go, world, now))]
    with world.db.read() as tx:
        idle = _idle(tx)
    idle = [one for one in idle if _by_itself(world, one, partial(_end, now))]
    if begun or idle:
        log.info("doubts settled", begun=begun, ended=idle)
    return len(begun) + len(idle)


def _by_itself(world: World, broadcast_id: int, step: Callable[[Tx, int], bool]) -> bool:
    """Do a step to a broadcast in its turn; one that fails is logged, and holds up no other."""
    try:
        with world.db.write() as tx:
            turns.take(tx, "decide")
            return step(tx, broadcast_id)
    except TROUBLE:
        raise
    except Exception:
        log.exception("doubt could not be settled", broadcast=broadcast_id)
        return False


def _let_go(world: World, now: datetime, tx: Tx, broadcast_id: int) -> bool:
    if broadcast_id not in unconfirmed(tx, _said_by_another(world, tx)):
        return False
    begin(world, tx, broadcast_id, now)
    audit.record(tx, "scheduler", SECOND_SOURCE, f"broadcast:{broadcast_id}", now)
    return True


def _end(now: datetime, tx: Tx, broadcast_id: int) -> bool:
    if broadcast_id not in _idle(tx):
        return False
    _close(tx, broadcast_id, now)
    return True


def is_alone(world: World, tx: Tx, alert_id: int) -> bool:
    """Say whether one source brought an alert, and nobody has signed it.

    A source that contradicts what is kept of it, or that is not believed itself, confirms nothing.
    """
    against = {one["source"] for one in witnesses.dissents(tx, alert_id)}
    believed = _believed(world, tx, alert_id)
    signed = any(believed[one] is Verdict.VERIFIED for one in believed.keys() - against)
    return len(believed.keys() - against) < _ENOUGH and not signed


def _believed(world: World, tx: Tx, alert_id: int) -> dict[str, Verdict]:
    """Return the sources of an alert that its rules of signatures let act, with each verdict."""
    heard = {one["source"]: Verdict(one["signature"]) for one in witnesses.of_alert(tx, alert_id)}
    usual = SignedSettings()
    return {
        source: verdict
        for source, verdict in heard.items()
        if world.signed.get(source, usual).believes(Signature(verdict))
    }


def contradictions(world: World, tx: Tx, alert_id: int) -> list[DissentFacts]:
    """Return in what sources that are believed contradict what is kept of an alert."""
    believed = _believed(world, tx, alert_id)
    return [one for one in witnesses.dissents(tx, alert_id) if one["source"] in believed]


def _idle(tx: Tx) -> list[int]:
    """Return the ids of the broadcasts that still ask, though nothing waits for an answer."""
    return [
        one.id
        for one in broadcasts.unfinished_of(tx, Purpose.CONFIRM)
        if not one.key.startswith(_GLASS) and not unconfirmed(tx, [_alert_of(one)])
    ]


def _said_by_another(world: World, tx: Tx) -> list[int]:
    """Return the ids of the alerts that waited only for a second source, and have one now.

    What a third one contradicts goes on waiting for a human, or for its clock.
    """
    return [
        one
        for one in broadcasts.alerts_waiting(tx, "scheduler")
        if _doubts(tx, one) == [Doubt.ALONE]
        and not is_alone(world, tx, one)
        and not contradictions(world, tx, one)
    ]


def _doubts(tx: Tx, alert_id: int) -> list[str]:
    """Return the doubts that somebody was asked about."""
    ring_id = broadcasts.by_key(tx, key_of(alert_id))
    ring = None if ring_id is None else broadcasts.get(tx, ring_id)
    said = {} if ring is None else ring.slots.get("zh", {}).get("*", {})
    return said.get("doubts", "").split()


def _alert_of(ring: Broadcast) -> int:
    return int(ring.key.rpartition(":")[2])


def _of_alerts(tx: Tx, alert_ids: Iterable[int]) -> list[Broadcast]:
    ids = [one for alert_id in alert_ids for one in broadcasts.of_alert(tx, alert_id)]
    found = [broadcasts.get(tx, one) for one in ids]
    return [one for one in found if one is not None]


def _left_to_the_clock(tx: Tx, alert_id: int) -> Sequence[Broadcast]:
    """Return what runs of an alert although nobody, on the telephone or the page, has agreed.

    Whoever agrees to a part of it agrees to it.
    """
    found = _of_alerts(tx, [alert_id])
    if audit.has_any(tx, ("approve", SECOND_SOURCE), (f"broadcast:{one.id}" for one in found)):
        return []
    return [
        one
        for one in found
        if one.state is BroadcastState.RUNNING and one.created_by == "scheduler"
    ]


def _who(world: World, tx: Tx, ring: Broadcast, task: Task) -> str:
    """Return who answered, as the audit names a post on the telephone."""
    held = people.roles_of(tx, task.person_id)
    role = next((one for one in world.config.rules.confirm.roles if one in held), None)
    known = world.config.roles.get(role or "")
    return f"phone:{known.zh if known else '值班人员'}"


def _close(tx: Tx, ring_id: int, now: datetime) -> None:
    tasks.drop_all(tx, ring_id, "answered")
    if not broadcasts.move(tx, ring_id, BroadcastState.CLOSED, now):
        broadcasts.move(tx, ring_id, BroadcastState.CANCELLED, now)  # restored, and held since
