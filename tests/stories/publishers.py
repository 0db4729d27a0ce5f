"""The publishers that a town follows: one simulator for each source, over HTTP on loopback.

They are those of `alertcast simulator`, made once in a process: each town begins with empty feeds.
"""

import atexit
from typing import Any

from alertcast.simulator.feeds.publisher import Publisher
from alertcast.simulator.server import DEMO_ACCOUNTS, Simulator
from alertcast.sources.feed import Feed, FeedSettings

_serving: dict[str, Simulator] = {}  # by source, until the process ends


def simulator(source: str) -> Simulator:
    """Return the simulator whose publisher a source follows; it serves."""
    if source not in _serving:
        _serving[source] = Simulator(DEMO_ACCOUNTS, workers=1, threads=2, poll=None)
        _serving[source].start()
        atexit.register(_serving[source].stop)
    return _serving[source]


def publisher(source: str) -> Publisher:
    """Return the publisher that a source follows."""
    return simulator(source).publisher


def feed(source: str, **settings: Any) -> Feed:
    """Return the source that follows its publisher's index."""
    return Feed(source, FeedSettings(url=simulator(source).feed_url, **settings))


def clear() -> None:
    """Let nothing be published any more by anybody, and no answer be bad."""
    for each in _serving.values():
        each.faults.clear()
        each.publisher.clear()
