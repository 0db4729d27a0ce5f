"""What is uncertain is settled: by asking the provider, never by guessing.

Found: adopted. Certainly absent after the grace: sent again. A second call is made only after the
look-up; a second SMS may be sent where the provider can not be asked: better twice than never. One
that refuses to be asked, or can not be for too long, or whose answers tell nothing, is such a one.
A call of which no end is ever told has ended all the same: it counts as one that rang out.
"""

from datetime import datetime, timedelta

import structlog

from alertcast.channels.abilities import LooksUp
from alertcast.channels.base import ChannelError
from alertcast.channels.events import State
from alertcast.core.task import ATTEMPT_RANK, FINAL_TASKS, Attempt, AttemptState, TaskState
from alertcast.dispatch.claim import request_for
from alertcast.dispatch.receive import apply_asked
from alertcast.dispatch.settle import give_up, settle
from alertcast.dispatch.world import World
from alertcast.store import attempts, needs, people, tasks, turns, unsettled
from alertcast.store.db import Tx
from alertcast.store.unsettled import ALL, Lane

log = structlog.get_logger()

LAST = ATTEMPT_RANK[AttemptState.FAILED]

_MINUTES = (8, 16, 32, 64, 128, 256, 512, 1024, 2048)
INTERVALS = tuple((timedelta(minutes=age), timedelta(minutes=age / 4)) for age in _MINUTES)
"""How often a call or message without a last word is asked about, by its age in product time.

After two minutes, four, six, then ever more rarely; after a day and ten hours no more.
"""


def lanes(world: World) -> dict[str, Lane]:
    """Return by name what is asked side by side: each channel, so that none waits for a dead one.

    "" stands for those that can not be asked, and those that are not configured any more.
    """
    names = tuple(one.name for one in world.channels if isinstance(one, LooksUp))
    return {name: Lane(only=name) for name in names} | {"": Lane(but=names)}


def settle_unknown(world: World, now: datetime, lane: Lane = ALL) -> int:
    """Ask about each request whose answer was lost, once its grace is over; return how many.

    A request may begin until its lease ends. The grace counts from there, so that none is still on
    its way when the provider is asked. Whoever was asked waits in turn, whatever came of it.
    """
    dispatch = world.config.main.dispatch
    with world.db.read() as tx:
        real_now = world.db.real_now(tx)
        found = unsettled.unsure(tx, real_now - dispatch.lease - dispatch.grace, lane=lane)
    for attempt in found:
        try:
            with world.db.write() as tx:
                attempts.change(tx, attempt.id, asked_at=now)
            _settle_one(world, attempt, now, real_now)
        except Exception:  # one that can not be settled must not hold up the others
            log.exception("unknown outcome could not be settled", attempt=attempt.id)
    return len(found)


def poll_silent(world: World, now: datetime, lane: Lane = ALL) -> int:
    """Ask about messages of which no last word has come; return how many answers came.

    Calls that nobody can be asked about are given up once they must have ended.
    """
    dispatch = world.config.main.dispatch
    askable = [one.name for one in world.channels if isinstance(one, LooksUp)]
    with world.db.read() as tx:
        real = world.db.real_now(tx) - dispatch.grace
        found = unsettled.silent(tx, now, INTERVALS, real, lane=lane)
        before, oldest = now - dispatch.no_receipt, now - INTERVALS[-1][0]
        unheard = unsettled.unheard(tx, askable, before, oldest, real, lane=lane)
    for attempt in unheard:
        _give_up(world, attempt, now)
    settled = 0
    for attempt in found:
        try:
            settled += _ask(world, attempt, now)
        except Exception:  # one that can not be asked about must not hold up the others
            log.exception("silent message could not be asked about", attempt=attempt.id)
    return settled


