"""Every request made for a broadcast, as rows: when, how, to whom, and what came of it.

Names and phones are masked unless the faces were opened.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import func, select

from alertcast.store.db import Tx
from alertcast.store.report_areas import tasks_inside
from alertcast.store.report_faces import Faces
from alertcast.store.schema import attempt, audit, person, task


class CallFacts(TypedDict):
    """One attempt: a message, a call, or a number that an officer dialled."""

    task_id: int
    n: int  # 1, 2, 3 ... of its message
    at: datetime
    kind: str
    purpose: str
    channel: str
    person_id: int  # whom it was for; of several with one phone, the first
    name: str
    phone: str  # the one that was used
    template: str
    language: str
    level: str | None
    state: str
    reason: str | None
    code: str | None  # the provider's
    key: str | None  # pressed in this call
    settled_at: datetime | None
    by_user: str | None  # dialled by hand: the officer


def calls(tx: Tx, faces: Faces, broadcast_id: int, area: str = "") -> list[CallFacts]:
    """Return the attempts of a broadcast's messages in the order in which they were made.

    A message that was told together with another's has the attempts of that one.
    """
    dialled_by = _dialled_by(tx, broadcast_id)
    opened: dict[bytes, str] = {}

    def phone(sealed: bytes) -> str:
        if sealed not in opened:
            opened[sealed] = faces.phone(sealed)
        return opened[sealed]

    names: dict[int, str] = {}
    found: list[CallFacts] = []
    for row in tx.execute(_calls(broadcast_id, area)).mappings():
        owner, is_by_hand = row["owner"], row["channel"] == "manual"
        if owner not in names:
            names[owner] = faces.name(row["name"])
        found.append(
            CallFacts(
                task_id=row["task_id"],
                n=row["n"],
                at=row["requested_at"],
                kind="manual" if is_by_hand else row["kind"],
                purpose=row["purpose"],
                channel=row["channel"],
                person_id=owner,
                name=names[owner],
                phone=phone(row["phone"]),
                template=row["template"],
                language=row["language"],
                level=row["level"],
                state=row["state"],
                reason=row["reason"],
                code=row["code"],
                key=row["key"],
                settled_at=row["settled_at"],
                by_user=dialled_by.get((owner, row["requested_at"])) if is_by_hand else None,
            )
        )
    return found


def _calls(broadcast_id: int, area: str) -> Any:
    lead = task.alias()
    told_by = func.coalesce(task.c.joined_to, task.c.id)
    return (
        select(
            task.c.id.label("task_id"),
            task.c.kind,
            task.c.purpose,
            task.c.level,
            lead.c.template,
            lead.c.language,
            func.coalesce(person.c.other_of, person.c.id).label("owner"),
            person.c.name,
            person.c.phone,
            attempt.c.n,
            attempt.c.channel,
            attempt.c.requested_at,
            attempt.c.state,
            attempt.c.reason,
            attempt.c.code,
            attempt.c.key,
            attempt.c.settled_at,
        )
        .join(lead, lead.c.id == told_by)
        .join(attempt, attempt.c.task_id == lead.c.id)
        .join(person, person.c.id == task.c.person_id)
        .where(task.c.broadcast_id == broadcast_id, tasks_inside(area, broadcast_id))
        .order_by(attempt.c.requested_at, attempt.c.id, task.c.id)
    )


def _dialled_by(tx: Tx, broadcast_id: int) -> Mapping[tuple[int, datetime], str]:
    """Return (person, when) -> the officer who dialled, as the audit of that moment has it."""
    rows = select(audit.c.user, audit.c.at, audit.c.detail).where(
        audit.c.subject == f"broadcast:{broadcast_id}", audit.c.action.in_(("dialled", "answer"))
    )
    return {(row.detail["person"], row.at): row.user for row in tx.execute(rows)}
