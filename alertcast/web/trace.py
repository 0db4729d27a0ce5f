"""Each request has an id: in its answer, and in every line that is logged meanwhile."""

import re
import secrets
import time

import structlog
from flask import Flask, Response, g, got_request_exception, request

log = structlog.get_logger()

HEADER = "X-Request-ID"
"""Of the answer; of a request it is taken over, so that a proxy's log can be compared with ours."""

GIVEN = re.compile(r"[A-Za-z0-9._-]{8,64}")
"""What an id that came with a request may look like."""

SLOW = 2.0
"""Real seconds after which an answer is worth a line."""


def install(app: Flask) -> None:
    """Let `app` name its requests, and log those that failed or were slow.

    Addresses are not logged: they hold the tokens of callbacks. The name of the view is.
    """
    app.logger.disabled = True  # it would log the whole address
    app.before_request(_begin)
    app.after_request(_end)
    app.teardown_request(_forget)
    got_request_exception.connect(_failed, app)


def named(given: str) -> str:
    """Return the id of a request that came with the id `given`, or with "": that one, if it may."""
    return given if GIVEN.fullmatch(given) else secrets.token_hex(8)


def tell_if_slow(view: str | None, status: int, took: float, **more: str) -> None:
    """Log an answer that took more than SLOW (real seconds)."""
    if took > SLOW:
        log.warning("slow answer", view=view, status=status, seconds=round(took, 3), **more)


def _begin() -> None:
    g.request_id = named(request.headers.get(HEADER, ""))
    g.begun = time.monotonic()
    structlog.contextvars.bind_contextvars(request=g.request_id)


def _end(response: Response) -> Response:
    response.headers[HEADER] = g.get("request_id", "")
    took = time.monotonic() - g.get("begun", time.monotonic())
    tell_if_slow(request.endpoint, response.status_code, took)
    return response


def _forget(_error: BaseException | None) -> None:
    structlog.contextvars.unbind_contextvars("request")


def _failed(_app: Flask, exception: BaseException, **_: object) -> None:
    log.error("request failed", view=request.endpoint, exc_info=exception)
