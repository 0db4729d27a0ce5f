"""/metrics: the installation in numbers, for Prometheus; from the database, and nobody in it."""

import hmac
import time
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import ip_address
from threading import Lock
from typing import TypeVar
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, abort, current_app, request
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from alertcast.core.broadcast import BroadcastState
from alertcast.core.callout import CalloutState
from alertcast.core.task import TaskState
from alertcast.store.db import Unreachable
from alertcast.store.figures import Figures, figures
from alertcast.web.context import Desk, desk
from alertcast.web.rules import public

pages = Blueprint("metrics", __name__)

Labels = TypeVar("Labels", bound=tuple[str, ...])

TOKEN = "ALERTCAST_METRICS_TOKEN"  # noqa: S105  # the variable's name
"""Environment variable with what whoever reads the numbers must know."""

KEPT = 2.0
"""Real seconds for which the same numbers are told, however many ask."""


def install(app: Flask) -> None:
    """Let `app` count."""
    app.extensions["alertcast_numbers"] = Numbers()


@pages.get("/metrics")
@public("a token decides, or being on this machine")
def numbers() -> Response:
    """Tell the numbers to whoever may read them: who knows the token, or is this machine."""
    if not _may_read():
        abort(Response("forbidden", 403, mimetype="text/plain"))
    counted: Numbers = current_app.extensions["alertcast_numbers"]
    return Response(counted.told(desk()), content_type=CONTENT_TYPE_LATEST)


class Numbers:
    """The numbers as text, counted anew at most every few seconds."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._told, self._at = b"", float("-inf")

    def told(self, of: Desk) -> bytes:
        """Return the numbers of an installation; without its database only that it has none."""
        with self._lock:
            if time.monotonic() - self._at >= KEPT:
                registry = CollectorRegistry(auto_describe=False)
                registry.register(_Counted(_figures(of), of))
                self._told, self._at = generate_latest(registry), time.monotonic()
            return self._told


class _Counted(Collector):
    """One set of figures as families of metrics."""

    def __init__(self, counted: Figures | None, of: Desk) -> None:
        self._counted, self._of = counted, of

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield each family."""
        counted = self._counted
        yield _gauge("database_up", "1 if the database answers", float(counted is not None))
        if counted is not None:
            yield from _of_messages(counted, self._of)
            yield from _of_callouts(counted)
            yield from _of_channels(counted)
            yield from _of_sources(counted)
            yield _gauges(
                "pulse_seconds",
                "Since somebody last let time pass, sent, applied receipts or watched",
                ("what",),
                {(what,): age for what, age in sorted(counted.pulses.items())},
            )


def _may_read() -> bool:
    token = desk().world.config.secret(TOKEN)
    if token is not None:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), token.encode())
    # behind a proxy everybody comes from this machine: then only the token tells who asks
    public = urlsplit(desk().world.config.main.web.public_base_url).hostname
    return _is_here(request.remote_addr) and _is_here(public)


def _is_here(address: str | None) -> bool:
    try:
        return address == "localhost" or ip_address(address or "").is_loopback
    except ValueError:
        return False


def _figures(of: Desk) -> Figures | None:
    try:
        with of.world.db.read() as tx:
            return figures(tx, of.clock(), of.world.db.real_now(tx))
    except Unreachable:
        return None


def _of_messages(counted: Figures, of: Desk) -> Iterator[GaugeMetricFamily]:
    kinds = {kind for kind, _ in of.world.kinds()} | {"manual"}
    tasks = {(kind, state.value): 0 for kind in sorted(kinds) for state in TaskState}
    yield _gauges(
        "tasks", "Messages by kind and state", ("kind", "state"), tasks | {**counted.tasks}
    )
    yield _gauge("due_seconds", "For how long the oldest due message has waited", counted.due_age)
    yield _gauges("attempts", "Requests to providers", ("channel", "outcome"), counted.attempts)
    yield _gauges(
        "receipts", "What the last receipts changed", ("channel", "effect"), counted.receipts
    )
    yield _gauge("receipts_unapplied", "Receipts kept and not applied yet", counted.unapplied)
    yield _gauge("receipts_unapplied_seconds", "Age of the oldest of them", counted.unapplied_age)
    yield _gauge("leases_expired", "Messages whose sender died or slept", counted.leases_expired)


def _of_callouts(counted: Figures) -> Iterator[GaugeMetricFamily]:
    broadcasts = {(state.value,): counted.broadcasts.get(state, 0) for state in BroadcastState}
    callouts = {(state.value,): counted.callouts.get(state, 0) for state in CalloutState}
    yield _gauges("broadcasts", "Broadcasts by state", ("state",), broadcasts)
    yield _gauges("callouts", "Grids to be answered for, by state", ("state",), callouts)
    yield _gauge("callouts_overdue", "Open callouts whose next step is overdue", counted.overdue)
    yield _gauge("help_requests_open", "Calls for help nobody has closed", counted.help_open)


def _of_channels(counted: Figures) -> Iterator[GaugeMetricFamily]:
    by_name = {(name,): one for name, one in sorted(counted.channels.items())}
    yield _gauges(
        "channel_stopped",
        "1 if a channel waits for an officer",
        ("channel",),
        {name: float(one.is_stopped) for name, one in by_name.items()},
    )
    yield _gauges(
        "channel_paused_seconds",
        "For how long a channel still rests",
        ("channel",),
        {name: one.paused_for for name, one in by_name.items()},
    )
    yield _gauges(
        "callbacks_forged",
        "Callbacks with a wrong signature since an officer took note",
        ("channel",),
        {name: one.forged for name, one in by_name.items()},
    )


def _of_sources(counted: Figures) -> Iterator[GaugeMetricFamily]:
    by_name = {(name,): one for name, one in sorted(counted.sources.items())}
    yield _gauges(
        "source_up",
        "1 if the last poll of a source went well",
        ("source",),
        {name: float(one.is_ok) for name, one in by_name.items()},
    )
    yield _gauges(
        "source_failures",
        "Polls of a source that failed in a row",
        ("source",),
        {name: one.failures for name, one in by_name.items()},
    )
    yield _gauges(
        "source_polled_seconds",
        "Since a source was last asked",
        ("source",),
        {name: one.polled_age for name, one in by_name.items()},
    )
    yield _gauges(
        "source_ok_seconds",
        "Since a source last answered well",
        ("source",),
        {name: one.ok_age for name, one in by_name.items() if one.ok_age is not None},
    )
    yield _gauges(
        "source_rests_seconds",
        "Until a source that asked for patience is asked again",
        ("source",),
        {name: one.rests_for for name, one in by_name.items()},
    )


def _gauge(name: str, meaning: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"alertcast_{name}", f"{meaning}.", value=value)


def _gauges(
    name: str, meaning: str, labels: Iterable[str], values: Mapping[Labels, float]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"alertcast_{name}", f"{meaning}.", labels=tuple(labels))
    for label, value in values.items():
        family.add_metric(label, value)
    return family
