"""Callouts for which nothing that was planned can be answered: their next rung need not wait.

A message that arrived may still be answered, one that an officer is to dial as well. Only where
every one has failed, or was called off, is there nobody to wait for.
"""

from collections.abc import Iterable

from sqlalchemy import and_, select

from alertcast.core.callout import CalloutState
from alertcast.core.task import TaskState
from alertcast.store.db import Tx
from alertcast.store.many import among, words
from alertcast.store.schema import callout, respondent, task, task_respondent

_VAIN = (TaskState.FAILED, TaskState.CANCELLED, TaskState.EXPIRED)
_THEIR = (
    select(respondent.c.callout_id)
    .join(task_respondent, task_respondent.c.respondent_id == respondent.c.id)
    .where(among(task_respondent.c.task_id, "ids"))
)
_OTHER = respondent.alias()
_HOPE = (
    select(task.c.id)
    .join(task_respondent, task_respondent.c.task_id == task.c.id)
    .join(_OTHER, _OTHER.c.id == task_respondent.c.respondent_id)
    .where(_OTHER.c.callout_id == callout.c.id, task.c.state.notin_(words(*_VAIN)))
    .where(task.c.joined_to.is_(None))  # what is joined hopes with its leading one only
    .correlate(callout)
)
_HOPELESS = select(callout.c.id).where(
    and_(callout.c.id.in_(_THEIR), callout.c.state == CalloutState.OPEN, ~_HOPE.exists())
)


def callouts(tx: Tx, task_ids: Iterable[int]) -> list[int]:
    """Return the open callouts that these tasks served, and that no task can be answered for."""
    ids = sorted(set(task_ids))
    return sorted(set(tx.execute(_HOPELESS, {"ids": ids}).scalars())) if ids else []
