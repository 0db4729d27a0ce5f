"""What many watch at once: made at most every few seconds, not sent again while it is the same.

A watcher names the version it has (If-None-Match); the answer is 304 as long as nothing changed,
and always says of which moment it is.
"""

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from threading import Lock
from typing import Generic, TypeVar

from flask import Response, request

T = TypeVar("T")

KEPT = 2.0
"""Real seconds for which the same is told to all who may see the same."""

MOST = 256
"""What is kept at once; the oldest goes."""

AS_OF = "X-As-Of"
"""The header with the moment that an answer is of: product time of the office, ISO 8601."""


@dataclass(frozen=True, slots=True)
class Seen(Generic[T]):
    """What was made, and of which moment it is."""

    what: T
    as_of: datetime
    made: float  # monotonic


@dataclass(slots=True)
class _Place:
    lock: Lock = field(default_factory=Lock)
    seen: Seen[object] | None = None


class Glance:
    """What was made lately, by what it is of and who may see the same."""

    def __init__(self, keep: float = KEPT) -> None:
        self._keep = keep
        self._lock = Lock()
        self._places: dict[Hashable, _Place] = {}

    def look(self, key: Hashable, clock: Callable[[], datetime], make: Callable[[], T]) -> Seen[T]:
        """Return what was made for `key` a moment ago, or make it; others who ask wait for it.

        A key stands for one `make`: whoever asks for the same gets the same.
        """
        place = self._place(key)
        with place.lock:
            seen: Seen[T] | None = place.seen  # type: ignore[assignment]  # of this key
            if seen is None or time.monotonic() - seen.made >= self._keep:
                as_of = clock()
                seen = Seen(make(), as_of, time.monotonic())
                place.seen = seen  # type: ignore[assignment]
            return seen

    def _place(self, key: Hashable) -> _Place:
        with self._lock:
            if key not in self._places:
                while len(self._places) >= MOST:
                    del self._places[next(iter(self._places))]
                self._places[key] = _Place()
            return self._places[key]


def answer(seen: Seen[str], as_of: datetime, content_type: str) -> Response:
    """Return what was seen, or that it is still the same; `as_of`: its moment, in local time."""
    body = seen.what.encode()
    response = Response(body, content_type=content_type)
    response.set_etag(sha256(body).hexdigest()[:24])
    response.headers[AS_OF] = as_of.isoformat()
    response.headers["Cache-Control"] = "no-store"
    response.make_conditional(request)
    return response
