"""The small town's pages behind their real server, and those who ask it byte by byte."""

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode, urlsplit

import requests
from sqlalchemy import select

from alertcast.bootstrap import App, serving
from alertcast.channels.base import Callback
from alertcast.scheduler import Feed
from alertcast.sources.base import Source
from alertcast.sources.signed import rules_of
from alertcast.store.db import Database
from alertcast.store.schema import receipt
from tests.stories.town import Town


@contextmanager
def served(
    town: Town,
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    is_demo: bool = False,
    sources: Sequence[Source] = (),
) -> Iterator[str]:
    """Serve the town's pages until the block ends, which gives their address; port 0: any."""
    signed = {one.name: rules_of(one) for one in sources}
    world = replace(town.world, is_demo=is_demo, signed=signed)
    feeds = {one.name: Feed(one, timedelta(minutes=1)) for one in sources}
    app = App(world.config, world, feeds, lambda: town.now)
    with serving(app, secret_key="secret", wake=lambda _: None, host=host, port=port) as address:
        yield address


def report(address: str, callback: Callback, **headers: str) -> requests.Response:
    """Post a callback as a provider does."""
    path = callback.url.removeprefix("http://127.0.0.1")
    form = {key: list(values) for key, values in callback.form.items()}
    return requests.post(
        address + path, data=form, headers={**callback.headers, **headers}, timeout=20
    )


def written(callback: Callback) -> bytes:
    """Return the bytes of the request of a callback."""
    body = urlencode([(key, one) for key, many in callback.form.items() for one in many]).encode()
    lines = [
        f"POST {callback.url.removeprefix('http://127.0.0.1')} HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body)}",
        *(f"{key}: {value}" for key, value in callback.headers.items()),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@contextmanager
def connected(address: str) -> Iterator[socket.socket]:
    """Open a connection to a server until the block ends."""
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=20) as found:
        yield found


def heard(connection: socket.socket) -> bytes:
    """Return all that a server says until it closes the connection, or cuts it."""
    said = b""
    try:
        while more := connection.recv(65536):
            said += more
    except ConnectionResetError:
        pass
    return said


def kept(db: Database) -> list[str]:
    """Return the words of all receipts that are on disk, in order."""
    with db.read() as tx:
        return list(tx.execute(select(receipt.c.word).order_by(receipt.c.id)).scalars())
