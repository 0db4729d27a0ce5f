"""What confirming a broadcast would send, and when its first messages would all have left.

An estimate: the rates of the configuration, what is queued before it, nobody answering meanwhile.
Only the first rung is counted; what follows depends on who answers.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from alertcast.core.access import lies_in
from alertcast.core.broadcast import Broadcast, BroadcastState, Purpose, priority
from alertcast.core.callout import next_rung
from alertcast.core.grid import Hit
from alertcast.core.plan import duties, highest, places_of, rank
from alertcast.core.policy import Policy
from alertcast.dispatch.start import Start, policy_of
from alertcast.dispatch.towns import match
from alertcast.dispatch.world import World
from alertcast.store import alerts, broadcasts, callouts, forecasts, ladders, people
from alertcast.store import grids as layers
from alertcast.store.db import Tx

BEFORE = (BroadcastState.APPROVAL, BroadcastState.WAITING)
"""States in which nothing of a broadcast has left yet."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """How many messages the first rung of a broadcast is, and how long they take."""

    messages: Mapping[str, int]  # kind -> how many; manual: to be dialled by an officer
    phones: int  # how many phones are told
    queued: int  # messages of other broadcasts that leave before
    seconds: float  # real, from its beginning to the last message
    ends_at: datetime  # when the last has left if it begins as soon as it can

    @property
    def through_at(self) -> datetime:
        """The minute by which the last has left, never too early."""
        late = timedelta(seconds=59, microseconds=999_999)
        return (self.ends_at + late).replace(second=0, microsecond=0)

    def as_facts(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return asdict(self)


def of_broadcast(world: World, tx: Tx, broadcast_id: int, now: datetime) -> Estimate | None:
    """Return the estimate for a broadcast that has not begun; None for every other."""
    found = broadcasts.get(tx, broadcast_id)
    if found is None or found.state not in BEFORE:
        return None
    told: dict[str, set[str]] = {}
    members = callouts.of_broadcast(tx, broadcast_id)
    local = world.local(now)
    for policy, ids, rung in _first_rungs(world, tx, found, now):
        for prefers, phones in forecasts.phones_at(tx, ids, rung).items():
            for kind in policy.kinds_for(rung, local, prefers):
                told.setdefault(kind, set()).update(phones)
    level = highest((one.level for one in members), world.config.hazards.ordered)
    begins = max(found.starts_at, now) if found.state is BroadcastState.WAITING else now
    return _estimate(world, tx, told, found.purpose, found.mode, level, begins)


def of_alert(
    world: World, tx: Tx, alert_id: int, now: datetime, *, area: str = ""
) -> Estimate | None:
    """Return the estimate for an alert that an officer of `area` is about to start, live.

    None if it could not be started.
    """
    layer = layers.active_layer(tx)
    message = alerts.load(tx, alert_id)
    infos = message.warns_in(world.config.main.office.language)
    if layer is None or not infos:
        return None
    found = match(world, tx, layer["id"], message).hits
    hits = [one for one in found if lies_in(one.grid.town_code, area)]
    hazard = next((info.hazard for info in infos if info.hazard), None)
    policies = {one.level: world.config.rules.policy_for(hazard, one.level) for one in hits}
    known = {level: policy for level, policy in policies.items() if policy is not None}
    if not hits or len(known) < len(policies):
        return None
    return _of_hits(world, tx, hits, known, Purpose.WARNING, "live", now)


def of_start(world: World, tx: Tx, new: Start, now: datetime) -> Estimate | None:
    """Return the estimate for what an officer wants to begin; None: nobody would be told."""
    policies = {hit.level: policy_of(world, new, hit.level) for hit in new.hits}
    return _of_hits(world, tx, new.hits, policies, new.purpose, new.mode, now)


def of_running(world: World, tx: Tx, now: datetime) -> dict[int, datetime]:
    """Return for each running broadcast of which anything waits when all of it will have left.

    What is as urgent, or more, of other broadcasts leaves before. What no channel carries is not in
    it, nor what answers will make needless.
    """
    waiting = forecasts.queued(tx)
    found: dict[int, datetime] = {}
    for broadcast_id, mode, kind in {(one.broadcast_id, one.mode, one.kind) for one in waiting}:
        last = max(
            one.priority for one in waiting if (one.broadcast_id, one.kind) == (broadcast_id, kind)
        )
        rate = _rate(world, kind, mode)
        before = sum(
            one.messages
            for one in waiting
            if (one.mode, one.kind) == (mode, kind) and one.priority <= last
        )
        if rate:
            ends_at = now + timedelta(seconds=before / rate)
            found[broadcast_id] = max(ends_at, found.get(broadcast_id, ends_at))
    return found


def _of_hits(
    world: World,
    tx: Tx,
    hits: Sequence[Hit],
    policies: Mapping[str | None, Policy],
    purpose: Purpose,
    mode: str,
    now: datetime,
) -> Estimate | None:
    roster = people.active_roster(tx)
    if roster is None:
        return None
    places = {place for hit in hits for place in places_of(hit.grid)}
    holders = people.holders(
        tx, roster["id"], places, on=world.local(now).date(), only_enrolled=mode == "drill"
    )
    asked = {level: duties(policy) for level, policy in policies.items()}
    local = world.local(now)
    first_told: dict[tuple[str | None, int], set[int]] = {}  # by level and rung
    for hit in hits:
        roles, policy = asked[hit.level], policies[hit.level]
        posts = [one for place in places_of(hit.grid) for one in holders.get(place, ())]
        rungs = [(one.person_id, roles[one.role].rungs) for one in posts if one.role in roles]
        left = reduce(or_, (bits for _, bits in rungs), 0)
        first, _ = next_rung(policy, -1, left, local=local)
        if first is not None:
            those = {person_id for person_id, bits in rungs if bits >> first & 1}
            first_told.setdefault((hit.level, first), set()).update(those)
    known = forecasts.people_of(tx, {one for those in first_told.values() for one in those})
    by_phone: dict[str, set[str]] = {}
    for (its_level, rung), those in first_told.items():
        for one in those:
            for kind in policies[its_level].kinds_for(rung, local, known[one].prefers):
                by_phone.setdefault(kind, set()).add(known[one].phone_index)
    level = highest((hit.level for hit in hits), world.config.hazards.ordered)
    return _estimate(world, tx, by_phone, purpose, mode, level, now)


def _first_rungs(
    world: World, tx: Tx, found: Broadcast, now: datetime
) -> Iterable[tuple[Policy, list[int], int]]:
    """Yield the policy of each first rung, the callouts that begin with it, and its number."""
    policies = world.policies(found)
    members = callouts.of_broadcast(tx, found.id)
    left = ladders.rungs_left(tx, [one.id for one in members])
    local = world.local(now)
    alike: dict[tuple[str, int], list[int]] = {}
    for one in members:
        rung, _ = next_rung(policies[one.policy], -1, left.get(one.id, 0), local=local)
        if rung is not None:
            alike.setdefault((one.policy, rung), []).append(one.id)
    for (policy, rung), ids in alike.items():
        yield policies[policy], ids, rung


def _estimate(
    world: World,
    tx: Tx,
    told: Mapping[str, set[str]],
    purpose: Purpose,
    mode: str,
    level: str | None,
    begins: datetime,
) -> Estimate:
    rates = {kind: _rate(world, kind, mode) for kind in told}
    carried = {kind: phones for kind, phones in told.items() if rates[kind]}
    by_hand: set[str] = set()
    if "voice" not in carried:
        by_hand = {one for kind, phones in told.items() if not rates[kind] for one in phones}
    messages = {kind: len(phones) for kind, phones in carried.items()}
    most = priority(purpose, mode, rank(level, world.config.hazards.ordered))
    queued = {kind: forecasts.queued_before(tx, kind, mode, most) for kind in carried}
    seconds = max(((messages[kind] + queued[kind]) / rates[kind] for kind in carried), default=0.0)
    return Estimate(
        messages={**messages, "manual": len(by_hand)} if by_hand else messages,
        phones=len({one for phones in told.values() for one in phones}),
        queued=sum(queued.values()),
        seconds=seconds,
        ends_at=begins + timedelta(seconds=seconds),
    )


def _rate(world: World, kind: str, mode: str) -> float:
    """Return how many messages of a kind all channels together may send in a second."""
    is_drill = mode == "drill"
    return sum(
        one.settings.rate
        for one in world.channels
        if one.kind == kind and one.is_drill == is_drill and kind != "manual"
    )
