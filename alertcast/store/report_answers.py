"""What people answered in a broadcast, as rows: who, what, how, when, and who wrote it down."""

from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import Select, func, or_, select

from alertcast.core.phone import hidden
from alertcast.store.db import Tx
from alertcast.store.report_areas import inside, tasks_inside
from alertcast.store.report_faces import Faces, faces_of
from alertcast.store.schema import acknowledgement, callout, grid, person, respondent, task


class SaidFacts(TypedDict):
    """One thing that one person said at one moment, for all the grids it answered for."""

    at: datetime
    value: str  # 1 understood, 2 needs help
    via: str
    person_id: int
    name: str
    phone: str
    roles: list[str]
    places: list[str]  # names of the grids; none where the message served no grid
    by_user: str | None  # spoken: the officer who wrote it down
    note: str  # and what else he wrote; numbers in it are masked unless opened


def said(tx: Tx, faces: Faces, broadcast_id: int, area: str = "") -> list[SaidFacts]:
    """Return the answers of a broadcast, oldest first.

    An answer is kept once for each grid; here it is one row.
    """
    rows = tx.execute(_answers(broadcast_id, area)).all()
    people = faces_of(tx, faces, {row.owner for row in rows})
    found: dict[tuple[object, ...], SaidFacts] = {}
    for row in rows:
        key = (row.owner, row.at, row.value, row.via, row.by_user, row.note)
        note = row.note or ""
        one = found.setdefault(
            key,
            SaidFacts(
                at=row.at,
                value=row.value,
                via=row.via,
                person_id=row.owner,
                name=people[row.owner].name,
                phone=people[row.owner].phone,
                roles=[],
                places=[],
                by_user=row.by_user,
                note=note if faces.is_open else hidden(note),
            ),
        )
        if row.role is not None:
            one["roles"] = list(dict.fromkeys([*one["roles"], row.role]))
            one["places"] = list(dict.fromkeys([*one["places"], f"{row.town}{row.grid}"]))
    return list(found.values())


def _answers(broadcast_id: int, area: str) -> Select[Any]:
    owner = func.coalesce(respondent.c.person_id, person.c.other_of, person.c.id)
    rows = (
        select(
            acknowledgement.c.at,
            acknowledgement.c.value,
            acknowledgement.c.via,
            acknowledgement.c.by_user,
            acknowledgement.c.note,
            owner.label("owner"),
            respondent.c.role,
            grid.c.town,
            grid.c.name.label("grid"),
        )
        .outerjoin(respondent, respondent.c.id == acknowledgement.c.respondent_id)
        .outerjoin(callout, callout.c.id == respondent.c.callout_id)
        .outerjoin(grid, grid.c.id == callout.c.grid_id)
        .outerjoin(task, task.c.id == acknowledgement.c.task_id)
        .outerjoin(person, person.c.id == task.c.person_id)
        .where(acknowledgement.c.broadcast_id == broadcast_id)
        .order_by(acknowledgement.c.id)
    )
    if area:
        without = acknowledgement.c.respondent_id.is_(None)
        rows = rows.where(or_(inside(area), without & tasks_inside(area, broadcast_id)))
    return rows
