"""An officer does not wait for a rung to run out: the next one begins now (跳到下一步).

What was sent at the rung that is left stays on its way. A callout without a further rung is
unreached: a person must go there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from alertcast.core.broadcast import BroadcastState
from alertcast.core.callout import Callout, CalloutState, next_rung
from alertcast.core.policy import Rung
from alertcast.dispatch.world import World
from alertcast.store import audit, broadcasts, callouts, ladders, turns
from alertcast.store.again import begun_again
from alertcast.store.db import Tx


@dataclass(frozen=True, slots=True)
class Stage:
    """Callouts that stand at the same rung of the same policy, and what follows for them."""

    policy: str
    rung: int
    rungs: int
    codes: tuple[str, ...]  # of their grids
    follows: int | None  # the rung that would begin; None: they are unreached
    tells: Rung | None
    kinds: tuple[str, ...] = ()


def stages(
    world: World, tx: Tx, broadcast_id: int, codes: Sequence[str], now: datetime
) -> list[Stage]:
    """Return what skipping would do for those of the grids `codes` that wait on a rung.

    Empty if the broadcast does not run.
    """
    found = broadcasts.get(tx, broadcast_id)
    if found is None or found.state is not BroadcastState.RUNNING:
        return []
    policies, local = world.policies(found), world.local(now)
    alike: dict[tuple[str, int], list[Callout]] = {}
    for one in _waiting(tx, broadcast_id, codes, now):
        alike.setdefault((one.policy, one.rung), []).append(one)
    made: list[Stage] = []
    for (name, rung), those in sorted(alike.items()):
        policy = policies[name]
        left = ladders.rungs_left(tx, [one.id for one in those])
        repeat = policy.rungs[rung].repeat
        ends: dict[int | None, list[str]] = {}
        for one in those:
            follows, _ = next_rung(policy, rung, left.get(one.id, 0), repeat=repeat, local=local)
            ends.setdefault(follows, []).append(one.grid_code)
        for follows, grids in ends.items():
            made.append(
                Stage(
                    policy=name,
                    rung=rung,
                    rungs=len(policy.rungs),
                    codes=tuple(sorted(grids)),
                    follows=follows,
                    tells=None if follows is None else policy.rungs[follows],
                    kinds=() if follows is None else policy.kinds_at(follows, local),
                )
            )
    return made


@begun_again
def skip(
    world: World,
    *,
    broadcast_id: int,
    codes: Sequence[str],
    rung: int,
    user: str,
    now: datetime,
) -> int:
    """Let those of the grids `codes` that wait on `rung` go on now; return how many do.

    Twice is once: by then they are due, or on another rung. None does once it was stopped.
    """
    with world.db.write() as tx:
        turns.take(tx, "decide")
        found = broadcasts.get(tx, broadcast_id, lock=True)
        if found is None or found.state is not BroadcastState.RUNNING:
            return 0
        policies = world.policies(found)
        waiting = [one for one in _waiting(tx, broadcast_id, codes, now) if one.rung == rung]
        locked = callouts.by_id(tx, [one.id for one in waiting])
        moved = [one for one in locked.values() if _waits(one, now) and one.rung == rung]
        for policy in {one.policy for one in moved}:
            ids = [one.id for one in moved if one.policy == policy]
            callouts.pass_over(tx, ids, policies[policy].rungs[rung].repeat, now)
        if moved:
            subject = f"broadcast:{broadcast_id}"
            grids = sorted(one.grid_code for one in moved)
            audit.record(tx, user, "skip", subject, now, step=rung + 1, grids=grids)
    return len(moved)


def _waiting(tx: Tx, broadcast_id: int, codes: Sequence[str], now: datetime) -> list[Callout]:
    wanted = set(codes)
    return [
        one
        for one in callouts.of_broadcast(tx, broadcast_id)
        if one.grid_code in wanted and _waits(one, now)
    ]


def _waits(one: Callout, now: datetime) -> bool:
    is_open = one.state is CalloutState.OPEN and one.rung >= 0
    return is_open and one.next_step_at is not None and one.next_step_at > now
