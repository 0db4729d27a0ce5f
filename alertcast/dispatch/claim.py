"""Messages are claimed: who may leave now, by which channel, with which words, under a lease.

Each claim writes an attempt and is committed before any request is made. What can not leave yet
keeps its place; what can not leave at all goes to an officer, at once.
"""

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog

from alertcast.channels import in_time
from alertcast.channels.base import Channel, Request
from alertcast.core.opening import PATIENT_PURPOSES
from alertcast.core.task import Attempt, Task, TaskState
from alertcast.dispatch.freeze import freeze
from alertcast.dispatch.place import Placed, place
from alertcast.dispatch.world import World
from alertcast.store import attempts, claims, moving, tasks
from alertcast.store import ready as outbox
from alertcast.store.claims import Leaving
from alertcast.store.db import TROUBLE, Tx
from alertcast.store.ready import Due

log = structlog.get_logger()

PAGES = 5
"""How many batches are looked through while a channel has nothing to do.

The first is the front of the queue, the others are drawn from all of it: however many messages of a
dead or slow channel are in front, those of another are found in the end.
"""

UNLIMITED = frozenset({"help", "correction", "confirm"})
"""Purposes for which a phone may be used as often as it takes."""

BUSY = timedelta(seconds=20)
"""Product time after which a call looks again whether the one before it has ended."""

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
        ready = outbox.in_order(tx, kind, mode, now, world.config.main.dispatch.batch)
    for one in ready:
        try:
            claimed += world.db.together(partial(_claim_one, world, one, kind, mode, now))
        except TROUBLE:
            raise
        except Exception:
            log.exception("task put aside", task=one)
            with world.db.write() as tx:
                tasks.settle(tx, one, TaskState.MANUAL, reason="put_aside")
    return claimed


def _claim_one(
    world: World, task_id: int, kind: str, mode: str, now: datetime, tx: Tx
) -> list[Claim]:
    return _claim(world, tx, kind, mode, now, only=task_id)


def _claim(
    world: World, tx: Tx, kind: str, mode: str, now: datetime, only: int | None = None
) -> list[Claim]:
    lasts = world.config.main.dispatch.lease
    leave_by = in_time.clock() + lasts.total_seconds()  # before the lease ends, by any clock
    real_now, clock = world.db.real_now(tx), time.monotonic()
    size = world.config.main.dispatch.batch
    placed: list[Placed] = []
    busy: set[str] = set()  # channels that were offered something
    for skipped in [0] if only else _pages(tx, kind, mode, now, size):
        ready = outbox.ready(tx, world.db.vault, kind, mode, now, size, skipped, only)
        gone = [one.task.id for one in ready if one.is_needless]
        tasks.drop(tx, gone, TaskState.CANCELLED, "not_needed")
        wanted = [
            one for one in ready if not one.is_needless and not _is_expired(tx, one.task, now)
        ]
        wanted = _one_call_at_a_time(tx, wanted, now)
        wanted = _within_limits(world, tx, wanted, now)
        found = place(world, tx, wanted, mode, now, real_now, busy)
        placed += found.placed
        busy |= found.offered
        if not world.is_any_idle(kind, mode, busy, found.resting):
            break
    words = freeze(world, tx, [(one.due, one.channel) for one in placed], mode, now)
    placed = [one for one in placed if one.due.task.id in words]
    made, lease = claims.claim(
        tx,
        world.db.vault,
        [
            Leaving(
                one.due.task.id,
                one.channel.name,
                None if one.due.frozen else words[one.due.task.id],
                one.channel.settings.ref_bytes,
            )
            for one in placed
        ],
        now=now,
        real_now=real_now,
        until=real_now + lasts,
    )
    return [
        Claim(
            one.due.task,
            attempt,
            request_for(
                one.due.task,
                attempt.token,
                one.due.phone,
                words[one.due.task.id].text,
                words[one.due.task.id].slots,
                leave_by,
            ),
            one.channel,
            lease,
            one.slot,
            clock + one.wait,
            one.was_failing,
            one.gap,
        )
        for one, attempt in zip(placed, made, strict=True)
    ]


def _pages(tx: Tx, kind: str, mode: str, now: datetime, size: int) -> Iterator[int]:
    """Yield where to begin reading the queue; more than once only as long as it is asked for."""
    yield 0
    rest = range(size, outbox.length(tx, kind, mode, now), size)
    yield from sorted(random.sample(rest, min(PAGES - 1, len(rest))))  # no secret


def _one_call_at_a_time(tx: Tx, wanted: Sequence[Due], now: datetime) -> list[Due]:
    """Return the tasks but for calls to a phone that another call still goes to: they wait.

    Whoever holds two posts on two rungs is not called twice at once, and not before it is known
    what became of the first call. Answered there, the second is not needed; in vain, it follows.
    """
    calls = [due.task for due in wanted if due.task.kind == "voice"]
    behind = moving.behind_another(tx, [one.id for one in calls]) if calls else set()
    for one in calls:
        if one.id in behind:
            tasks.settle(tx, one.id, TaskState.QUEUED, reason=one.reason, due_at=now + BUSY)
    return [due for due in wanted if due.task.id not in behind]


def _within_limits(world: World, tx: Tx, wanted: Sequence[Due], now: datetime) -> list[Due]:
    """Return the tasks whose phone may be used now; the others wait, or an officer dials."""
    if not wanted:
        return []
    kind = wanted[0].task.kind
    most, window = world.config.rules.limits.of(kind)
    bound = {due.task.phone_index for due in wanted if due.task.purpose not in UNLIMITED}
    used = dict(attempts.lately(tx, bound, kind, now - window)) if most else {}
    allowed: list[Due] = []
    for due in wanted:
        one = due.task
        times = used.get(one.phone_index, [])
        if one.purpose in UNLIMITED or not most or len(times) < most:
            allowed.append(due)
            used[one.phone_index] = [*times, now]  # for the others of this batch
            continue
        opens = times[-most] + window
        is_urgent = one.level in URGENT and one.purpose not in PATIENT_PURPOSES
        if is_urgent or (one.expires_at is not None and opens >= one.expires_at):
            tasks.settle(tx, one.id, TaskState.MANUAL, reason="limit")
        else:
            tasks.settle(tx, one.id, TaskState.QUEUED, reason="limit", due_at=opens)
    return allowed


def _is_expired(tx: Tx, task: Task, now: datetime) -> bool:
    if task.expires_at is None or task.expires_at > now:
        return False
    tasks.settle(tx, task.id, TaskState.EXPIRED, reason="expired")
    return True
