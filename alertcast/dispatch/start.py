"""A broadcast begins: its roster, policies and words are frozen, its callouts opened, in one go."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from alertcast.core.broadcast import Broadcast, BroadcastState, Purpose
from alertcast.core.callout import Callout, CalloutState
from alertcast.core.episode import Standing
from alertcast.core.grid import Hit
from alertcast.core.plan import duties, places_of, rank
from alertcast.core.policy import Policy
from alertcast.core.refusal import Refusal, sentence
from alertcast.core.task import TaskState
from alertcast.core.wording import Place
from alertcast.dispatch import levels, scripts
from alertcast.dispatch.compose import Slots
from alertcast.dispatch.world import World
from alertcast.store import (
    broadcasts,
    callouts,
    frozen,
    needs,
    people,
    reaches,
    tasks,
    told,
)
from alertcast.store import grids as layers
from alertcast.store.db import Tx

EVERY_TEXT = ("answer.", "advice.", "public.", "nearest.", "also.")
"""Prefixes of the texts that every broadcast freezes besides its own."""


class CanNotStart(Refusal):
    """A broadcast can not begin as asked; the message tells the officer what is missing."""


@dataclass(frozen=True, slots=True)
class Start:
    """What is to be begun."""

    key: str  # of what triggered it: the same key is one broadcast
    purpose: Purpose
    mode: str  # live or drill
    hits: Sequence[Hit]
    layer_id: int
    title: str
    slots: Slots
    created_by: str
    hazard: str | None = None
    episode_id: int | None = None
    alerts: Sequence[int] = ()
    expires_at: datetime | None = None
    starts_at: datetime | None = None  # end of the undo window; None: at once
    is_to_confirm: bool = False  # it waits until a human has confirmed it, however long
    policy: str | None = None  # instead of the one of hazard and level
    texts: tuple[str, ...] = field(default=("warning.", "together.", *EVERY_TEXT, "help."))


def start(world: World, tx: Tx, new: Start, now: datetime) -> tuple[int, BroadcastState]:
    """Write the broadcast with its callouts and respondents; return its id and state.

    The same key a second time returns what the first one made. One that has to wait changes
    nothing that is running: its callouts are planned only, until `begin`.

    Raises
    ------
    CanNotStart
        There is no roster, or no policy says what to do at one of the levels.
    """
    known = broadcasts.by_key(tx, new.key)
    if known is not None:
        existing = broadcasts.get(tx, known)
        return known, existing.state if existing else BroadcastState.CANCELLED
    roster = people.active_roster(tx)
    if roster is None:
        msg = sentence("尚未导入责任人名册")
        raise CanNotStart(msg)
    policies = {hit.level: policy_of(world, new, hit.level) for hit in new.hits}
    state = _state(new)
    begun = as_broadcast(world, new, policies.values(), roster["id"], state, now)
    broadcast_id, is_new = broadcasts.create(tx, begun, new.alerts)
    if not is_new:
        return broadcast_id, state
    is_running = state is BroadcastState.RUNNING
    if is_running:
        codes = {hit.grid.code: hit.level for hit in new.hits}
        _replace(tx, new.episode_id, new.mode, codes, now)
    callouts.open_all(
        tx,
        broadcast_id,
        _callouts(tx, new, policies),
        episode_id=new.episode_id,
        mode=new.mode,
        state=CalloutState.OPEN if is_running else CalloutState.PLANNED,
        now=now,
    )
    frozen.write_respondents(
        tx,
        broadcast_id,
        roster["id"],
        {policy.name: duties(policy) for policy in policies.values()},
        only_enrolled=new.mode == "drill",
        on=world.local(now).date(),
    )
    return broadcast_id, state


def as_broadcast(
    world: World,
    new: Start,
    policies: Iterable[Policy],
    roster_id: int | None,
    state: BroadcastState,
    now: datetime,
) -> Broadcast:
    """Return the broadcast that `new` begins, with its words and policies frozen in it."""
    begun = Broadcast(
        id=0,
        key=new.key,
        purpose=new.purpose,
        mode=new.mode,
        state=state,
        episode_id=new.episode_id,
        layer_id=new.layer_id,
        roster_id=roster_id,
        hazard=new.hazard,
        title=new.title,
        slots=new.slots,
        policies=world.freeze_policies(policies),
        wording={},
        created_at=now,
        created_by=new.created_by,
        starts_at=new.starts_at or now,
        expires_at=new.expires_at,
    )
    return scripts.frozen(world, begun, new.texts, [place_of(hit) for hit in new.hits])


def told_first(world: World, tx: Tx, new: Start, now: datetime) -> int:
    """Return how many people would be told at the first rung; raises CanNotStart."""
    roster = people.active_roster(tx)
    if roster is None:
        msg = sentence("尚未导入责任人名册")
        raise CanNotStart(msg)
    policies = {hit.level: policy_of(world, new, hit.level) for hit in new.hits}
    asked = {(place, hit.level) for hit in new.hits for place in places_of(hit.grid)}
    drill = new.mode == "drill"
    places = {place for place, _ in asked}
    day = world.local(now).date()
    holders = people.holders(tx, roster["id"], places, on=day, only_enrolled=drill)
    return len(
        {
            one.person_id
            for place, level in asked
            for one in holders.get(place, ())
            if one.role in policies[level].rungs[0].roles
        }
    )


def begin(world: World, tx: Tx, broadcast_id: int, now: datetime) -> bool:
    """Let a broadcast that waited run: its callouts replace older ones of the same grids.

    Where another warning of the episode has begun to tell as much meanwhile, it tells nobody. False
    if it does not wait any more. Twice is once.
    """
    found = broadcasts.get(tx, broadcast_id, lock=True)
    if found is None or not broadcasts.move(tx, broadcast_id, BroadcastState.RUNNING, now):
        return False
    planned = callouts.of_broadcast(tx, broadcast_id)
    told_by_now = _told_meanwhile(world, tx, found, planned)
    callouts.move(tx, [one.id for one in told_by_now], CalloutState.SUPERSEDED, now)
    codes = {one.grid_code: one.level for one in planned if one not in told_by_now}
    if found.purpose is Purpose.PART_CLEAR and found.episode_id is not None:
        places = told.grids_of(tx, [broadcast_id]) | found.over
        over = places - reaches.reached(tx, found.episode_id).keys()
        levels.let_go(tx, found.episode_id, over, now)
    _replace(tx, found.episode_id, found.mode, codes, now)
    callouts.start_planned(tx, broadcast_id, now)
    return True


def _told_meanwhile(
    world: World, tx: Tx, waited: Broadcast, planned: Sequence[Callout]
) -> list[Callout]:
    """Return the callouts of grids that were called since at this level or above."""
    if waited.episode_id is None or waited.mode != "live":
        return []
    ladder = world.config.rules.levels
    since = callouts.begun_since(tx, waited.episode_id, waited.created_at, waited.id)
    return [
        one
        for one in planned
        if any(
            rank(level, ladder) <= rank(one.level, ladder) for level in since.get(one.grid_code, ())
        )
    ]


def place_of(hit: Hit) -> Place:
    """Return a grid as a text names it."""
    return Place(hit.grid.name, hit.grid.town, hit.grid.county, hit.level)


def policy_of(world: World, new: Start, level: str | None) -> Policy:
    """Return what is done at a level; raises CanNotStart if nothing says so."""
    rules = world.config.rules
    if new.policy is not None:
        return rules.policies[new.policy]
    policy = rules.policy_for(new.hazard, level)
    if policy is None:
        msg = sentence("叫应方案没有规定等级 {level} 怎样叫应", level=level or "（无）")
        raise CanNotStart(msg)
    return policy


def _callouts(
    tx: Tx, new: Start, policies: Mapping[str | None, Policy]
) -> list[callouts.NewCallout]:
    ids = layers.ids(tx, new.layer_id)
    return [
        callouts.NewCallout(
            grid_id=ids[hit.grid.code],
            grid_code=hit.grid.code,
            level=hit.level,
            policy=policies[hit.level].name,
            matched_by=hit.matched_by,
            share=hit.share,
            counted_by=hit.counted_by,
        )
        for hit in new.hits
    ]


def _state(new: Start) -> BroadcastState:
    if new.is_to_confirm:
        return BroadcastState.APPROVAL
    return BroadcastState.RUNNING if new.starts_at is None else BroadcastState.WAITING


def _replace(
    tx: Tx, episode_id: int | None, mode: str, levels: Mapping[str, str | None], now: datetime
) -> None:
    """Supersede what is called for these grids, and write down that their people are told."""
    if episode_id is None:
        return
    without_answer = callouts.without_answer(tx, episode_id=episode_id, mode=mode)
    old = [callout_id for callout_id, code in without_answer.items() if code in levels]
    affected = tasks.serving_callouts(tx, old)
    callouts.move(tx, old, CalloutState.SUPERSEDED, now)
    needless = [*needs.needless(tx, affected), *told.of_downgrades(tx, episode_id, levels)]
    tasks.drop(tx, needless, TaskState.CANCELLED, "superseded")
    known = [Standing(code, level, level, was_told=True) for code, level in levels.items()]
    broadcasts.write_standings(tx, episode_id, known)
