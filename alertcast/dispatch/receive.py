"""Receipts and pressed keys come back: verified, kept raw, applied once, in any order they come.

What we answer 2xx is on disk. A callback for an attempt whose own commit is not there yet finds the
row all the same: the attempt was committed before its request was made.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import structlog

from alertcast.channels.base import Callback, Channel, Forged, Reply, Situation
from alertcast.channels.events import (
    CallInEvent,
    Event,
    InboundEvent,
    KeyEvent,
    MachineEvent,
    State,
    StatusEvent,
    VoiceEvent,
)
from alertcast.core.callout import ANSWERS
from alertcast.core.task import Attempt, AttemptState, Task
from alertcast.dispatch import keep
from alertcast.dispatch.answers import answer_task
from alertcast.dispatch.called import called_in
from alertcast.dispatch.settle import LISTENS, Move, settle, settle_all
from alertcast.dispatch.situation import situation_of
from alertcast.dispatch.texted import texted
from alertcast.dispatch.world import World
from alertcast.store import attempts, receipts, tasks
from alertcast.store.db import TROUBLE, Tx
from alertcast.store.pulled import KEY

log = structlog.get_logger()

BATCH = 500
"""How many receipts are applied in one transaction at most."""

MEANS: dict[State, AttemptState | None] = {
    State.QUEUED: AttemptState.ACCEPTED,
    State.SENT: AttemptState.SENT,
    State.DELIVERED: AttemptState.DELIVERED,
    State.CONNECTED: AttemptState.CONNECTED,
    State.COMPLETED: AttemptState.COMPLETED,
    State.BUSY: AttemptState.BUSY,
    State.NO_ANSWER: AttemptState.NO_ANSWER,
    State.MACHINE: AttemptState.MACHINE,
    State.FAILED: AttemptState.FAILED,
    State.CANCELLED: AttemptState.CANCELLED,
    State.UNREADABLE: None,  # kept and shown, never guessed
}


def receive(world: World, callback: Callback, now: datetime) -> Reply:
    """Verify and keep one callback; return what to answer. Raises Forged, counted.

    A key, a call picked up and a text are applied before the answer, which speaks of it. Receipts
    are on disk when this returns, and applied by `apply_kept`.
    """
    channel = world.channel(callback.channel)
    if channel is None:
        return Reply(status=404)
    try:
        events = channel.read(callback)
    except Forged:
        world.forged.count(world.db, channel.name)
        log.warning("forged callback refused", channel=channel.name, what=callback.what)
        raise
    report = keep.reported(channel, callback, events)
    if report is not None:
        keep.keep(world, [report], now)
        return report.reply
    situation = world.db.together(lambda tx: take(world, tx, channel, callback, events, now))
    return channel.reply(callback, situation)


def take(
    world: World,
    tx: Tx,
    channel: Channel,
    callback: Callback,
    events: Sequence[Event],
    now: datetime,
) -> Situation:
    """Keep the receipts among `events`, and apply everything else; return what a reply may say."""
    came = [keep.arrived(channel, callback, one) for one in events if isinstance(one, StatusEvent)]
    if came:
        receipts.keep(tx, world.db.vault, came, now)
    situation = Situation()
    for event in events:
        if not isinstance(event, StatusEvent):
            situation = _take(world, tx, channel, callback, event, now)
    return situation


def _take(
    world: World, tx: Tx, channel: Channel, callback: Callback, event: Event, now: datetime
) -> Situation:
    """Apply what speaks of a person, and return what may be said to them."""
    match event:
        case KeyEvent():
            return _key(world, tx, channel, callback, event, now)
        case VoiceEvent():
            return _picked_up(world, tx, channel, callback, event, now)
        case MachineEvent():
            return _machine(world, tx, channel, callback, event, now)
        case CallInEvent():
            return called_in(world, tx, event, _came(channel, callback, "call in"), now)
        case InboundEvent():
            texted(world, tx, event, _came(channel, callback, "inbound"), now)
    return Situation()


def keep_broken(
    world: World, tx: Tx, channel: Channel, callback: Callback, event: Event, now: datetime
) -> None:
    """Keep what could not be applied; a key is tried again (see `pull.apply_early`)."""
    if isinstance(event, KeyEvent):
        _keep_key(world, tx, channel, callback, event, None, "broken", now)
    else:
        _keep(world, tx, channel, callback, None, "", "broken", now)


def apply_kept(world: World, now: datetime) -> int:
    """Apply the receipts that were kept, a batch of them; return how many.

    One that can not be applied is marked `broken`, and does not hold up the others.
    """
    with world.db.read() as tx:
        if not receipts.is_any_waiting(tx):
            return 0
    try:
        return world.db.together(lambda tx: _apply(world, tx, receipts.waiting(tx, BATCH), now))
    except TROUBLE:
        raise  # the database, not a receipt: all of them wait
    except Exception:
        log.exception("receipts could not be applied together")
    with world.db.read() as tx:
        kept = receipts.waiting(tx, BATCH)
    for one in kept:
        try:
            with world.db.write() as tx:
                _apply(world, tx, [one], now)
        except TROUBLE:
            raise  # as above: those that are left wait
        except Exception:
            log.exception("receipt could not be applied", receipt=one.id)
            with world.db.write() as tx:
                receipts.applied(tx, [(one.id, None, "broken")])
    return len(kept)


def apply_asked(world: World, channel: Channel, event: StatusEvent, now: datetime) -> str:
    """Keep and apply what a provider said when it was asked; return what it changed."""
    arrived = keep.arrived(channel, None, event)

    def take(tx: Tx) -> str:
        kept = receipts.Kept(
            0,
            channel.name,
            event.word,
            event.state,
            event.token,
            event.provider_ref,
            event.code,
            event.reason,
        )
        ((_, attempt_id, effect),) = _effects(world, tx, [kept], now)
        if effect != "repeated":  # polling in vain leaves no trace each time
            receipts.keep(tx, world.db.vault, [arrived], now, effect=effect, attempt_id=attempt_id)
        return effect

    return world.db.together(take)


def listens(tx: Tx, attempt: Attempt, key: str, now: datetime) -> None:
    """Take it from a key that says nothing else that a person listens.

    No machine is believed afterwards; after one that was, nobody is called while he listens.
    """
    if not key:
        return
    if attempt.key is None:
        attempts.change(tx, attempt.id, key=key)
    if attempt.state is AttemptState.MACHINE:
        tasks.rest(tx, [attempt.task_id], now + LISTENS)


def _apply(world: World, tx: Tx, kept: Sequence[receipts.Kept], now: datetime) -> int:
    if kept:
        receipts.applied(tx, _effects(world, tx, kept, now))
    return len(kept)


def _effects(
    world: World, tx: Tx, kept: Sequence[receipts.Kept], now: datetime
) -> list[tuple[int, int | None, str]]:
    by_token = attempts.with_tokens(tx, [one.token for one in kept if one.token])
    found = [
        by_token.get(one.token)
        if one.token
        else attempts.find(tx, channel=one.channel, provider_ref=one.provider_ref)
        for one in kept
    ]
    effects: dict[int, str] = {}
    moves: list[tuple[int, Move]] = []
    for at, (one, attempt) in enumerate(zip(kept, found, strict=True)):
        to = MEANS[State(one.state)]
        if attempt is None:
            effects[at] = "unmatched"
        elif to is None:
            effects[at] = "unreadable"
            log.warning("unknown word from provider", channel=one.channel, attempt=attempt.id)
        else:
            moves.append((at, Move(attempt, to, one.provider_ref, one.code, one.reason)))
    done = settle_all(tx, world.config.rules.retry, [move for _, move in moves], now)
    effects |= {at: effect for (at, _), effect in zip(moves, done, strict=True)}
    return [
        (one.id, attempt.id if attempt else None, effects[at])
        for at, (one, attempt) in enumerate(zip(kept, found, strict=True))
    ]


def _key(
    world: World, tx: Tx, channel: Channel, callback: Callback, event: KeyEvent, now: datetime
) -> Situation:
    attempt, task = _attempt_of(tx, channel, event.token, event.provider_ref)
    if attempt is None or task is None:
        _keep_key(world, tx, channel, callback, event, None, "unmatched", now)
        return Situation(unknown=True)
    if event.key not in ANSWERS:
        listens(tx, attempt, event.key, now)
        _keep_key(world, tx, channel, callback, event, attempt, "repeated", now)
        return situation_of(world, tx, task, now)
    attempts.change(tx, attempt.id, key=event.key)
    done = answer_task(world, tx, task, event.key, "key", now, attempt)
    _keep_key(world, tx, channel, callback, event, attempt, "applied", now)
    return situation_of(world, tx, task, now, done)


def _picked_up(
    world: World, tx: Tx, channel: Channel, callback: Callback, event: VoiceEvent, now: datetime
) -> Situation:
    attempt, task = _attempt_of(tx, channel, event.token, event.provider_ref)
    if attempt is None or task is None:
        _keep(world, tx, channel, callback, None, "voice", "unmatched", now)
        return Situation(unknown=True)
    retry, ref = world.config.rules.retry, event.provider_ref
    effect = settle(tx, retry, attempt, AttemptState.CONNECTED, now, provider_ref=ref)
    _keep(world, tx, channel, callback, attempt, "voice", effect, now)
    found = situation_of(world, tx, task, now)
    return replace(found, is_machine=attempt.state is AttemptState.MACHINE)


def _machine(
    world: World, tx: Tx, channel: Channel, callback: Callback, event: MachineEvent, now: datetime
) -> Situation:
    """Take it that a voicemail picked up, unless a key has shown that it was a person."""
    attempt, task = _attempt_of(tx, channel, event.token, event.provider_ref)
    if attempt is None or task is None:
        _keep(world, tx, channel, callback, None, event.word, "unmatched", now)
        return Situation(unknown=True)
    if attempt.key is not None:
        _keep(world, tx, channel, callback, attempt, event.word, "contradicts", now)
        return situation_of(world, tx, task, now)
    retry, ref, state = world.config.rules.retry, event.provider_ref, AttemptState.MACHINE
    effect = settle(tx, retry, attempt, state, now, provider_ref=ref, reason="machine")
    _keep(world, tx, channel, callback, attempt, event.word, effect, now)
    return replace(situation_of(world, tx, task, now), is_machine=True)


def _attempt_of(
    tx: Tx, channel: Channel, token: str | None, provider_ref: str | None
) -> tuple[Attempt | None, Task | None]:
    attempt = attempts.find(tx, token=token, channel=channel.name, provider_ref=provider_ref)
    return attempt, tasks.get(tx, attempt.task_id) if attempt else None


def _keep(
    world: World,
    tx: Tx,
    channel: Channel,
    callback: Callback,
    attempt: Attempt | None,
    word: str,
    effect: str,
    now: datetime,
) -> None:
    came = _came(channel, callback, word)
    attempt_id = attempt.id if attempt else None
    receipts.keep(tx, world.db.vault, [came], now, effect=effect, attempt_id=attempt_id)


def _came(channel: Channel, callback: Callback, word: str) -> receipts.Arrived:
    return receipts.Arrived(channel.name, callback.what, keep.raw(callback), word, 0)


def _keep_key(
    world: World,
    tx: Tx,
    channel: Channel,
    callback: Callback,
    event: KeyEvent,
    attempt: Attempt | None,
    effect: str,
    now: datetime,
) -> None:
    """Keep a key; under a provider's id it may come before we know the id (see `pull`)."""
    came = receipts.Arrived(
        channel.name,
        callback.what,
        event.raw or keep.raw(callback),
        f"{KEY}{event.key}",
        0,
        token=event.token,
        provider_ref=event.provider_ref,
    )
    attempt_id = attempt.id if attempt else None
    receipts.keep(tx, world.db.vault, [came], now, effect=effect, attempt_id=attempt_id)
