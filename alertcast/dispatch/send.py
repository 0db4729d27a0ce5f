"""Messages leave: claimed under a lease, written as an attempt, committed, and only then requested.

Killed before the claim's commit: nothing happened. Killed between claim and record: the lease runs
out, the attempt becomes `unknown` and is settled by its callback or by asking the provider
(`reconcile`). A sender that slept through its lease finds its token gone and sends nothing.
"""

from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from alertcast.channels.base import Channel, Outcome, Request, Sent
from alertcast.core.broadcast import Broadcast, BroadcastState
from alertcast.core.task import Attempt, AttemptState, Task, TaskState
from alertcast.dispatch.compose import render
from alertcast.dispatch.settle import settle
from alertcast.dispatch.world import World
from alertcast.store import attempts, broadcasts, channels, people, tasks
from alertcast.store.db import Tx

log = structlog.get_logger()

THROTTLED_WAIT = 5.0
"""Product seconds before a throttled message is tried again, if the provider named none."""

_MEANS = {
    Outcome.ACCEPTED: AttemptState.ACCEPTED,
    Outcome.THROTTLED: AttemptState.THROTTLED,
    Outcome.REFUSED: AttemptState.REFUSED,
    Outcome.STOPPED: AttemptState.THROTTLED,
    Outcome.UNKNOWN: AttemptState.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class Claim:
    """One message that this sender, and nobody else, is about to hand over."""

    task: Task
    attempt: Attempt
    request: Request
    channel: Channel
    lease: str  # fencing token


def send_due(world: World, kind: str, mode: str, now: datetime) -> int:
    """Send what is due of one kind and mode, one batch; return how many requests were made."""
    made = 0
    for one in claim(world, kind, mode, now):
        if not _is_wanted(world, one, now):
            continue
        record(world, one, one.channel.send([one.request])[0], now)
        made += 1
    return made


def claim(world: World, kind: str, mode: str, now: datetime) -> list[Claim]:
    """Claim a batch: write each attempt with its frozen text under a lease, and commit."""
    with world.db.write() as tx:
        ready = tasks.ready(tx, kind, mode, now, world.config.main.dispatch.batch)
        if not ready:
            return []
        gone = tasks.needless(tx, [one.id for one in ready])
        tasks.drop(tx, gone, TaskState.CANCELLED, "cancelled")
        real_now = world.db.real_now(tx)
        contacts = people.contacts(tx, world.db.vault, {one.person_id for one in ready})
        found: list[Claim] = []
        full: set[str] = set()
        for one in ready:
            if one.id in gone or _is_expired(tx, one, now):
                continue
            phone = contacts[one.person_id].phone
            channel, reason = world.route(kind, mode, phone)
            if channel is None:
                tasks.settle(tx, one.id, TaskState.MANUAL, reason=reason)
            elif channel.name not in full and _slot(tx, channel, real_now):
                found.append(_claimed(world, tx, one, channel, phone, now, real_now))
            else:
                full.add(channel.name)
    return found


def record(world: World, one: Claim, sent: Sent, now: datetime) -> str:
    """Write what the provider answered; return what that changed (see `settle`).

    A stale lease changes nothing that was settled since: the attempt's own rank guards it.
    """
    with world.db.write() as tx:
        current = attempts.find(tx, token=one.attempt.token)
        if current is None:
            msg = f"attempt {one.attempt.id} is gone"
            raise LookupError(msg)
        wait = sent.retry_after or THROTTLED_WAIT
        effect = settle(
            tx,
            current,
            _MEANS[sent.outcome],
            now,
            provider_ref=sent.provider_ref,
            code=sent.code,
            reason=sent.reason,
            wait=wait,
        )
        if sent.outcome is Outcome.THROTTLED:
            channels.pause(tx, one.channel.name, world.db.real_after(tx, wait))
        if sent.outcome is Outcome.STOPPED:
            channels.stop(tx, one.channel.name, sent.detail or sent.reason or "account")
    log.info(
        "request made",
        task=one.task.id,
        attempt=one.attempt.id,
        channel=one.channel.name,
        outcome=sent.outcome.value,
        code=sent.code,
        effect=effect,
    )
    return effect


def reap(world: World) -> int:
    """Take back the messages whose sender died or slept: their outcome is unknown."""
    with world.db.write() as tx:
        lost = tasks.expired_leases(tx, world.db.real_now(tx))
        for task_id in lost:
            attempt = attempts.latest(tx, task_id)
            if attempt is not None and attempt.state is AttemptState.LEAVING:
                settle(tx, attempt, AttemptState.UNKNOWN, attempt.requested_at)
                tasks.settle(tx, task_id, TaskState.UNSURE, reason="unknown_outcome")
    return len(lost)


def request_for(task: Task, token: str, phone: str, text: str) -> Request:
    """Return the request that belongs to an attempt, the same each time it is asked for."""
    return Request(
        token=token,
        phone=phone,
        text=text,
        template=task.template,
        language=task.language,
        expires=task.expires_at,
    )


def _claimed(
    world: World,
    tx: Tx,
    task: Task,
    channel: Channel,
    phone: str,
    now: datetime,
    real_now: datetime,
) -> Claim:
    broadcast = broadcasts.get(tx, task.broadcast_id)
    text = tasks.text_of(tx, world.db.vault, task.id)
    if text is None:
        text = _text(world, tx, broadcast, task, channel, phone)
        tasks.freeze(tx, world.db.vault, task.id, text)
    attempt = attempts.begin(tx, task.id, channel.name, now, real_now)
    lease = tasks.lease(tx, task.id, real_now + world.config.main.dispatch.lease)
    request = request_for(task, attempt.token, phone, text)
    return Claim(replace(task, tries=task.tries + 1), attempt, request, channel, lease)


def _text(
    world: World,
    tx: Tx,
    broadcast: Broadcast | None,
    task: Task,
    channel: Channel,
    phone: str,
) -> str:
    if broadcast is None:
        msg = f"task {task.id} has no broadcast"
        raise LookupError(msg)
    voice, _ = world.route("voice", broadcast.mode, phone)
    return render(
        world,
        tx,
        broadcast,
        task,
        takes_replies=channel.takes_replies,
        has_voice=voice is not None,
    )


def _is_expired(tx: Tx, task: Task, now: datetime) -> bool:
    if task.expires_at is None or task.expires_at > now:
        return False
    tasks.settle(tx, task.id, TaskState.EXPIRED, reason="expired")
    return True


def _slot(tx: Tx, channel: Channel, real_now: datetime) -> bool:
    settings = channel.settings
    return bool(
        channels.take(
            tx, channel.name, 1, rate=settings.rate, burst=settings.burst, real_now=real_now
        )
    )


def _is_wanted(world: World, one: Claim, now: datetime) -> bool:
    """Say, directly before the request, whether the lease is ours and nobody stopped it."""
    with world.db.read() as tx:
        ours = tasks.holds_lease(tx, one.task.id, one.lease)
        broadcast = broadcasts.get(tx, one.task.broadcast_id)
        running = broadcast is not None and broadcast.state is BroadcastState.RUNNING
        needless = tasks.needless(tx, [one.task.id])
    if not ours:
        return False
    if running and not needless:
        return True
    with world.db.write() as tx:
        current = attempts.find(tx, token=one.attempt.token)
        if current is not None:
            settle(tx, current, AttemptState.WITHHELD, now, reason="cancelled")
    return False
