"""Messages find their channel and a slot in its queue; whoever no channel reaches goes to hand."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from alertcast.channels.base import Channel
from alertcast.core.opening import may_wait
from alertcast.core.phone import takes_texts
from alertcast.core.retry import Then
from alertcast.core.task import Task, TaskState
from alertcast.dispatch.world import World
from alertcast.store import attempts, callouts, channels, hopeless, others, tasks
from alertcast.store.channels import Moods
from alertcast.store.db import Tx
from alertcast.store.ready import Due

PLANNED = 0.98
"""The share of a channel's rate that is planned, so that what is late never makes it too much."""

LANDLINE = "landline"
"""Why a text ends that was for a fixed line; see `core.retry`."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A message that may leave, with the channel that carries it and its slot there."""

    due: Due
    channel: Channel
    slot: int  # of the claim's slots on this channel; messages of one slot share a request
    wait: float  # real seconds until it begins
    was_failing: bool  # the channel's last request failed
    gap: float  # least seconds between two slots of this channel, however late they are


@dataclass(frozen=True, slots=True)
class Placing:
    """What came of a batch."""

    placed: list[Placed]
    offered: set[str]  # names of the channels that were offered something
    resting: frozenset[str]


def place(
    world: World,
    tx: Tx,
    wanted: Sequence[Due],
    mode: str,
    now: datetime,
    real_now: datetime,
    done: Collection[str] = (),
) -> Placing:
    """Return the tasks for which a channel has a free slot; a task without channel goes to hand.

    A channel in `done` was offered a batch by this claim, and is offered no other.
    No text ever leaves for a fixed line: it ends as if a provider had refused it.
    """
    queues: dict[str, list[tuple[Due, Channel]]] = {}
    moods = channels.moods(tx, real_now)
    elsewhere = [due.task.id for due in wanted if _goes_elsewhere(world, due.task)]
    tried = attempts.channels_of(tx, elsewhere)
    for due in _to_mobiles(world, tx, wanted, now):
        one, text = due.task, (due.task.template, due.task.language)
        past = tried.get(one.id, frozenset())
        channel, reason = world.route(
            one.kind,
            mode,
            due.phone,
            avoid=moods.resting,
            slow=moods.slow,
            never=past,
            text=text,
            at=now,
        )
        if channel is None and past:
            _end(world, tx, one, now)
        elif channel is None:
            _not_carried(tx, one, reason, world.opens(one.kind, mode, due.phone, text, now))
        else:
            queues.setdefault(channel.name, []).append((due, channel))
    offered = queues.keys() - done
    fresh = {name: queues[name] for name in queues if name in offered}
    placed = _in_slots(world, tx, fresh, moods, mode, now, real_now, done)
    return Placing(placed, offered, moods.resting)


def _in_slots(
    world: World,
    tx: Tx,
    queues: dict[str, list[tuple[Due, Channel]]],
    moods: Moods,
    mode: str,
    now: datetime,
    real_now: datetime,
    before: Collection[str],
) -> list[Placed]:
    """Give each queue the slots of its channel; what a recovering one can not take, another may.

    A channel that is tried again after failures is tried with the least urgent message, if another
    can carry the rest.
    """
    found: list[Placed] = []
    done = set(before)
    while name := next((one for one in queues if one not in done), None):
        done.add(name)
        queue = queues[name]

        def other(due: Due) -> Channel | None:
            text = (due.task.template, due.task.language)
            avoid = moods.resting | moods.on_trial | done
            channel, _ = world.route(due.task.kind, mode, due.phone, avoid=avoid, text=text, at=now)
            return channel if channel is not None and channel.name not in avoid else None

        if name in moods.on_trial and other(queue[0][0]) is not None:
            queue = [queue[-1], *queue[:-1]]
        settings = queue[0][1].settings
        size = settings.batch_size
        free = max(0, settings.most_in_flight - attempts.leaving(tx, name))
        slots = channels.take(
            tx,
            name,
            min(-(-len(queue) // size), -(-free // size)),
            rate=settings.rate * PLANNED,
            burst=settings.burst,
            real_now=real_now,
        )
        taken = len(slots) * size
        found += [
            Placed(due, channel, at // size, slots.waits[at // size], slots.was_failing, slots.gap)
            for at, (due, channel) in enumerate(queue[:taken])
        ]
        for due, _ in queue[taken:] if slots.is_recovering else ():
            channel = other(due)
            if channel is not None:
                queues.setdefault(channel.name, []).append((due, channel))
    return found


def _to_mobiles(world: World, tx: Tx, wanted: Sequence[Due], now: datetime) -> Sequence[Due]:
    """Return the tasks but for texts to fixed lines; these people are told as the policy says."""
    lines = [
        due.task.id
        for due in wanted
        if due.task.kind == "sms" and due.phone and not takes_texts(due.phone)
    ]
    if not lines:
        return wanted
    by_hand = world.config.rules.retry[LANDLINE].then is Then.BY_HAND
    for task_id in lines:
        state = TaskState.MANUAL if by_hand else TaskState.FAILED
        tasks.settle(tx, task_id, state, reason=LANDLINE)
    if not by_hand:
        _in_vain(tx, lines, now)
    return [due for due in wanted if due.task.id not in lines]


def _in_vain(tx: Tx, task_ids: Sequence[int], now: datetime) -> None:
    """Go on after tasks that failed: to the other numbers of these people, to the next rung."""
    others.tell(tx, task_ids, now)
    callouts.hurry(tx, hopeless.callouts(tx, task_ids), now)


def _goes_elsewhere(world: World, task: Task) -> bool:
    rule = world.config.rules.retry.get(task.reason or "")
    return rule is not None and rule.then is Then.ELSEWHERE


def _end(world: World, tx: Tx, task: Task, now: datetime) -> None:
    """End a task that every channel has refused, as the policy says."""
    by_hand = world.config.rules.retry[task.reason or ""].last is Then.BY_HAND
    state = TaskState.MANUAL if by_hand else TaskState.FAILED
    tasks.settle(tx, task.id, state, reason=task.reason)
    if not by_hand:
        _in_vain(tx, [task.id], now)


def _not_carried(tx: Tx, task: Task, reason: str, opens: datetime | None) -> None:
    """Let a task wait for a closed line that opens at `opens`, if it may; else an officer dials."""
    if reason == "time_block" and may_wait(task, opens):
        tasks.settle(tx, task.id, TaskState.QUEUED, reason=reason, due_at=opens)
    else:
        tasks.settle(tx, task.id, TaskState.MANUAL, reason=reason)
