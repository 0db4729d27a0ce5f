"""Where an authority sends its warnings: a POST of CAP with its token, kept before it is answered.

Answers are JSON for the machine that sends. 201: something new is kept; 200: all of it was known;
422: nothing of it could be read, which is put aside with the reasons; 503: not kept, send again.
"""

import math
import time
from collections import deque
from collections.abc import Callable
from threading import Lock

import structlog
from flask import Blueprint, Flask, Response, current_app, jsonify, request

from alertcast.dispatch import ingest
from alertcast.sources.base import Document
from alertcast.sources.inbound import Inbound
from alertcast.store.db import TROUBLE
from alertcast.web.context import desk, now, world
from alertcast.web.rules import public

log = structlog.get_logger()
pages = Blueprint("inbound", __name__)

LATER = 5
"""Real seconds after which a sender is asked to send again what could not be kept."""

MOST = 20
"""Failures of one kind that are looked into in a minute; the others are refused unread.

A document of which anything was taken is none: the good alert in the next one must not be lost.
"""

WINDOW = 60.0
"""Real seconds."""

_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")


class Failures:
    """What went wrong lately, by kind, in memory of this process; `clock` is monotonic seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._at: dict[str, deque[float]] = {}
        self._said: dict[str, float] = {}
        self._lock = Lock()

    def are_too_many(self, kind: str) -> bool:
        """Say whether no further failure of this kind is looked into now."""
        with self._lock:
            at = self._at.get(kind, deque())
            while at and at[0] <= self._clock() - WINDOW:
                at.popleft()
            return len(at) >= MOST

    def count(self, kind: str) -> None:
        """Count one."""
        with self._lock:
            self._at.setdefault(kind, deque(maxlen=MOST)).append(self._clock())

    def is_news(self, kind: str) -> bool:
        """Say whether it was not asked in the last minute: then the log is to say it."""
        with self._lock:
            now = self._clock()
            if now < self._said.get(kind, -math.inf) + WINDOW:
                return False
            self._said[kind] = now
            return True


def install(app: Flask) -> None:
    """Let `app` count failures."""
    app.extensions["alertcast_inbound"] = Failures()


@pages.post("/inbound/<name>")
@public("the token of the source decides")
def take(name: str) -> Response:
    """Keep a document of a source, and say what became of it."""
    source, failures = desk().inbound.get(name), _failures()
    if source is None or not source.is_it(_token()):
        return _stranger(failures)
    if failures.are_too_many(name):
        if failures.is_news(name):
            log.warning("sender is asked to wait", source=name, seconds=int(WINDOW))
        why = f"nothing of {MOST} documents in a minute could be read: mend them first"
        return _no(429, "too_many", why, later=int(WINDOW))
    body = request.get_data()
    if fault := _fault(source, body):
        return _no(*fault)
    address = f"POST /inbound/{name}"
    document = Document(body, request.headers.get("Content-Type", "")[:128], address)
    try:
        taken, refused = ingest.take(world(), source, document, now())
    except TROUBLE as error:
        log.error("sent warning not kept", source=name, why=type(error).__name__)
        return _no(503, "not_kept", "it is not kept: send it again", later=LATER)
    if taken.new:
        desk().wake("")
    if not (taken.new or taken.known):
        failures.count(name)
    facts = {
        "new": len(taken.new),
        "known": taken.known,
        "refused": [{key: one[key] for key in ("code", "where", "message")} for one in refused],
    }
    answer = jsonify(facts)
    answer.status_code = 201 if taken.new else 200 if taken.known else 422
    return answer


def _failures() -> Failures:
    found: Failures = current_app.extensions["alertcast_inbound"]
    return found


def _token() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _stranger(failures: Failures) -> Response:
    """Refuse whoever has no token; which names there are is not said."""
    if failures.are_too_many(""):
        if failures.is_news(""):
            log.warning("senders without a right token are asked to wait", seconds=int(WINDOW))
        return _no(429, "too_many", "too many requests without a right token", later=int(WINDOW))
    failures.count("")
    log.warning("sent without a right token", address=request.remote_addr)
    answer = _no(401, "no_token", "the header Authorization: Bearer TOKEN is missing or wrong")
    answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def _fault(source: Inbound, body: bytes) -> tuple[int, str, str] | None:
    """Return why a body is not read at all: status, code and rule."""
    most = source.settings.max_bytes
    if len(body) > most:
        return 413, "too_large", f"{len(body)} bytes is over the limit of {most}"
    if not body.strip():
        return 400, "empty", "there is nothing in the body"
    if not body.removeprefix(_BOM).lstrip().startswith(b"<") and not body.startswith(_UTF16_BOMS):
        return 415, "not_xml", "the body has to be CAP, an XML document, and nothing else"
    return None


def _no(status: int, code: str, message: str, later: int | None = None) -> Response:
    answer = jsonify(error=code, message=message)
    answer.status_code = status
    if later is not None:
        answer.headers["Retry-After"] = str(later)
    return answer
