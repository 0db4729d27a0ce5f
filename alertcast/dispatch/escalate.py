"""The ladder: what is due climbs one rung, or ends on the list of those nobody reached.

Restarted at any point, the first tick does what is overdue, once: a callout that changed since it
was read is left alone (its step token), and one transaction holds the step and its tasks.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from alertcast.core.broadcast import Broadcast, BroadcastState
from alertcast.core.callout import Callout, CalloutState, Respondent, Step, next_step
from alertcast.core.plan import Telling
from alertcast.core.policy import Policy, Rung
from alertcast.dispatch import together
from alertcast.dispatch.start import begin
from alertcast.dispatch.tell import tell
from alertcast.dispatch.world import World
from alertcast.store import alerts, broadcasts, callouts, people, turns
from alertcast.store.again import begun_again
from alertcast.store.db import Tx

log = structlog.get_logger()

FRESH = timedelta(seconds=60)
"""Product time for which a first rung waits at most for an alert that came with its own."""


@dataclass(frozen=True, slots=True)
class _Telling:
    """How people are told: those told alike get one message for all they stand for."""

    rung: Rung
    kinds: tuple[str, ...]
    is_repeat: bool


@dataclass
class _Advance:
    """What one tick does to the callouts of one broadcast."""

    steps: list[tuple[Callout, Step, datetime]] = field(default_factory=list)
    told: dict[_Telling, list[tuple[Respondent, str | None]]] = field(default_factory=dict)
    used_up: list[int] = field(default_factory=list)


def advance(world: World, now: datetime) -> int:
    """Move every callout whose next step is due; return how many moved.

    What is due at one moment is planned in one transaction, so that a phone is told once of several
    warnings. A broadcast that raises is logged, and tried again at the next tick, but does not hold
    up the others.
    """
    with world.db.read() as tx:  # most ticks find nothing: they keep no writer waiting
        beginning, due = broadcasts.ready_to_run(tx, now), callouts.due_broadcasts(tx, now)
        finished = broadcasts.finished(tx, now)
    if beginning:
        with world.db.write() as tx:
            turns.take(tx, "decide")
            for broadcast_id in broadcasts.ready_to_run(tx, now):
                begin(tx, broadcast_id, now)
            due = callouts.due_broadcasts(tx, now)
    moved = together.follow(world, now)
    try:
        moved += _advance_all(world, due, now)
    except Exception:  # one of them is at fault: each by itself, so that it does not hold up others
        log.exception("broadcasts could not be advanced together", broadcasts=len(due))
        for broadcast_id in due:
            try:
                moved += _advance_all(world, [broadcast_id], now)
            except Exception:
                log.exception("broadcast could not be advanced", broadcast=broadcast_id)
    if finished:
        with world.db.write() as tx:
            for broadcast_id in broadcasts.finished(tx, now):
                broadcasts.move(tx, broadcast_id, BroadcastState.CLOSED, now)
    return moved


@begun_again
def _advance_all(world: World, due: Sequence[int], now: datetime) -> int:
    if not due:
        return 0
    moved = 0
    with world.db.write() as tx:
        waits = alerts.arrived_with_others(tx, due, now - FRESH)
        for broadcast_id in due:
            if broadcast_id in waits or not turns.is_free(tx, f"advance {broadcast_id}"):
                continue  # what came with it is not decided yet, or another scheduler is at it
            broadcast = broadcasts.get(tx, broadcast_id)
            members = callouts.due(tx, broadcast_id, now)
            if broadcast is not None and members:
                _advance(world, tx, broadcast, members, now)
            moved += len(members)
        together.join(world, tx)
    return moved


def _advance(
    world: World, tx: Tx, broadcast: Broadcast, members: list[Callout], now: datetime
) -> None:
    policies = world.policies(broadcast)
    ids = [one.id for one in members]
    respondents, answered = callouts.respondents(tx, ids), callouts.answered(tx, ids)
    made = _Advance()
    for one in members:
        _step(
            world,
            made,
            one,
            policies[one.policy],
            respondents.get(one.id, []),
            answered.get(one.id, set()),
            now,
        )
    callouts.start_rung(tx, made.steps)
    callouts.move(tx, made.used_up, CalloutState.UNREACHED, now)
    phones = people.phones(tx, {one.person_id for told in made.told.values() for one, _ in told})
    for how, told in made.told.items():
        tellings = [
            Telling(one.id, one.person_id, *phones[one.person_id], level) for one, level in told
        ]
        tell(
            world,
            tx,
            broadcast,
            tellings,
            how.kinds,
            now,
            calls=how.rung.calls,
            every=how.rung.every.total_seconds(),
            is_repeat=how.is_repeat,
        )
    log.info(
        "callouts advanced",
        broadcast=broadcast.id,
        moved=len(made.steps),
        unreached=len(made.used_up),
    )


def _step(
    world: World,
    made: _Advance,
    one: Callout,
    policy: Policy,
    respondents: list[Respondent],
    answered: set[int],
    now: datetime,
) -> None:
    local = world.local(now)
    step = next_step(policy, one.rung, respondents, answered, repeat=one.repeat, local=local)
    if step.rung is None:
        made.used_up.append(one.id)
        return
    rung = policy.rungs[step.rung]
    made.steps.append((one, step, now + rung.wait(step.repeat)))
    if step.told:
        how = _Telling(rung, policy.kinds_at(step.rung, local), step.repeat > 0)
        told = made.told.setdefault(how, [])
        told += [(r, one.level) for r in respondents if r.id in step.told]
