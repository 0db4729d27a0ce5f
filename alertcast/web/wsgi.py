"""The pages behind the event loop: whole requests are given to threads, which give whole answers.

So a thread is held for as long as a page is made, and not while a slow line carries it.
"""

import asyncio
import io
import sys
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor
from contextlib import suppress
from ipaddress import ip_address
from typing import Any
from urllib.parse import unquote_to_bytes

from flask import Flask
from werkzeug import Response

Scope = Mapping[str, Any]
"""A request as ASGI 3.0 describes it, without its body."""

Answer = tuple[int, list[tuple[bytes, bytes]], bytes]
"""Status, headers, body."""


class Pages:
    """A Flask application that is asked from an event loop."""

    def __init__(self, app: Flask, threads: Executor, trusted_proxy: str | None = None) -> None:
        """Take the application, who runs it, and the address of the proxy that is believed."""
        self._app, self._threads, self._proxy = app, threads, trusted_proxy

    async def answer(self, scope: Scope, body: bytes) -> Answer:
        """Return what the application answers to a whole request."""
        environ = _environ(scope, body, self._proxy)
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._run, environ)

    async def holds(self, scope: Scope, asked: Callable[[], bool]) -> bool:
        """Return what `asked` says within a request, of which only the head is known."""
        environ = _environ(scope, b"", self._proxy)
        run = asyncio.get_running_loop().run_in_executor
        return await run(self._threads, self._within, environ, asked)

    def _within(self, environ: dict[str, Any], asked: Callable[[], bool]) -> bool:
        with self._app.request_context(environ):
            return asked()

    def _run(self, environ: dict[str, Any]) -> Answer:
        found = Response.from_app(self._app.wsgi_app, environ, buffered=True)
        found.headers.pop("Date", None)  # the server says it
        headers = [(key.lower().encode(), text.encode("latin-1")) for key, text in found.headers]
        return found.status_code, headers, found.get_data()


def raw_address(scope: Scope) -> str:
    """Return path and query as they were sent: a signature is made over the undecoded address."""
    path, query = scope["raw_path"].decode("latin-1"), scope["query_string"].decode("latin-1")
    return f"{path}?{query}" if query else str(path)


def _environ(scope: Scope, body: bytes, proxy: str | None) -> dict[str, Any]:
    """Return the request as WSGI describes it (PEP 3333), with its undecoded address."""
    server, client = scope["server"] or ("", None), scope["client"] or ("", None)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "REQUEST_URI": raw_address(scope),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in _headers(scope["headers"]):
        key = f"HTTP_{name.upper().replace('-', '_')}"
        environ[key] = f"{environ[key]},{value}" if key in environ else value
    environ["CONTENT_TYPE"] = environ.pop("HTTP_CONTENT_TYPE", "")
    environ.pop("HTTP_CONTENT_LENGTH", None)
    environ["CONTENT_LENGTH"] = str(len(body))
    said = environ.pop("HTTP_X_FORWARDED_FOR", "")
    environ["REMOTE_ADDR"] = _asked_by(client[0], said if client[0] == proxy else "")
    return environ


def _headers(given: Iterable[tuple[bytes, bytes]]) -> Iterable[tuple[str, str]]:
    """Yield headers, but none that would pass for another one, or that says who asks."""
    for name, value in given:
        is_of_proxy = name.startswith(b"x-forwarded-") and name != b"x-forwarded-for"
        if not (b"_" in name or is_of_proxy or name in (b"forwarded", b"transfer-encoding")):
            yield name.decode("latin-1"), value.decode("latin-1")


def _asked_by(peer: str, forwarded: str) -> str:
    """Return the address that a believed proxy names last, else that of the peer itself."""
    named = forwarded.rpartition(",")[2].strip().strip('"')
    for text in (named, named.rpartition(":")[0]):  # some proxies add a port
        with suppress(ValueError):
            return str(ip_address(text.strip("[]")))
    return peer
