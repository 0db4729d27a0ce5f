"""Where providers report: receipts, key presses, text messages. No log-in; signatures decide.

What can not be kept is answered 503 with Retry-After, never 2xx: the provider reports it again. A
plain receipt does not come here: `intake` answers it.
"""

import structlog
from flask import Blueprint, Response, abort, request, send_file

from alertcast.channels.abilities import Plays
from alertcast.channels.base import Callback, Forged
from alertcast.dispatch import receive
from alertcast.store.db import TROUBLE
from alertcast.web.context import desk
from alertcast.web.rules import public

log = structlog.get_logger()

LATER = 5
"""Real seconds after which a provider is asked to report again."""

SIGNED = "the signature of the provider decides"

pages = Blueprint("callbacks", __name__, url_prefix="/callbacks")


@pages.post("/<channel>/inbound")
@public(SIGNED)
def inbound(channel: str) -> Response:
    """Take a text message that somebody sent to us."""
    return _take(channel, None, "inbound")


@pages.post("/<channel>/inbound-voice")
@public(SIGNED)
def inbound_voice(channel: str) -> Response:
    """Say to somebody who calls our number what was told to that phone."""
    return _take(channel, None, "inbound-voice")


@pages.post("/<channel>/status")
@public(SIGNED)
def reports(channel: str) -> Response:
    """Take what a provider says of several attempts, each named in the body."""
    return _take(channel, None, "status")


@pages.get("/<channel>/recordings/<key>")
@public("a provider plays it; words of texts.toml, nothing personal")
def recording(channel: str, key: str) -> Response:
    """Hand a recorded voice to the provider; it holds words of texts.toml, nothing personal."""
    found = desk().world.channel(channel)
    audio = found.audio(key) if isinstance(found, Plays) else None
    if audio is None:
        abort(404)
    return send_file(audio.path, mimetype=audio.content_type, conditional=True, max_age=86400)


@pages.post("/<channel>/<token>/<what>")
@public(SIGNED)
def attempt(channel: str, token: str, what: str) -> Response:
    """Take what a provider says of one attempt."""
    return _take(channel, token, what)


def _take(channel: str, token: str | None, what: str) -> Response:
    body = request.get_data()
    callback = Callback(
        channel=channel,
        what=what,
        token=token,
        url=desk().world.config.main.web.public_base_url + _raw_path(),
        headers=dict(request.headers),
        form=request.form.to_dict(flat=False),
        body=body,
    )
    try:
        if what == "status" and desk().depth.is_too_deep(desk().world):
            return _later()
        reply = receive.receive(desk().world, callback, desk().clock())
    except Forged:
        abort(Response("forged", 403, mimetype="text/plain"))
    except TROUBLE as error:
        log.error("callback not kept", channel=channel, what=what, why=type(error).__name__)
        return _later()
    desk().wake("receive" if what == "status" else "send")
    return Response(reply.body, reply.status, content_type=reply.content_type)


def _later() -> Response:
    return Response("later", 503, {"Retry-After": str(LATER)}, mimetype="text/plain")


def _raw_path() -> str:
    """Return path and query as they were sent: the signature is made over the undecoded address."""
    raw = request.environ.get("REQUEST_URI")
    if raw:
        return str(raw)
    query = request.query_string.decode("ascii", "replace")
    return request.path + (f"?{query}" if query else "")
