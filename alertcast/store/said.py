"""What is written down of a person already: by it a form that is sent twice is known."""

from sqlalchemy import func, or_, select

from alertcast.core.callout import NEEDS_HELP
from alertcast.core.task import AttemptState
from alertcast.store.db import Tx
from alertcast.store.schema import (
    acknowledgement,
    attempt,
    callout,
    help_request,
    person,
    respondent,
    task,
)

IN_VAIN = (AttemptState.NO_ANSWER, AttemptState.BUSY, AttemptState.FAILED)
"""How a call made by hand can end without an answer."""


def times_answered(tx: Tx, broadcast_id: int, person_id: int, value: str) -> int:
    """Return how often this answer of a person stands in a broadcast; help once more by request."""
    said = (
        select(func.count())
        .select_from(acknowledgement)
        .join(respondent, respondent.c.id == acknowledgement.c.respondent_id)
        .join(callout, callout.c.id == respondent.c.callout_id)
        .where(callout.c.broadcast_id == broadcast_id, respondent.c.person_id == person_id)
        .where(acknowledgement.c.value == value)
    )
    asked = (
        select(func.count())
        .select_from(help_request)
        .where(help_request.c.broadcast_id == broadcast_id, help_request.c.person_id == person_id)
    )
    requests = int(tx.execute(asked).scalar_one()) if value == NEEDS_HELP else 0
    return int(tx.execute(said).scalar_one()) + requests


def times_dialled(tx: Tx, broadcast_id: int, person_id: int) -> int:
    """Return how often an officer has dialled a person in vain in a broadcast, on any number."""
    numbers = select(person.c.phone_index).where(
        or_(person.c.id == person_id, person.c.other_of == person_id)
    )
    rows = (
        select(func.count())
        .select_from(attempt)
        .join(task, task.c.id == attempt.c.task_id)
        .where(task.c.broadcast_id == broadcast_id, task.c.phone_index.in_(numbers))
        .where(attempt.c.channel == "manual", attempt.c.state.in_(IN_VAIN))
    )
    return int(tx.execute(rows).scalar_one())
