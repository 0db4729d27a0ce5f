"""Duty officer and 带班领导 are called about a doubtful warning until one answers.

All at once, or first whoever is on duty (`duty`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from alertcast.core.alert import Alert
from alertcast.core.broadcast import Broadcast, BroadcastState, Purpose
from alertcast.core.confirm import Doubt
from alertcast.core.grid import Hit
from alertcast.core.plan import Telling, highest, places_of
from alertcast.core.shift import Seat
from alertcast.dispatch import duty, scripts
from alertcast.dispatch.compose import Slots, title_of, warning_slots
from alertcast.dispatch.confirm import clock_of, key_of
from alertcast.dispatch.duty import Called
from alertcast.dispatch.start import EVERY_TEXT, Start, start
from alertcast.dispatch.tell import tell
from alertcast.dispatch.world import World
from alertcast.store import broadcasts, people
from alertcast.store.db import Tx

log = structlog.get_logger()


def ask(
    world: World,
    tx: Tx,
    new: Start,
    message: Alert,
    doubts: Mapping[Doubt, str],
    earlier: Sequence[int],
    now: datetime,
) -> tuple[str, str]:
    """Let a doubtful warning wait, and call whoever may confirm it; return the decision and why.

    What may go out unanswered has a clock: "confirm". Else all of it waits: "approval". The clock
    of the question about what it replaces (the alerts `earlier`) runs on. Raises CanNotStart.
    """
    rules, ladder = world.config.rules.confirm, world.config.rules.levels
    wait = world.config.main.towns.confirm if set(doubts) == {Doubt.TOWNS} else rules.wait
    may = {level: rules.goes_out(level, doubts, ladder) for level in {h.level for h in new.hits}}
    goes = [hit for hit in new.hits if may[hit.level]]
    stays = [hit for hit in new.hits if not may[hit.level]]
    until = clock_of(world, tx, earlier, goes, now, now + wait)
    at = f"{world.local(until):%H:%M:%S}"
    which = "其中" if goes and stays else ""
    unanswered = f"无人答复则 {at} 起{which}叫应 {len(goes)} 个网格。" if goes else ""
    unanswered += "其余一直等待确认。" if goes and stays else "" if goes else "无人答复则不下发。"
    why = "".join(said for doubt, said in doubts.items() if doubt is not Doubt.TOWNS)
    asked = _Question(
        alert_id=new.alerts[0],
        message=message,
        hits=new.hits,
        doubts=tuple(doubts),
        why="".join(doubts.values()),
        otherwise=unanswered,
        expires_at=new.expires_at,
    )
    rung = _ring(world, tx, asked, now)
    nobody = "名册里没有可以电话请示的人，请值班员确认。"
    who = f"正在电话请示{'、'.join(rung)}。" if rung else nobody
    if goes:
        start(world, tx, replace(new, hits=goes, starts_at=until), now)
    if stays:
        key = f"{new.key}:rest" if goes else new.key
        start(world, tx, replace(new, key=key, hits=stays, is_to_confirm=True), now)
    word = "confirm" if goes else "approval"
    return word, f"{why}{who}{unanswered}"


@dataclass(frozen=True, slots=True)
class _Question:
    """What somebody is asked about one alert."""

    alert_id: int
    message: Alert
    hits: Sequence[Hit]
    doubts: Sequence[Doubt]
    why: str  # in the officer's words
    otherwise: str  # what happens if nobody answers
    expires_at: datetime | None


def _ring(world: World, tx: Tx, asked: _Question, now: datetime) -> list[str]:
    """Call whoever may confirm; return what their posts are called, empty: there is nobody.

    The question is written down in any case. Twice is once.
    """
    new = _broadcast(world, asked, now)
    ring_id, is_new = broadcasts.create(tx, new)
    desks = _desks(world, tx, asked.hits, now)
    names = list(dict.fromkeys(desks.everybody.values()))
    if not is_new:
        return names
    level = highest((hit.level for hit in asked.hits), world.config.rules.levels)
    contacts = people.contacts(tx, world.db.vault, desks.everybody)
    rules, kept = world.config.rules.confirm, broadcasts.get(tx, ring_id)
    rung: set[str] = set()
    for whom, at in ((desks.first, now), (desks.later, desks.later_at)):
        tellings = [
            Telling(None, one, contacts[one].phone_index, contacts[one].languages, level)
            for one in sorted(whom)
            if contacts[one].phone_index not in rung
        ]
        rung |= {one.phone_index for one in tellings}
        if kept is not None and tellings:
            tell(
                world,
                tx,
                kept,
                tellings,
                ("voice",),
                now,
                calls=rules.calls,
                every=rules.every,
                due_at=at,
            )
    if not rung:
        log.error("nobody to be asked", alert=asked.alert_id, roles=rules.roles)
    return names


def _desks(world: World, tx: Tx, hits: Sequence[Hit], now: datetime) -> Called:
    """Return whoever may confirm a warning of these grids, and what their post is called."""
    roster = people.active_roster(tx)
    if roster is None:
        return Called({}, {}, now)
    roles = world.config.rules.confirm.roles
    wanted = dict.fromkeys(place for hit in hits for place in places_of(hit.grid))
    held = people.holders(tx, roster["id"], wanted, on=world.local(now).date())
    asked = [one for place in wanted for one in held.get(place, ()) if one.role in roles]
    return duty.called(world, tx, roster["id"], asked, wanted, tuple(Seat), now)


def _broadcast(world: World, asked: _Question, now: datetime) -> Broadcast:
    new = Broadcast(
        id=0,
        key=key_of(asked.alert_id),
        purpose=Purpose.CONFIRM,
        mode="live",
        state=BroadcastState.RUNNING,
        episode_id=None,
        layer_id=None,
        roster_id=None,
        hazard=None,
        title=title_of(asked.message, world.config.main.office.language),
        slots=_slots(world, asked),
        policies={},
        wording={},
        created_at=now,
        created_by="scheduler",
        starts_at=now,
        expires_at=asked.expires_at,
    )
    return scripts.frozen(world, new, ("confirm.", *EVERY_TEXT))


def _slots(world: World, asked: _Question) -> Slots:
    ours = {"why": asked.why, "otherwise": asked.otherwise, "doubts": " ".join(asked.doubts)}
    found = warning_slots(world, asked.message)
    for by_level in found.values():
        by_level.setdefault("*", {})
        for slots in by_level.values():
            slots |= ours
    return found
