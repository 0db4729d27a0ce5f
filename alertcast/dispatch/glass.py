"""An officer lets a broadcast begin at once that a second person was to approve (紧急放行).

The reason is recorded, the leaders of [confirm] are told at once, and the first page is red until a
second person has seen it.
"""

from collections.abc import Iterable
from datetime import datetime

from alertcast.core.broadcast import Broadcast, BroadcastState, Purpose
from alertcast.core.grid import Grid
from alertcast.core.plan import Telling, places_of
from alertcast.core.refusal import sentence
from alertcast.core.wording import local_time
from alertcast.dispatch import scripts
from alertcast.dispatch.compose import LANGUAGES, Slots
from alertcast.dispatch.confirm import glass_key
from alertcast.dispatch.start import EVERY_TEXT, CanNotStart, begin
from alertcast.dispatch.tell import tell
from alertcast.dispatch.world import World
from alertcast.store import alone, audit, broadcasts, callouts, people, turns
from alertcast.store import grids as layers
from alertcast.store.again import begun_again
from alertcast.store.db import Tx


@begun_again
def break_glass(world: World, broadcast_id: int, user: str, why: str, now: datetime) -> bool:
    """Let a broadcast begin that waits for a second person; False if it does not (any more).

    Raises CanNotStart without a reason, and where it waits for another cause.
    """
    if not why.strip():
        msg = sentence("请写明紧急放行的理由")
        raise CanNotStart(msg)
    with world.db.write() as tx:
        turns.take(tx, "decide")
        found = broadcasts.get(tx, broadcast_id, lock=True)
        if found is None or found.state is not BroadcastState.APPROVAL:
            return False
        if found.created_by == "scheduler":
            msg = sentence("这次下发存疑，须由带班领导确认")
            raise CanNotStart(msg)
        begin(world, tx, broadcast_id, now)
        alone.write(tx, broadcast_id, user, why.strip(), now)
        audit.record(tx, user, "break_glass", f"broadcast:{broadcast_id}", now, why=why.strip())
        _tell_leaders(world, tx, found, user, why.strip(), now)
    return True


@begun_again
def seen(world: World, broadcast_id: int, user: str, now: datetime) -> bool:
    """Write down that a second person has seen what began without one; False if one has.

    Raises CanNotStart for the officer who did it.
    """
    with world.db.write() as tx:
        known = alone.of(tx, broadcast_id)
        if known is not None and known["user"] == user:
            msg = sentence("须由放行人以外的第二人确认")
            raise CanNotStart(msg)
        if not alone.seen(tx, broadcast_id, user, now):
            return False
        audit.record(tx, user, "seen", f"broadcast:{broadcast_id}", now)
    return True


def _tell_leaders(
    world: World, tx: Tx, found: Broadcast, user: str, why: str, now: datetime
) -> None:
    """Tell whoever may confirm warnings for these grids; nobody is asked anything."""
    ids = [one.grid_id for one in callouts.of_broadcast(tx, found.id)]
    grids = layers.by_id(tx, ids).values()
    new = Broadcast(
        id=0,
        key=glass_key(found.id),
        purpose=Purpose.CONFIRM,
        mode=found.mode,
        state=BroadcastState.RUNNING,
        episode_id=None,
        layer_id=None,
        roster_id=None,
        hazard=None,
        title=f"紧急放行：{found.title}",
        slots=_slots(world, found, user, why, len(ids), now),
        policies={},
        wording={},
        created_at=now,
        created_by="scheduler",
        starts_at=now,
        expires_at=None,
    )
    made, _ = broadcasts.create(tx, scripts.frozen(world, new, ("confirm.", *EVERY_TEXT)))
    kept, leaders = broadcasts.get(tx, made), _leaders(world, tx, grids, now)
    contacts = people.contacts(tx, world.db.vault, leaders)
    tellings = [
        Telling(None, one, contacts[one].phone_index, contacts[one].languages, None)
        for one in sorted(leaders)
    ]
    if kept is not None and tellings:
        tell(world, tx, kept, tellings, ("sms",), now)


def _leaders(world: World, tx: Tx, grids: Iterable[Grid], now: datetime) -> set[int]:
    roster = people.active_roster(tx)
    if roster is None:
        return set()
    wanted = dict.fromkeys(place for grid in grids for place in places_of(grid))
    held = people.holders(tx, roster["id"], wanted, on=world.local(now).date())
    roles = world.config.rules.confirm.roles
    return {one.person_id for here in held.values() for one in here if one.role in roles}


def _slots(world: World, found: Broadcast, user: str, why: str, grids: int, now: datetime) -> Slots:
    return {
        language: {
            "*": {
                "who": user,
                "time": local_time(world.local(now), language),
                "headline": found.title,
                "grids": str(grids),
                "why": why if why.endswith("。") else f"{why}。",
            }
        }
        for language in LANGUAGES
    }
