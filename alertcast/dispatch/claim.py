"""Messages are claimed: who may leave now, by which channel, with which words, under a lease.

Each claim writes an attempt and is committed before any request is made. What can not leave yet
keeps its place; what can not leave at all goes to an officer, at once.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

import structlog

from alertcast.channels import in_time
from alertcast.channels.base import Channel, Request
from alertcast.core.opening import may_wait
from alertcast.core.retry import Then
from alertcast.core.task import Attempt, Task, TaskState
from alertcast.dispatch.freeze import freeze
from alertcast.dispatch.world import World
from alertcast.store import (
    attempts,
    callouts,
    channels,
    claims,
    hopeless,
    needs,
    people,
    tasks,
)
from alertcast.store import ready as outbox
from alertcast.store.claims import Leaving
from alertcast.store.db import TROUBLE, Tx

log = structlog.get_logger()

PAGES = 5
"""How many batches are looked through for messages whose channel has a free slot."""

UNLIMITED = frozenset({"help", "correction"})
"""Purposes for which a phone may be used as often as it takes."""

URGENT = frozenset({"red", "orange"})
"""Levels whose message does not wait until a phone may be used again: an officer dials."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One message that this sender, and nobody else, is about to hand over."""

    task: Task
    attempt: Attempt
    request: Request
    channel: Channel
    lease: str  # fencing token
    slot: int = 0  # of the claim's slots on this channel; messages of one slot share a request
    at: float = 0.0  # time.monotonic() at which its slot begins
    was_failing: bool = False  # the channel's last request failed
    gap: float = 0.0  # least seconds between two slots of this channel, however late they are


def claim(world: World, kind: str, mode: str, now: datetime) -> list[Claim]:
    """Claim a batch: write each attempt with its frozen text under a lease, and commit."""
    with world.db.read() as tx:
        if not outbox.is_any(tx, kind, mode, now):
            return []
    try:
        return world.db.together(lambda tx: _claim(world, tx, kind, mode, now))
    except TROUBLE:
        raise
    except Exception:
        log.exception("batch could not be claimed", kind=kind, mode=mode)
    return _claim_singly(world, kind, mode, now)


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


def _claim_singly(world: World, kind: str, mode: str, now: datetime) -> list[Claim]:
    """Claim one after the other; what can not be made ready is put aside: an officer dials."""
    claimed: list[Claim] = []
    with world.db.read() as tx:
        ready = outbox.ready(tx, kind, mode, now, world.config.main.dispatch.batch)
    for one in ready:
        try:
            claimed += world.db.together(partial(_claim_one, world, one.id, kind, mode, now))
        except TROUBLE:
            raise
        except Exception:
            log.exception("task put aside", task=one.id)
            with world.db.write() as tx:
                tasks.settle(tx, one.id, TaskState.MANUAL, reason="put_aside")
    return claimed


def _claim_one(
    world: World, task_id: int, kind: str, mode: str, now: datetime, tx: Tx
) -> list[Claim]:
    return _claim(world, tx, kind, mode, now, only=task_id)


def _claim(
    world: World, tx: Tx, kind: str, mode: str, now: datetime, only: int | None = None
) -> list[Claim]:
    lease = world.config.main.dispatch.lease
    leave_by = in_time.clock() + lease.total_seconds()  # before the lease ends, by any clock
    real_now, clock = world.db.real_now(tx), time.monotonic()
    size = world.config.main.dispatch.batch
    placed: list[_Placed] = []
    phones: dict[int, people.Contact] = {}
    resting = 0  # messages in front of the queue whose channels have no slot
    for _ in range(PAGES):
        ready = outbox.ready(tx, kind, mode, now, size, resting, only)
        gone = needs.needless(tx, [one.id for one in ready])
        tasks.drop(tx, gone, TaskState.CANCELLED, "not_needed")
        wanted = [one for one in ready if one.id not in gone and not _is_expired(tx, one, now)]
        wanted = _within_limits(world, tx, wanted, now)
        phones |= people.contacts(tx, world.db.vault, {one.person_id for one in wanted})
        placed = _placed(world, tx, wanted, phones, mode, now, real_now)
        if placed or len(ready) < size:
            break
        resting += outbox.queued_among(tx, [one.id for one in ready])
    texts, slots = freeze(world, tx, [(one.task, one.channel) for one in placed], phones, mode, now)
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
            clock + one.wait,
            one.was_failing,
            one.gap,
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
    gap: float


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
    resting, slow = channels.resting(tx, real_now), channels.slow_ones(tx, real_now)
    elsewhere = [one.id for one in wanted if _goes_elsewhere(world, one)]
    tried = attempts.channels_of(tx, elsewhere)
    for one in wanted:
        phone, text = phones[one.person_id].phone, (one.template, one.language)
        past = tried.get(one.id, frozenset())
        channel, reason = world.route(
            one.kind, mode, phone, avoid=resting, slow=slow, never=past, text=text, at=now
        )
        if channel is None and past:
            tasks.settle(tx, one.id, TaskState.FAILED, reason=one.reason)
            callouts.hurry(tx, hopeless.callouts(tx, [one.id]), now)
        elif channel is None:
            _not_carried(tx, one, reason, world.opens(one.kind, mode, phone, text, now))
        else:
            queues.setdefault(channel.name, []).append((one, channel))
    return _in_slots(world, tx, queues, phones, mode, now, real_now)


