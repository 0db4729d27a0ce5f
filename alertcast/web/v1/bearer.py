"""Who asks the API: whoever shows a token that is good; and not more often than is fair."""

import math
from datetime import datetime

import structlog
from flask import Flask, current_app, g, request

from alertcast.core.token import Token
from alertcast.store import tokens
from alertcast.store.db import TROUBLE
from alertcast.web.context import world
from alertcast.web.v1.problems import Refused
from alertcast.web.window import Window

log = structlog.get_logger()

MOST = 600
"""Requests of one token in a minute."""

MOST_WRONG = 20
"""Requests without a good token from one address in a minute; then none is looked at."""

MINUTE = 60.0


def install(app: Flask) -> None:
    """Let `app` count."""
    app.extensions["alertcast_api"] = (Window(MOST, MINUTE), Window(MOST_WRONG, MINUTE))


def authenticate() -> Token:
    """Return the token that this request shows, and let its user act; raises Refused."""
    asked, wrong = _windows()
    address = request.remote_addr or ""
    _take_turn(wrong, address)
    with world().db.read() as tx:
        real_now = world().db.real_now(tx)
        found = tokens.by_secret(tx, _secret())
    if found is None or not found.is_valid(real_now):
        wrong.count(address)
        log.warning("token refused", token=found and found.id, address=address)
        raise Refused(401, headers={"WWW-Authenticate": "Bearer"})
    _take_turn(asked, str(found.id))
    asked.count(str(found.id))
    if tokens.is_to_note(found, real_now):
        _note_used(found, real_now)
    g.acting = found.as_user()
    return found


def _secret() -> str:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""


def _take_turn(window: Window, key: str) -> None:
    if wait := window.wait(key):
        raise Refused(429, headers={"Retry-After": str(math.ceil(wait))})


def _note_used(token: Token, real_now: datetime) -> None:
    try:
        with world().db.write() as tx:
            tokens.note_used(tx, token.id, real_now)
    except TROUBLE as error:  # what was asked may still be answered
        log.warning("use of a token not written down", token=token.id, why=type(error).__name__)


def _windows() -> tuple[Window, Window]:
    found: tuple[Window, Window] = current_app.extensions["alertcast_api"]
    return found
