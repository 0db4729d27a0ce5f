"""Who is being told at this moment: phones whose message by one kind has not come to its end."""

from sqlalchemy import select

from alertcast.core.task import TaskState
from alertcast.store.db import Tx
from alertcast.store.schema import task

_WAITING = (TaskState.QUEUED, TaskState.LEAVING, TaskState.UNSURE, TaskState.MANUAL)


def phones(tx: Tx, broadcast_id: int, kind: str) -> frozenset[str]:
    """Return the indexes of the phones that a broadcast is telling by `kind`.

    A call is underway until it has ended. A text that the provider has is told: no receipt need
    ever come.
    """
    states = _WAITING if kind == "sms" else (*_WAITING, TaskState.UNDERWAY)
    rows = select(task.c.phone_index).where(
        task.c.broadcast_id == broadcast_id,
        task.c.kind == kind,
        task.c.state.in_(states),
        task.c.help_request_id.is_(None),
    )
    return frozenset(tx.execute(rows).scalars())
