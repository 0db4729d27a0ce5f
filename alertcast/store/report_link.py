"""What the page of a link shows of its reader: the answer that was given, and the help that comes.

Nobody is named here, and no number is shown: whoever has the address may be anybody.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TypedDict

from sqlalchemy import or_, select

from alertcast.core.callout import CalloutState
from alertcast.core.task import Task, TaskState
from alertcast.store import callouts
from alertcast.store.db import Tx
from alertcast.store.rows import value
from alertcast.store.schema import (
    acknowledgement,
    callout,
    help_request,
    respondent,
    task,
)


class LinkAnswer(TypedDict):
    """What the reader has answered last, by whatever way."""

    value: str
    via: str
    at: datetime


class LinkHelp(TypedDict):
    """The reader's newest call for help."""

    opened_at: datetime
    closed_at: datetime | None
    is_called: bool  # somebody is being called about it


class LinkFacts(TypedDict):
    """What has been done with a warning so far, for one reader."""

    answer: LinkAnswer | None
    answered_by: str | None  # the post that answered first for the same grids, if not the reader
    help: LinkHelp | None


def task_of(tx: Tx, task_id: int) -> Task | None:
    """Return a task without locking it, or None."""
    row = tx.execute(select(task).where(task.c.id == task_id)).mappings().first()
    return None if row is None else value(Task, row, state=TaskState(row["state"]), text=None)


def states_of(tx: Tx, respondent_ids: Sequence[int]) -> set[CalloutState]:
    """Return where the callouts of these respondents stand."""
    rows = (
        select(callout.c.state)
        .join(respondent, respondent.c.callout_id == callout.c.id)
        .where(respondent.c.id.in_(respondent_ids))
    )
    return {CalloutState(state) for state in tx.execute(rows).scalars()}


def has_said(tx: Tx, task_id: int, value: str) -> bool:
    """Say whether a message that serves no callout was answered so before."""
    rows = select(acknowledgement.c.id).where(
        acknowledgement.c.task_id == task_id,
        acknowledgement.c.value == value,
        acknowledgement.c.respondent_id.is_(None),
    )
    return tx.execute(rows).first() is not None


def levels_of(tx: Tx, respondent_ids: Sequence[int]) -> set[str | None]:
    """Return the levels at which the callouts of these respondents are called."""
    rows = (
        select(callout.c.level)
        .join(respondent, respondent.c.callout_id == callout.c.id)
        .where(respondent.c.id.in_(respondent_ids))
    )
    return set(tx.execute(rows).scalars())


def facts(tx: Tx, one: Task, broadcast_id: int, served: Sequence[int]) -> LinkFacts:
    """Return what has been done so far about what the message `one` told of a broadcast.

    `served`: whom of that broadcast it serves.
    """
    answer = _answer(tx, one, broadcast_id, served)
    return LinkFacts(
        answer=answer,
        answered_by=None if answer else callouts.first_answer(tx, served),
        help=_help(tx, one),
    )


def _answer(tx: Tx, one: Task, broadcast_id: int, served: Sequence[int]) -> LinkAnswer | None:
    mine = or_(acknowledgement.c.respondent_id.in_(served), acknowledgement.c.task_id == one.id)
    rows = (
        select(acknowledgement.c.value, acknowledgement.c.via, acknowledgement.c.at)
        .where(acknowledgement.c.broadcast_id == broadcast_id, mine)
        .order_by(acknowledgement.c.id.desc())
        .limit(1)
    )
    row = tx.execute(rows).first()
    return None if row is None else LinkAnswer(value=row.value, via=row.via, at=row.at)


def _help(tx: Tx, one: Task) -> LinkHelp | None:
    rows = (
        select(help_request)
        .where(
            help_request.c.broadcast_id == one.broadcast_id,
            help_request.c.person_id == one.person_id,
        )
        .order_by(help_request.c.id.desc())
        .limit(1)
    )
    row = tx.execute(rows).first()
    if row is None:
        return None
    called = select(task.c.id).where(task.c.help_request_id == row.id)
    return LinkHelp(
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        is_called=tx.execute(called).first() is not None,
    )
