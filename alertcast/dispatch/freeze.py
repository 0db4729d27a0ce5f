"""The words of a message are made at its first attempt, and frozen: they never change again."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import structlog

from alertcast.channels.base import Channel
from alertcast.core.broadcast import Broadcast
from alertcast.core.task import Task, TaskState
from alertcast.core.wording import TextError
from alertcast.dispatch import links
from alertcast.dispatch.compose import filled
from alertcast.dispatch.world import World
from alertcast.store import broadcasts, claims, people, tasks
from alertcast.store import links as kept_links
from alertcast.store.db import Tx
from alertcast.store.links import NewLink

log = structlog.get_logger()


def freeze(
    world: World,
    tx: Tx,
    leaving: Sequence[tuple[Task, Channel]],
    phones: Mapping[int, people.Contact],
    mode: str,
    now: datetime,
) -> tuple[dict[int, str], dict[int, Mapping[str, str]]]:
    """Return the text of each task and the values that filled it, by task; frozen ones as they are.

    A task whose text can not be made is not among them: it goes to an officer.
    """
    texts = claims.texts(tx, world.db.vault, [one.id for one, _ in leaving])
    slots = claims.slots(tx, world.db.vault, list(texts))
    fresh = [(one, channel) for one, channel in leaving if one.id not in texts]
    places = claims.places(tx, [one.id for one, _ in fresh])
    known: dict[int, Broadcast | None] = {}
    offered: list[NewLink] = []
    for one, channel in fresh:
        if one.broadcast_id not in known:
            known[one.broadcast_id] = broadcasts.get(tx, one.broadcast_id)
        broadcast = known[one.broadcast_id]
        if broadcast is None:
            msg = f"task {one.id} has no broadcast"
            raise LookupError(msg)
        phone = phones[one.person_id].phone
        voice, _ = world.route("voice", mode, phone)
        link = links.offer(world, broadcast, one, channel, phone, now)
        try:
            texts[one.id], slots[one.id] = filled(
                world,
                tx,
                broadcast,
                one,
                places.get(one.id, ()),
                takes_replies=channel.takes_replies,
                has_voice=voice is not None,
                link=links.address(world, link.token) if link else None,
            )
            offered += [link] if link else []
        except TextError as error:  # one bad text must not hold up the others: an officer dials
            log.error("text can not be made", task=one.id, why=str(error))
            tasks.settle(tx, one.id, TaskState.MANUAL, reason="no_text")
    kept_links.write(tx, world.db.vault, offered)
    return texts, slots
