"""How people are shown: name and phone masked, unless they were opened, which is recorded."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from alertcast.core.phone import UNREADABLE, mask
from alertcast.store import audit
from alertcast.store.crypto import Vault
from alertcast.store.db import Tx
from alertcast.store.rows import chunks
from alertcast.store.schema import person


@dataclass(frozen=True, slots=True)
class Faces:
    """How names and phones are shown: "张*" and "+86 138****0001", or in full."""

    vault: Vault
    is_open: bool = False

    def name(self, sealed: bytes) -> str:
        """Return a name, or its first character and a star."""
        name = self.vault.read(sealed)
        return (name if self.is_open else f"{name[:1]}*") if name else UNREADABLE

    def phone(self, sealed: bytes) -> str:
        """Return a phone (E.164), or the masked form of it."""
        phone = self.vault.read(sealed)
        return (phone if self.is_open else mask(phone)) if phone else UNREADABLE


def unmask(tx: Tx, vault: Vault, *, user: str, subject: str, now: datetime, why: str) -> Faces:
    """Return open faces, and record in this transaction that `user` saw those of `subject`, why."""
    audit.record(tx, user, "unmask", subject, now, why=why)
    return Faces(vault, is_open=True)


class Face(NamedTuple):
    """A person as lists show him."""

    name: str
    phone: str
    other_phone: str | None
    specialities: tuple[str, ...]


def faces_of(tx: Tx, faces: Faces, ids: Iterable[int]) -> dict[int, Face]:
    """Return how these people are shown."""
    found: dict[int, Face] = {}
    other = person.alias()
    for chunk in chunks(sorted(ids)):
        rows = (
            select(person.c.id, person.c.name, person.c.phone, other.c.phone.label("other"))
            .add_columns(person.c.specialities)
            .outerjoin(other, other.c.other_of == person.c.id)
            .where(person.c.id.in_(chunk))
        )
        for row in tx.execute(rows):
            second = None if row.other is None else faces.phone(row.other)
            skills = tuple(row.specialities)
            found[row.id] = Face(faces.name(row.name), faces.phone(row.phone), second, skills)
    return found
