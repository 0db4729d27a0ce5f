"""What the pages about duty show: people as they may be shown."""

from collections.abc import Iterable

from sqlalchemy import select

from alertcast.store.db import Tx
from alertcast.store.report_faces import Faces
from alertcast.store.rows import chunks
from alertcast.store.schema import person


def shown_as(tx: Tx, faces: Faces, ids: Iterable[int]) -> dict[int, tuple[str, str]]:
    """Return name and phone of these people as they may be shown, by id."""
    found: dict[int, tuple[str, str]] = {}
    for chunk in chunks(sorted(set(ids))):
        rows = select(person.c.id, person.c.name, person.c.phone).where(person.c.id.in_(chunk))
        for row in tx.execute(rows):
            found[row.id] = faces.name(row.name), faces.phone(row.phone)
    return found
