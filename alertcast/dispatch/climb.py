"""A part of what is due climbs: its callouts take their next step, and their people are told of it.

One phone is told once of all that rises at one moment. So whoever is told with a part is told in
the same message of the grids whose turn comes in a later part, too, and left out there. One
transaction holds the steps, their tasks, and who was told ahead.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

import structlog

from alertcast.core.broadcast import Broadcast
from alertcast.core.callout import CalloutState, next_rung
from alertcast.core.plan import Telling
from alertcast.core.policy import Policy
from alertcast.dispatch.tell import Way, Ways, tell_all
from alertcast.dispatch.world import World
from alertcast.store import broadcasts, callouts, ladders, tellings
from alertcast.store.db import Tx
from alertcast.store.ladders import Candidate, Climbing
from alertcast.store.tellings import Rising

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, eq=False)
class _Rung:
    """The rung that callouts take next, or its repeat, and the way in which its people are told."""

    policy: Policy
    broadcast_id: int
    number: int
    repeat: int

    def way(self, local: datetime, prefers: str = "") -> Way | None:
        """Return how those are told who prefer a kind; None: in quiet hours nobody is."""
        kinds = self.policy.kinds_for(self.number, local, prefers)
        rung, is_repeat = self.policy.rungs[self.number], self.repeat > 0
        every = rung.every.total_seconds()
        return Way(self.broadcast_id, kinds, rung.calls, every, is_repeat) if kinds else None


_Next = Callable[[Climbing, int], _Rung | None]
"""Says which rung a callout takes next, where at some of them (bits) somebody is left to tell."""


@dataclass
class _Part:
    """What one transaction does."""

    ways: Ways = field(default_factory=Ways)
    rungs: dict[_Rung, int | None] = field(default_factory=dict)  # its way; None: tells nobody
    rising: list[Rising] = field(default_factory=list)
    steps: list[tuple[Climbing, int, int, datetime]] = field(default_factory=list)
    used_up: list[int] = field(default_factory=list)


def climb(
    world: World,
    tx: Tx,
    due: Sequence[int],
    ids: Sequence[int],
    now: datetime,
    *,
    are_more: bool,
) -> int:
    """Let the callouts `ids` climb, as far as they are of the broadcasts `due` and still due.

    Return how many did. `are_more`: others are due beside them.
    """
    members = ladders.still_due(tx, due, ids, now)
    if not members:
        return 0
    running = {one: _running(tx, one) for one in {member.broadcast_id for member in members}}
    follows, local = _following(world, running, now), world.local(now)
    left = ladders.rungs_left(tx, [one.id for one in members])
    part = _Part()
    for one in members:
        _step(part, one, follows(one, left.get(one.id, 0)), now, local)
    tellings.begin(tx)
    tellings.put_rising(tx, part.rising)
    rungs = {number: rung for rung, number in part.rungs.items() if number is not None}
    for number, prefers in tellings.preferring(tx):
        preferred = rungs[number].way(local, prefers)
        if preferred is not None:
            tellings.prefer(tx, number, prefers, part.ways.number(preferred))
    ladders.start_rung(tx, part.steps)
    callouts.move(tx, part.used_up, CalloutState.UNREACHED, now)
    if are_more:
        found = ladders.elsewhere(tx, due, now)
        for broadcast_id in {one.broadcast_id for _, one in found} - running.keys():
            running[broadcast_id] = _running(tx, broadcast_id)
        _tell_ahead(tx, part.ways, found, follows, local)
    tell_all(world, tx, running, part.ways, now)
    log.info(
        "callouts advanced",
        broadcasts=sorted(running),
        moved=len(part.steps),
        unreached=len(part.used_up),
    )
    return len(members)


def _following(world: World, running: dict[int, Broadcast], now: datetime) -> _Next:
    """Return what says where callouts go next; those that stand alike are asked about once."""
    local = world.local(now)

    @cache
    def follows(broadcast_id: int, name: str, rung: int, repeat: int, left: int) -> _Rung | None:
        policy = world.policies(running[broadcast_id]).get(name)
        if policy is None:  # a spoilt row: a human has it, and the other callouts go on
            log.error("callout has no policy", broadcast=broadcast_id, policy=name)
            return None
        number, again = next_rung(policy, rung, left, repeat=repeat, local=local)
        return None if number is None else taken(broadcast_id, name, number, again)

    @cache
    def taken(broadcast_id: int, name: str, number: int, repeat: int) -> _Rung:
        return _Rung(world.policies(running[broadcast_id])[name], broadcast_id, number, repeat)

    return lambda one, left: follows(one.broadcast_id, one.policy, one.rung, one.repeat, left)


def _step(
    part: _Part, one: Climbing, follows: _Rung | None, now: datetime, local: datetime
) -> None:
    if follows is None:
        part.used_up.append(one.id)
        return
    wait = follows.policy.rungs[follows.number].wait(follows.repeat)
    part.steps.append((one, follows.number, follows.repeat, now + wait))
    if follows not in part.rungs:
        way = follows.way(local)
        part.rungs[follows] = None if way is None else part.ways.add(way)
    number = part.rungs[follows]
    if number is not None:
        part.rising.append(Rising(one.id, one.step, 1 << follows.number, number, one.level))


def _tell_ahead(
    tx: Tx,
    ways: Ways,
    found: Sequence[tuple[Candidate, Climbing]],
    follows: _Next,
    local: datetime,
) -> None:
    """Tell those who are told anyway also of the callouts whose turn comes later."""
    left = ladders.rungs_left(tx, {one.id for _, one in found})
    told: dict[int, list[Telling]] = {}
    steps: dict[int, int] = {}
    for one, callout in found:
        rung = follows(callout, left[callout.id])
        way = None if rung is None else rung.way(local, one.prefers)
        if rung is not None and way is not None and one.rungs >> rung.number & 1:
            telling = Telling(one.id, one.person_id, one.phone_index, one.language, callout.level)
            told.setdefault(ways.number(way), []).append(telling)
            steps[one.id] = callout.step
    for number, those in told.items():
        tellings.put(tx, those, number)
    ladders.tell_ahead(tx, steps)


def _running(tx: Tx, broadcast_id: int) -> Broadcast:
    found = broadcasts.get(tx, broadcast_id)
    if found is None:
        msg = f"broadcast {broadcast_id}: there is none"
        raise LookupError(msg)
    return found
