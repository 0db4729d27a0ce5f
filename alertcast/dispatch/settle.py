"""The one place where an attempt, and with it its task, moves."""

from datetime import datetime, timedelta

from alertcast.core.broadcast import REPEAT
from alertcast.core.task import ATTEMPT_RANK, FINAL_TASKS, Attempt, AttemptState, TaskState, verdict
from alertcast.store import attempts, tasks
from alertcast.store.db import Tx

_LAST_RANK = max(ATTEMPT_RANK.values())
_GIVEN_BACK = (AttemptState.THROTTLED, AttemptState.ABSENT, AttemptState.WITHHELD)


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
    follows its latest attempt, unless it is final already. Applying the same twice changes nothing.
    """
    if provider_ref and not attempt.provider_ref:
        attempts.change(tx, attempt.id, provider_ref=provider_ref)
    if to is attempt.state:
        return "repeated"
    if ATTEMPT_RANK[to] <= attempt.rank:
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
    )
    _move_task(tx, attempt, to, reason, now, wait)
    return "applied"


def _move_task(
    tx: Tx, attempt: Attempt, to: AttemptState, reason: str | None, now: datetime, wait: float
) -> None:
    task = tasks.get(tx, attempt.task_id)
    latest = attempts.latest(tx, attempt.task_id)
    if task is None or task.state in FINAL_TASKS or latest is None or latest.id != attempt.id:
        return
    if to is AttemptState.WITHHELD:
        tasks.settle(tx, task.id, TaskState.CANCELLED, reason=reason, give_back=True)
        return
    if to is AttemptState.THROTTLED:
        due = now + timedelta(seconds=wait)
        tasks.settle(tx, task.id, TaskState.QUEUED, reason=reason, due_at=due, give_back=True)
        return
    after = verdict(task, to, reason)
    due_at = None
    if after.due_in is not None:
        due_at = max(now, attempt.requested_at + after.due_in)
    tasks.settle(
        tx,
        task.id,
        after.state,
        reason=after.reason,
        due_at=due_at,
        give_back=to in _GIVEN_BACK,
        later=REPEAT if after.state is TaskState.QUEUED and task.tries == 1 else 0,
    )
