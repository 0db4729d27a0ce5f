"""A network cable that can be cut: a TCP proxy on loopback between a process and what it needs."""

import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress

RESET = struct.pack("ii", 1, 0)  # SO_LINGER: what is under way is lost, the other side is told


class Cable:
    """Carries connections to wherever `far` connects; safe from many threads."""

    def __init__(self, far: Callable[[], socket.socket]) -> None:
        self._far = far
        self._lock = threading.Lock()
        self._ends: set[socket.socket] = set()
        self._dead_until = 0.0
        self._near = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._near.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self, seconds: float) -> None:
        """Drop every connection in the middle of whatever it carries; take none for a while."""
        with self._lock:
            self._dead_until = time.monotonic() + seconds
            ends, self._ends = self._ends, set()
        for end in ends:
            _reset(end)

    def close(self) -> None:
        """Take no connection any more."""
        self._near.close()
        self.cut(0)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._near.accept()
            except OSError:
                return
            if time.monotonic() < self._dead_until:
                _reset(near)
                continue
            try:
                far = self._far()
            except OSError:
                _reset(near)
                continue
            with self._lock:
                self._ends |= {near, far}
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(65536):
                other.sendall(data)
        with self._lock:
            self._ends -= {one, other}
        for end in (one, other):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


def _reset(end: socket.socket) -> None:
    with suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
