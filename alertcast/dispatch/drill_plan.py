"""A drill is scheduled, and begins by itself: once, by day, over channels of drills, or not at all.

It is begun in the transaction that says so: killed before its commit nothing has happened, and two
schedulers begin it once. One whose time passed long ago, since nothing ran, does not begin.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypedDict

import structlog

from alertcast.core.care import Confirmation, confirmation
from alertcast.core.drill import LONGEST_AHEAD, DrillState, PlannedDrill, is_too_late, runs_out
from alertcast.core.plan import duties, places_of
from alertcast.core.refusal import sentence
from alertcast.core.statistics import Measure
from alertcast.dispatch import by_hand
from alertcast.dispatch.start import CanNotStart, Start, policy_of, start
from alertcast.dispatch.statistics import of_broadcast
from alertcast.dispatch.world import World
from alertcast.store import audit, broadcasts, people, planned_drills, turns
from alertcast.store.again import begun_again
from alertcast.store.db import Tx

log = structlog.get_logger()


class Compared(TypedDict):
    """How fast a drill was answered."""

    broadcast_id: int
    title: str
    starts_at: datetime
    grids: Measure


@begun_again
def schedule(
    world: World,
    *,
    text: str,
    codes: Sequence[str],
    starts_at: datetime,
    user: str,
    key: str,
    now: datetime,
    policy: str | None = None,
) -> int:
    """Write a drill down that begins at `starts_at`; return its id. The same key is one drill.

    Raises CanNotStart: at night, in the past, for no grids, with nobody enrolled, or with words
    that no notice may have.
    """
    _check_time(world, starts_at, now)
    with world.db.write() as tx:
        new = _start(world, tx, text, codes, user, f"planned:{key}", policy, starts_at)
        _check_people(world, tx, new, starts_at)
        made, is_new = planned_drills.write(
            tx, key, text.strip(), codes, policy, starts_at, user, now
        )
        if is_new:
            when = starts_at.isoformat()
            audit.record(tx, user, "schedule_drill", f"drill:{made}", now, starts_at=when)
    return made


def asked(
    world: World,
    *,
    text: str,
    codes: Sequence[str],
    starts_at: datetime,
    user: str,
    now: datetime,
    policy: str | None = None,
) -> Confirmation:
    """Return what somebody has to do to confirm a drill, as for one that begins at once.

    Raises CanNotStart.
    """
    _check_time(world, starts_at, now)
    with world.db.read() as tx:
        new = _start(world, tx, text, codes, user, "planned:", policy, starts_at)
        layer = world.index(tx, new.layer_id).grids
    return confirmation("drill", [hit.grid for hit in new.hits], layer)


def check_now(world: World, tx: Tx, new: Start, now: datetime, night_why: str) -> None:
    """Refuse a drill that is begun by hand for nobody, or at night without a reason.

    Raises CanNotStart.
    """
    _check_people(world, tx, new, now)
    if is_night(world, now) and not night_why:
        hours = world.config.main.drills.night
        raise CanNotStart(
            sentence("夜间（{hours}）不演练；一定要现在开始，请写明理由", hours=hours)
        )


def is_night(world: World, at: datetime) -> bool:
    """Say whether no drill is to begin at `at`: people would be woken."""
    return world.config.main.drills.block.covers(world.local(at))


@begun_again
def cancel(world: World, drill_id: int, user: str, now: datetime) -> bool:
    """Call a drill off before its time; False if it has begun, or is over."""
    with world.db.write() as tx:
        turns.take(tx, "decide")
        if not planned_drills.move(tx, drill_id, DrillState.CANCELLED, user=user):
            return False
        audit.record(tx, user, "cancel_drill", f"drill:{drill_id}", now)
    return True


def begin_due(world: World, now: datetime) -> int:
    """Begin the drills whose time has come, each once; return how many were looked at."""
    with world.db.read() as tx:
        found = planned_drills.due(tx, now)
    for one in found:
        _begin(world, one.id, now)
    return len(found)


def enrolled(
    world: World, tx: Tx, new: Start, at: datetime, *, is_enrolled: bool
) -> dict[str, set[int]]:
    """Return whom a drill at that time tells, by role: all, or the enrolled alone.

    Raises CanNotStart if no policy says what is done at a level of it.
    """
    roster = people.active_roster(tx)
    if roster is None:
        return {}
    levels = {hit.level for hit in new.hits}
    told = {level: duties(policy_of(world, new, level)).keys() for level in levels}
    roles: dict[str, set[str]] = defaultdict(set)
    for hit in new.hits:
        for place in places_of(hit.grid):
            roles[place] |= told[hit.level]
    day = world.local(at).date()
    held = people.holders(tx, roster["id"], roles, on=day, only_enrolled=is_enrolled)
    found: dict[str, set[int]] = defaultdict(set)
    for place, those in held.items():
        for one in those:
            if one.role in roles[place]:
                found[one.role].add(one.person_id)
    return found


def looked_at(world: World, tx: Tx, one: PlannedDrill) -> Start:
    """Return what a drill would begin if it began now. Raises CanNotStart."""
    return _start(
        world, tx, one.text, one.codes, one.created_by, f"drill:{one.id}", one.policy, one.starts_at
    )


def compare(tx: Tx, broadcast_id: int, area: str = "") -> tuple[Compared, Compared | None]:
    """Return how a drill went, and how the last one before it that called any of its grids."""
    last = planned_drills.before(tx, broadcast_id)
    this = _compared(tx, broadcast_id, area)
    return this, None if last is None else _compared(tx, last, area)


def _begin(world: World, drill_id: int, now: datetime) -> None:
    with world.db.write() as tx:
        turns.take(tx, "decide")
        one = planned_drills.get(tx, drill_id)
        if one is None or one.state is not DrillState.PLANNED:
            return
        if is_too_late(one.starts_at, now, world.config.main.drills.late):
            planned_drills.move(tx, one.id, DrillState.MISSED, why="到时间没有运行，已经太晚")
        elif is_night(world, now):
            planned_drills.move(tx, one.id, DrillState.MISSED, why="到时间没有运行，已到夜间")
        else:
            _begin_now(world, tx, one, now)
        log.info("drill was due", drill=one.id)


def _begin_now(world: World, tx: Tx, one: PlannedDrill, now: datetime) -> None:
    try:
        new = looked_at(world, tx, one)
        broadcast_id, _ = start(world, tx, new, now)
    except CanNotStart as error:
        planned_drills.move(tx, one.id, DrillState.FAILED, why=str(error))
        return
    planned_drills.move(tx, one.id, DrillState.BEGUN, broadcast_id=broadcast_id)
    audit.record(
        tx,
        one.created_by,
        "start",
        f"broadcast:{broadcast_id}",
        now,
        purpose=new.purpose.value,
        mode=new.mode,
        grids=len(new.hits),
    )


def _start(
    world: World,
    tx: Tx,
    text: str,
    codes: Sequence[str],
    user: str,
    key: str,
    policy: str | None,
    at: datetime,
) -> Start:
    new = by_hand.of_notice(
        world, tx, text=text, codes=codes, user=user, mode="drill", key=key, now=at, policy=policy
    )
    night = world.config.main.drills.block
    return replace(new, expires_at=runs_out(world.local(at), night))


def _check_time(world: World, starts_at: datetime, now: datetime) -> None:
    if starts_at <= now:
        raise CanNotStart(sentence("时间已经过了，请选以后的时间"))
    if starts_at - now > LONGEST_AHEAD:
        raise CanNotStart(sentence("最多提前 {days} 天安排", days=LONGEST_AHEAD.days))
    if is_night(world, starts_at):
        hours = world.config.main.drills.night
        raise CanNotStart(sentence("夜间（{hours}）不安排演练，请改到白天", hours=hours))


def _check_people(world: World, tx: Tx, new: Start, at: datetime) -> None:
    if not enrolled(world, tx, new, at, is_enrolled=True):
        raise CanNotStart(sentence("这些地方没有登记参加演练的人，演练不会叫到任何人"))


def _compared(tx: Tx, broadcast_id: int, area: str) -> Compared:
    found = broadcasts.get(tx, broadcast_id)
    if found is None:
        msg = f"broadcast {broadcast_id}: there is none"
        raise LookupError(msg)
    return Compared(
        broadcast_id=found.id,
        title=found.title,
        starts_at=found.starts_at,
        grids=of_broadcast(tx, found.id, area),
    )
