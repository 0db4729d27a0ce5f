"""What people texted back in words that are no answer: for an officer to read."""

import json

from sqlalchemy import select

from alertcast.store.db import Tx
from alertcast.store.many import word
from alertcast.store.report_areas import tasks_inside
from alertcast.store.report_faces import Faces
from alertcast.store.report_facts import TextBack
from alertcast.store.schema import attempt, person, receipt, task

MOST = 200
"""How many are shown, the newest first."""


def texts_back(tx: Tx, faces: Faces, broadcast_id: int, area: str = "") -> list[TextBack]:
    """Return the texts that could not be read from people told in a broadcast, newest first."""
    rows = (
        select(receipt.c.raw, receipt.c.received_at, person.c.id, person.c.name, person.c.phone)
        .join(attempt, attempt.c.id == receipt.c.attempt_id)
        .join(task, task.c.id == attempt.c.task_id)
        .join(person, person.c.id == task.c.person_id)
        .where(receipt.c.what == "inbound", receipt.c.effect == word("unreadable"))
        .where(task.c.broadcast_id == broadcast_id, tasks_inside(area, broadcast_id))
        .order_by(receipt.c.id.desc())
        .limit(MOST)
    )
    return [
        TextBack(
            person_id=row.id,
            name=faces.name(row.name),
            phone=faces.phone(row.phone),
            text=str(json.loads(faces.vault.open(row.raw)).get("text", "")),
            at=row.received_at,
        )
        for row in tx.execute(rows)
    ]
