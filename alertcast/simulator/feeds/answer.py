"""What a publisher answers with, whole or as a fault has it."""

import gzip
import threading
from collections.abc import Iterator
from datetime import datetime

from flask import Response, request

from alertcast.simulator.carrier import drop_connection
from alertcast.simulator.faults import Fault

EMPTY = "feed_empty"
"""The fault that is no broken answer, but a good one without any warning."""

_GZIP_HEAD = 10  # bytes
_PIECES = 50  # in which a dripping answer comes


def answer(
    body: bytes,
    content_type: str,
    fault: Fault | None,
    changed: datetime,
    closing: threading.Event,
) -> Response:
    """Answer with `body`, as it was `changed` last (aware); or as the fault has it."""
    name = fault.fault if fault else ""
    seconds = fault.seconds if fault else 0.0
    if name == "feed_error":
        return Response("the publisher is down", 500, mimetype="text/plain")
    if name == "feed_throttled":
        after = {"Retry-After": f"{max(seconds, 1):.0f}"}
        return Response("too many requests", 429, after, mimetype="text/plain")
    if name == "feed_reset":
        drop_connection()
        return Response(status=500)
    if name == "feed_hang":
        closing.wait(seconds)
    if name == "feed_web_page":
        return Response("<html><body>请先登录</body></html>", mimetype="text/html")
    if name == "feed_blank":
        body = b""
    if name == "feed_cut":
        body = body[: len(body) // 2]
    response = Response(body, content_type=content_type)
    response.add_etag()
    response.last_modified = changed
    if name in ("feed_short", "feed_drip", "feed_gzip"):
        return _damaged(response, body, name, seconds, closing)
    response.make_conditional(request)
    return response


def _damaged(
    response: Response, body: bytes, name: str, seconds: float, closing: threading.Event
) -> Response:
    """Answer with a body that is not what its headers say, or takes its time."""
    if name == "feed_gzip":
        packed = gzip.compress(body)
        response.set_data(packed[:_GZIP_HEAD] + b"\xff" * len(packed))
        response.headers["Content-Encoding"] = "gzip"
        return response
    half = body[: len(body) // 2]
    response.response = [half] if name == "feed_short" else _dripping(body, seconds, closing)
    response.headers["Content-Length"] = str(len(body))
    return response


def _dripping(body: bytes, seconds: float, closing: threading.Event) -> Iterator[bytes]:
    """Yield a body in pieces, each after its part of the seconds."""
    size = max(1, len(body) // _PIECES)
    for start in range(0, len(body), size):
        closing.wait(seconds / _PIECES)
        yield body[start : start + size]
