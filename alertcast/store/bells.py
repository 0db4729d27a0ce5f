"""Whoever sends is told of what was written: noted while it is written, rung last of all.

A bell is rung in the transaction that wrote the messages, so that nobody is woken for what is not
there; and as its last deed, because two transactions that ring the same bell wait for each other.
"""

from collections.abc import Callable

from sqlalchemy import Connection

Ring = Callable[[Connection, str], None]
"""Rings for those who send messages of a kind. Must not fail: a poll finds what nobody rang for."""

_NOTED = "alertcast_written"


def forget(tx: Connection) -> None:
    """Begin a transaction in which nothing was written yet; connections are used again."""
    tx.info[_NOTED] = set()


def note(tx: Connection, kind: str) -> None:
    """Note that a message of `kind` was written that may be due."""
    tx.info.setdefault(_NOTED, set()).add(kind)


def noted(tx: Connection) -> list[str]:
    """Return the kinds of which messages were written, always in the same order."""
    return sorted(tx.info.get(_NOTED, ()))
