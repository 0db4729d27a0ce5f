"""A downgrade (降级) that is not quiet: later, and in one message, whoever was told hears of it.

A broadcast waits for the others that may follow, and for the morning. Only when it begins it is
decided who hears what: where it got worse again meanwhile, or is over, nobody does.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from alertcast.core.alert import Alert
from alertcast.core.broadcast import Broadcast, BroadcastState, Purpose, gridless
from alertcast.core.downgrade import fell, lower
from alertcast.core.plan import Telling, highest
from alertcast.core.wording import Place, local_time
from alertcast.dispatch import levels, part_clear, scripts
from alertcast.dispatch.compose import title_of, warning_slots
from alertcast.dispatch.confirm import unconfirmed
from alertcast.dispatch.start import EVERY_TEXT
from alertcast.dispatch.tell import tell
from alertcast.dispatch.world import World
from alertcast.store import alerts, broadcasts, reaches, told
from alertcast.store import grids as layers
from alertcast.store.db import Tx

LOOKS_AGAIN = timedelta(minutes=1)
"""Product time after which one is looked at again whose message waits for a human."""

NOT_RELAYED = ("held", "fault", "dismissed", "refused")
"""Decisions after which nothing of a message is told."""


def plan(
    world: World,
    tx: Tx,
    alert_id: int,
    message: Alert,
    episode_id: int,
    before: levels.Levels,
    after: levels.Levels,
    here: levels.Levels,
    earlier: Sequence[int],
    now: datetime,
    key: str | None = None,
) -> str:
    """Let those hear later of whose grids the level falls by a message; return a sentence on it.

    `before` and `after` is what holds before and after it, `here` what it says itself. It takes
    over what waits to be told of the alerts `earlier` in its places: what was a downgrade is not
    forgotten because it is repeated, and keeps its time. "" where nobody is to hear of anything;
    the policy may say so. `key` makes it one broadcast; without one there is one for the message.
    """
    rules, ladder = world.config.rules.downgrade, world.config.rules.levels
    if not rules.kinds:
        return ""
    standings = broadcasts.standings(tx, episode_id)
    new = lower(fell(before, after, ladder), after, here, standings, ladder)
    waiting = [one for one in _waiting(tx, earlier) if one.fell & here.keys()]
    noted = {code for one in waiting for code in one.fell}
    lowered = lower({*new, *noted}, after, here, standings, ladder)
    for one in waiting:
        if one.fell <= here.keys():
            broadcasts.move(tx, one.id, BroadcastState.CANCELLED, now)
    if not lowered:
        return ""
    starts = [one.starts_at for one in waiting] if not new else []
    starts_at = _after_quiet(world, min(starts, default=now + rules.wait))
    planned = _broadcast(world, tx, alert_id, message, episode_id, lowered, now, starts_at)
    broadcasts.create(tx, replace(planned, key=key or planned.key), (alert_id,))
    return _told_later(world, len(lowered), starts_at)


def plan_left(
    world: World, tx: Tx, alert_id: int, episode_id: int, before: levels.Levels, now: datetime
) -> str:
    """Let those hear later of whose grids a lower warning is left when an alert ends a higher one.

    What they hear of is the warning that is left, of several one that is relayed at all. `before`
    is what held before the end; returns as `plan` does.
    """
    rules, ladder = world.config.rules.downgrade, world.config.rules.levels
    if not rules.kinds:
        return ""
    after = levels.in_force(world, tx, episode_id)
    standings = broadcasts.standings(tx, episode_id)
    fallen, starts_at = fell(before, after, ladder), _after_quiet(world, now + rules.wait)
    lowered: dict[str, str] = {}
    left_over = alerts.in_episode(tx, episode_id)
    for one in (n for n in left_over if alerts.facts(tx, n)["decision"] not in NOT_RELAYED):
        said = _said(world, tx, one)
        here = lower(fallen - lowered.keys(), after, said, standings, ladder)
        if here:
            left = alerts.load(tx, one)
            planned = _broadcast(world, tx, one, left, episode_id, here, now, starts_at)
            key = f"downgrade:{alert_id}:{one}"
            broadcasts.create(tx, replace(planned, key=key), (one,))
            lowered |= here
    return _told_later(world, len(lowered), starts_at) if lowered else ""


def begin(world: World, tx: Tx, broadcast_id: int, now: datetime) -> bool:
    """Tell those whose level is lower still, and end it if it is nobody's; False: it waits.

    In the quiet hours, and while a human has not confirmed the message, it goes on waiting. One
    that was restored from a backup goes on where it was. Twice is once.
    """
    found = broadcasts.get(tx, broadcast_id, lock=True)
    if found is None or found.state not in (BroadcastState.WAITING, BroadcastState.HELD):
        return False
    if told.grids_of(tx, [broadcast_id]):
        return broadcasts.move(tx, broadcast_id, BroadcastState.RUNNING, now)
    kinds = world.config.rules.downgrade.kinds
    lowered = _still_lower(world, tx, found, now) if kinds else {}
    still = _who_knew_higher(world, tx, found.episode_id or 0, lowered)
    if not still:
        return broadcasts.move(tx, broadcast_id, BroadcastState.CANCELLED, now)
    if found.state is BroadcastState.WAITING:
        morning = _after_quiet(world, now)
        if morning > now or _is_doubtful(tx, broadcast_id):
            broadcasts.put_off(tx, broadcast_id, max(morning, now + LOOKS_AGAIN))
            return False
    if lowered.keys() != found.fell:
        said = scripts.of(world, found, _places(world, tx, lowered))
        broadcasts.write_scripts(tx, broadcast_id, said)
    broadcasts.move(tx, broadcast_id, BroadcastState.RUNNING, now)
    tellings = [
        Telling(
            None, one.person_id, one.phone_index, one.language, lowered[one.grid_code], one.grid_id
        )
        for one in still
    ]
    tell(world, tx, replace(found, state=BroadcastState.RUNNING), tellings, kinds, now)
    return True


def _is_doubtful(tx: Tx, broadcast_id: int) -> bool:
    """Say whether the message itself waits to be confirmed; an end elsewhere may wait alone."""
    waiting = unconfirmed(tx, broadcasts.alerts_of(tx, broadcast_id))
    found = (broadcasts.get(tx, one) for one in waiting)
    return any(one is not None and one.purpose is not Purpose.PART_CLEAR for one in found)


def _still_lower(world: World, tx: Tx, waited: Broadcast, now: datetime) -> dict[str, str]:
    """Return in which grids of a broadcast its message holds still, below what people know."""
    alert_id = broadcasts.alerts_of(tx, waited.id)[0]
    row = alerts.facts(tx, alert_id)
    is_over = row["expires"] is not None and row["expires"] <= now
    episode_id = waited.episode_id
    if row["standing"] != "in_force" or is_over or row["decision"] in NOT_RELAYED:
        return {}
    if episode_id is None or broadcasts.is_ended(tx, episode_id):
        return {}
    ladder = world.config.rules.levels
    said, holds = _said(world, tx, alert_id), levels.in_force(world, tx, episode_id)
    return lower(waited.fell, holds, said, broadcasts.standings(tx, episode_id), ladder)


def _who_knew_higher(
    world: World, tx: Tx, episode_id: int, lowered: dict[str, str]
) -> list[told.Told]:
    """Return who was told of a higher level, grid by grid; others may have heard of none there."""
    ladder = world.config.rules.levels
    return [
        one
        for n, level in enumerate(ladder)
        if (codes := {code for code, holds in lowered.items() if holds == level})
        for one in told.of_episode(tx, episode_id, codes, ladder[:n])
    ]


def _said(world: World, tx: Tx, alert_id: int) -> levels.Levels:
    """Return what an alert says holds, where it was not ended before the rest of it."""
    ladder = world.config.rules.levels
    reach = reaches.reach_of(tx, [alert_id])
    return {code: highest(found, ladder) for code, found in reach.items()}


def _told_later(world: World, grids: int, at: datetime) -> str:
    when = local_time(world.local(at))
    return f"有 {grids} 个网格等级降低：{when}起汇总告知此前收到预警的人。"


def _waiting(tx: Tx, alert_ids: Collection[int]) -> list[Broadcast]:
    """Return what waits to tell of downgrades by these alerts."""
    ids = {one for alert_id in alert_ids for one in broadcasts.of_alert(tx, alert_id)}
    found = [broadcasts.get(tx, one) for one in sorted(ids)]
    return [
        one
        for one in found
        if one is not None
        and (one.purpose, one.state) == (Purpose.DOWNGRADE, BroadcastState.WAITING)
    ]


def _after_quiet(world: World, at: datetime) -> datetime:
    return world.config.rules.downgrade.after_quiet(world.local(at)).astimezone(UTC)


def _broadcast(
    world: World,
    tx: Tx,
    alert_id: int,
    message: Alert,
    episode_id: int,
    lowered: dict[str, str],
    now: datetime,
    starts_at: datetime,
) -> Broadcast:
    slots = warning_slots(world, message)
    slots.setdefault("zh", {}).setdefault("*", {})["fell"] = " ".join(sorted(lowered))
    new = gridless(
        f"downgrade:{message.key}",
        Purpose.DOWNGRADE,
        state=BroadcastState.WAITING,
        episode_id=episode_id,
        hazard=next((one.hazard for one in message.infos if one.hazard), None),
        title=title_of(message, world.config.main.office.language),
        slots=slots,
        created_at=now,
        starts_at=starts_at,
        expires_at=alerts.facts(tx, alert_id)["expires"],
    )
    return scripts.frozen(world, new, ("downgrade.", *EVERY_TEXT), _places(world, tx, lowered))


def _places(world: World, tx: Tx, lowered: dict[str, str]) -> list[Place]:
    layer = layers.active_layer(tx)
    grids = world.index(tx, layer["id"]).grids if layer is not None else ()
    ladder = world.config.rules.levels
    level = highest(lowered.values(), ladder)
    return [replace(one, level=level) for one in part_clear.places(grids, lowered)]
