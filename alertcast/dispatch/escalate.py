"""The ladder: what is due climbs one rung, or ends on the list of those nobody reached.

Restarted at any point, the first tick does what is overdue, once: a callout that changed since it
was read is left alone (its step token), and one transaction holds the step and its tasks.
"""

from dataclasses import dataclass, field
from datetime import datetime

import structlog

from alertcast.core.broadcast import Broadcast, BroadcastState
from alertcast.core.callout import Callout, CalloutState, Respondent, next_step
from alertcast.core.plan import Telling
from alertcast.core.policy import Policy, Rung, read_policy
from alertcast.dispatch.tell import tell
from alertcast.dispatch.world import World
from alertcast.store import broadcasts, callouts, people
from alertcast.store.db import Tx

log = structlog.get_logger()


@dataclass
class _Advance:
    """What one tick does to the callouts of one broadcast."""

    steps: list[tuple[Callout, int, datetime | None]] = field(default_factory=list)
    told: dict[tuple[Rung, tuple[str, ...]], list[tuple[Respondent, str | None]]] = field(
        default_factory=dict
    )
    used_up: list[int] = field(default_factory=list)


def advance(world: World, now: datetime) -> int:
    """Move every callout whose next step is due; return how many moved."""
    with world.db.write() as tx:
        for broadcast_id in broadcasts.ready_to_run(tx, now):
            broadcasts.move(tx, broadcast_id, BroadcastState.RUNNING, now)
        due = callouts.due(tx, now)
        groups: dict[int, list[Callout]] = {}
        for one in due:
            groups.setdefault(one.broadcast_id, []).append(one)
        for broadcast_id, members in groups.items():
            broadcast = broadcasts.get(tx, broadcast_id)
            if broadcast is not None:
                _advance(world, tx, broadcast, members, now)
        for broadcast_id in broadcasts.finished(tx):
            broadcasts.move(tx, broadcast_id, BroadcastState.CLOSED, now)
    return len(due)


def policies_of(world: World, broadcast: Broadcast) -> dict[str, Policy]:
    """Return the policies that are frozen in a broadcast."""
    roles = frozenset(world.config.roles) | {
        str(role) for part in broadcast.policies.values() for role in _roles(part)
    }
    return {name: read_policy(name, section, roles) for name, section in broadcast.policies.items()}


def _advance(
    world: World, tx: Tx, broadcast: Broadcast, members: list[Callout], now: datetime
) -> None:
    policies = policies_of(world, broadcast)
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
    callouts.start_rung(tx, made.steps, now)
    callouts.move(tx, made.used_up, CalloutState.UNREACHED, now)
    phones = people.phones(tx, {one.person_id for told in made.told.values() for one, _ in told})
    for (rung, kinds), told in made.told.items():
        tellings = [
            Telling(one.id, one.person_id, *phones[one.person_id], level) for one, level in told
        ]
        tell(
            world,
            tx,
            broadcast,
            tellings,
            kinds,
            now,
            calls=rung.calls,
            every=rung.every.total_seconds(),
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
    step = next_step(policy, one.rung, respondents, answered)
    while step.rung is not None and not policy.kinds_at(step.rung, world.local(now)):
        step = next_step(policy, step.rung, respondents, answered)
    if step.rung is None:
        made.used_up.append(one.id)
        return
    rung = policy.rungs[step.rung]
    made.steps.append((one, step.rung, now + rung.wait))
    kinds = policy.kinds_at(step.rung, world.local(now))
    told = made.told.setdefault((rung, kinds), [])
    told += [(r, one.level) for r in respondents if r.id in step.told]


def _roles(section: dict[str, object]) -> list[object]:
    rungs = section.get("rungs")
    return [role for rung in rungs for role in rung["roles"]] if isinstance(rungs, list) else []
