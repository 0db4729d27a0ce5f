"""Users of the pages: names, roles, areas and password hashes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from alertcast.core.access import User
from alertcast.store import sessions
from alertcast.store.db import Tx
from alertcast.store.rows import new_id, value
from alertcast.store.schema import user


def add(tx: Tx, name: str, password: str, role: str, area: str, now: datetime) -> int:
    """Write a user; `password` is a hash. Raises ValueError if the name is taken."""
    if by_name(tx, name) is not None:
        msg = f"user {name}: there is one already"
        raise ValueError(msg)
    row = insert(user).values(
        name=name, password=password, role=role, area=area, is_disabled=False, created_at=now
    )
    return new_id(tx.execute(row))


def by_id(tx: Tx, user_id: int) -> tuple[User, str] | None:
    """Return a user and the hash of the password, or None."""
    row = tx.execute(select(user).where(user.c.id == user_id)).mappings().first()
    return None if row is None else (_user(row), row["password"])


def by_name(tx: Tx, name: str) -> tuple[User, str] | None:
    """Return a user and the hash of the password, or None."""
    row = tx.execute(select(user).where(user.c.name == name)).mappings().first()
    return None if row is None else (_user(row), row["password"])


def change(tx: Tx, name: str, **values: object) -> bool:
    """Change a user's password hash, role, area or whether disabled; False if there is none.

    With another password, or disabled, the user is logged out everywhere.
    """
    user_id = tx.execute(select(user.c.id).where(user.c.name == name)).scalar()
    if user_id is None:
        return False
    tx.execute(update(user).where(user.c.id == user_id).values(**values))
    if "password" in values or values.get("is_disabled"):
        sessions.end_all(tx, user_id)
    return True


def rehash(tx: Tx, user_id: int, before: str, after: str) -> None:
    """Keep the same password as another hash, unless the password was changed meanwhile."""
    rows = update(user).where(user.c.id == user_id, user.c.password == before)
    tx.execute(rows.values(password=after))


def listed(tx: Tx) -> list[User]:
    """Return all users by name."""
    return [_user(row) for row in tx.execute(select(user).order_by(user.c.name)).mappings()]


def _user(row: Mapping[Any, Any]) -> User:
    return value(User, row)
