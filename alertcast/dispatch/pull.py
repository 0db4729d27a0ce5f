"""Receipts are fetched from providers that do not call us: kept, and only then ended there.

Killed between the two: the same receipts are fetched again, and change nothing the second time.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from alertcast.channels.abilities import Pulled, Pulls
from alertcast.channels.base import Callback, Channel, ChannelError
from alertcast.channels.events import Event, KeyEvent, StatusEvent
from alertcast.core.callout import ANSWERS
from alertcast.dispatch import receive
from alertcast.dispatch.answers import answer_task
from alertcast.dispatch.world import World
from alertcast.store import attempts, pulled, receipts, tasks
from alertcast.store.db import TROUBLE, Tx

log = structlog.get_logger()

PAGES = 50
"""Pages fetched in a row; the rest waits for the next time."""

REMEMBERED = timedelta(days=1)
"""How long a receipt without an attempt is looked at again."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came of asking a provider for receipts."""

    events: int = 0
    is_well: bool = True  # it answered each time it was asked


def pull(world: World, name: str, now: datetime) -> Fetched:
    """Fetch what waits at the provider of channel `name`."""
    channel = world.channel(name)
    if channel is None or not isinstance(channel, Pulls):
        return Fetched()
    taken, last = 0, Pulled()
    for _ in range(PAGES):
        with world.db.read() as tx:
            cursor = pulled.cursor(tx, name)
        try:
            page = channel.pull(cursor)
            keep(world, channel, page, now)
            channel.acknowledge(page)
        except ChannelError as error:
            log.warning("receipts could not be fetched", channel=name, reason=str(error))
            return Fetched(taken, is_well=False)
        taken += len(page.events)
        if (
            not page.has_more or page == last
        ):  # the same again: what was acknowledged is still there
            break
        last = page
    return Fetched(taken)


def keep(world: World, channel: Channel, page: Pulled, now: datetime) -> None:
    """Keep and apply a page of receipts, and where the next one begins, in one transaction.

    An event that can not be applied does not hold up the others of its page.
    """

    def take_all(tx: Tx) -> None:
        for event in page.events:
            receive.take(world, tx, channel, _as_callback(channel, event), [event], now)
        if page.cursor is not None:
            pulled.keep_cursor(tx, channel.name, page.cursor)

    try:
        world.db.together(take_all)
        return
    except TROUBLE:
        raise  # the database, not a receipt: the page is fetched again
    except Exception:
        log.exception("receipts could not be applied together", channel=channel.name)
    for event in page.events:
        _take_alone(world, channel, event, now)
    with world.db.write() as tx:
        if page.cursor is not None:
            pulled.keep_cursor(tx, channel.name, page.cursor)


def apply_early(world: World, now: datetime) -> int:
    """Apply what was reported under a provider's id before we knew it; return how much.

    A key that could not be applied is tried again each time, and holds up no other: it may be an
    answer.
    """
    since = now - REMEMBERED
    with world.db.read() as tx:
        keys = pulled.early_keys(tx, since)
    pressed = sum(_is_pressed(world, one, now) for one in keys)
    with world.db.write() as tx:
        states = pulled.early_states(tx, since)
    return pressed + states


def _is_pressed(world: World, one: pulled.Early, now: datetime) -> bool:
    try:
        with world.db.write() as tx:
            _press(world, tx, one, now)
    except TROUBLE:
        raise
    except Exception:
        log.exception("early key could not be applied", receipt=one.receipt_id)
        return False
    return True


def _press(world: World, tx: Tx, one: pulled.Early, now: datetime) -> None:
    attempt = attempts.find(tx, token=one.token)
    task = tasks.get(tx, attempt.task_id) if attempt else None
    effect = "repeated"
    if attempt is not None and one.key not in ANSWERS:
        receive.listens(tx, attempt, one.key, now)
    elif attempt is not None and task is not None:
        attempts.change(tx, attempt.id, key=one.key)
        answer_task(world, tx, task, one.key, "key", now, attempt)
        effect = "applied"
    receipts.applied(tx, [(one.receipt_id, one.attempt_id, effect)])


def _take_alone(world: World, channel: Channel, event: Event, now: datetime) -> None:
    callback = _as_callback(channel, event)
    try:
        with world.db.write() as tx:
            receive.take(world, tx, channel, callback, [event], now)
    except TROUBLE:
        raise
    except Exception:
        log.exception("receipt could not be applied", channel=channel.name)
        with world.db.write() as tx:
            receive.keep_broken(world, tx, channel, callback, event, now)


def _as_callback(channel: Channel, event: Event) -> Callback:
    """Return an event as if the provider had called us with it alone."""
    raw = event.raw if isinstance(event, StatusEvent | KeyEvent) else ""
    return Callback(channel.name, "pulled", None, "", {}, {}, raw.encode())
