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

LONGER = 5.0
"""What takes long to make is kept for so many times as long: watching costs a sixth of a core."""

MEANWHILE = 15.0
"""Real seconds for which others are told what was made before, while somebody makes it anew."""

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
    took: float = 0.0  # real seconds


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
        """Return what was made for `key` a moment ago, or make it.

        Others who ask meanwhile are told what was before, or wait for it if that is too old. A key
        stands for one `make`: whoever asks for the same gets the same.
        """
        place = self._place(key)
        seen: Seen[T] | None = place.seen  # type: ignore[assignment]  # of this key
        is_recent = seen is not None and self._age(seen) < MEANWHILE
        if not place.lock.acquire(blocking=not is_recent) and seen is not None:
            return seen
        try:
            seen = place.seen  # type: ignore[assignment]
            if seen is None or self._age(seen) >= max(self._keep, LONGER * seen.took):
                begun, as_of = time.monotonic(), clock()
                what = make()
                made = time.monotonic()
                seen = Seen(what, as_of, made, made - begun)
                place.seen = seen  # type: ignore[assignment]
            return seen
        finally:
            place.lock.release()

    def clear(self) -> None:
        """Forget all of it: somebody did something, and wants to see it."""
        with self._lock:
            self._places.clear()

    def _age(self, seen: Seen[T]) -> float:
        """Return how old it is, in seconds; where nothing is kept, too old."""
        return time.monotonic() - seen.made if self._keep else float("inf")

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