def _ask(world: World, attempt: Attempt, now: datetime) -> bool:
    """Ask what became of an attempt; say whether that was news. Whoever was asked waits in turn."""
    channel, event = world.channel(attempt.channel), None
    if isinstance(channel, LooksUp) and attempt.provider_ref:
        try:
            event = channel.status_of(attempt.provider_ref)
        except Exception as error:  # whatever an answer holds: it tells nothing
            _log_trouble(channel.name, attempt, error)
    with world.db.write() as tx:
        attempts.change(tx, attempt.id, asked_at=now)
    tells_nothing = event is None or event.state is State.UNREADABLE
    is_over = attempt.requested_at <= now - world.config.main.dispatch.no_receipt
    if tells_nothing and is_over and channel is not None and channel.kind == "voice":
        _give_up(world, attempt, now)
    if channel is None or event is None:
        return False
    return apply_asked(world, channel, event, now) == "applied"


def _give_up(world: World, attempt: Attempt, now: datetime) -> None:
    try:
        with world.db.write() as tx:
            given_up = give_up(tx, world.config.rules.retry, attempt, now)
        if given_up:
            log.warning("call given up without a receipt", attempt=attempt.id)
    except Exception:  # one that can not be given up must not hold up the others
        log.exception("call could not be given up", attempt=attempt.id)


def _settle_one(world: World, attempt: Attempt, now: datetime, real_now: datetime) -> None:
    channel = world.channel(attempt.channel)
    with world.db.write() as tx:
        task = tasks.get(tx, attempt.task_id)
        text = tasks.text_of(tx, world.db.vault, attempt.task_id) or ""
        contacts = people.contacts(tx, world.db.vault, [task.person_id] if task else [])
        taken, rivals = unsettled.taken(tx, attempt), unsettled.rivals(tx, attempt)
    if task is None:
        return
    request = request_for(task, attempt.token, contacts[task.person_id].phone, text)
    held, was_asked = None, False
    if isinstance(channel, LooksUp):
        try:
            held = channel.look_up(
                request,
                attempt.requested_at,
                taken,
                lasts=_lasts(world, attempt, now, real_now),
                rivals=rivals,
            )
            was_asked = True
        except Exception as error:  # whatever an answer holds: the doubt has its bound
            _log_trouble(channel.name, attempt, error)
            is_refused = isinstance(error, ChannelError) and not error.retryable
            is_old = attempt.requested_real <= real_now - world.config.main.dispatch.doubt
            if not is_refused and not is_old:
                return
    retry = world.config.rules.retry
    with world.db.write() as tx:
        turns.take(tx, f"look-up {attempt.channel}")
        current = attempts.find(tx, token=attempt.token)
        if current is None or current.state is not AttemptState.UNKNOWN:
            return
        others = unsettled.taken(tx, current), unsettled.rivals(tx, current)
        if was_asked and others != (taken, rivals):
            return  # it was asked without what is known by now
        if held is not None:
            settle(tx, retry, current, AttemptState.ACCEPTED, now, provider_ref=held.provider_ref)
        elif was_asked or task.kind == "sms":
            settle(tx, retry, current, AttemptState.ABSENT, now)
        else:
            _give_to_officer(tx, current, now)
    log.info("unknown outcome settled", attempt=attempt.id, found=held is not None)


def _log_trouble(channel: str, attempt: Attempt, error: Exception) -> None:
    if isinstance(error, ChannelError):
        log.warning("provider could not be asked", channel=channel, reason=str(error))
    else:
        log.error(
            "answer of provider could not be read",
            channel=channel,
            attempt=attempt.id,
            exc_info=error,
        )


def _lasts(world: World, attempt: Attempt, now: datetime, real_now: datetime) -> timedelta:
    """Return how long after its claim a request was made at the latest, in product time.

    A demo's runs fast; but never by more than what has passed.
    """
    dispatch, passed = world.config.main.dispatch, now - attempt.requested_at
    real = max(real_now - attempt.requested_real, timedelta(seconds=1))
    return (dispatch.lease + dispatch.grace) * max(1.0, passed / real)


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
