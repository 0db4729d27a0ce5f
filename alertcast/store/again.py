"""Steps that are begun again, whole, when PostgreSQL gave them up in favour of another writer.

Two writers that wait for each other are a deadlock: one of them is undone, and may simply be begun
again. A step may be, if it opens its own transaction and touches nothing but the database.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from sqlalchemy.exc import OperationalError

from alertcast.store.db import GIVEN_UP, TRIES

P = ParamSpec("P")
R = TypeVar("R")


def begun_again(step: Callable[P, R]) -> Callable[P, R]:
    """Let `step` be begun again if its transaction was given up; the last time it may fail."""

    @wraps(step)
    def repeated(*args: P.args, **kwargs: P.kwargs) -> R:
        for _ in range(TRIES - 1):
            try:
                return step(*args, **kwargs)
            except OperationalError as error:
                if getattr(error.orig, "sqlstate", None) not in GIVEN_UP:
                    raise
        return step(*args, **kwargs)

    return repeated
