"""A message ends warnings, wholly or in some of their places; whoever was told hears of it."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from alertcast.core.alert import Alert
from alertcast.core.broadcast import BroadcastState
from alertcast.core.callout import CalloutState
from alertcast.dispatch import all_clear, downgrade, events, levels, part_clear, towns, trust
from alertcast.dispatch.confirm import unconfirmed
from alertcast.dispatch.decision import Decision, episodes_of
from alertcast.dispatch.events import Kin
from alertcast.dispatch.world import World
from alertcast.store import alerts, broadcasts, callouts, reaches, references, tasks, told
from alertcast.store.db import Tx


def end(
    world: World,
    tx: Tx,
    alert_id: int,
    message: Alert,
    earlier: Sequence[int],
    kin: Kin,
    now: datetime,
) -> Decision:
    """Decide on a message that ends what it refers to, or is about; an alert elsewhere goes on."""
    alerts.end(tx, [alert_id], "ended")
    earlier = [*earlier, *references.left_in_force(tx, earlier)]
    wholly = [one for one in earlier if one not in kin.wider]
    partly = kin.partly(earlier)
    if not earlier and not kin.is_named:
        return Decision("held", _names_nothing(message))
    if not kin.is_named and (newer := _newer(tx, message, earlier)):
        said = "、".join(newer)
        why = f"它所指的预警已由后来的预警（{said}）代替，后者仍然生效，请值班员核实是否一并解除。"
        return Decision("held", why)
    episodes = episodes_of(tx, [*earlier, *partly])
    over = end_partly(world, tx, alert_id, message, partly, "ended")
    return end_of(world, tx, alert_id, message, wholly, episodes, now, over=over)


def waiting_for(world: World, tx: Tx, alert_id: int) -> list[int]:
    """Return the ids of the ends that came before the alert which they name, and may act (ids).

    Each was held, because nothing was known of what it ends.
    """
    found = []
    for one in references.held_beside(tx, [alert_id]):
        said, row = alerts.load(tx, one), alerts.facts(tx, one)
        is_whole = said.is_end() and not towns.is_partial_end(world, tx, said)
        if is_whole and trust.why_held(world, tx, said, row) is None:
            found.append(one)
    return found


def _names_nothing(message: Alert) -> str:
    """Return why an end that names nothing we know of is the officer's."""
    named = "、".join(one.identifier for one in message.references)
    if not named:
        return "解除信息没有指明所解除的预警，请值班员核实。"
    return f"它所解除的预警（{named}）没有收到过，或时间在它之后，请值班员核实。"


def _newer(tx: Tx, message: Alert, earlier: Sequence[int]) -> list[str]:
    """Return the identifiers of what replaced the alerts that an end names, and holds here."""
    over = [one for one in earlier if alerts.facts(tx, one)["standing"] == "superseded"]
    holding = [one for one in references.replaced_by(tx, over) if one not in earlier]
    rows = [alerts.facts(tx, one) for one in holding if reaches.reach_of(tx, [one])]
    return [str(row["identifier"]) for row in rows if row["sent"] <= message.sent]


def end_of(
    world: World,
    tx: Tx,
    alert_id: int,
    message: Alert,
    earlier: Sequence[int],
    episodes: set[int],
    now: datetime,
    key: str | None = None,
    over: Collection[str] = (),
) -> Decision:
    """Let a message end the alerts `earlier` of these open episodes, and tell whoever was told.

    `key` is that of the all-clear, where the message itself may have had one before. `over` are
    places in which other alerts of these episodes, that go on elsewhere, have ended.
    """
    before = {one: levels.in_force(world, tx, one) for one in episodes}
    alerts.end(tx, earlier, "ended")
    if not episodes:
        return Decision("ended", "所解除的预警没有下发过，或这一轮已经解除，不必通知。")
    heard, others = 0, 0
    left: set[int] = set()
    lower = ""
    for episode_id in sorted(episodes):
        holding = alerts.in_episode(tx, episode_id)
        others += len(holding)
        if holding:
            in_force = levels.in_force(world, tx, episode_id)
            levels.stop_above(world, tx, episode_id, in_force, now)
            left.add(episode_id)
            lower += downgrade.plan_left(world, tx, alert_id, episode_id, before[episode_id], now)
        else:
            heard += all_clear.start(world, tx, alert_id, message, episode_id, now, key)
    first = min(episodes)
    carried = {*over, *withdraw(tx, earlier, now)} if left else set()
    part = part_clear.leave_out(
        world, tx, alert_id, message, earlier, left, (), now, carried=carried
    )
    if others and not heard:
        why = f"同一轮还有 {others} 条预警生效，那里暂不通知解除。{lower}"
        return Decision("part_clear" if part else "ended", why + part_clear.relayed(part), first)
    why = f"官方解除，转告此前收到预警的 {heard} 个号码。{lower}{part_clear.relayed(part)}"
    return Decision("all_clear", why, first)


def end_partly(
    world: World,
    tx: Tx,
    alert_id: int,
    message: Alert,
    ids: Sequence[int],
    standing: str,
) -> set[str]:
    """Let the alerts `ids` hold no more where a message speaks for them; return where.

    One that holds nowhere any more, as far as we know places, is over altogether (`standing`).
    """
    if not ids:
        return set()
    before = reaches.reach_of(tx, ids).keys()
    for one in ids:
        earlier = alerts.load(tx, one)
        since = events.since(tx, alert_id, message, earlier)
        said = [message, *(alerts.load(tx, other) for other in since if other != one)]
        reaches.end_at(tx, [one], towns.over_by(world, tx, said, earlier), alert_id)
    alerts.end(tx, [one for one in ids if not reaches.reach_of(tx, [one])], standing)
    return before - reaches.reach_of(tx, ids).keys()


def withdraw(tx: Tx, earlier: Iterable[int], now: datetime) -> set[str]:
    """Withdraw what waits to be confirmed: a newer message says what holds.

    Return the places of which an end in part was among it.
    """
    waiting = unconfirmed(tx, earlier)
    places = told.grids_of(tx, waiting)
    for broadcast_id in waiting:
        found = broadcasts.get(tx, broadcast_id)
        places |= found.over if found is not None else frozenset()
        if broadcasts.move(tx, broadcast_id, BroadcastState.CANCELLED, now):
            planned = [one.id for one in callouts.of_broadcast(tx, broadcast_id)]
            callouts.move(tx, planned, CalloutState.CANCELLED, now)
            tasks.drop_all(tx, broadcast_id, "superseded")
    return places
