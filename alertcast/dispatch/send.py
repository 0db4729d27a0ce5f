"""Messages leave: claimed under a lease, written as an attempt, committed, and only then requested.

Killed before the claim's commit: nothing happened. Killed between claim and record: the lease runs
out, the attempt becomes `unknown` and is settled by its callback or by asking the provider
(`reconcile`). A sender that slept through its lease finds its token gone and sends nothing.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from alertcast.channels import in_time
from alertcast.channels.base import Channel, Outcome, Request, Sent
from alertcast.core.broadcast import Broadcast
from alertcast.core.opening import may_wait
from alertcast.core.task import Attempt, AttemptState, Task, TaskState
from alertcast.core.wording import TextError
from alertcast.dispatch import links
from alertcast.dispatch.compose import filled
from alertcast.dispatch.settle import Move, settle, settle_all
from alertcast.dispatch.world import World
from alertcast.engines.jobs import Hands, Job, in_turn
from alertcast.store import attempts, bells, broadcasts, channels, claims, needs, people, tasks
from alertcast.store import links as kept_links
from alertcast.store.claims import Leaving
from alertcast.store.db import Tx
from alertcast.store.links import NewLink

log = structlog.get_logger()

THROTTLED_WAIT = 5.0
"""Product seconds before a throttled message is tried again, if the provider named none."""

LONGEST_PAUSE = 300.0
"""Real seconds that a channel rests at most, whatever its provider asked for."""

PAGES = 5
"""How many batches are looked through for messages whose channel has a free slot."""

_MEANS = {
    Outcome.ACCEPTED: AttemptState.ACCEPTED,
    Outcome.DELIVERED: AttemptState.DELIVERED,
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
    slot: int = 0  # of the claim's slots on this channel; messages of one slot share a request
    wait: float = 0.0  # real seconds after the claim at which its slot begins
    was_failing: bool = False  # the channel's last request failed


def send_due(world: World, kind: str, mode: str, now: datetime, hands: Hands = in_turn) -> int:
    """Claim what is due of one kind and mode, one batch, and let `hands` hand it over."""
    begun = time.monotonic()
    loads = _loads(claim(world, kind, mode, now))
    return hands(
        Job(
            begun + load[0].wait,
            partial(hand_over, world, load, now),
            partial(give_back, world, load, now),
        )
        for load in loads
    )


def hand_over(world: World, load: Sequence[Claim], now: datetime) -> int:
    """Hand messages to their provider in one request and record the answers; return how many."""
    with world.db.read() as tx:
        going = [one for one in load if needs.may_go(tx, one.task.id, one.lease)]
    if len(going) < len(load):
        held = [one for one in load if one not in going]
        world.db.together(lambda tx: _hold_back(tx, held, now))
    if going:
        sent = going[0].channel.send([one.request for one in going])
        record(world, going, sent, now)
    return len(going)


def give_back(world: World, load: Sequence[Claim], now: datetime) -> None:
    """Let others take what was claimed and will not be requested: this process is being ended."""

    def absent(tx: Tx) -> None:
        found = attempts.with_tokens(tx, [one.attempt.token for one in load])
        settle_all(tx, [Move(one, AttemptState.ABSENT) for one in found.values()], now)
        bells.note(tx, load[0].task.kind)

    world.db.together(absent)


def claim(world: World, kind: str, mode: str, now: datetime) -> list[Claim]:
    """Claim a batch: write each attempt with its frozen text under a lease, and commit."""
    with world.db.read() as tx:
        if not tasks.is_any_ready(tx, kind, mode, now):
            return []
    return world.db.together(lambda tx: _claim(world, tx, kind, mode, now))


def record(world: World, load: Sequence[Claim], sent: Sequence[Sent], now: datetime) -> list[str]:
    """Write what the provider answered; return what each answer changed (see `settle_all`).

    A stale lease changes nothing that was settled since: the attempt's own rank guards it.
    """
    effects = world.db.together(lambda tx: _record(world, tx, load, sent, now))
    for one, answer, effect in zip(load, sent, effects, strict=True):
        log.info(
            "request made",
            task=one.task.id,
            attempt=one.attempt.id,
            channel=one.channel.name,
            outcome=answer.outcome.value,
            code=answer.code,
            effect=effect,
        )
    return effects


def reap(world: World) -> int:
    """Take back the messages whose sender died or slept: their outcome is unknown."""
    with world.db.read() as tx:
        if not tasks.has_expired_lease(tx, world.db.real_now(tx)):
            return 0
    with world.db.write() as tx:
        lost = tasks.expired_leases(tx, world.db.real_now(tx))
        for task_id in lost:
            attempt = attempts.latest(tx, task_id)
            if attempt is not None and attempt.state is AttemptState.LEAVING:
                settle(tx, attempt, AttemptState.UNKNOWN, attempt.requested_at)
                tasks.settle(tx, task_id, TaskState.UNSURE, reason="unknown_outcome")
    return len(lost)


def request_for(
    task: Task,
    token: str,
    phone: str,
    text: str,
    slots: Mapping[str, str] | None = None,
    leave_by: float | None = None,
) -> Request:
    """Return the request that belongs to an attempt, the same each time it is asked for."""
    return Request(
        token=token,
        phone=phone,
        text=text,
        template=task.template,
        slots=slots or {},
        language=task.language,
        expires=task.expires_at,
        leave_by=leave_by,
    )


def _loads(claimed: Sequence[Claim]) -> list[list[Claim]]:
    """Return the messages that share a request, in the order of their slots."""
    loads: dict[tuple[str, int], list[Claim]] = {}
    for one in claimed:
        loads.setdefault((one.channel.name, one.slot), []).append(one)
    return sorted(loads.values(), key=lambda load: load[0].wait)


def _claim(world: World, tx: Tx, kind: str, mode: str, now: datetime) -> list[Claim]:
    lease = world.config.main.dispatch.lease
    leave_by = in_time.clock() + lease.total_seconds()  # before the lease ends, by any clock
    real_now = world.db.real_now(tx)
    size = world.config.main.dispatch.batch
    placed: list[_Placed] = []
    phones: dict[int, people.Contact] = {}
    resting = 0  # messages in front of the queue whose channels have no slot
    for _ in range(PAGES):
        ready = tasks.ready(tx, kind, mode, now, size, resting)
        gone = needs.needless(tx, [one.id for one in ready])
        tasks.drop(tx, gone, TaskState.CANCELLED, "not_needed")
        wanted = [one for one in ready if one.id not in gone and not _is_expired(tx, one, now)]
        phones |= people.contacts(tx, world.db.vault, {one.person_id for one in wanted})
        placed = _placed(world, tx, wanted, phones, mode, now, real_now)
        if placed or len(ready) < size:
            break
        resting += tasks.queued_among(tx, [one.id for one in ready])
    texts, slots = _texts(world, tx, placed, phones, mode, now)
    placed = [one for one in placed if one.task.id in texts]
    leased = claims.claim(
        tx,
        world.db.vault,
        [
            Leaving(
                one.task.id,
                one.channel.name,
                texts[one.task.id],
                slots.get(one.task.id),
                one.channel.settings.ref_bytes,
            )
            for one in placed
        ],
        now=now,
        real_now=real_now,
        until=real_now + lease,
    )
    return [
        Claim(
            replace(one.task, tries=one.task.tries + 1),
            each.attempt,
            request_for(
                one.task,
                each.attempt.token,
                phones[one.task.person_id].phone,
                texts[one.task.id],
                slots.get(one.task.id),
                leave_by,
            ),
            one.channel,
            each.lease,
            one.slot,
            one.wait,
            one.was_failing,
        )
        for one, each in zip(placed, leased, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class _Placed:
    task: Task
    channel: Channel
    slot: int
    wait: float
    was_failing: bool


def _placed(
    world: World,
    tx: Tx,
    wanted: Sequence[Task],
    phones: Mapping[int, people.Contact],
    mode: str,
    now: datetime,
    real_now: datetime,
) -> list[_Placed]:
    """Return the tasks for which a channel has a free slot; a task without channel goes to hand."""
    queues: dict[str, list[tuple[Task, Channel]]] = {}
    resting = channels.resting(tx, real_now)
    for one in wanted:
        phone, text = phones[one.person_id].phone, (one.template, one.language)
        channel, reason = world.route(one.kind, mode, phone, avoid=resting, text=text, at=now)
        if channel is None:
            opens = world.opens(one.kind, mode, phone, text, now)
            _not_carried(tx, one, reason, opens)
        else:
            queues.setdefault(channel.name, []).append((one, channel))
    found: list[_Placed] = []
    for name, queue in queues.items():
        settings = queue[0][1].settings
        size = settings.batch_size
        free = max(0, settings.in_flight - attempts.leaving(tx, name))
        slots = channels.take(
            tx,
            name,
            min(-(-len(queue) // size), -(-free // size)),
            rate=settings.rate,
            burst=settings.burst,
            real_now=real_now,
        )
        found += [
            _Placed(task, channel, at // size, slots.waits[at // size], slots.was_failing)
            for at, (task, channel) in enumerate(queue[: len(slots) * size])
        ]
    return found


def _not_carried(tx: Tx, task: Task, reason: str, opens: datetime | None) -> None:
    """Let a task wait for a closed line that opens at `opens`, if it may; else an officer dials."""
    if reason == "time_block" and may_wait(task, opens):
        tasks.settle(tx, task.id, TaskState.QUEUED, reason=reason, due_at=opens)
    else:
        tasks.settle(tx, task.id, TaskState.MANUAL, reason=reason)


def _record(
    world: World, tx: Tx, load: Sequence[Claim], sent: Sequence[Sent], now: datetime
) -> list[str]:
    found = attempts.with_tokens(tx, [one.attempt.token for one in load])
    name, real_now = load[0].channel.name, world.db.real_now(tx)
    pause = max(min(one.retry_after or THROTTLED_WAIT, LONGEST_PAUSE) for one in sent)
    moves = [
        Move(
            found[one.attempt.token],
            _MEANS[answer.outcome],
            answer.provider_ref,
            answer.code,
            answer.reason,
            wait=THROTTLED_WAIT,  # another channel may carry it while this one rests
        )
        for one, answer in zip(load, sent, strict=True)
    ]
    effects = settle_all(tx, moves, now)
    outcomes = {answer.outcome for answer in sent}
    is_unreachable = any(answer.reason == "no_connection" for answer in sent)
    if Outcome.UNKNOWN in outcomes or is_unreachable:
        if channels.failed(tx, name, real_now, load[0].attempt.requested_real):
            log.error("breaker of channel opened", channel=name)
    elif Outcome.THROTTLED in outcomes:
        channels.pause(tx, name, real_now + timedelta(seconds=pause), real_now)
    elif Outcome.STOPPED in outcomes:
        first = next(one for one in sent if one.outcome is Outcome.STOPPED)
        channels.stop(tx, name, first.detail or first.reason or "account")
    elif load[0].was_failing:
        channels.works_again(tx, name, real_now)
    return effects


def _hold_back(tx: Tx, held: Sequence[Claim], now: datetime) -> None:
    """Take back what may not leave any more: stopped, or the lease is another's by now."""
    found = attempts.with_tokens(tx, [one.attempt.token for one in held])
    for one in held:
        attempt = found[one.attempt.token]
        if tasks.holds_lease(tx, one.task.id, one.lease):
            settle(tx, attempt, AttemptState.WITHHELD, now, reason="cancelled")
        else:  # slept through the lease: nothing left, another may take it
            settle(tx, attempt, AttemptState.ABSENT, now)


def _texts(
    world: World,
    tx: Tx,
    placed: Sequence["_Placed"],
    phones: Mapping[int, people.Contact],
    mode: str,
    now: datetime,
) -> tuple[dict[int, str], dict[int, Mapping[str, str]]]:
    """Return the text of each task and the values that filled it, frozen ones as they are."""
    texts = claims.texts(tx, world.db.vault, [one.task.id for one in placed])
    slots = claims.slots(tx, world.db.vault, list(texts))
    fresh = [(one.task, one.channel) for one in placed if one.task.id not in texts]
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
        voice, _ = world.route("voice", mode, phones[one.person_id].phone)
        link = links.offer(world, broadcast, one, channel, phones[one.person_id].phone, now)
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


def _is_expired(tx: Tx, task: Task, now: datetime) -> bool:
    if task.expires_at is None or task.expires_at > now:
        return False
    tasks.settle(tx, task.id, TaskState.EXPIRED, reason="expired")
    return True
