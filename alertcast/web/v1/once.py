"""What is asked twice under one Idempotency-Key is done once, and both are told the same.

The key is also the identity of what is done (`Broadcast.key`): two who ask at the same moment, or
one who asks again because the process was killed in between, find what is there. Only what was done
is repeated; what was refused may be asked again under the same key once its cause is mended.
"""

import re
from collections.abc import Callable
from hashlib import sha256

from flask import request
from pydantic import BaseModel

from alertcast.core.token import Token
from alertcast.store import idempotency
from alertcast.web.context import world
from alertcast.web.v1.problems import Refused

KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What a key is made of."""

HEADER = "Idempotency-Key"


def key() -> str:
    """Return the key of this request; raises Refused if there is none that can be used."""
    given = request.headers.get(HEADER, "")
    if not KEY.fullmatch(given):
        raise Refused(400, "invalid_key")
    return given


def digest(method: str, path: str, body: BaseModel | None) -> str:
    """Return what tells one request from another, however its JSON is written."""
    said = "" if body is None else body.model_dump_json()
    return sha256(f"{method} {path}\n{said}".encode()).hexdigest()


def do(token: Token, key: str, asked: str, deed: Callable[[], str]) -> str:
    """Return the answer of `deed`, or what was answered before; raises Refused for another request.

    `deed` must find what it did before: it runs again if no answer of it was kept.
    """
    with world().db.write() as tx:
        first = idempotency.ask(tx, token.id, key, asked, world().db.real_now(tx))
    if first.asked != asked:
        raise Refused(422, "key_used")
    if first.answer is not None:
        return first.answer
    said = deed()
    with world().db.write() as tx:
        return idempotency.answered(tx, token.id, key, said)
