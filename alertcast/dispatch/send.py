"""Messages leave: claimed under a lease, written as an attempt, committed, and only then requested.

Killed before the claim's commit: nothing happened. Killed between claim and record: the lease runs
out, the attempt becomes `unknown` and is settled by its callback or by asking the provider
(`reconcile`). A sender that slept through its lease finds its token gone and sends nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog

from alertcast.channels.base import Outcome, Sent
from alertcast.core.task import AttemptState, TaskState
from alertcast.dispatch.claim import Claim, claim
from alertcast.dispatch.settle import Move, settle, settle_all
from alertcast.dispatch.world import World
from alertcast.engines.jobs import Hands, Job, in_turn
from alertcast.store import attempts, bells, channels, needs, tasks
from alertcast.store.db import Tx

log = structlog.get_logger()

THROTTLED_WAIT = 5.0
"""Product seconds before a throttled message is tried again, if the provider named none."""

LONGEST_PAUSE = 300.0
"""Real seconds that a channel rests at most, whatever its provider asked for."""

_MEANS = {
    Outcome.ACCEPTED: AttemptState.ACCEPTED,
    Outcome.DELIVERED: AttemptState.DELIVERED,
    Outcome.THROTTLED: AttemptState.THROTTLED,
    Outcome.REFUSED: AttemptState.REFUSED,
    Outcome.STOPPED: AttemptState.THROTTLED,
    Outcome.UNKNOWN: AttemptState.UNKNOWN,
}


def send_due(world: World, kind: str, mode: str, now: datetime, hands: Hands = in_turn) -> int:
    """Claim what is due of one kind and mode, one batch, and let `hands` hand it over."""
    loads = _loads(claim(world, kind, mode, now))
    return hands(
        Job(
            load[0].at,
            partial(hand_over, world, load, now),
            partial(give_back, world, load, now),
            load[0].channel.name,
            load[0].gap,
        )
        for load in loads
    )


def hand_over(world: World, load: Sequence[Claim], now: datetime) -> int:
    """Hand messages to their provider in one request and record the answers; return how many."""
    with world.db.read() as tx:
        free = needs.may_go(tx, [(one.task.id, one.lease) for one in load])
    going = [one for one in load if one.task.id in free]
    if len(going) < len(load):
        held = [one for one in load if one not in going]
        world.db.together(lambda tx: _hold_back(world, tx, held, now))
    if going:
        sent = going[0].channel.send([one.request for one in going])
        record(world, going, sent, now)
    return len(going)


def give_back(world: World, load: Sequence[Claim], now: datetime) -> None:
    """Let others take what was claimed and will not be requested: this process is being ended."""

    def absent(tx: Tx) -> None:
        found = attempts.with_tokens(tx, [one.attempt.token for one in load])
        lost = [Move(one, AttemptState.ABSENT) for one in found.values()]
        settle_all(tx, world.config.rules.retry, lost, now)
        bells.note(tx, load[0].task.kind)

    world.db.together(absent)


def record(world: World, load: Sequence[Claim], sent: Sequence[Sent], now: datetime) -> list[str]:
    """Write what the provider answered; return what each answer changed (see `settle_all`).

    A stale lease changes nothing that was settled since: the attempt's own rank guards it.
    """
    effects = world.db.alike(_record, _Answered(world, load, sent, now))
    _log(load, sent, effects)
    return effects


def reap(world: World) -> int:
    """Take back the messages whose sender died or slept: their outcome is unknown.

    So is that of a request whose person had answered, by text, before it was recorded.
    """
    lease = world.config.main.dispatch.lease
    with world.db.read() as tx:
        real_now = world.db.real_now(tx)
        is_left_behind = attempts.is_any_left_behind(tx, real_now - lease)
        if not is_left_behind and not tasks.has_expired_lease(tx, real_now):
            return 0
    with world.db.write() as tx:
        real_now = world.db.real_now(tx)
        left_behind = attempts.lose_left_behind(tx, real_now - lease)
        lost = tasks.expired_leases(tx, real_now)
        for task_id in lost:
            attempt = attempts.latest(tx, task_id)
            if attempt is not None and attempt.state is AttemptState.LEAVING:
                settle(
                    tx,
                    world.config.rules.retry,
                    attempt,
                    AttemptState.UNKNOWN,
                    attempt.requested_at,
                )
                tasks.settle(tx, task_id, TaskState.UNSURE, reason="unknown_outcome")
    return len(lost) + left_behind


def _loads(claimed: Sequence[Claim]) -> list[list[Claim]]:
    """Return the messages that share a request, in the order of their slots."""
    loads: dict[tuple[str, int], list[Claim]] = {}
    for one in claimed:
        loads.setdefault((one.channel.name, one.slot), []).append(one)
    return sorted(loads.values(), key=lambda load: load[0].at)


@dataclass(frozen=True, slots=True)
class _Answered:
    """One request, and what its provider said."""

    world: World
    load: Sequence[Claim]
    sent: Sequence[Sent]
    now: datetime


def _record(tx: Tx, answered: Sequence[_Answered]) -> list[list[str]]:
    """Write the answers to several requests of one world; return what each changed."""
    world = answered[0].world
    tokens = [one.attempt.token for each in answered for one in each.load]
    found = attempts.with_tokens(tx, tokens)
    moves = [
        Move(
            found[one.attempt.token],
            _MEANS[answer.outcome],
            answer.provider_ref,
            answer.code,
            answer.reason,
            wait=THROTTLED_WAIT,  # another channel may carry it while this one rests
        )
        for each in answered
        for one, answer in zip(each.load, each.sent, strict=True)
    ]
    effects = iter(
        settle_all(tx, world.config.rules.retry, moves, max(each.now for each in answered))
    )
    for each in answered:
        _judge(world, tx, each.load, each.sent)
    return [[next(effects) for _ in each.load] for each in answered]


def _log(load: Sequence[Claim], sent: Sequence[Sent], effects: Sequence[str]) -> None:
    """Log a request, a line for each sort of answer in it."""
    sorts: dict[tuple[str, str | None, str], list[Claim]] = {}
    for one, answer, effect in zip(load, sent, effects, strict=True):
        sorts.setdefault((answer.outcome.value, answer.code, effect), []).append(one)
    for (outcome, code, effect), claimed in sorts.items():
        log.info(
            "request made",
            channel=claimed[0].channel.name,
            outcome=outcome,
            code=code,
            effect=effect,
            tasks=[one.task.id for one in claimed],
            attempts=[one.attempt.id for one in claimed],
        )


def _judge(world: World, tx: Tx, load: Sequence[Claim], sent: Sequence[Sent]) -> None:
    """Write what an answer says of the channel itself: nothing, as long as all is well."""
    name, outcomes = load[0].channel.name, {answer.outcome for answer in sent}
    if outcomes <= {Outcome.ACCEPTED, Outcome.DELIVERED} and not load[0].was_failing:
        return
    real_now = world.db.real_now(tx)
    is_unreachable = any(answer.reason == "no_connection" for answer in sent)
    if Outcome.UNKNOWN in outcomes or is_unreachable:
        if channels.failed(tx, name, real_now, load[0].attempt.requested_real):
            log.error("breaker of channel opened", channel=name)
    elif Outcome.THROTTLED in outcomes:
        pause = max(min(one.retry_after or THROTTLED_WAIT, LONGEST_PAUSE) for one in sent)
        channels.pause(tx, name, real_now + timedelta(seconds=pause), real_now)
    elif Outcome.STOPPED in outcomes:
        first = next(one for one in sent if one.outcome is Outcome.STOPPED)
        channels.stop(tx, name, first.detail or first.reason or "account")
    elif load[0].was_failing:
        channels.works_again(tx, name, real_now)


def _hold_back(world: World, tx: Tx, held: Sequence[Claim], now: datetime) -> None:
    """Take back what may not leave any more: stopped, or the lease is another's by now."""
    found = attempts.with_tokens(tx, [one.attempt.token for one in held])
    retry = world.config.rules.retry
    for one in held:
        attempt = found[one.attempt.token]
        if tasks.holds_lease(tx, one.task.id, one.lease):
            settle(tx, retry, attempt, AttemptState.WITHHELD, now, reason="cancelled")
        else:  # slept through the lease: nothing left, another may take it
            settle(tx, retry, attempt, AttemptState.ABSENT, now)
