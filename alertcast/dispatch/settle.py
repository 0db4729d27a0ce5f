"""The one place where attempts, and with them their tasks, move."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alertcast.core.broadcast import REPEAT
from alertcast.core.retry import Retry
from alertcast.core.task import (
    ATTEMPT_RANK,
    FINAL_TASKS,
    GIVEN_BACK,
    TASK_MOVES,
    UNDER_WAY,
    Attempt,
    AttemptState,
    Course,
    TaskState,
    Verdict,
    moves_nothing,
    verdict,
)
from alertcast.store import attempts, broadcasts, callouts, hopeless, needs, others, tasks
from alertcast.store.db import Tx

MOST_REQUESTS = 10
"""Requests after which one that got lost is not made again: an officer dials."""

_SETTLED = FINAL_TASKS | {TaskState.MANUAL}
"""Tasks in one of these states do not follow their attempts: they are over, or an officer dials."""

_VAIN = frozenset({TaskState.FAILED, TaskState.UNANSWERED})
"""Nothing more goes to this phone; the person may have another."""

NO_RECEIPT = "no_receipt"
"""Reason of a call that was given up, since no end of it was ever told."""

LISTENS = timedelta(minutes=10)
"""Product time in which nobody is called again who is on the line after all.

He picked up after the call was given up, or pressed a key after a machine was said to have.
"""

_LAST_RANK = max(ATTEMPT_RANK.values())
_PICKED_UP_LATE = (NO_RECEIPT, AttemptState.CONNECTED)


@dataclass(frozen=True, slots=True)
class Move:
    """What is newly known of an attempt."""

    attempt: Attempt  # as it was read, locked, in the same transaction
    to: AttemptState
    provider_ref: str | None = None
    code: str | None = None
    reason: str | None = None
    wait: float = 0.0  # product seconds before a throttled task may try again


def settle(
    tx: Tx,
    retry: Retry,
    attempt: Attempt,
    to: AttemptState,
    now: datetime,
    *,
    provider_ref: str | None = None,
    code: str | None = None,
    reason: str | None = None,
) -> str:
    """Move one attempt, see `settle_all`."""
    return settle_all(tx, retry, [Move(attempt, to, provider_ref, code, reason)], now)[0]


def settle_all(tx: Tx, retry: Retry, moves: Sequence[Move], now: datetime) -> list[str]:
    """Move each attempt where that is news; return applied, repeated, late or contradicts, each.

    A state never moves back: a lower rank only adds the provider's id, of two last words the first
    stays. A task follows its latest attempt, unless it is final or with an officer; `retry` says
    what follows a failure, and it is due again only while somebody needs it. Where that leaves
    nobody to be reached by this rung, the next one is due now. Applying the same twice changes
    nothing; an attempt may occur several times.
    """
    known: dict[int, Attempt] = {}
    effects: list[str] = []
    news: list[tuple[Attempt, Move]] = []
    late: list[int] = []
    for move in moves:
        before = known.get(move.attempt.id, move.attempt)
        effect, after = _moved(before, move, now)
        effects.append(effect)
        if after is not before:
            known[after.id] = after
        if effect == "applied" and not moves_nothing(before.state, move.to):
            news.append((before, move))
        if effect == "applied" and (before.reason, move.to) == _PICKED_UP_LATE:
            late.append(before.task_id)
    attempts.move(tx, known.values())
    _move_tasks(tx, retry, news, now)
    tasks.rest(tx, late, now + LISTENS)
    return effects


def give_up(tx: Tx, retry: Retry, attempt: Attempt, now: datetime) -> bool:
    """Let what follows a failure follow a call that no end was told of; say whether it did.

    The attempt stays where the provider's last word has left it, so that a late word still moves
    it, and its task as long as no other call was made.
    """
    current = attempts.find(tx, token=attempt.token)
    if current is None or current.state not in UNDER_WAY:
        return False
    task = tasks.courses(tx, [current.task_id]).get(current.task_id)
    latest = attempts.last_ids(tx, [current.task_id]).get(current.task_id)
    if task is None or task.state is not TaskState.UNDERWAY or latest != current.id:
        return False
    attempts.change(tx, current.id, reason=NO_RECEIPT)
    over = Move(current, AttemptState.FAILED, reason=NO_RECEIPT)
    _move_tasks(tx, retry, [(current, over)], now)
    return True


def _moved(before: Attempt, move: Move, now: datetime) -> tuple[str, Attempt]:
    ref = before.provider_ref or move.provider_ref
    rank = ATTEMPT_RANK[move.to]
    if rank <= before.rank:
        after = before if ref == before.provider_ref else replace(before, provider_ref=ref)
        if move.to is before.state:
            return "repeated", after
        return "contradicts" if rank == before.rank == _LAST_RANK else "late", after
    is_last = rank == _LAST_RANK
    return "applied", replace(
        before,
        state=move.to,
        rank=rank,
        code=move.code,
        reason=move.reason,
        provider_ref=ref,
        settled_at=now if is_last else None,
    )


def _move_tasks(tx: Tx, retry: Retry, news: Sequence[tuple[Attempt, Move]], now: datetime) -> None:
    if not news:
        return
    current = tasks.courses(tx, [before.task_id for before, _ in news])
    latest = attempts.last_ids(tx, current)
    ended = {b.task_id for b, move in news if ATTEMPT_RANK[move.to] == _LAST_RANK}
    broadcasts.hold(tx, ended)  # what is due again is not left behind in one that is closed
    wanted = needs.wanted(tx, ended)
    moved: dict[int, Course] = {}
    for before, move in news:
        task = moved.get(before.task_id) or current.get(before.task_id)
        if task is None or task.state in _SETTLED or latest.get(task.id) != before.id:
            continue
        after = _followed(task, retry, before, move, now, is_wanted=task.id in wanted)
        if after.state is not task.state and after.state not in TASK_MOVES[task.state]:
            msg = f"task {task.id} can not go from {task.state} to {after.state}"
            raise ValueError(msg)
        moved[task.id] = after
    tasks.move(tx, moved.values())
    others.tell(
        tx, [one.id for one in moved.values() if one.id in wanted and one.state in _VAIN], now
    )
    failed = [one.id for one in moved.values() if one.state is TaskState.FAILED]
    callouts.hurry(tx, hopeless.callouts(tx, failed), now)


def _followed(
    task: Course, retry: Retry, before: Attempt, move: Move, now: datetime, *, is_wanted: bool
) -> Course:
    wait = timedelta(seconds=move.wait)
    after = verdict(task, move.to, move.reason, retry, is_wanted=is_wanted, wait=wait)
    after = _bounded(after, before, move.to)
    given_back = move.to in GIVEN_BACK
    begins = after.state is TaskState.QUEUED is not task.state
    repeats = begins and not given_back and task.tries == 1
    return replace(
        task,
        state=after.state,
        reason=after.reason,
        due_at=task.due_at
        if after.due_in is None
        else max(now, before.requested_at + after.due_in),
        tries=task.tries - given_back,
        priority=task.priority + (REPEAT if repeats else 0),
    )


def _bounded(after: Verdict, attempt: Attempt, to: AttemptState) -> Verdict:
    """Let what was lost again and again, and so never counted, come to an end too."""
    is_lost = to is AttemptState.ABSENT and after.state is TaskState.QUEUED
    if not is_lost or attempt.n < MOST_REQUESTS:
        return after
    return replace(after, state=TaskState.MANUAL, due_in=None, reason="unknown_outcome")
