"""Messages leave: claimed under a lease, written as an attempt, committed, and only then requested.

Killed before the claim's commit: nothing happened. Killed between claim and record: the lease runs
out, the attempt becomes `unknown` and is settled by its callback or by asking the provider
(`reconcile`). A sender that slept through its lease finds its token gone and sends nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from alertcast.channels.base import Channel, Outcome, Request, Sent
from alertcast.core.broadcast import Broadcast
from alertcast.core.task import Attempt, AttemptState, Task, TaskState
from alertcast.core.wording import TextError
from alertcast.dispatch.compose import render
from alertcast.dispatch.settle import settle
from alertcast.dispatch.world import World
from alertcast.store import attempts, broadcasts, channels, claims, needs, people, tasks
from alertcast.store.claims import Leaving
from alertcast.store.db import Tx

log = structlog.get_logger()

THROTTLED_WAIT = 5.0
"""Product seconds before a throttled message is tried again, if the provider named none."""

LONGEST_PAUSE = 300.0
"""Real seconds that a channel rests at most, whatever its provider asked for."""

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
    return sum(hand_over(world, one, now) for one in claim(world, kind, mode, now))


def hand_over(world: World, one: Claim, now: datetime) -> bool:
    """Hand a claimed message to its provider and record the answer; False if it may not leave."""
    if not _is_wanted(world, one, now):
        return False
    record(world, one, one.channel.send([one.request])[0], now)
    return True


def claim(world: World, kind: str, mode: str, now: datetime) -> list[Claim]:
    """Claim a batch: write each attempt with its frozen text under a lease, and commit."""
    with world.db.read() as tx:
        if not tasks.is_any_ready(tx, kind, mode, now):
            return []
    with world.db.write() as tx:
        ready = tasks.ready(tx, kind, mode, now, world.config.main.dispatch.batch)
        if not ready:
            return []
        gone = needs.needless(tx, [one.id for one in ready])
        tasks.drop(tx, gone, TaskState.CANCELLED, "not_needed")
        wanted = [one for one in ready if one.id not in gone and not _is_expired(tx, one, now)]
        phones = people.contacts(tx, world.db.vault, {one.person_id for one in wanted})
        real_now = world.db.real_now(tx)
        routed = _routed(world, tx, wanted, phones, mode, real_now)
        texts = _texts(world, tx, routed, phones, mode)
        routed = [(one, channel) for one, channel in routed if one.id in texts]
        leased = claims.claim(
            tx,
            world.db.vault,
            [Leaving(one.id, channel.name, texts[one.id]) for one, channel in routed],
            now=now,
            real_now=real_now,
            until=real_now + world.config.main.dispatch.lease,
        )
    return [
        Claim(
            replace(one, tries=one.tries + 1),
            each.attempt,
            request_for(one, each.attempt.token, phones[one.person_id].phone, texts[one.id]),
            channel,
            each.lease,
        )
        for (one, channel), each in zip(routed, leased, strict=True)
    ]


def record(world: World, one: Claim, sent: Sent, now: datetime) -> str:
    """Write what the provider answered; return what that changed (see `settle`).

    A stale lease changes nothing that was settled since: the attempt's own rank guards it.
    """
    with world.db.write() as tx:
        current = attempts.find(tx, token=one.attempt.token)
        if current is None:
            msg = f"attempt {one.attempt.id} is gone"
            raise LookupError(msg)
        pause = min(sent.retry_after or THROTTLED_WAIT, LONGEST_PAUSE)
        effect = settle(
            tx,
            current,
            _MEANS[sent.outcome],
            now,
            provider_ref=sent.provider_ref,
            code=sent.code,
            reason=sent.reason,
            wait=min(pause, THROTTLED_WAIT),  # another channel may carry it while this one rests
        )
        if sent.outcome is Outcome.THROTTLED:
            channels.pause(tx, one.channel.name, world.db.real_after(tx, pause))
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


def _routed(
    world: World,
    tx: Tx,
    wanted: Sequence[Task],
    phones: Mapping[int, people.Contact],
    mode: str,
    real_now: datetime,
) -> list[tuple[Task, Channel]]:
    """Return the tasks for which a channel has a free slot; a task without channel goes to hand."""
    queues: dict[str, list[tuple[Task, Channel]]] = {}
    resting = channels.resting(tx, real_now)
    for one in wanted:
        channel, reason = world.route(one.kind, mode, phones[one.person_id].phone, avoid=resting)
        if channel is None:
            tasks.settle(tx, one.id, TaskState.MANUAL, reason=reason)
        else:
            queues.setdefault(channel.name, []).append((one, channel))
    found: list[tuple[Task, Channel]] = []
    for name, queue in queues.items():
        settings = queue[0][1].settings
        slots = channels.take(
            tx, name, len(queue), rate=settings.rate, burst=settings.burst, real_now=real_now
        )
        found += queue[:slots]
    return found


def _texts(
    world: World,
    tx: Tx,
    routed: Sequence[tuple[Task, Channel]],
    phones: Mapping[int, people.Contact],
    mode: str,
) -> dict[int, str]:
    texts = claims.texts(tx, world.db.vault, [one.id for one, _ in routed])
    fresh = [(one, channel) for one, channel in routed if one.id not in texts]
    places = claims.places(tx, [one.id for one, _ in fresh])
    known: dict[int, Broadcast | None] = {}
    for one, channel in fresh:
        if one.broadcast_id not in known:
            known[one.broadcast_id] = broadcasts.get(tx, one.broadcast_id)
        broadcast = known[one.broadcast_id]
        if broadcast is None:
            msg = f"task {one.id} has no broadcast"
            raise LookupError(msg)
        voice, _ = world.route("voice", mode, phones[one.person_id].phone)
        try:
            texts[one.id] = render(
                world,
                tx,
                broadcast,
                one,
                places.get(one.id, ()),
                takes_replies=channel.takes_replies,
                has_voice=voice is not None,
            )
        except TextError as error:  # one bad text must not hold up the others: an officer dials
            log.error("text can not be made", task=one.id, why=str(error))
            tasks.settle(tx, one.id, TaskState.MANUAL, reason="no_text")
    return texts


def _is_expired(tx: Tx, task: Task, now: datetime) -> bool:
    if task.expires_at is None or task.expires_at > now:
        return False
    tasks.settle(tx, task.id, TaskState.EXPIRED, reason="expired")
    return True


def _is_wanted(world: World, one: Claim, now: datetime) -> bool:
    """Say, directly before the request, whether the lease is ours and nobody stopped it."""
    with world.db.read() as tx:
        if needs.may_go(tx, one.task.id, one.lease):
            return True
    with world.db.write() as tx:
        is_ours = tasks.holds_lease(tx, one.task.id, one.lease)
        current = attempts.find(tx, token=one.attempt.token)
        if current is not None and is_ours:
            settle(tx, current, AttemptState.WITHHELD, now, reason="cancelled")
        elif current is not None:  # slept through the lease: nothing left, another may take it
            settle(tx, current, AttemptState.ABSENT, now)
    return False
