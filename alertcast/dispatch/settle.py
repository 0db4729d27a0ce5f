"""The one place where an attempt, and with it its task, moves."""

from dataclasses import replace
from datetime import datetime, timedelta

from alertcast.core.broadcast import REPEAT
from alertcast.core.task import (
    ATTEMPT_RANK,
    FINAL_TASKS,
    GIVEN_BACK,
    Attempt,
    AttemptState,
    TaskState,
    Verdict,
    moves_nothing,
    verdict,
)
from alertcast.store import attempts, needs, tasks
from alertcast.store.db import Tx

MOST_REQUESTS = 10
"""Requests after which one that got lost is not made again: an officer dials."""

_LAST_RANK = max(ATTEMPT_RANK.values())


def settle(
    tx: Tx,
    attempt: Attempt,
    to: AttemptState,
    now: datetime,
    *,
    provider_ref: str | None = None,
    code: str | None = None,
    reason: str | None = None,
    wait: float = 0.0,
) -> str:
    """Move an attempt to `to` if that is news; return applied, repeated, late or contradicts.

    A state never moves back: a lower rank only adds the provider's id, of two last words the first
    stays. `wait` is the product time in seconds before a throttled task may try again. The task
    follows its latest attempt, unless it is final already; it is due again only while somebody
    needs it. Applying the same twice changes nothing.
    """
    named = {"provider_ref": provider_ref} if provider_ref and not attempt.provider_ref else {}
    if ATTEMPT_RANK[to] <= attempt.rank:
        if named:
            attempts.change(tx, attempt.id, **named)
        if to is attempt.state:
            return "repeated"
        both_last = ATTEMPT_RANK[to] == attempt.rank == _LAST_RANK
        return "contradicts" if both_last else "late"
    is_last = ATTEMPT_RANK[to] == _LAST_RANK
    attempts.change(
        tx,
        attempt.id,
        state=to,
        rank=ATTEMPT_RANK[to],
        code=code,
        reason=reason,
        settled_at=now if is_last else None,
        **named,
    )
    _move_task(tx, attempt, to, reason, now, wait)
    return "applied"


def _move_task(
    tx: Tx, attempt: Attempt, to: AttemptState, reason: str | None, now: datetime, wait: float
) -> None:
    if moves_nothing(attempt.state, to):
        return
    task = tasks.get(tx, attempt.task_id)
    latest = attempts.latest(tx, attempt.task_id)
    if task is None or task.state in FINAL_TASKS or latest is None or latest.id != attempt.id:
        return
    is_wanted = ATTEMPT_RANK[to] < _LAST_RANK or needs.is_wanted(tx, task.id)
    after = verdict(task, to, reason, is_wanted=is_wanted, wait=timedelta(seconds=wait))
    after = _bounded(after, attempt, to)
    repeats = after.state is TaskState.QUEUED and to not in GIVEN_BACK
    due_at = None
    if after.due_in is not None:
        due_at = max(now, attempt.requested_at + after.due_in)
    tasks.settle(
        tx,
        task.id,
        after.state,
        reason=after.reason,
        due_at=due_at,
        give_back=to in GIVEN_BACK,
        later=REPEAT if repeats and task.tries == 1 else 0,
    )


def _bounded(after: Verdict, attempt: Attempt, to: AttemptState) -> Verdict:
    """Let what was lost again and again, and so never counted, come to an end too."""
    is_lost = to is AttemptState.ABSENT and after.state is TaskState.QUEUED
    if not is_lost or attempt.n < MOST_REQUESTS:
        return after
    return replace(after, state=TaskState.MANUAL, due_in=None, reason="unknown_outcome")
