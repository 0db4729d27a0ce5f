"""The HTTP server: connections on one event loop in a thread of its own, over an ASGI application.

A connection costs memory and no thread, so a slow one holds up nobody. It has limits all the same:
in bytes before a request is whole, and in time.
"""

import asyncio
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

from uvicorn import Config, Server
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from alertcast.web import LONGEST
from alertcast.web.intake import most_of

LARGEST = 2 * LONGEST
"""Most bytes of a request, head and body, and of what follows it before it is answered."""

PATIENCE = 60.0
"""Real seconds for a request to arrive whole, and for an answer to be fetched."""

CONNECTIONS = 500
"""Most connections at once; one more is answered 503."""

LAST = 5
"""Real seconds for what is under way when the server is stopped."""

SWITCH = 0.0005
"""Real seconds after which a busy thread lets others run, so that the event loop answers soon."""


@contextmanager
def listening(app: Any, host: str, port: int) -> Iterator[str]:
    """Serve an ASGI application until the block ends, which gives the address; port 0: any.

    No signal is handled here. Requests under way when the block ends are still answered. Raises
    OSError if the address is taken.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    shown = f"[{host}]" if family == socket.AF_INET6 else host
    with socket.create_server((host, port), family=family) as listener, _quick_to_switch():
        server = _server(app)
        thread = Thread(target=server.run, args=([listener],), name="web", daemon=True)
        thread.start()
        try:
            yield f"http://{shown}:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(LAST + 5)


@contextmanager
def _quick_to_switch() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(min(before, SWITCH))
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def _server(app: Any) -> Server:
    config = Config(
        app,
        loop="asyncio",
        http=Connection,
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,  # the application logs; an address must not be in a log
        log_level="error",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=CONNECTIONS + 1,  # from this number on it turns them away
        timeout_keep_alive=int(PATIENCE),
        timeout_graceful_shutdown=LAST,
    )
    config.load()  # here, where a fault is seen
    return _Watched(config)


class Connection(HttpToolsProtocol):
    """A connection that ends where its peer sends too much, or nothing for too long."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """Take what the server gives."""
        super().__init__(*args, **options)
        self._waits_since: float | None = self.loop.time()  # for the peer; None: it waits for us
        self._is_between = True  # two requests
        self._came = 0  # bytes since the last request was whole
        self._most = LARGEST  # of them

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin. A body must not wait until its head is confirmed, some 40 ms later."""
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Read on, within the limits."""
        self._came += len(data)
        if self._came > self._most:
            self.transport.abort()
            return
        if self._is_between:
            self._is_between, self._waits_since = False, self.loop.time()
        super().data_received(data)

    def on_headers_complete(self) -> None:
        """Take it that the head is whole, which says what the body is for."""
        super().on_headers_complete()
        self._most = LARGEST - LONGEST + most_of(self.scope)

    def on_message_complete(self) -> None:
        """Take it that a request is whole: from now on the peer waits for us."""
        self._came, self._waits_since, self._most = 0, None, LARGEST
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Take it that the request is answered: now we wait for the peer."""
        self._is_between, self._waits_since = True, self.loop.time()
        super().on_response_complete()

    def end_if_late(self, now: float) -> None:
        """Cut the connection if the peer has kept us waiting; `now`: of the event loop."""
        if self._waits_since is not None and now - self._waits_since > PATIENCE:
            self.transport.abort()


class _Watched(Server):
    """A server that looks at all its connections once a second."""

    async def on_tick(self, counter: int) -> bool:
        """Cut those that are late; say whether to end."""
        if counter % 10 == 0:
            for one in list(self.server_state.connections):
                if isinstance(one, Connection):
                    one.end_if_late(one.loop.time())
        return await super().on_tick(counter)
