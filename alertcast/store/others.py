"""A person's other number: told where nothing more goes to the first one, as if it were the first.

The roster keeps it as a row of its own (`person.other_of`) without posts, so that a message to it
is a message like any other; it serves the same respondents, and one answer is enough.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, insert, or_, select

from alertcast.core.task import TaskState
from alertcast.store import bells
from alertcast.store.crypto import Vault
from alertcast.store.db import Tx
from alertcast.store.many import among
from alertcast.store.schema import callout, person, respondent, task, task_respondent

_OTHER = person.alias("other")
_SINCE = task.alias("since")
_LAST = task.alias("last")
_COPIED = ("broadcast_id", "kind", "purpose", "level", "priority", "expires_at", "calls", "every")
_KEPT = ("language", "help_request_id")


@dataclass(frozen=True, slots=True)
class Other:
    """The other number of somebody, and the row that keeps it."""

    person_id: int  # of that row
    phone: str  # E.164; "" where it can not be read
    phone_index: str


def of(tx: Tx, vault: Vault, ids: Collection[int]) -> dict[int, Other]:
    """Return the other number of each of these people who has one."""
    if not ids:
        return {}
    found = tx.execute(_OTHERS, {"ids": sorted(ids)}).all()
    return {one: Other(row, vault.read(phone), index) for one, row, phone, index in found}


def tell(tx: Tx, task_ids: Collection[int], now: datetime) -> int:
    """Plan a task to the other number of whoever these tasks did not reach; return how many.

    What is joined to one of them is planned with it, each for its own broadcast. Twice plans once.
    """
    if not task_ids:
        return 0
    found = tx.execute(_VAIN, {"ids": sorted(task_ids)}).mappings().all()
    for row in found:
        values = {name: row[name] for name in (*_COPIED, *_KEPT)} | {
            "person_id": row["other_id"],
            "phone_index": row["other_index"],
            "wave": row["next_wave"],
            "template": f"{row['purpose']}.{row['template'].rpartition('.')[2]}",
            "state": TaskState.QUEUED,
            "tries": 0,
            "due_at": now,
            "created_at": now,
        }
        new = tx.execute(insert(task).values(**values).returning(task.c.id)).scalar_one()
        tx.execute(_SERVE, {"new": new, "old": row["id"]})
        bells.note(tx, row["kind"])
    return len(found)


_OTHERS = select(_OTHER.c.other_of, _OTHER.c.id, _OTHER.c.phone, _OTHER.c.phone_index).where(
    among(_OTHER.c.other_of)
)
_TOLD_SINCE = (
    select(_SINCE.c.id)
    .where(_SINCE.c.person_id == _OTHER.c.id, _SINCE.c.broadcast_id == task.c.broadcast_id)
    .where(_SINCE.c.kind == task.c.kind, _SINCE.c.id > task.c.id)
)
_WAVE = (
    select(func.coalesce(func.max(_LAST.c.wave), -1) + 1)
    .where(_LAST.c.phone_index == _OTHER.c.phone_index, _LAST.c.kind == task.c.kind)
    .where(_LAST.c.broadcast_id == task.c.broadcast_id)
)
_VAIN = (
    select(task.c.id, task.c.template, *(task.c[name] for name in (*_COPIED, *_KEPT)))
    .add_columns(_OTHER.c.id.label("other_id"), _OTHER.c.phone_index.label("other_index"))
    .add_columns(_WAVE.scalar_subquery().label("next_wave"))
    .join(_OTHER, _OTHER.c.other_of == task.c.person_id)
    .where(or_(among(task.c.id), among(task.c.joined_to)))
    .where(task.c.kind != "manual", ~_TOLD_SINCE.exists())
    .order_by(task.c.id)
)
# A leading task serves the respondents of every warning it speaks of; the new one, its own.
_OWN = (
    select(bindparam("new", type_=task.c.id.type), task_respondent.c.respondent_id)
    .join(task, task.c.id == task_respondent.c.task_id)
    .join(respondent, respondent.c.id == task_respondent.c.respondent_id)
    .join(callout, callout.c.id == respondent.c.callout_id)
    .where(task.c.id == bindparam("old"), callout.c.broadcast_id == task.c.broadcast_id)
)
_SERVE = insert(task_respondent).from_select(["task_id", "respondent_id"], _OWN)
