"""A port for a server of a test."""

import random
import socket

BELOW_CALLERS = range(15_000, 30_000)
"""Systems give none of these to a caller, who could take a port before the server has it."""

_CHANCE = random.SystemRandom()


def free_port() -> int:
    """Return a port of this machine that nobody listens at."""
    for port in _CHANCE.sample(BELOW_CALLERS, 100):
        try:
            with socket.create_server(("127.0.0.1", port)):
                return port
        except OSError:
            continue
    raise OSError("100 ports were tried, and none of them is free")
