"""Somebody answered: by key, by text, or aloud to an officer who wrote it down.

An answer is an append-only fact of a person. It answers every callout the message stood for, stops
their calls in the same transaction, and with value 2 opens a help request and calls the duty desk.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from alertcast.core.broadcast import Broadcast, Purpose
from alertcast.core.callout import NEEDS_HELP, CalloutState, Respondent, is_answered
from alertcast.core.task import ATTEMPT_RANK, Attempt, AttemptState, Task, TaskState
from alertcast.dispatch import confirm, cries, stations
from alertcast.dispatch.world import World
from alertcast.store import (
    attempts,
    audit,
    broadcasts,
    callouts,
    helps,
    joined,
    needs,
    said,
    tasks,
    turns,
)
from alertcast.store.again import begun_again
from alertcast.store.db import Tx

log = structlog.get_logger()


class SaidAlreadyError(Exception):
    """It was written down since the officer looked."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What an answer changed."""

    callouts: int  # callouts that are answered now
    help_id: int | None = None
    told: tuple[str, ...] = ()  # the desks that are being called
    said: str = ""  # id of the text that says what a decision by key has done


def answer_task(
    world: World,
    tx: Tx,
    task: Task,
    value: str,
    via: str,
    now: datetime,
    attempt: Attempt | None = None,
) -> Answered:
    """Take an answer to a task, for everybody and every callout it stands for."""
    broadcast = broadcasts.get(tx, task.broadcast_id)
    if broadcast is None:
        return Answered(0)
    if broadcast.purpose is Purpose.CONFIRM:
        _end(tx, task)
        return Answered(0, said=confirm.answer(world, tx, broadcast, task, value, now))
    if broadcast.purpose is Purpose.STATION:
        _end(tx, task)
        return Answered(0, said=stations.answer(world, tx, broadcast, task, value, now))
    served = tasks.respondents_of(tx, task.id)
    _end(tx, task)
    for its, respondents in _shared(tx, task.broadcast_id, served, [task]).items():
        callouts.acknowledge(
            tx,
            its,
            respondents,
            via=via,
            value=value,
            at=now,
            task_id=task.id,
            attempt_id=attempt.id if attempt else None,
        )
    return _apply(world, tx, broadcast, served, value, now)


@begun_again
def write_down(
    world: World,
    *,
    broadcast_id: int,
    person_id: int,
    value: str,
    user: str,
    note: str,
    now: datetime,
    seen: int | None = None,
) -> Answered:
    """Write down what a person said to an officer, for all the grids he stands for in a broadcast.

    Somebody who stands for none (an all-clear, a desk called for help) must be on the list of those
    to be dialled. Raises LookupError if the person is neither, SaidAlreadyError if the officer saw
    another count (`said.times_answered`) than `seen`: the same form sent twice does nothing more.
    """
    with world.db.write() as tx:
        turns.take(tx, "decide")
        if seen not in (None, said.times_answered(tx, broadcast_id, person_id, value)):
            raise SaidAlreadyError
        broadcast = broadcasts.get(tx, broadcast_id)
        served = callouts.same_person_elsewhere(tx, broadcast_id, [person_id])
        by_hand = _by_hand(tx, broadcast_id, person_id)
        if broadcast is None or not (served or by_hand):
            msg = f"person {person_id} does not answer in broadcast {broadcast_id}"
            raise LookupError(msg)
        heard = [one for task in by_hand for one in tasks.respondents_of(tx, task.id)]
        served = list(dict.fromkeys([*served, *heard]))
        news: list[int] = []
        for its, respondents in _shared(tx, broadcast_id, served, by_hand).items():
            news += callouts.acknowledge(
                tx,
                its,
                respondents,
                via="spoken",
                value=value,
                at=now,
                by_user=user,
                note=note,
                task_id=by_hand[0].id if by_hand else None,
            )
        for task in by_hand:
            _dialled(tx, task, AttemptState.COMPLETED, now)
            _end(tx, task)
        done = _apply(world, tx, broadcast, served, value, now)
        audit.record(
            tx,
            user,
            "answer",
            f"broadcast:{broadcast_id}",
            now,
            person=person_id,
            value=value,
            new=len(news),
        )
    return done


