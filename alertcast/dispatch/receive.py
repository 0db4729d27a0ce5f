"""Receipts and pressed keys come back: verified, kept raw, applied once, in any order they come.

What we answer 2xx is on disk. A callback for an attempt whose own commit is not there yet finds the
row all the same: the attempt was committed before its request was made.
"""

import json
from datetime import datetime

import structlog

from alertcast.channels.base import (
    Callback,
    Channel,
    Forged,
    InboundEvent,
    KeyEvent,
    Reply,
    Situation,
    State,
    StatusEvent,
    VoiceEvent,
)
from alertcast.core.broadcast import BroadcastState
from alertcast.core.task import Attempt, AttemptState, Task, TaskState
from alertcast.dispatch.answers import NEEDS_HELP, UNDERSTOOD, Answered, answer_task
from alertcast.dispatch.settle import settle
from alertcast.dispatch.world import World
from alertcast.store import attempts, broadcasts, callouts, channels, needs, tasks
from alertcast.store.db import Tx

log = structlog.get_logger()

UNDERSTOOD_WORDS = frozenset({"1", "收到", "已收到", "明白", "ok"})
HELP_WORDS = frozenset({"2", "求助", "支援", "需要支援"})
DANGER = frozenset({"red", "orange"})
"""Levels at which a call for help also hears the emergency numbers."""

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
    """Verify, keep and apply one callback; return what to answer. Raises Forged, counted."""
    channel = world.channel(callback.channel)
    if channel is None:
        return Reply(status=404)
    try:
        events = channel.read(callback)
    except Forged:
        with world.db.write() as tx:
            channels.count_forged(tx, channel.name, world.db.real_now(tx))
        log.warning("forged callback refused", channel=channel.name, what=callback.what)
        raise
    situation = Situation()
    with world.db.write() as tx:
        for event in events:
            match event:
                case StatusEvent():
                    apply_status(world, tx, channel, callback, event, now)
                case KeyEvent():
                    situation = _key(world, tx, channel, callback, event, now)
                case VoiceEvent():
                    situation = _picked_up(world, tx, channel, callback, event, now)
                case InboundEvent():
                    _inbound(world, tx, channel, callback, event, now)
    return channel.reply(callback, situation)


def apply_status(
    world: World,
    tx: Tx,
    channel: Channel,
    callback: Callback | None,
    event: StatusEvent,
    now: datetime,
) -> str:
    """Apply one receipt; return what it changed. Used for callbacks and for polled states alike."""
    attempt = attempts.find(
        tx, token=event.token, channel=channel.name, provider_ref=event.provider_ref
    )
    to = MEANS[event.state]
    if attempt is None:
        effect = "unmatched"
    elif to is None:
        effect = "unreadable"
        log.warning("unknown word from provider", channel=channel.name, attempt=attempt.id)
    else:
        effect = settle(
            tx,
            attempt,
            to,
            now,
            provider_ref=event.provider_ref,
            code=event.code,
            reason=event.reason,
        )
    if callback is not None or effect != "repeated":  # polling in vain leaves no trace each time
        _keep(world, tx, channel, callback, attempt, event.word, event.rank, effect, now)
    return effect


def _key(
    world: World, tx: Tx, channel: Channel, callback: Callback, event: KeyEvent, now: datetime
) -> Situation:
    attempt, task = _attempt_of(tx, channel, event.token, event.provider_ref)
    if attempt is None or task is None:
        _keep(world, tx, channel, callback, None, f"key {event.key}", 0, "unmatched", now)
        return Situation(unknown=True)
    if event.key not in (UNDERSTOOD, NEEDS_HELP):
        _keep(world, tx, channel, callback, attempt, f"key {event.key}", 0, "repeated", now)
        return _situation(world, tx, task)
    attempts.change(tx, attempt.id, key=event.key)
    done = answer_task(world, tx, task, event.key, "key", now, attempt)
    _keep(world, tx, channel, callback, attempt, f"key {event.key}", 0, "applied", now)
    return _situation(world, tx, task, done)


