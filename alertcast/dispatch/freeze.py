"""The words of a message are made at its first attempt, and frozen: they never change again."""

from collections.abc import Hashable, Sequence
from datetime import datetime

import structlog

from alertcast.channels.base import Channel
from alertcast.core.broadcast import Broadcast
from alertcast.core.task import TaskState
from alertcast.core.wording import TextError
from alertcast.dispatch import beside, links, nearest
from alertcast.dispatch.compose import filled, words_of
from alertcast.dispatch.world import World
from alertcast.store import broadcasts, claims, tasks
from alertcast.store import links as kept_links
from alertcast.store.claims import Words
from alertcast.store.db import Tx
from alertcast.store.links import NewLink
from alertcast.store.ready import Due

log = structlog.get_logger()


def freeze(
    world: World, tx: Tx, leaving: Sequence[tuple[Due, Channel]], mode: str, now: datetime
) -> dict[int, Words]:
    """Return the words of each task, frozen ones as they are, the same ones made once.

    A task whose text can not be made is not among them: it goes to an officer.
    """
    found = {due.task.id: due.frozen for due, _ in leaving if due.frozen}
    fresh = [(due, channel) for due, channel in leaving if not due.frozen]
    places = claims.places(tx, [due.task.id for due, _ in fresh])
    near = nearest.tonight(world, tx, now, places.values())
    also = beside.now(world, tx, {due.task.broadcast_id for due, _ in fresh}, places.values())
    known: dict[int, Broadcast] = {}
    said: dict[Hashable, Words] = {}
    offered: list[NewLink] = []
    for due, channel in fresh:
        task, here = due.task, places.get(due.task.id, ())
        broadcast = known.get(task.broadcast_id) or _broadcast(tx, task.broadcast_id)
        known[broadcast.id] = broadcast
        has_voice = world.route("voice", mode, due.phone)[0] is not None
        link = links.offer(world, broadcast, task, channel, due.phone, now)
        same = None if link else words_of(task, here)
        key = same and (same, channel.takes_replies, has_voice)
        try:
            words = said.get(key) if key else None
            words = words or Words(
                *filled(
                    world,
                    tx,
                    broadcast,
                    task,
                    here,
                    takes_replies=channel.takes_replies,
                    has_voice=has_voice,
                    link=links.address(world, link.token) if link else None,
                    stations=near.said(broadcast, task.language, here),
                    also=also.said(broadcast, task.kind, task.language, here),
                )
            )
        except TextError as error:  # one bad text must not hold up the others: an officer dials
            log.error("text can not be made", task=task.id, why=str(error))
            tasks.settle(tx, task.id, TaskState.MANUAL, reason="no_text")
            continue
        found[task.id] = words
        said[key] = words
        offered += [link] if link else []
    kept_links.write(tx, world.db.vault, offered)
    return found


def _broadcast(tx: Tx, broadcast_id: int) -> Broadcast:
    found = broadcasts.get(tx, broadcast_id)
    if found is None:
        msg = f"there is no broadcast {broadcast_id}"
        raise LookupError(msg)
    return found
