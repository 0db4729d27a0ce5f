"""What is uncertain is settled: by asking the provider, never by guessing.

Found: adopted. Certainly absent after the grace: sent again. A second call is made only after the
look-up; a second SMS may be sent where the provider can not be asked: better twice than never.
"""

from datetime import datetime, timedelta

import structlog

from alertcast.channels.base import ChannelError, LooksUp
from alertcast.core.task import ATTEMPT_RANK, FINAL_TASKS, Attempt, AttemptState, TaskState
from alertcast.dispatch.claim import request_for
from alertcast.dispatch.receive import apply_asked
from alertcast.dispatch.settle import settle
from alertcast.dispatch.world import World
from alertcast.store import attempts, needs, people, tasks
from alertcast.store.db import Tx

log = structlog.get_logger()

LAST = ATTEMPT_RANK[AttemptState.FAILED]

SILENT_AFTER = timedelta(seconds=120)
"""Product time after which a call or message without a last word is asked about."""


def settle_unknown(world: World, now: datetime) -> int:
    """Ask about each request whose answer was lost, once its grace is over; return how many.

    A request may begin until its lease ends. The grace counts from there, so that none is still on
    its way when the provider is asked. Whoever was asked waits in turn, whatever came of it.
    """
    dispatch = world.config.main.dispatch
    with world.db.read() as tx:
        found = attempts.unsure(tx, world.db.real_now(tx) - dispatch.lease - dispatch.grace)
    for attempt in found:
        try:
            with world.db.write() as tx:
                attempts.change(tx, attempt.id, asked_at=now)
            _settle_one(world, attempt, now)
        except Exception:  # one that can not be settled must not hold up the others
            log.exception("unknown outcome could not be settled", attempt=attempt.id)
    return len(found)


def poll_silent(world: World, now: datetime) -> int:
    """Ask about messages of which no last word has come; return how many answers came."""
    with world.db.read() as tx:
        real = world.db.real_now(tx) - world.config.main.dispatch.grace
        found = attempts.silent(tx, now - SILENT_AFTER, real)
    settled = 0
    for attempt in found:
        settled += _ask(world, attempt, now)
    return settled


def _ask(world: World, attempt: Attempt, now: datetime) -> bool:
    """Ask what became of an attempt; say whether that was news. Whoever was asked waits in turn."""
    channel, event = world.channel(attempt.channel), None
    if isinstance(channel, LooksUp) and attempt.provider_ref:
        try:
            event = channel.status_of(attempt.provider_ref)
        except ChannelError as error:
            log.warning("provider could not be asked", channel=channel.name, reason=str(error))
    with world.db.write() as tx:
        attempts.change(tx, attempt.id, asked_at=now)
    if channel is None or event is None:
        return False
    return apply_asked(world, channel, event, now) == "applied"


def _settle_one(world: World, attempt: Attempt, now: datetime) -> None:
    channel = world.channel(attempt.channel)
    with world.db.write() as tx:
        task = tasks.get(tx, attempt.task_id)
        text = tasks.text_of(tx, world.db.vault, attempt.task_id) or ""
        contacts = people.contacts(tx, world.db.vault, [task.person_id] if task else [])
        taken = attempts.taken(tx, attempt)
    if task is None:
        return
    request = request_for(task, attempt.token, contacts[task.person_id].phone, text)
    held, was_asked = None, False
    if isinstance(channel, LooksUp):
        try:
            held, was_asked = channel.look_up(request, attempt.requested_at, taken), True
        except ChannelError as error:
            log.warning("provider could not be asked", channel=channel.name, reason=str(error))
            return
    retry = world.config.rules.retry
    with world.db.write() as tx:
        current = attempts.find(tx, token=attempt.token)
        if current is None or current.state is not AttemptState.UNKNOWN:
            return
        if held is not None:
            settle(tx, retry, current, AttemptState.ACCEPTED, now, provider_ref=held.provider_ref)
        elif was_asked or task.kind == "sms":
            settle(tx, retry, current, AttemptState.ABSENT, now)
        else:
            _give_to_officer(tx, current, now)
    log.info("unknown outcome settled", attempt=attempt.id, found=held is not None)


def _give_to_officer(tx: Tx, attempt: Attempt, now: datetime) -> None:
    """Let an officer dial instead of a second call that nobody can rule out to be one too many."""
    attempts.change(
        tx,
        attempt.id,
        state=AttemptState.FAILED,
        rank=LAST,
        reason="unknown_outcome",
        settled_at=now,
    )
    task = tasks.get(tx, attempt.task_id)
    if task is not None and task.state not in FINAL_TASKS:
        to = TaskState.MANUAL if needs.is_wanted(tx, task.id) else TaskState.CANCELLED
        tasks.settle(tx, task.id, to, reason="unknown_outcome")