def _picked_up(
    world: World, tx: Tx, channel: Channel, callback: Callback, event: VoiceEvent, now: datetime
) -> Situation:
    attempt, task = _attempt_of(tx, channel, event.token, event.provider_ref)
    if attempt is None or task is None:
        _keep(world, tx, channel, callback, None, "voice", 0, "unmatched", now)
        return Situation(unknown=True)
    effect = settle(tx, attempt, AttemptState.CONNECTED, now, provider_ref=event.provider_ref)
    _keep(world, tx, channel, callback, attempt, "voice", 0, effect, now)
    return _situation(world, tx, task)


def _inbound(
    world: World, tx: Tx, channel: Channel, callback: Callback, event: InboundEvent, now: datetime
) -> None:
    word = event.text.translate(_FULL_WIDTH).strip(_AROUND).lower()
    value = UNDERSTOOD if word in UNDERSTOOD_WORDS else NEEDS_HELP if word in HELP_WORDS else None
    found = _asked_of(tx, world.db.vault.index(event.phone), value, now)
    effect = "applied" if value and found else "unmatched" if value else "unreadable"
    _keep(world, tx, channel, callback, None, "inbound", 0, effect, now)
    if value is not None:
        for task in found:
            answer_task(world, tx, task, value, "sms", now)


def _asked_of(tx: Tx, phone_index: str, value: str | None, now: datetime) -> list[Task]:
    """Return the tasks a text answers; a cry for help finds its grid though all is over."""
    called = tasks.last_called(tx, phone_index) if value == NEEDS_HELP else []
    return called or tasks.latest_to(tx, phone_index, now)


def _attempt_of(
    tx: Tx, channel: Channel, token: str | None, provider_ref: str | None
) -> tuple[Attempt | None, Task | None]:
    attempt = attempts.find(tx, token=token, channel=channel.name, provider_ref=provider_ref)
    return attempt, tasks.get(tx, attempt.task_id) if attempt else None


def _situation(world: World, tx: Tx, task: Task, done: Answered | None = None) -> Situation:
    needless = bool(needs.needless(tx, [task.id]))
    over = (BroadcastState.CANCELLED, BroadcastState.CLOSED)
    stopped = task.purpose != "help" and broadcasts.state_of(tx, task.broadcast_id) in over
    return Situation(
        text=tasks.text_of(tx, world.db.vault, task.id) or "",
        language=task.language,
        stopped=stopped or task.state is TaskState.CANCELLED,
        answered=done is not None,
        help_opened=bool(done and done.help_id),
        told=done.told if done else (),
        is_danger=task.level in DANGER,
        already_by=_answered_by(world, tx, task) if needless and done is None else None,
    )


def _answered_by(world: World, tx: Tx, task: Task) -> str | None:
    role = callouts.first_answer(tx, tasks.respondents_of(tx, task.id))
    known = world.config.roles.get(role or "")
    return known.zh if known else role


def _keep(
    world: World,
    tx: Tx,
    channel: Channel,
    callback: Callback | None,
    attempt: Attempt | None,
    word: str,
    rank: int,
    effect: str,
    now: datetime,
) -> None:
    raw = json.dumps(
        {
            "form": {key: list(values) for key, values in callback.form.items()},
            "body": callback.body.decode("utf-8", "replace"),
        }
        if callback
        else {"polled": word},
        ensure_ascii=False,
    )
    attempts.write_receipt(
        tx,
        world.db.vault,
        attempt_id=attempt.id if attempt else None,
        channel=channel.name,
        what=callback.what if callback else "polled",
        raw=raw,
        word=word,
        rank=rank,
        effect=effect,
        now=now,
    )


_AROUND = " \t\r\n\u3000.,!。，！"
"""What people put around the one word that is asked of them."""

_FULL_WIDTH = {0xFF10 + digit: str(digit) for digit in range(10)}
