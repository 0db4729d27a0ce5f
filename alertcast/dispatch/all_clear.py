"""The relay of an official end (解除), only to those who were told; the calling stops."""

from datetime import datetime

from alertcast.core.alert import Alert
from alertcast.core.broadcast import BroadcastState, Purpose, gridless
from alertcast.core.callout import CalloutState
from alertcast.core.plan import Telling
from alertcast.dispatch import scripts
from alertcast.dispatch.compose import title_of, warning_slots
from alertcast.dispatch.start import EVERY_TEXT
from alertcast.dispatch.tell import tell
from alertcast.dispatch.world import World
from alertcast.store import alerts, broadcasts, callouts, tasks, told
from alertcast.store.db import Tx


def start(
    world: World,
    tx: Tx,
    alert_id: int,
    message: Alert,
    episode_id: int,
    now: datetime,
    key: str | None = None,
) -> int:
    """End an episode and tell everybody who was, or may have been, told; return how many phones.

    Whoever has heard already that it is over in all his places is not told again.

    `key` makes it one broadcast; without one there is one for the message.
    """
    before = broadcasts.in_episode(tx, episode_id)
    callouts.move(
        tx, callouts.open_ids(tx, episode_id=episode_id).values(), CalloutState.CANCELLED, now
    )
    for one in before:
        tasks.drop_all(tx, one, "cancelled")
        _leave(tx, one, now)
    broadcasts.end_episode(tx, episode_id, now)
    still = {one.phone_index: one for one in told.of_episode(tx, episode_id)}
    if not still:
        return 0
    spoken = message if message.infos else _last(tx, episode_id)
    new = gridless(
        f"all_clear:{key or message.key}",
        Purpose.ALL_CLEAR,
        episode_id=episode_id,
        title=title_of(spoken, world.config.main.office.language),
        slots=warning_slots(world, spoken),
        created_at=now,
    )
    new = scripts.frozen(world, new, ("all_clear.", *EVERY_TEXT))
    broadcast_id, _ = broadcasts.create(tx, new, (alert_id,))
    tellings = [
        Telling(None, one.person_id, one.phone_index, one.language, None) for one in still.values()
    ]
    kept = broadcasts.get(tx, broadcast_id)
    if kept is not None:
        tell(world, tx, kept, tellings, world.config.rules.all_clear_kinds, now)
    return len(still)


def _leave(tx: Tx, broadcast_id: int, now: datetime) -> None:
    """End a broadcast of what is over; one that has not begun is withdrawn."""
    for to in (BroadcastState.CLOSED, BroadcastState.CANCELLED):
        if broadcasts.move(tx, broadcast_id, to, now):
            planned = [one.id for one in callouts.of_broadcast(tx, broadcast_id)]
            if to is BroadcastState.CANCELLED:
                callouts.move(tx, planned, CalloutState.CANCELLED, now)
            return


def _last(tx: Tx, episode_id: int) -> Alert:
    """Return the newest warning of an episode; an end that was relayed before says nothing."""
    ids = {
        alert_id
        for broadcast_id in broadcasts.in_episode(tx, episode_id)
        for alert_id in broadcasts.alerts_of(tx, broadcast_id)
    }
    found = [alerts.load(tx, one) for one in sorted(ids, reverse=True)]
    return next(one for one in found if one.infos and not one.is_end())
