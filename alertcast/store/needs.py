"""Whether a task is still needed: asked before every request, and whenever somebody has answered.

A call is needed while one of its callouts has no answer and its own respondent gave none: also
after the end of the ladder, since a slow channel may be behind it. A text message still informs
when somebody else has answered, but not after it was stopped. A call for help is needed until an
officer has closed the request. A task that serves no callout (an all-clear) is always needed.
"""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, and_, bindparam, or_, select

from alertcast.core.broadcast import BroadcastState
from alertcast.core.callout import CalloutState
from alertcast.store.db import Tx
from alertcast.store.many import among, given, words
from alertcast.store.schema import (
    acknowledgement,
    broadcast,
    callout,
    help_request,
    respondent,
    task,
    task_respondent,
)

MAY_LEAVE = or_(broadcast.c.state == BroadcastState.RUNNING, task.c.help_request_id.is_not(None))
"""Whoever asked for help is helped, even after the calling was stopped or has come to its end."""

MAY_LEAVE_LATER = or_(MAY_LEAVE, broadcast.c.state == BroadcastState.HELD)
"""Or once a human has confirmed a broadcast that was restored from a backup."""


def is_needless() -> ColumnElement[bool]:
    """Return the condition that nobody needs a task any more.

    The state of a callout is looked up for each respondent and not joined: before PostgreSQL has
    counted what a broadcast has just written, it would begin with all callouts for every task.
    """
    serves = select(task_respondent.c.task_id).where(task_respondent.c.task_id == task.c.id)
    said = select(acknowledgement.c.id).where(acknowledgement.c.respondent_id == respondent.c.id)
    state = (
        select(callout.c.state)
        .where(callout.c.id == respondent.c.callout_id)
        .correlate(respondent)
        .scalar_subquery()
    )
    without_answer = state.in_(words(CalloutState.OPEN, CalloutState.UNREACHED))
    informs = and_(task.c.kind == "sms", state == CalloutState.ANSWERED)
    needed = (
        select(task_respondent.c.task_id)
        .join(respondent, respondent.c.id == task_respondent.c.respondent_id)
        .where(task_respondent.c.task_id == task.c.id)
        .where(or_(without_answer, informs), ~said.correlate(respondent).exists())
    )
    closed = select(help_request.c.id).where(
        help_request.c.id == task.c.help_request_id, help_request.c.closed_at.is_not(None)
    )
    return or_(
        and_(serves.correlate(task).exists(), ~needed.correlate(task).exists()),
        closed.correlate(task).exists(),
    )


# Made once: making a statement costs as much as running it, and these are asked all the time.
_NEEDLESS = select(task.c.id).where(among(task.c.id, "ids"), is_needless())
_WANTED = (
    select(task.c.id)
    .join(broadcast, broadcast.c.id == task.c.broadcast_id)
    .where(task.c.id == bindparam("task_id"), MAY_LEAVE_LATER, ~is_needless())
)
_WANTED_OF = (
    select(task.c.id)
    .join(broadcast, broadcast.c.id == task.c.broadcast_id)
    .where(among(task.c.id, "ids"), MAY_LEAVE_LATER, ~is_needless())
)
_HELD = given("held", task.c.id, task.c.lease_token)
_MAY_GO = (
    select(task.c.id)
    .join(_HELD, and_(task.c.id == _HELD.c.id, task.c.lease_token == _HELD.c.lease_token))
    .join(broadcast, broadcast.c.id == task.c.broadcast_id)
    .where(MAY_LEAVE, ~is_needless())
)


def needless(tx: Tx, task_ids: Iterable[int]) -> set[int]:
    """Return those of the tasks that nobody needs any more."""
    ids = sorted(set(task_ids))
    return set(tx.execute(_NEEDLESS, {"ids": ids}).scalars()) if ids else set()


def wanted(tx: Tx, task_ids: Iterable[int]) -> set[int]:
    """Return those of the tasks that may still leave: not stopped, and needed by somebody."""
    ids = sorted(set(task_ids))
    return set(tx.execute(_WANTED_OF, {"ids": ids}).scalars()) if ids else set()


def is_wanted(tx: Tx, task_id: int) -> bool:
    """Say whether a task may still leave: nobody stopped it, and somebody needs it."""
    return tx.execute(_WANTED, {"task_id": task_id}).first() is not None


def may_go(tx: Tx, held: Iterable[tuple[int, str]]) -> set[int]:
    """Return those of the tasks, each with its lease, that may leave under it.

    The lease is still ours, nobody stopped the task, and somebody needs it.
    """
    return set(tx.execute(_MAY_GO, {"held": list(held)}).scalars())
