"""A warning ends in some places and goes on in others: only those who were told of them hear it."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from alertcast.core.alert import Alert, ReasonKind
from alertcast.core.broadcast import Broadcast, BroadcastState, Purpose, gridless
from alertcast.core.grid import Grid
from alertcast.core.plan import Telling
from alertcast.core.wording import Place
from alertcast.dispatch import levels, scripts, towns
from alertcast.dispatch.compose import Slots, title_of, warning_slots
from alertcast.dispatch.decision import episodes_of
from alertcast.dispatch.start import EVERY_TEXT
from alertcast.dispatch.tell import tell
from alertcast.dispatch.world import World
from alertcast.store import alerts, broadcasts, callouts, reaches, references, told
from alertcast.store import grids as layers
from alertcast.store.db import Tx


def leave_out(
    world: World,
    tx: Tx,
    alert_id: int,
    message: Alert,
    earlier: Sequence[int],
    episodes: Collection[int],
    here: Collection[str],
    now: datetime,
    *,
    only: Collection[str] | None = None,
    carried: Collection[str] = (),
    is_to_confirm: bool = False,
    starts_at: datetime | None = None,
    user: str = "scheduler",
) -> int:
    """Relay the end to the places of the alerts `earlier` in which nothing holds after a message.

    They hold no more, and `here` are the codes of the grids of which the message warns. With
    `only`, no other place is taken to be over; `carried` are places over for another reason. In
    doubt (`is_to_confirm`) it waits until a human has confirmed the message, however long; else
    until `starts_at`. Return how many phones it is for.

    A grid that the layer of today lacks is never taken to be over; nor is any, while a message
    waits to be decided on that refers to the same alerts: they may have been divided between two.
    Nor is one of which such a message, held for an officer, may warn.
    """
    layer = layers.active_layer(tx)
    if layer is None:
        return 0
    index = world.index(tx, layer["id"])
    known = {grid.code for grid in index.grids}
    before = (reaches.reach_of(tx, earlier).keys() | set(carried)) & known
    state, phones = _state(is_to_confirm, starts_at), 0
    for episode_id in sorted(episodes):
        gone = before - reaches.reached(tx, episode_id).keys() - set(here)
        gone = gone if only is None else gone & set(only)
        gone = gone - _noted(tx, alert_id, episode_id)
        gone = gone - _held_in(world, tx, layer["id"], alert_id, earlier, gone)
        if not gone or references.is_awaited(tx, alert_id, earlier):
            continue
        if state is BroadcastState.RUNNING:
            levels.let_go(tx, episode_id, gone, now)
        still = told.of_episode(tx, episode_id, gone)
        is_called = any(one.grid_code in gone for one in callouts.waiting(tx, episode_id))
        if not still and (state is BroadcastState.RUNNING or not is_called):
            continue
        where = places(index.grids, gone)
        new = _broadcast(world, tx, alert_id, message, earlier, episode_id, where, now)
        new = replace(new, state=state, starts_at=starts_at or now, created_by=user)
        _note(new.slots, gone)
        phones += _tell(world, tx, alert_id, new, still, now)
    return phones


def leave_out_beside(world: World, tx: Tx, alert_id: int, message: Alert, now: datetime) -> None:
    """Relay the end to the places left out by the updates beside a message that replaces nothing.

    They have waited for it (see `leave_out`). Twice is once.
    """
    earlier = references.referenced(tx, message)
    layer = layers.active_layer(tx)
    for one in references.updates_of(tx, earlier) if layer is not None else ():
        row, said = alerts.facts(tx, one), alerts.load(tx, one)
        if one == alert_id or layer is None:
            continue
        replaced = references.referenced(tx, said)
        is_to_confirm = row["decision"] in ("confirm", "approval")
        phones = leave_out(
            world,
            tx,
            one,
            said,
            replaced,
            episodes_of(tx, replaced),
            reaches.reach_of(tx, [one]).keys(),
            now,
            only=towns.over_in(towns.reach(world, tx, layer["id"], said)),
            is_to_confirm=is_to_confirm,
        )
        why = f"{row['why'] or ''}{relayed(phones, is_to_confirm=is_to_confirm)}"
        alerts.decide(tx, one, decision=row["decision"], why=why, now=row["decided_at"])


def _held_in(
    world: World,
    tx: Tx,
    layer_id: int,
    alert_id: int,
    earlier: Collection[int],
    gone: Collection[str],
) -> set[str]:
    """Return those of the grids `gone` of which a message held for an officer may warn."""
    found: set[str] = set()
    for one in references.held_beside(tx, earlier):
        said = alerts.load(tx, one)
        if one == alert_id or said.is_end():
            continue
        matched = towns.match(world, tx, layer_id, said)
        is_known = matched.hits and not any(r.kind is ReasonKind.ERROR for r in matched.reasons)
        found |= {hit.grid.code for hit in matched.hits} if is_known else set(gone)
    return found & set(gone)


def relayed(phones: int, *, is_to_confirm: bool = False) -> str:
    """Return one Chinese sentence on the relay of an end in part; "" if it is for nobody."""
    if not phones:
        return ""
    if is_to_confirm:
        return f"另有 {phones} 个号码所在地不再生效，确认后才转告。"
    return f"不再生效的地方，已转告此前收到预警的 {phones} 个号码。"


def _state(is_to_confirm: bool, starts_at: datetime | None) -> BroadcastState:
    if is_to_confirm:
        return BroadcastState.APPROVAL
    return BroadcastState.RUNNING if starts_at is None else BroadcastState.WAITING


def _broadcast(
    world: World,
    tx: Tx,
    alert_id: int,
    message: Alert,
    earlier: Sequence[int],
    episode_id: int,
    where: Sequence[Place],
    now: datetime,
) -> Broadcast:
    before = len(broadcasts.of_alert(tx, alert_id))
    spoken = message if message.infos else _newest(tx, earlier, message)
    new = gridless(
        f"part_clear:{episode_id}:{alert_id}:{before}",
        Purpose.PART_CLEAR,
        episode_id=episode_id,
        title=title_of(spoken, world.config.main.office.language),
        slots=_slots(world, spoken, is_lifted=spoken is not message),
        created_at=now,
    )
    return scripts.frozen(world, new, ("part_clear.", *EVERY_TEXT), where)


def _tell(
    world: World, tx: Tx, alert_id: int, new: Broadcast, still: Sequence[told.Told], now: datetime
) -> int:
    """Plan one message for each phone, about the places it was told of; return how many."""
    kept = broadcasts.get(tx, broadcasts.create(tx, new, (alert_id,))[0])
    tellings = [
        Telling(None, one.person_id, one.phone_index, one.language, None, one.grid_id)
        for one in still
    ]
    if kept is not None:
        tell(world, tx, kept, tellings, world.config.rules.all_clear_kinds, now)
    return len({one.phone_index for one in still})


def _slots(world: World, spoken: Alert, *, is_lifted: bool) -> Slots:
    """Return what a message fills the texts with; an end without words names what it lifts."""
    found = warning_slots(world, spoken)
    if is_lifted:
        for language, by_level in found.items():
            for slots in by_level.values():
                slots["headline"] = world.config.texts.render("lifted", language, slots)
    return found


def _newest(tx: Tx, earlier: Sequence[int], message: Alert) -> Alert:
    """Return the newest of the alerts that a message ends, to be named where it has no words."""
    found = [alerts.load(tx, one) for one in earlier]
    told_of = [one for one in found if one.infos and not one.is_end()]
    return max(told_of, key=lambda one: one.sent, default=message)


def _noted(tx: Tx, alert_id: int, episode_id: int) -> set[str]:
    """Return the codes of the grids of which an end by a message waits already."""
    waits = (BroadcastState.WAITING, BroadcastState.APPROVAL)
    found = [broadcasts.get(tx, one) for one in broadcasts.of_alert(tx, alert_id)]
    parts = [one for one in found if one is not None and one.episode_id == episode_id]
    return {code for one in parts if one.state in waits for code in one.over}


def _note(slots: Slots, gone: Collection[str]) -> None:
    """Write into an end in part where it is; see `Broadcast.over`."""
    slots.setdefault("zh", {}).setdefault("*", {})["over"] = " ".join(sorted(gone))


def places(grids: Sequence[Grid], gone: Collection[str]) -> list[Place]:
    """Return what is read out of the grids `gone`: their towns, and villages of a town in part."""
    partly = {grid.town_code for grid in grids if grid.code not in gone}
    return [
        Place(
            name=grid.name,
            town=f"{grid.town}{grid.name}" if grid.town_code in partly else grid.town,
            county=grid.county,
            level=None,
        )
        for grid in grids
        if grid.code in gone
    ]