def _in_slots(
    world: World,
    tx: Tx,
    queues: dict[str, list[tuple[Task, Channel]]],
    phones: Mapping[int, people.Contact],
    mode: str,
    now: datetime,
    real_now: datetime,
) -> list[_Placed]:
    """Give each queue the slots of its channel; what a recovering one can not take, another may.

    A channel that is tried again after failures is tried with the least urgent message, if another
    can carry the rest.
    """
    found: list[_Placed] = []
    resting, trial = channels.resting(tx, real_now), channels.on_trial(tx, real_now)
    done: set[str] = set()
    while name := next((one for one in queues if one not in done), None):
        done.add(name)
        queue = queues[name]

        def other(task: Task) -> Channel | None:
            phone, text = phones[task.person_id].phone, (task.template, task.language)
            avoid = resting | done | trial
            channel, _ = world.route(task.kind, mode, phone, avoid=avoid, text=text, at=now)
            return channel if channel is not None and channel.name not in avoid else None

        if name in trial and other(queue[0][0]) is not None:
            queue = [queue[-1], *queue[:-1]]
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
        taken = len(slots) * size
        found += [
            _Placed(
                task, channel, at // size, slots.waits[at // size], slots.was_failing, slots.gap
            )
            for at, (task, channel) in enumerate(queue[:taken])
        ]
        for task, _ in queue[taken:] if slots.is_recovering else ():
            channel = other(task)
            if channel is not None:
                queues.setdefault(channel.name, []).append((task, channel))
    return found


def _goes_elsewhere(world: World, task: Task) -> bool:
    rule = world.config.rules.retry.get(task.reason or "")
    return rule is not None and rule.then is Then.ELSEWHERE


def _within_limits(world: World, tx: Tx, wanted: Sequence[Task], now: datetime) -> list[Task]:
    """Return the tasks whose phone may be used now; the others wait, or an officer dials."""
    if not wanted:
        return []
    most, window = world.config.rules.limits.of(wanted[0].kind)
    asked = {one.phone_index for one in wanted if one.purpose not in UNLIMITED} if most else set()
    used = attempts.lately(tx, asked, wanted[0].kind, now - window)
    allowed: list[Task] = []
    for one in wanted:
        times = used.get(one.phone_index, [])
        if one.purpose in UNLIMITED or not most or len(times) < most:
            allowed.append(one)
            continue
        opens = times[-most] + window
        if one.level in URGENT or (one.expires_at is not None and opens >= one.expires_at):
            tasks.settle(tx, one.id, TaskState.MANUAL, reason="limit")
        else:
            tasks.settle(tx, one.id, TaskState.QUEUED, reason="limit", due_at=opens)
    return allowed


def _not_carried(tx: Tx, task: Task, reason: str, opens: datetime | None) -> None:
    """Let a task wait for a closed line that opens at `opens`, if it may; else an officer dials."""
    if reason == "time_block" and may_wait(task, opens):
        tasks.settle(tx, task.id, TaskState.QUEUED, reason=reason, due_at=opens)
    else:
        tasks.settle(tx, task.id, TaskState.MANUAL, reason=reason)


def _is_expired(tx: Tx, task: Task, now: datetime) -> bool:
    if task.expires_at is None or task.expires_at > now:
        return False
    tasks.settle(tx, task.id, TaskState.EXPIRED, reason="expired")
    return True
