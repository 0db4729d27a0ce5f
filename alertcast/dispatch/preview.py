"""What would happen if an officer began a broadcast now: whom it tells, how, when, at what cost.

Nothing is written, and nothing leaves.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from math import ceil

from alertcast.core.broadcast import Broadcast, BroadcastState
from alertcast.core.care import Confirmation, confirmation
from alertcast.core.grid import Grid, Hit
from alertcast.core.plan import duties, places_of, rank
from alertcast.core.policy import Policy
from alertcast.core.refusal import sentence
from alertcast.core.segments import Segments, segments, spoken_seconds
from alertcast.dispatch import by_hand, estimate, repeated
from alertcast.dispatch.estimate import Estimate
from alertcast.dispatch.sample import sample
from alertcast.dispatch.start import CanNotStart, Start, as_broadcast, place_of, policy_of
from alertcast.dispatch.world import World
from alertcast.store import people
from alertcast.store.db import Tx

NAMED = 20
"""Most grids without anybody that are named; the rest are counted."""


@dataclass(frozen=True, slots=True)
class Said:
    """One text as somebody will read or hear it, filled for one grid."""

    kind: str
    level: str | None
    text: str
    segments: Segments
    seconds: float  # to say it


@dataclass(frozen=True, slots=True)
class TownPart:
    """The grids of one town that are meant, and the levels that hold there."""

    code: str
    name: str
    county: str
    grids: int
    levels: tuple[str | None, ...]  # the highest first


@dataclass(frozen=True, slots=True)
class Lacking:
    """What would keep somebody from being told."""

    empty: tuple[Grid, ...]  # nobody in the roster is told for them
    unanswerable: int  # grids for which nobody may answer of those who are told
    kinds: tuple[str, ...]  # no channel carries them: an officer dials

    def __bool__(self) -> bool:
        """Say whether anything is lacking."""
        return bool(self.empty or self.unanswerable or self.kinds)


@dataclass(frozen=True, slots=True)
class Preview:
    """Everything that an officer looks at before it begins."""

    new: Start
    seen: str  # digest of what was looked at, and of whom it reaches: what begins must have it
    asked: Confirmation
    towns: tuple[TownPart, ...]
    roles: Mapping[str, int]  # role -> people on any rung
    people: int
    policies: Mapping[str | None, Policy]  # level -> what is done there
    said: tuple[Said, ...]
    estimate: Estimate | None
    cost: float | None  # of the first round; None: some channel says no price
    lacking: Lacking
    undo: timedelta  # product time in which it can be called back
    earlier: int | None  # what told some of the grids the same a moment ago

    @property
    def counties(self) -> dict[str, list[TownPart]]:
        """Return the towns by the name of their county, in the order of their codes."""
        found: dict[str, list[TownPart]] = {}
        for town in self.towns:
            found.setdefault(town.county, []).append(town)
        return found


def preview(world: World, tx: Tx, new: Start, now: datetime) -> Preview:
    """Return what would happen; raises CanNotStart where it could not begin at all."""
    roster = people.active_roster(tx)
    if roster is None:
        msg = sentence("尚未导入责任人名册")
        raise CanNotStart(msg)
    new = by_hand.confirmed(world, new)
    ladder = world.config.hazards.ordered
    policies = {hit.level: policy_of(world, new, hit.level) for hit in new.hits}
    policies = {
        level: policies[level] for level in sorted(policies, key=lambda one: rank(one, ladder))
    }
    posts = _posts(tx, roster["id"], new, world.local(now).date())
    roles, told = _roles(new, policies, posts)
    begun = as_broadcast(world, new, policies.values(), None, BroadcastState.DRAFT, now)
    said = tuple(_said(world, tx, begun, new, policies, now))
    expected = estimate.of_start(world, tx, new, now)
    return Preview(
        new=new,
        seen=f"{digest(new)}{_digest([roster['id'], new.layer_id, told, sorted(roles.items())])}",
        asked=confirmation(
            new.mode, [hit.grid for hit in new.hits], world.index(tx, new.layer_id).grids
        ),
        towns=_towns(new.hits, ladder),
        roles=roles,
        people=told,
        policies=policies,
        said=said,
        estimate=expected,
        cost=_cost(world, new.mode, said, expected),
        lacking=_lacking(world, new, policies, posts),
        undo=world.config.main.dispatch.undo,
        earlier=repeated.lately(tx, new, now),
    )


def digest(new: Start) -> str:
    """Return what tells two wishes apart: whom they reach, at which level, by which words."""
    words = [[language, sorted(_words(slots).items())] for language, slots in new.slots.items()]
    hits = sorted([hit.grid.code, hit.level or ""] for hit in new.hits)
    whole = [new.purpose, new.mode, new.policy, list(new.alerts), new.title, words, hits]
    return _digest(whole)


def _digest(whole: object) -> str:
    return sha256(json.dumps(whole, ensure_ascii=False).encode()).hexdigest()[:32]


def _words(by_level: Mapping[str, Mapping[str, str]]) -> dict[str, list[list[str]]]:
    """Return what is said at each level; the time of a notice is that of its beginning."""
    return {
        level: sorted([slot, value] for slot, value in slots.items() if slot != "time")
        for level, slots in by_level.items()
    }


Posts = Mapping[str, Sequence[tuple[int, str]]]
"""Grid code -> (person, role) of everybody who answers for it, or for its town, county or city."""


def _posts(tx: Tx, roster_id: int, new: Start, on: date) -> Posts:
    places = {hit.grid.code: places_of(hit.grid) for hit in new.hits}
    wanted = {place for codes in places.values() for place in codes}
    held = people.holders(tx, roster_id, wanted, on=on, only_enrolled=new.mode == "drill")
    return {
        code: [(one.person_id, one.role) for place in codes for one in held.get(place, ())]
        for code, codes in places.items()
    }


def _roles(
    new: Start, policies: Mapping[str | None, Policy], posts: Posts
) -> tuple[dict[str, int], int]:
    """Return how many people of each role are told on any rung, and how many they are together."""
    asked = {level: duties(policy) for level, policy in policies.items()}
    found: dict[str, set[int]] = {}
    for hit in new.hits:
        for person_id, role in posts[hit.grid.code]:
            if role in asked[hit.level]:
                found.setdefault(role, set()).add(person_id)
    order = [role for policy in policies.values() for rung in policy.rungs for role in rung.roles]
    named = {role: len(found[role]) for role in dict.fromkeys(order) if role in found}
    return named, len(set().union(*found.values()))


def _towns(hits: Iterable[Hit], ladder: Sequence[str]) -> tuple[TownPart, ...]:
    towns: dict[str, list[Hit]] = {}
    for hit in hits:
        towns.setdefault(hit.grid.town_code, []).append(hit)
    return tuple(
        TownPart(
            code,
            here[0].grid.town,
            here[0].grid.county,
            len(here),
            tuple(sorted({hit.level for hit in here}, key=lambda level: rank(level, ladder))),
        )
        for code, here in sorted(towns.items())
    )


def _lacking(
    world: World, new: Start, policies: Mapping[str | None, Policy], posts: Posts
) -> Lacking:
    asked = {level: duties(policy) for level, policy in policies.items()}
    empty, unanswerable = [], 0
    for hit in new.hits:
        roles = [role for _, role in posts[hit.grid.code] if role in asked[hit.level]]
        if not roles:
            empty.append(hit.grid)
        elif not any(asked[hit.level][role].counts for role in roles):
            unanswerable += 1
    wanted = {kind: None for one in policies.values() for rung in one.rungs for kind in rung.kinds}
    carried = {kind for kind, mode in world.kinds() if mode == new.mode}
    return Lacking(tuple(empty), unanswerable, tuple(one for one in wanted if one not in carried))


def _said(
    world: World,
    tx: Tx,
    begun: Broadcast,
    new: Start,
    policies: Mapping[str | None, Policy],
    now: datetime,
) -> Iterable[Said]:
    """Yield each text of each level, as somebody who answers for one grid will have it."""
    for level, policy in policies.items():
        place = place_of(next(hit for hit in new.hits if hit.level == level))
        for kind in dict.fromkeys(kind for rung in policy.rungs for kind in rung.kinds):
            text = sample(world, tx, begun, kind, level, [place], now)
            yield Said(kind, level, text, segments(text), spoken_seconds(text))


def _cost(world: World, mode: str, said: Sequence[Said], expected: Estimate | None) -> float | None:
    """Return what the first round costs by the prices of the channels; None: one is not known."""
    total = 0.0
    for kind, messages in (expected.messages if expected else {}).items():
        if kind == "manual":
            continue
        prices = [
            one.settings.price
            for one in world.channels
            if one.kind == kind and one.is_drill == (mode == "drill")
        ]
        longest = max(
            (
                one.segments.count if kind != "voice" else ceil(one.seconds / 60)
                for one in said
                if one.kind == kind
            ),
            default=1,
        )
        if not prices or prices[0] is None:
            return None
        total += messages * longest * prices[0]
    return total
