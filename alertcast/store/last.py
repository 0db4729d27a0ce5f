"""What a transaction does last, right before it commits: noted while it is written.

What others have to wait for is done last of all, so that they wait for a commit and not for a step.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection

Deed = Callable[[Connection, list[Any]], None]
"""Does something for all items that were noted."""

_NOTED = "alertcast_last"


@contextmanager
def noting(tx: Connection) -> Iterator[None]:
    """Let deeds be noted until the block ends, with the transaction; connections are used again."""
    tx.info[_NOTED] = {}
    try:
        yield
    finally:
        del tx.info[_NOTED]


def note(tx: Connection, deed: Deed, item: object) -> None:
    """Let `deed` be done at the end of the transaction, for this item and the others noted.

    Raises LookupError in a transaction that was opened to read: nobody would do it.
    """
    if _NOTED not in tx.info:
        raise LookupError("a transaction that was opened to read is about to write")
    tx.info[_NOTED].setdefault(deed, []).append(item)


def do(tx: Connection) -> None:
    """Do what was noted, in the order in which it was first noted."""
    for deed, items in tx.info[_NOTED].items():
        deed(tx, items)
