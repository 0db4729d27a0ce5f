"""API tokens: only the hash of a token is kept, so that nobody can read one here."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, or_, select, update

from alertcast.core import token as tokens
from alertcast.core.token import Token
from alertcast.store.db import Tx
from alertcast.store.rows import new_id, value
from alertcast.store.schema import api_token

OFTEN = timedelta(minutes=1)
"""Real time in which a token that is used again is not written down again."""


def add(
    tx: Tx,
    name: str,
    *,
    secret: str,
    role: str,
    area: str,
    user: str,
    now: datetime,
    expires_at: datetime,
) -> int:
    """Write a token that `user` gave; raises ValueError if one of that name is there already."""
    if by_name(tx, name) is not None:
        msg = f"token {name}: there is one already, or was"
        raise ValueError(msg)
    row = insert(api_token).values(
        name=name,
        digest=tokens.digest(secret),
        hint=tokens.hint(secret),
        role=role,
        area=area,
        created_at=now,
        created_by=user,
        expires_at=expires_at,
    )
    return new_id(tx.execute(row))


def by_secret(tx: Tx, secret: str) -> Token | None:
    """Return the token whose secret this is; it may have ended."""
    return _first(tx, api_token.c.digest == tokens.digest(secret))


def by_name(tx: Tx, name: str) -> Token | None:
    """Return the token called so; it may have ended."""
    return _first(tx, api_token.c.name == name)


def by_id(tx: Tx, token_id: int) -> Token | None:
    """Return a token; it may have ended."""
    return _first(tx, api_token.c.id == token_id)


def listed(tx: Tx) -> list[Token]:
    """Return all tokens there ever were, by name."""
    return [
        _token(row) for row in tx.execute(select(api_token).order_by(api_token.c.name)).mappings()
    ]


def is_to_note(token: Token, real_now: datetime) -> bool:
    """Say whether it is to be written down that a token is used now."""
    return token.used_at is None or token.used_at < real_now - OFTEN


def note_used(tx: Tx, token_id: int, real_now: datetime) -> None:
    """Write down that a token is used."""
    is_older = or_(api_token.c.used_at.is_(None), api_token.c.used_at < real_now)
    rows = update(api_token).where(api_token.c.id == token_id, is_older)
    tx.execute(rows.values(used_at=real_now))


def revoke(tx: Tx, token_id: int, user: str, now: datetime) -> bool:
    """Let a token open nothing any more; False if it does not already."""
    rows = update(api_token).where(api_token.c.id == token_id, api_token.c.revoked_at.is_(None))
    return bool(tx.execute(rows.values(revoked_at=now, revoked_by=user)).rowcount)


def _first(tx: Tx, condition: Any) -> Token | None:
    row = tx.execute(select(api_token).where(condition)).mappings().first()
    return None if row is None else _token(row)


def _token(row: Mapping[Any, Any]) -> Token:
    return value(Token, row)
