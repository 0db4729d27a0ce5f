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
from alertcast.store.rows import chunks
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


def _is_needless() -> ColumnElement[bool]:
    serves = select(task_respondent.c.task_id).where(task_respondent.c.task_id == task.c.id)
    said = select(acknowledgement.c.id).where(acknowledgement.c.respondent_id == respondent.c.id)
    without_answer = callout.c.state.in_((CalloutState.OPEN, CalloutState.UNREACHED))
    informs = and_(task.c.kind == "sms", callout.c.state == CalloutState.ANSWERED)
    needed = (
        select(task_respondent.c.task_id)
        .join(respondent, respondent.c.id == task_respondent.c.respondent_id)
        .join(callout, callout.c.id == respondent.c.callout_id)
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
_NEEDLESS = select(task.c.id).where(task.c.id.in_(bindparam("ids", expanding=True)), _is_needless())
_WANTED = (
    select(task.c.id)
    .join(broadcast, broadcast.c.id == task.c.broadcast_id)
    .where(task.c.id == bindparam("task_id"), MAY_LEAVE_LATER, ~_is_needless())
)
_WANTED_OF = (
    select(task.c.id)
    .join(broadcast, broadcast.c.id == task.c.broadcast_id)
    .where(task.c.id.in_(bindparam("ids", expanding=True)), MAY_LEAVE_LATER, ~_is_needless())
)
_OURS_AND_WANTED = _WANTED.where(MAY_LEAVE, task.c.lease_token == bindparam("lease"))


def needless(tx: Tx, task_ids: Iterable[int]) -> set[int]:
    """Return those of the tasks that nobody needs any more."""
    found: set[int] = set()
    for chunk in chunks(sorted(set(task_ids))):
        found |= set(tx.execute(_NEEDLESS, {"ids": chunk}).scalars())
    return found


def wanted(tx: Tx, task_ids: Iterable[int]) -> set[int]:
    """Return those of the tasks that may still leave: not stopped, and needed by somebody."""
    found: set[int] = set()
    for chunk in chunks(sorted(set(task_ids))):
        found |= set(tx.execute(_WANTED_OF, {"ids": chunk}).scalars())
    return found


def is_wanted(tx: Tx, task_id: int) -> bool:
    """Say whether a task may still leave: nobody stopped it, and somebody needs it."""
    return tx.execute(_WANTED, {"task_id": task_id}).first() is not None


def may_go(tx: Tx, task_id: int, lease: str) -> bool:
    """Say whether a task may leave under this lease: still ours, not stopped, and needed."""
    asked = {"task_id": task_id, "lease": lease}
    return tx.execute(_OURS_AND_WANTED, asked).first() is not None