@begun_again
def dialled(
    world: World,
    *,
    broadcast_id: int,
    person_id: int,
    outcome: AttemptState,
    user: str,
    now: datetime,
    seen: int | None = None,
) -> None:
    """Write down that an officer dialled a person in vain: no_answer, busy or failed.

    Raises LookupError if the person is not on the list of those to be dialled by hand,
    SaidAlreadyError if the officer saw another count (`said.times_dialled`) than `seen`.
    """
    with world.db.write() as tx:
        turns.take(tx, "decide")
        if seen not in (None, said.times_dialled(tx, broadcast_id, person_id)):
            raise SaidAlreadyError
        found = _by_hand(tx, broadcast_id, person_id)
        if not found:
            msg = f"person {person_id} is not to be dialled by hand in broadcast {broadcast_id}"
            raise LookupError(msg)
        for task in found:
            _dialled(tx, task, outcome, now)
        audit.record(
            tx,
            user,
            "dialled",
            f"broadcast:{broadcast_id}",
            now,
            person=person_id,
            outcome=outcome.value,
        )


@begun_again
def close_help(
    world: World,
    help_id: int,
    user: str,
    done: str,
    now: datetime,
    seen: Collection[int] = (),
) -> bool:
    """Close a help request with what was done; False if it is closed already.

    `seen`: other requests that the officer saw. Those of the same person in the same round of
    warnings are closed with it; what came since stays open.
    """
    with world.db.write() as tx:
        if not helps.close(tx, help_id, user, done, now):
            return False
        also = [one for one in helps.same_need(tx, help_id) if one in seen]
        for one in also:
            helps.close(tx, one, user, done, now)
        for one in [help_id, *also]:
            tasks.drop(tx, tasks.of_help(tx, one), TaskState.CANCELLED, "answered")
            audit.record(tx, user, "close_help", f"help:{one}", now)
    return True


def _by_hand(tx: Tx, broadcast_id: int, person_id: int) -> list[Task]:
    """Return the tasks to be dialled; of those that are joined, the ones that tell them."""
    found = tasks.manual_of(tx, broadcast_id, person_id)
    leads = tasks.by_id(tx, [one.joined_to for one in found if one.joined_to is not None])
    return [one for one in found if one.joined_to is None] + list(leads.values())


def _shared(
    tx: Tx, broadcast_id: int, served: Sequence[int], told: Sequence[Task]
) -> Mapping[int, Sequence[int]]:
    """Return broadcast -> those of the respondents who are its own; most messages tell of one."""
    if not any(one.template.startswith(joined.TOGETHER) for one in told):
        return {broadcast_id: served}
    return joined.by_broadcast(tx, served)


def _end(tx: Tx, task: Task) -> None:
    tasks.settle(tx, task.id, TaskState.ANSWERED)
    if task.template.startswith(joined.TOGETHER):
        joined.answered(tx, task.id)


def _dialled(tx: Tx, task: Task, outcome: AttemptState, now: datetime) -> None:
    attempt = attempts.begin(tx, task.id, "manual", now, now)
    attempts.change(tx, attempt.id, state=outcome, rank=ATTEMPT_RANK[outcome], settled_at=now)


def _apply(
    world: World,
    tx: Tx,
    broadcast: Broadcast,
    served: Sequence[int],
    value: str,
    now: datetime,
) -> Answered:
    people_here = callouts.respondents_by_id(tx, served)
    moved = _answer_callouts(world, tx, broadcast, people_here, now)
    others = tasks.of_respondents(tx, served)
    tasks.drop(tx, needs.needless(tx, others), TaskState.CANCELLED, "answered")
    log.info("answer taken", broadcast=broadcast.id, value=value, callouts=moved)
    if value != NEEDS_HELP or not people_here:
        return Answered(moved)
    help_id, told = cries.ask(world, tx, broadcast, people_here, now)
    return Answered(moved, help_id, told)


def _answer_callouts(
    world: World,
    tx: Tx,
    broadcast: Broadcast,
    served: Sequence[Respondent],
    now: datetime,
) -> int:
    touched = callouts.by_id(tx, {one.callout_id for one in served})
    policies = {broadcast.id: world.policies(broadcast)}
    for other in {one.broadcast_id for one in touched.values()} - {broadcast.id}:
        its = broadcasts.get(tx, other)
        policies[other] = {} if its is None else world.policies(its)
    everybody = callouts.respondents(tx, touched)
    heard = callouts.answered(tx, touched)
    done = [
        one.id
        for one in touched.values()
        if is_answered(
            policies[one.broadcast_id][one.policy],
            one.rung,
            everybody.get(one.id, []),
            heard.get(one.id, set()),
        )
    ]
    calls = tasks.serving_callouts(tx, done)
    moved = callouts.move(tx, done, CalloutState.ANSWERED, now)
    tasks.drop(tx, needs.needless(tx, calls), TaskState.CANCELLED, "answered")
    return moved
