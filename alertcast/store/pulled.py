"""Receipts that are fetched: where the next page begins, and those that came before their attempt.

A provider that has no reference of ours reports under its own id. We know that id only once our own
record of the request is committed, or once the provider was asked about a lost answer.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from alertcast.store.db import Tx
from alertcast.store.schema import attempt, pull_cursor, receipt

KEY = "key "
"""What the word of a receipt that tells of a pressed key begins with."""


@dataclass(frozen=True, slots=True)
class Early:
    """A pressed key that was heard of before its attempt was known, or could not be applied."""

    receipt_id: int
    attempt_id: int
    token: str
    key: str


def cursor(tx: Tx, name: str) -> str | None:
    """Return where the next page of a channel's receipts begins at its provider."""
    rows = select(pull_cursor.c.cursor).where(pull_cursor.c.name == name)
    return tx.execute(rows).scalar()


def keep_cursor(tx: Tx, name: str, cursor: str) -> None:
    """Write where the next page of a channel's receipts begins at its provider."""
    change = update(pull_cursor).where(pull_cursor.c.name == name).values(cursor=cursor)
    if tx.execute(change).rowcount:
        return
    # another process may write it between our two statements: then its page is fetched again
    with suppress(IntegrityError), tx.begin_nested():
        tx.execute(insert(pull_cursor).values(name=name, cursor=cursor))


def early_states(tx: Tx, since: datetime) -> int:
    """Let receipts whose attempt is known by now be applied once more; return how many."""
    known = select(attempt.c.id).where(_BELONGS).correlate(receipt).exists()
    rows = and_(_UNMATCHED, receipt.c.state.is_not(None), receipt.c.received_at > since, known)
    return tx.execute(update(receipt).where(rows).values(effect=None)).rowcount


def early_keys(tx: Tx, since: datetime) -> Sequence[Early]:
    """Return the pressed keys that wait and whose attempt is known, in the order they came."""
    rows = (
        select(receipt.c.id, receipt.c.word, attempt.c.id.label("attempt_id"), attempt.c.token)
        .join(attempt, or_(_BELONGS, attempt.c.token == receipt.c.token))
        .where(or_(_UNMATCHED, receipt.c.effect == "broken"))
        .where(receipt.c.word.startswith(KEY), receipt.c.received_at > since)
        .order_by(receipt.c.id)
    )
    return [
        Early(row.id, row.attempt_id, row.token, row.word.removeprefix(KEY))
        for row in tx.execute(rows)
    ]


_BELONGS = and_(
    attempt.c.channel == receipt.c.channel, attempt.c.provider_ref == receipt.c.provider_ref
)
_UNMATCHED = and_(
    receipt.c.effect == "unmatched",
    receipt.c.provider_ref.is_not(None),
    receipt.c.token.is_(None),
)
