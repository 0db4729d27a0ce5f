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

from flask import Response, request

KEPT = 2.0
"""Real seconds for which the same is told to all who may see the same."""

MOST = 256
"""What is kept at once; the oldest goes."""

AS_OF = "X-As-Of"
"""The header with the moment that an answer is of (product time, ISO 8601)."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was made, and when."""

    body: bytes
    etag: str
    as_of: datetime
    made: float  # monotonic


@dataclass(slots=True)
class _Place:
    lock: Lock = field(default_factory=Lock)
    seen: Seen | None = None


class Glance:
    """What was made lately, by what it is of and who may see the same."""

    def __init__(self, keep: float = KEPT) -> None:
        self._keep = keep
        self._lock = Lock()
        self._places: dict[Hashable, _Place] = {}

    def look(self, key: Hashable, clock: Callable[[], datetime], make: Callable[[], str]) -> Seen:
        """Return what was made for `key` a moment ago, or make it; others who ask wait for it."""
        place = self._place(key)
        with place.lock:
            if place.seen is None or time.monotonic() - place.seen.made >= self._keep:
                as_of = clock()
                body = make().encode()
                etag = sha256(body).hexdigest()[:24]
                place.seen = Seen(body, etag, as_of, time.monotonic())
            return place.seen

    def _place(self, key: Hashable) -> _Place:
        with self._lock:
            if key not in self._places:
                while len(self._places) >= MOST:
                    del self._places[next(iter(self._places))]
                self._places[key] = _Place()
            return self._places[key]


def answer(seen: Seen, content_type: str) -> Response:
    """Return what was seen, or that it is still the same."""
    response = Response(seen.body, content_type=content_type)
    response.set_etag(seen.etag)
    response.headers[AS_OF] = seen.as_of.isoformat()
    response.headers["Cache-Control"] = "no-store"
    response.make_conditional(request)
    return response
