"""People whom an officer added to a broadcast by name and number: sealed like everybody else.

They are kept in a roster of their own, one for each broadcast, that is never the one in use: no
later broadcast tells them, and the roster that was imported stays as it was imported.
"""

from datetime import datetime

from sqlalchemy import func, insert, select

from alertcast.store import data_keys
from alertcast.store.crypto import Vault
from alertcast.store.db import Tx
from alertcast.store.rows import new_id
from alertcast.store.schema import person, roster

NAME = "added"
"""The name of these rosters; their version is the broadcast."""


def find(tx: Tx, broadcast_id: int, roster_id: int | None, phone_index: str) -> int | None:
    """Return the id of the person with this phone in the roster of a broadcast, or added to it."""
    added = select(roster.c.id).where(roster.c.name == NAME, roster.c.version == broadcast_id)
    rows = (
        select(func.coalesce(person.c.other_of, person.c.id))
        .where(person.c.phone_index == phone_index)
        .where((person.c.roster_id == roster_id) | person.c.roster_id.in_(added))
        .order_by(person.c.other_of.is_not(None), person.c.id)
    )
    return tx.execute(rows).scalars().first()


def is_enrolled(tx: Tx, roster_id: int | None, person_id: int) -> bool | None:
    """Say whether a person of this roster is enrolled for drills; None: not of this roster."""
    rows = select(person.c.drills).where(
        person.c.id == person_id, person.c.roster_id == roster_id, person.c.other_of.is_(None)
    )
    return tx.execute(rows).scalar()


def add(
    tx: Tx, vault: Vault, broadcast_id: int, name: str, phone: str, language: str, now: datetime
) -> int:
    """Write a person with a phone (E.164) that nobody in the broadcast has; return the id.

    Raises DataKeyError if the data key was replaced since `vault` was settled.
    """
    data_keys.hold(tx, vault)
    rows = select(roster.c.id).where(roster.c.name == NAME, roster.c.version == broadcast_id)
    roster_id = tx.execute(rows).scalar()
    if roster_id is None:
        row = {"name": NAME, "version": broadcast_id, "sha256": "", "is_active": False}
        roster_id = new_id(tx.execute(insert(roster).values(**row, imported_at=now)))
    known = select(func.count()).where(person.c.roster_id == roster_id)
    new = insert(person).values(
        roster_id=roster_id,
        code=f"{NAME}-{int(tx.execute(known).scalar_one()) + 1}",
        name=vault.seal(name),
        phone=vault.seal(phone),
        phone_index=vault.index(phone),
        languages=language,
        drills=False,
    )
    return new_id(tx.execute(new))
