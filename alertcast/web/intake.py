"""What answers HTTP: receipts on the event loop itself, everything else by the pages.

A provider reports as fast as it sends, over many connections, so a receipt costs no thread. It is
verified here, written with all that came while the last commit ran, and answered once it is on
disk. What is not plainly a receipt and nothing else (a key, a forgery, a channel we do not have,
something large) is given to the pages, which know what to say.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, MutableMapping, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs

import structlog
from flask import Flask

from alertcast.channels.base import Callback, Forged
from alertcast.core.upload import LARGEST
from alertcast.dispatch import keep
from alertcast.engines.crowd import filled
from alertcast.store.db import TROUBLE
from alertcast.web import COOKIE, HEADERS, LONGEST, trace, uploads
from alertcast.web.callbacks import LATER
from alertcast.web.context import Desk, desk_of
from alertcast.web.wsgi import Answer, Pages, Scope, raw_address

log = structlog.get_logger()

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

SMALL = 64 * 1024
"""Most bytes of what is read on the event loop; a receipt has hundreds."""

LINGER = 0.005
"""Real seconds that the first of few receipts waits for others, to share a commit."""

FILES = 2
"""Files that are sent to a page and taken at one time."""

MANY = 32
"""Receipts that wait for no others."""

FORM = "application/x-www-form-urlencoded"

_SECURED = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]


@contextmanager
def answering(
    app: Flask, *, threads: int, trusted_proxy: str | None = None, linger: float = LINGER
) -> Iterator["Intake"]:
    """Yield what answers for `app` until the block ends; `threads` make pages, `linger`: LINGER."""
    with (
        _threads(threads, "page") as makers,
        _threads(1, "receipts") as writer,
    ):
        yield Intake(app, lambda one: Pages(one, makers, trusted_proxy), writer, linger)


class Intake:
    """An ASGI 3.0 application."""

    def __init__(
        self, app: Flask, made: Callable[[Flask], Pages], writer: Executor, linger: float
    ) -> None:
        """Take the pages, who runs them, one thread that writes, and a LINGER."""
        self._made, self._writer, self._linger = made, writer, linger
        self.show(app)
        self._waiting: list[tuple[keep.Report, asyncio.Future[Exception | None]]] = []
        self._writing: asyncio.Task[None] | None = None
        self._files = asyncio.Semaphore(FILES)

    def show(self, app: Flask) -> None:
        """Answer for `app` from now on; what has come already is answered by the one before."""
        self._shown = desk_of(app), self._made(app)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            body = await self._whole(scope, receive)
        except _TooLarge:
            status, headers, said = _plain(413, b"too large")
            headers.append((b"connection", b"close"))
        except _Gone:
            return
        except TROUBLE as error:
            log.error("a file is not taken", why=type(error).__name__)
            status, headers, said = _plain(503, b"later")
            headers.append((b"connection", b"close"))
        else:
            status, headers, said = await self._answer(scope, body)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": said})

    async def _whole(self, scope: Scope, receive: Receive) -> bytes:
        """Return the body; of those that may be large, few are in memory at one time.

        A place for one is only for somebody who may send files: a cookie alone takes none.
        """
        most, (_, pages) = most_of(scope), self._shown
        if most == LONGEST or not await pages.holds(scope, uploads.may_send):
            return await _whole(scope, receive, LONGEST)
        async with self._files:
            return await _whole(scope, receive, most)

    async def _answer(self, scope: Scope, body: bytes) -> Answer:
        desk, pages = self._shown
        report = _reported(desk, scope, body)
        if report is None:
            return await pages.answer(scope, body)
        begun = time.monotonic()
        error = await self._kept(report)
        status, headers, said = _told(report, error)
        request = trace.named(_header(scope, trace.HEADER))
        headers.append((trace.HEADER.lower().encode(), request.encode()))
        trace.tell_if_slow("receipts", status, time.monotonic() - begun, request=request)
        return status, headers, said

    async def _kept(self, report: keep.Report) -> Exception | None:
        """Wait until a report is on disk; return why it is not."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Exception | None] = loop.create_future()
        self._waiting.append((report, done))
        if self._writing is None or self._writing.done():
            self._writing = loop.create_task(self._write_all())
        return await done

    async def _write_all(self) -> None:
        """Write what waits, and then what came meanwhile, until nothing waits."""
        loop = asyncio.get_running_loop()
        while self._waiting:
            if len(self._waiting) < MANY:
                await asyncio.sleep(self._linger)
            batch, self._waiting = self._waiting, []
            reports = [report for report, _ in batch]
            try:
                errors = await loop.run_in_executor(self._writer, self._write, reports)
            except Exception as error:  # nobody may wait for ever
                errors = [error for _ in reports]
            _log_each_kind(errors)
            for (_, done), why in zip(batch, errors, strict=True):
                if not done.done():
                    done.set_result(why)

    def _write(self, reports: Sequence[keep.Report]) -> Sequence[Exception | None]:
        """Write reports, in a thread; return for each why it is not on disk."""
        desk, _ = self._shown
        if desk.depth.is_too_deep(desk.world):
            return [_TooDeep() for _ in reports]
        errors = keep.keep_each(desk.world, reports, desk.clock())
        desk.wake("receive")
        return errors


