"""A part of what is due climbs: its callouts take their next step, and their people are told of it.

One phone is told once of all that rises at one moment. So whoever is told with a part is told in
the same message of the grids whose turn comes in a later part, too, and left out there. One
transaction holds the steps, their tasks, and who was told ahead.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

import structlog

from alertcast.core.broadcast import Broadcast
from alertcast.core.callout import Callout, CalloutState, Step, next_rung, next_step
from alertcast.core.plan import Telling
from alertcast.core.policy import Policy, Rung
from alertcast.dispatch.tell import tell
from alertcast.dispatch.world import World
from alertcast.store import broadcasts, callouts, ladders
from alertcast.store.db import Tx
from alertcast.store.ladders import Candidate

log = structlog.get_logger()


_ANYBODY = -1
"""Somebody is left to tell at every rung."""


class _Stand(NamedTuple):
    """Where callouts stand that take the same next step if the same are left to tell."""

    broadcast_id: int
    policy: str
    rung: int
    repeat: int


class _How(NamedTuple):
    """How people are told: those told alike get one message for all they stand for."""

    broadcast_id: int
    rung: Rung
    kinds: tuple[str, ...]
    is_repeat: bool


@dataclass
class _Part:
    """What one transaction does."""

    steps: list[tuple[Callout, Step, datetime]] = field(default_factory=list)
    told: dict[_How, list[Telling]] = field(default_factory=dict)
    used_up: list[int] = field(default_factory=list)

    def tell(self, how: _How, those: Iterable[Candidate], level: str | None) -> None:
        self.told.setdefault(how, []).extend(
            Telling(one.id, one.person_id, one.phone_index, one.language, level) for one in those
        )

    @property
    def phones(self) -> set[str]:
        return {one.phone_index for told in self.told.values() for one in told}


def climb(
    world: World,
    tx: Tx,
    due: Sequence[int],
    ids: Sequence[int],
    now: datetime,
    *,
    are_more: bool,
) -> tuple[int, set[str]]:
    """Let the callouts `ids` climb, as far as they are of the broadcasts `due` and still due.

    Return how many did, and the phones that are told. `are_more`: others are due beside them.
    """
    members = ladders.still_due(tx, due, ids, now)
    if not members:
        return 0, set()
    running = {one: _running(tx, one) for one in {member.broadcast_id for member in members}}
    candidates = ladders.candidates(tx, [one.id for one in members])
    part = _Part()
    for one in members:
        _step(world, part, running[one.broadcast_id], one, candidates.get(one.id, []), now)
    ladders.start_rung(tx, part.steps)
    callouts.move(tx, part.used_up, CalloutState.UNREACHED, now)
    phones = part.phones
    if are_more:
        _tell_ahead(world, tx, part, running, ladders.elsewhere(tx, due, phones, now), now)
    for how, tellings in part.told.items():
        tell(
            world,
            tx,
            running[how.broadcast_id],
            tellings,
            how.kinds,
            now,
            calls=how.rung.calls,
            every=how.rung.every.total_seconds(),
            is_repeat=how.is_repeat,
        )
    log.info(
        "callouts advanced",
        broadcasts=sorted(running),
        moved=len(part.steps),
        unreached=len(part.used_up),
    )
    return len(members), phones


def _step(
    world: World,
    part: _Part,
    broadcast: Broadcast,
    one: Callout,
    candidates: Sequence[Candidate],
    now: datetime,
) -> None:
    policy = world.policies(broadcast).get(one.policy)
    if policy is None:  # a spoilt row: a human has it, and the other callouts go on
        log.error("callout has no policy", callout=one.id, policy=one.policy)
        part.used_up.append(one.id)
        return
    local = world.local(now)
    step = next_step(policy, one.rung, candidates, (), repeat=one.repeat, local=local)
    if step.rung is None:
        part.used_up.append(one.id)
        return
    part.steps.append((one, step, now + policy.rungs[step.rung].wait(step.repeat)))
    told = set(step.told)
    alike: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        if candidate.id in told and candidate.ahead != one.step:
            alike.setdefault(candidate.prefers, []).append(candidate)
    for prefers, those in alike.items():
        how = _how(policy, broadcast.id, step.rung, step.repeat, local, prefers)
        part.tell(how, those, one.level)


def _tell_ahead(
    world: World,
    tx: Tx,
    part: _Part,
    running: dict[int, Broadcast],
    found: Sequence[tuple[Candidate, Callout]],
    now: datetime,
) -> None:
    """Tell those who are told anyway also of the callouts whose turn comes later."""
    for broadcast_id in {callout.broadcast_id for _, callout in found} - running.keys():
        running[broadcast_id] = _running(tx, broadcast_id)
    local = world.local(now)
    alike: dict[_Stand, list[tuple[Candidate, Callout]]] = {}
    for one in found:
        alike.setdefault(_stand(one[1]), []).append(one)
    steps: dict[int, int] = {}
    for stand, those in alike.items():
        policy = world.policies(running[stand.broadcast_id])[stand.policy]
        for candidate, callout, rung, repeat in _next(tx, policy, stand, those, local):
            how = _how(policy, stand.broadcast_id, rung, repeat, local, candidate.prefers)
            if how.kinds:
                part.tell(how, [candidate], callout.level)
                steps[candidate.id] = callout.step
    ladders.tell_ahead(tx, steps)


def _next(
    tx: Tx,
    policy: Policy,
    stand: _Stand,
    those: Sequence[tuple[Candidate, Callout]],
    local: datetime,
) -> Iterator[tuple[Candidate, Callout, int, int]]:
    """Yield each who is told when its callout takes its next step: at which rung, and which time.

    Who is on the earliest rung that may follow makes it follow; of the others it must be asked.
    """
    rung, again = next_rung(policy, stand.rung, _ANYBODY, repeat=stand.repeat, local=local)
    later = []
    for candidate, callout in those:
        if rung is not None and candidate.rungs >> rung & 1:
            yield candidate, callout, rung, again
        else:
            later.append((candidate, callout))
    left = ladders.rungs_left(tx, {callout.id for _, callout in later}, len(policy.rungs))
    for candidate, callout in later:
        rungs = left.get(callout.id, 0)
        rung, again = next_rung(policy, stand.rung, rungs, repeat=stand.repeat, local=local)
        if rung is not None and candidate.rungs >> rung & 1:
            yield candidate, callout, rung, again


def _stand(one: Callout) -> _Stand:
    return _Stand(one.broadcast_id, one.policy, one.rung, one.repeat)


def _how(
    policy: Policy, broadcast_id: int, rung: int, repeat: int, local: datetime, prefers: str
) -> _How:
    kinds = policy.kinds_for(rung, local, prefers)
    return _How(broadcast_id, policy.rungs[rung], kinds, repeat > 0)


def _running(tx: Tx, broadcast_id: int) -> Broadcast:
    found = broadcasts.get(tx, broadcast_id)
    if found is None:
        msg = f"broadcast {broadcast_id}: there is none"
        raise LookupError(msg)
    return found
