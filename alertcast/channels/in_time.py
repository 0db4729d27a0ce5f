"""A request leaves in time or not at all: the last look at the clock is taken at the socket.

A process may be stopped at any line, for longer than its lease. Others have then asked the provider
about the message, heard that it has none, and sent it. So it is not enough to look at the lease
before a request is made: between there and the socket lie thousands of lines. And what the kernel
has not delivered by the end of our time-outs, it must not deliver any more.
"""

import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

_leave_by: ContextVar[float | None] = ContextVar("leave_by", default=None)


class TooLate(Exception):
    """The request has not left, and must not any more; the provider got no whole request."""


def clock() -> float:
    """Return real seconds since some moment, also those in which this machine slept."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


@contextmanager
def until(leave_by: float | None) -> Iterator[None]:
    """Let no request of this thread leave after `leave_by` (of `clock`); None: whenever."""
    token = _leave_by.set(leave_by)
    try:
        yield
    finally:
        _leave_by.reset(token)


def check() -> None:
    """Raise TooLate if the request of this thread must not leave any more."""
    leave_by = _leave_by.get()
    if leave_by is not None and clock() >= leave_by:
        raise TooLate


class InTimeAdapter(HTTPAdapter):
    """Connections for `requests` that look at the clock before each piece they send.

    Parameters
    ----------
    connections
        How many are kept open.
    gives_up
        Real seconds after which the kernel drops what the other side has not confirmed.
    """

    def __init__(self, connections: int, gives_up: float) -> None:
        self._gives_up = gives_up
        super().__init__(pool_maxsize=connections, max_retries=0)

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        """Make the pools, of connections that are in time."""
        super().init_poolmanager(
            *arguments, **options, socket_options=_socket_options(self._gives_up)
        )
        self.poolmanager.pool_classes_by_scheme = _POOLS


def pools(connections: int, gives_up: float) -> PoolManager:
    """Return pools of such connections (see InTimeAdapter) without anything of `requests` on top.

    That is half of the processor time of a request. Certificates are those that `requests` trusts.
    """
    found = PoolManager(
        maxsize=connections,
        socket_options=_socket_options(gives_up),
        ssl_context=ssl.create_default_context(cafile=DEFAULT_CA_BUNDLE_PATH),
    )
    found.pool_classes_by_scheme = _POOLS
    return found


def _socket_options(gives_up: float) -> list[tuple[int, int, int | bytes]]:
    kept = [*HTTPConnection.default_socket_options]
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        kept.append((socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(gives_up * 1000)))
    return kept


class _Connection(HTTPConnection):
    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        check()
        super().send(data)


class _SecureConnection(HTTPSConnection):
    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        check()
        super().send(data)


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


_POOLS = {"http": _Pool, "https": _SecurePool}