class _TooDeep(Exception):
    """So many receipts wait to be applied that a provider is better asked to come again."""


class _TooLarge(Exception):
    """A request has more bytes than anybody has reason to send."""


class _Gone(Exception):
    """Whoever asked has gone away in the middle of it."""


def _reported(desk: Desk, scope: Scope, body: bytes) -> keep.Report | None:
    """Return what a request reports; None: the pages know what to do with it."""
    where = _named(scope) if len(body) <= SMALL else None
    channel = desk.world.channel(where[0]) if where is not None else None
    if where is None or channel is None:
        return None
    headers = {
        key.decode("latin-1").title(): text.decode("latin-1") for key, text in scope["headers"]
    }
    kind = headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind.startswith("multipart/"):
        return None
    callback = Callback(
        channel=channel.name,
        what="status",
        token=where[1],
        url=desk.world.config.main.web.public_base_url + raw_address(scope),
        headers=headers,
        form=_form(body) if kind == FORM else {},
        body=body,
    )
    try:
        events = channel.read(callback)
    except Forged:
        return None
    return keep.reported(channel, callback, events)


async def _whole(scope: Scope, receive: Receive, most: int) -> bytes:
    """Return the body once all of it is here. Raises _TooLarge and _Gone."""
    length = _header(scope, "Content-Length")
    if length.isdecimal() and int(length) > most:
        raise _TooLarge
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _Gone
        body += message.get("body", b"")
        if len(body) > most:
            raise _TooLarge
        if not message.get("more_body", False):
            return bytes(body)


def most_of(scope: Scope) -> int:
    """Return how many bytes a request may have at most: one that sends a file from a browser, more.

    Whether that browser is logged in is asked before they are read.
    """
    is_file = scope["method"] == "POST" and scope["path"] == uploads.ADDRESS
    is_known = f"{COOKIE}=" in _header(scope, "Cookie")
    return LARGEST + uploads.BESIDE if is_file and is_known else LONGEST


def _named(scope: Scope) -> tuple[str, str | None] | None:
    """Return channel and token of the address that receipts are sent to; None: it is another."""
    address = scope["raw_path"].decode("latin-1")
    if scope["method"] != "POST" or "%" in address:
        return None
    match address.split("/"):
        case ["", "callbacks", channel, "status"]:
            return channel, None
        case ["", "callbacks", channel, token, "status"] if token:
            return channel, token
    return None


def _form(body: bytes) -> dict[str, list[str]]:
    """Return the fields of a form as the pages read them."""
    try:
        return parse_qs(body.decode(), keep_blank_values=True, errors="werkzeug.url_quote")
    except ValueError:
        return {}


def _log_each_kind(errors: Iterable[Exception | None]) -> None:
    for error in {type(one): one for one in errors if one is not None}.values():
        if isinstance(error, TROUBLE):
            log.error("receipts not kept", why=type(error).__name__)
        elif not isinstance(error, _TooDeep):  # which was logged when it began
            log.error("receipts not kept", why=type(error).__name__, exc_info=error)


def _told(report: keep.Report, error: Exception | None) -> Answer:
    """Return what to answer to a report that is kept, or is not because of `error`."""
    if error is None:
        status, body = report.reply.status, report.reply.body.encode()
        kind = report.reply.content_type.encode()
        return status, [(b"content-type", kind), *_length(status, body), *_SECURED], body
    if isinstance(error, (_TooDeep, *TROUBLE)):
        status, headers, body = _plain(503, b"later")
        return status, [*headers, (b"retry-after", str(LATER).encode())], body
    return _plain(500, b"not kept")


def _plain(status: int, body: bytes) -> Answer:
    kind = (b"content-type", b"text/plain; charset=utf-8")
    return status, [kind, *_length(status, body), *_SECURED], body


def _length(status: int, body: bytes) -> list[tuple[bytes, bytes]]:
    return [] if status == 204 else [(b"content-length", str(len(body)).encode())]


def _header(scope: Scope, name: str) -> str:
    """Return the value of a header, or ""."""
    wanted = name.lower().encode()
    return next((text.decode("latin-1") for key, text in scope["headers"] if key == wanted), "")


@contextmanager
def _threads(number: int, name: str) -> Iterator[Executor]:
    threads = filled(number, name)
    try:
        yield threads
    finally:
        threads.shutdown(wait=False, cancel_futures=True)
