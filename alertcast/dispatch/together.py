"""Several warnings rise at one moment: a person is told of them in one message, the highest first.

What one phone is to be told of all that is due at one tick is planned in one transaction and joined
in it, so that no sender sees it apart. Once the leading message ends without having told, what was
joined to it goes its own way. Twice is once; killed in between, the next tick goes on.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

import structlog

from alertcast.core.task import FINAL_TASKS, Task, TaskState
from alertcast.dispatch.tell import spoken_as
from alertcast.dispatch.world import World
from alertcast.store import broadcasts, joined, needs, people, tellings, turns
from alertcast.store.db import Tx
from alertcast.store.joined import Group, Joined

log = structlog.get_logger()

MOST = 3
"""Warnings in one message at most; more would not fit into a text or a listener's head."""

_ENDED_UNTOLD = frozenset(
    {TaskState.CANCELLED, TaskState.EXPIRED, TaskState.UNANSWERED, TaskState.FAILED}
)


def join(world: World, tx: Tx, now: datetime) -> int:
    """Join what waits in several broadcasts for a phone that is told now; return what is spared."""
    if not joined.may_be_any(tx):
        return 0
    turns.take(tx, "join")  # another scheduler may be planning the other warning
    waiting: dict[tuple[str, str, str], list[Task]] = {}
    for mode, one in joined.waiting(tx, tellings.phones(tx), now):
        waiting.setdefault((mode, one.phone_index, one.kind), []).append(one)
    groups = _told_together(world, tx, waiting)
    joined.join(tx, groups)
    spared = sum(len(one.others) for one in groups)
    if spared:
        log.info("messages joined", spared=spared)
    return spared


def follow(world: World, now: datetime) -> int:
    """Let what was joined stand where its leading message stands; return how many changed."""
    with world.db.read() as tx:
        ids = joined.current(tx, now)
        if not ids or not _is_any(tx, ids, now):
            return 0
    with world.db.write() as tx:
        for task_id in joined.run_out(tx, ids, now):
            joined.follow(tx, task_id, TaskState.EXPIRED, "expired")
        found = joined.strays(tx, ids)
        wanted = needs.wanted(tx, [one.id for one in found])
        for one in found:
            _follow(tx, one, now, is_wanted=one.id in wanted)
        joined.thaw(tx, joined.stale(tx, ids))
    return len(found)


def _is_any(tx: Tx, ids: Sequence[int], now: datetime) -> bool:
    return bool(joined.strays(tx, ids) or joined.run_out(tx, ids, now) or joined.stale(tx, ids))


def _told_together(
    world: World, tx: Tx, waiting: Mapping[tuple[str, str, str], Sequence[Task]]
) -> list[Group]:
    """Return which of them become one message, in the order in which they are to leave."""
    found: list[tuple[str, Group]] = []
    for (mode, _, kind), (lead, *others) in waiting.items():
        others = [one for one in others if one.broadcast_id != lead.broadcast_id][: MOST - 1]
        if others:
            template = f"{joined.TOGETHER}{spoken_as(kind)}"
            found.append((mode, Group(lead, others, template)))
    running = {one.lead.broadcast_id for _, one in found}
    wordings = {one: its.wording for one in running if (its := broadcasts.get(tx, one))}
    numbers = people.numbers(tx, world.db.vault, {one.lead.person_id for _, one in found})
    return [
        one
        for mode, one in found
        if one.template in wordings.get(one.lead.broadcast_id, {})
        and _can_tell(world, one, mode, numbers[one.lead.person_id])
    ]


def _can_tell(world: World, one: Group, mode: str, phone: str) -> bool:
    """Say whether a channel carries the text."""
    if one.lead.kind == "manual":
        return True
    text = (one.template, one.lead.language)
    channel, _ = world.route(one.lead.kind, mode, phone, text=text)
    return channel is not None


def _follow(tx: Tx, one: Joined, now: datetime, *, is_wanted: bool) -> None:
    is_over = one.expires_at is not None and one.expires_at <= now
    again = is_wanted and not is_over and _may_go_alone(one)
    if one.lead_state in _ENDED_UNTOLD and again:
        joined.release(tx, one, now)
    elif one.lead_state in FINAL_TASKS or one.lead_state is not one.state:
        joined.follow(tx, one.id, one.lead_state, one.lead_reason)


def _may_go_alone(one: Joined) -> bool:
    """Say whether another attempt may reach the phone that the leading one did not."""
    if one.lead_state in (TaskState.CANCELLED, TaskState.EXPIRED):
        return True
    return one.lead_state is TaskState.UNANSWERED and one.lead_tries < one.calls
