"""What was asked under a key of the one who asks: asked again it is done once, and told alike."""

from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from alertcast.store.db import Tx
from alertcast.store.schema import idempotency


class Asked(NamedTuple):
    """A request that came before under the same key."""

    asked: str  # its hash
    answer: str | None


def ask(tx: Tx, token_id: int, key: str, asked: str, real_now: datetime) -> Asked:
    """Write down that this was asked (its hash) under a key; return what was first under it."""
    row = {"token_id": token_id, "key": key, "asked": asked, "at": real_now}
    with suppress(IntegrityError), tx.begin_nested():
        tx.execute(insert(idempotency).values(row))
    rows = select(idempotency.c.asked, idempotency.c.answer).where(_is(token_id, key))
    return Asked(*tx.execute(rows).one())


def answered(tx: Tx, token_id: int, key: str, answer: str) -> str:
    """Keep what is answered, unless something was before; return what is to be told."""
    first = update(idempotency).where(_is(token_id, key), idempotency.c.answer.is_(None))
    tx.execute(first.values(answer=answer))
    rows = select(idempotency.c.answer).where(_is(token_id, key))
    return str(tx.execute(rows).scalar_one())


def clear(tx: Tx, before: datetime) -> int:
    """Forget the keys that were used first before `before`; return how many."""
    return int(tx.execute(delete(idempotency).where(idempotency.c.at < before)).rowcount)


def _is(token_id: int, key: str) -> ColumnElement[bool]:
    return and_(idempotency.c.token_id == token_id, idempotency.c.key == key)
