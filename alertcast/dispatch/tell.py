"""People are to be told now: one task per phone and kind, on a channel that can carry it."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from alertcast.core.broadcast import Broadcast, priority
from alertcast.core.plan import PlannedTask, Telling, rank, tasks_for
from alertcast.core.wording import Texts
from alertcast.dispatch.world import World
from alertcast.store import moving, orders, others, people
from alertcast.store.db import Tx

SMS_TRIES = 2
"""Attempts at a text message that failed for a passing reason."""


def tell(
    world: World,
    tx: Tx,
    broadcast: Broadcast,
    tellings: Sequence[Telling],
    kinds: Sequence[str],
    now: datetime,
    *,
    calls: int = 1,
    every: float = 100.0,
    is_repeat: bool = False,
    due_at: datetime | None = None,
) -> int:
    """Plan the tasks that tell these people by `kinds`; return how many are new.

    Where no channel carries a kind to a phone, the person's other number is told by it; where none
    carries it to that either, and no call can be made instead, the person goes to the officer's
    list (kind manual) with the reason. Twice plans the same tasks once, as long as
    none of them has left. A repeat leaves out whoever is still being told by that kind: a slow
    channel must not make two calls of one.
    """
    plans: dict[tuple[str, str | None], list[Telling]] = {}
    for kind, reason, one in _carried(world, tx, broadcast, tellings, kinds):
        plans.setdefault((kind, reason), []).append(one)
    levels, texts = world.config.hazards.ordered, Texts(broadcast.wording)
    written = 0
    for (kind, reason), listed in plans.items():
        busy = moving.phones(tx, broadcast.id, kind) if is_repeat else frozenset()
        told = [one for one in listed if one.phone_index not in busy]
        order = orders.Order(
            broadcast_id=broadcast.id,
            kind=kind,
            purpose=broadcast.purpose,
            template=template_of(broadcast.purpose, kind),
            due_at=due_at or now,
            expires_at=broadcast.expires_at,
            calls=calls if kind == "voice" else SMS_TRIES,
            every=every,
            reason=reason,
        )
        planned = [
            (
                _in_one(texts, order, one),
                priority(broadcast.purpose, broadcast.mode, rank(one.level, levels)),
            )
            for one in tasks_for(told, levels)
        ]
        written += orders.write(tx, order, planned, now)
    return written


def _carried(
    world: World, tx: Tx, broadcast: Broadcast, tellings: Sequence[Telling], kinds: Sequence[str]
) -> Iterator[tuple[str, str | None, Telling]]:
    """Yield each kind by which each is told, and on which number; manual with the reason."""
    numbers = people.numbers(tx, world.db.vault, {one.person_id for one in tellings})
    stuck: dict[Telling, dict[str, str]] = {}
    for one in tellings:
        for kind in kinds:
            reason = _refused(world, broadcast, kind, one, numbers[one.person_id])
            if reason is None:
                yield kind, None, one
            else:
                stuck.setdefault(one, {})[kind] = reason
    second = others.of(tx, world.db.vault, {one.person_id for one in stuck})
    for one, missing in stuck.items():
        left = dict(missing)
        if found := second.get(one.person_id):
            other = one._replace(person_id=found.person_id, phone_index=found.phone_index)
            for kind in missing:
                if _refused(world, broadcast, kind, other, found.phone) is None:
                    yield kind, None, other
                    del left[kind]
        is_called = "voice" in kinds and "voice" not in left
        if left and not is_called:
            yield "manual", next(iter(left.values())), one


def _in_one(texts: Texts, order: orders.Order, one: PlannedTask) -> PlannedTask:
    """Return what one phone is told, in the one of its person's languages that has the text."""
    return one._replace(language=texts.chosen(order.template, one.language))


def _refused(world: World, broadcast: Broadcast, kind: str, one: Telling, phone: str) -> str | None:
    """Return why no channel carries `kind` to this phone, or None if one does."""
    text_id = template_of(broadcast.purpose, kind)
    text = (text_id, Texts(broadcast.wording).chosen(text_id, one.language))
    channel, reason = world.route(kind, broadcast.mode, phone, text=text)
    return reason if channel is None else None


def template_of(purpose: str, kind: str) -> str:
    """Return the id of the text by which `kind` tells something."""
    return f"{purpose}.{spoken_as(kind)}"


def spoken_as(kind: str) -> str:
    """Return the kind whose texts are used: a robot writes an SMS, an officer reads out a call."""
    return _SPEAKS_LIKE.get(kind, kind)


_SPEAKS_LIKE = {"manual": "voice", "robot": "sms"}
