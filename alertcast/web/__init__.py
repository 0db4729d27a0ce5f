"""The duty officer's pages, the JSON beside them, and the addresses that providers call back."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from io import BytesIO
from typing import IO
from urllib.parse import urlsplit

from flask import Flask, Request, Response
from flask_wtf.csrf import CSRFProtect
from werkzeug.routing import IntegerConverter

from alertcast.dispatch.reload import Files
from alertcast.dispatch.world import World
from alertcast.sources.base import Source
from alertcast.sources.inbound import Inbound
from alertcast.web import (
    account,
    api,
    audits,
    broadcasts,
    callbacks,
    calling,
    channels,
    configuration,
    correct,
    drills,
    duty,
    errors,
    feed,
    health,
    inbound,
    links,
    listing,
    login,
    manage,
    manual,
    maps,
    messages,
    metrics,
    notice,
    now,
    oidc,
    people,
    quarantine,
    record,
    relay,
    response,
    roster,
    second,
    shift_log,
    show,
    sources,
    start,
    stations,
    statistics,
    tokens,
    trace,
    uploads,
    users,
    words,
)
from alertcast.web.context import Desk, install, left
from alertcast.web.glance import KEPT, Glance
from alertcast.web.rules import rules
from alertcast.web.v1 import api as v1

FAMILIES = (
    now,
    broadcasts,
    listing,
    second,
    correct,
    people,
    calling,
    notice,
    start,
    quarantine,
    relay,
    roster,
    stations,
    drills,
    duty,
    response,
    shift_log,
    statistics,
    record,
    messages,
    manual,
    maps,
    login,
    oidc,
    account,
    words,
    api,
    links,
    feed,
    inbound,
    health,
    metrics,
    callbacks,
    v1,
    tokens,
    users,
    audits,
    channels,
    sources,
    configuration,
    uploads,
)
"""The page families."""

LONGEST = 1024 * 1024
"""Most bytes of one request; a callback has hundreds."""

COOKIE = "alertcast"
"""Name of the cookie of a log-in."""

POLICY = (
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "object-src 'none'"
)
"""Nothing from another host, no script or style inside a page, no frame."""

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
"""On every answer, beside the policy."""


def create_app(
    world: World,
    clock: Callable[[], datetime],
    *,
    secret_key: str,
    is_demo: bool = False,
    wake: Callable[[str], None] = lambda steps: None,
    inbound_sources: Mapping[str, Inbound] | None = None,
    feeds: Mapping[str, tuple[Source, timedelta]] | None = None,
    keep: float = KEPT,
    files: Files | None = None,
    work: Callable[[int], None] = left,
) -> Flask:
    """Return the web application of one installation.

    Parameters
    ----------
    clock
        Product time, aware.
    secret_key
        Signs cookies.
    is_demo
        Every page says 模拟.
    wake
        Called after whatever made messages due, so that they need not wait for the next tick.
    inbound_sources
        Those that send warnings to us, by name.
    feeds
        Every source that is configured, and how often it is polled (real time).
    keep
        Real seconds for which what changes by itself is told alike to all who watch it.
    files
        The configuration of this process on its disk; None: it can not be read again.
    work
        Begins to work on a file that was sent, by its id.

    Raises LookupError if no rule says who may open an address.
    """
    app = Flask(__name__)
    app.request_class = Held
    app.url_map.converters["int"] = Number
    app.config.update(
        SECRET_KEY=secret_key,
        MAX_CONTENT_LENGTH=LONGEST,
        PERMANENT_SESSION_LIFETIME=world.config.main.login.longest,
        SESSION_COOKIE_NAME=COOKIE,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=world.config.main.web.public_base_url.startswith("https://"),
        WTF_CSRF_TIME_LIMIT=None,  # a page may stay open all night; the session ends it
        WTF_CSRF_SSL_STRICT=False,  # behind a proxy the Referer may name another host
    )
    seen = Glance(keep)
    desk = Desk(
        world,
        clock,
        is_demo,
        wake,
        inbound_sources or {},
        feeds or {},
        files,
        glance=seen,
        work=work,
    )
    install(app, desk)
    trace.install(app)
    metrics.install(app)
    words.install(app)
    show.install(app)
    maps.install(app)
    now.install(app)
    manage.install(app)
    errors.install(app)
    login.install(app)
    oidc.install(app)
    api.install(app)
    v1.install(app)
    links.install(app)
    inbound.install(app)
    uploads.install(app)
    csrf = CSRFProtect(app)
    csrf.exempt(callbacks.pages)  # a provider proves itself by its signature
    csrf.exempt(inbound.pages)  # a machine proves itself by its token
    csrf.exempt(v1.pages)  # so does another system; the cookie of a log-in opens nothing there
    csrf.exempt(links.pages)  # the address is the right; nobody is logged in, no cookie is set
    for family in FAMILIES:
        app.register_blueprint(family.pages)
    app.after_request(_secured(policy(world.config.main.web.tiles)))
    rules(app)  # or there is no application
    return app


class Held(Request):
    """A request whose files stay in memory: names and phones lie on no disk in clear."""

    def _get_file_stream(self, *_about: object, **_more: object) -> IO[bytes]:
        return BytesIO()


class Number(IntegerConverter):
    """An id in an address, as long as the database can hold one; a longer one is not found."""

    regex = r"\d{1,18}"


def policy(tiles: str | None) -> str:
    """Return what pages may load: our own, and pictures of the tile server if there is one."""
    if tiles is None:
        return POLICY
    parts = urlsplit(tiles)
    host = parts.netloc.replace("{s}", "*")
    return f"{POLICY}; img-src 'self' data: {parts.scheme}://{host}"


def _secured(allowed: str) -> Callable[[Response], Response]:
    headers = {"Content-Security-Policy": allowed, **HEADERS}

    def secured(response: Response) -> Response:
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        if response.mimetype in ("text/html", "application/json"):
            response.headers.setdefault("Cache-Control", "no-store")  # names must not stay on disk
        return response

    return secured
