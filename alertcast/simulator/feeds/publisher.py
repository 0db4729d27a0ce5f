"""What is published, and its pages: each format at its address, with ETag, 304, and its faults."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cached_property

from flask import Blueprint, Response, abort, request

from alertcast.core.alert import Alert
from alertcast.simulator.faults import Faults, Stage
from alertcast.simulator.feeds.answer import EMPTY, answer
from alertcast.simulator.feeds.entry import CAP_TYPE, Asked, Entry, Format, Item
from alertcast.simulator.feeds.envelopes import DOCUMENTS
from alertcast.simulator.feeds.formats import DOCUMENT, FORMATS
from alertcast.simulator.feeds.signer import Signer
from alertcast.simulator.feeds.written import SENDER, entry_of

CERTIFICATE = "/cap/certificate.pem"
"""Where the certificate is that signed messages are verified with."""


class Publisher:
    """Everything that is published, in every format at once.

    `closing` is set when the server goes down, and ends every wait.
    """

    def __init__(self, faults: Faults, closing: threading.Event | None = None) -> None:
        self._faults = faults
        self._closing = closing or threading.Event()
        self._lock = threading.Lock()
        self._entries: dict[str, Entry] = {}  # by identifier
        self._shown: dict[tuple[str, str, str], Entry] = {}  # by format, identifier and point
        self._changed = datetime.now(UTC).replace(microsecond=0)
        self.asked: Counter[str] = Counter()  # requests so far, by format

    def publish(self, alert: Alert) -> None:
        """Publish an alert; the same identifier again replaces it."""
        self._put(Entry.of(alert))

    def publish_document(self, document: bytes, title: str, at: datetime, name: str = "") -> Entry:
        """Publish a CAP document byte for byte, at `at` (aware); `name`: under this identifier."""
        entry = entry_of(document, title, at, name)
        self._put(entry)
        return entry

    def withdraw(self, identifier: str) -> None:
        """Take a warning out of every format, as publishers do; unknown is fine."""
        with self._changing():
            self._entries.pop(identifier, None)

    def clear(self) -> None:
        """Take everything out of every format."""
        with self._changing():
            self._entries.clear()
            self._shown.clear()

    def show(self, name: str, identifier: str, item: Item, point: str = "") -> None:
        """List an item of somebody's own in one format only; again: replace it.

        `point` is that of QWeather: "23.91,112.18", or "" for all of them.
        """
        alert = Alert(identifier, SENDER, datetime.now(UTC), "Actual", "Alert")
        entry = Entry(alert, b"", "", alert.sent, dict(item))
        with self._changing():
            self._shown[FORMATS[name].name, identifier, point] = entry

    def drop(self, name: str, identifier: str) -> None:
        """List an item of somebody's own no more; unknown is fine."""
        with self._changing():
            for key in [key for key in self._shown if key[:2] == (name, identifier)]:
                del self._shown[key]

    def alerts(self) -> list[Alert]:
        """Return what is published, the oldest first."""
        with self._lock:
            return [entry.alert for entry in self._entries.values()]

    @cached_property
    def signer(self) -> Signer:
        """Whose signature signed messages bear."""
        return Signer("alertcast simulator")

    def blueprint(self) -> Blueprint:
        """Return the pages, to be registered without a prefix."""
        pages = Blueprint("publisher", __name__)
        for one in FORMATS.values():
            pages.add_url_rule(one.rule, one.name, self._view(one), methods=[one.method])
        pages.add_url_rule(f"{DOCUMENTS}/<path:identifier>.xml", "document", self.document)
        pages.add_url_rule(CERTIFICATE, "certificate", self.certificate)
        return pages

    def document(self, identifier: str) -> Response:
        """Answer with one CAP message."""
        with self._lock:
            entry = self._entries.get(identifier)
        if entry is None:
            abort(404)
        return self._answer(DOCUMENT, lambda _: entry.document, CAP_TYPE)

    def certificate(self) -> Response:
        """Answer with the certificate of the simulator's signature."""
        return Response(self.signer.pem, mimetype="application/x-pem-file")

    def _put(self, entry: Entry) -> None:
        with self._changing():
            self._entries.pop(entry.alert.identifier, None)
            self._entries[entry.alert.identifier] = entry

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Change what is published, at a second of its own: Last-Modified knows no less."""
        with self._lock:
            yield
            self._changed = max(self._changed + timedelta(seconds=1), _whole_seconds())

    def _view(self, one: Format) -> Callable[..., Response]:
        def view(**parts: str) -> Response:
            if one.needs_key and not _has_key():
                return Response('{"error": {"status": 401}}', 401, mimetype="application/json")
            args = {**request.args, **parts, **_body()}
            asked = Asked(request.url_root.rstrip("/"), args, self._sign)
            return self._answer(
                one.name,
                lambda is_empty: one.write(
                    [] if is_empty else self._listed(one.name, _point(args)), asked
                ),
                one.content_type,
            )

        return view

    def _answer(
        self, name: str, write: Callable[[bool], bytes | None], content_type: str
    ) -> Response:
        with self._lock:
            self.asked[name] += 1
            changed = self._changed
        fault = self._faults.strike(Stage.FEED, name)
        body = write(fault is not None and fault.fault == EMPTY)
        if body is None:
            abort(404)
        return answer(body, content_type, fault, changed, self._closing)

    def _listed(self, name: str, point: str) -> list[Entry]:
        with self._lock:
            shown = [
                one
                for (where, _, at), one in self._shown.items()
                if where == name and at in ("", point)
            ]
            return [*self._entries.values(), *shown]

    def _sign(self, document: bytes) -> bytes:
        return self.signer.sign(document)


def _whole_seconds() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _has_key() -> bool:
    """Say whether a key or a token was brought; which one does not matter here."""
    token = request.headers.get("Authorization", "").startswith("Bearer ")
    return token or bool(request.headers.get("X-QW-Api-Key"))


def _body() -> dict[str, str]:
    """Return the fields of a body in JSON, as texts."""
    body = request.get_json(force=True, silent=True) if request.method == "POST" else None
    return {key: str(value) for key, value in body.items()} if isinstance(body, dict) else {}


def _point(args: dict[str, str]) -> str:
    """Return the point that is asked for as "lat,lon"; "" where none is."""
    if "lat" in args:
        return f"{args['lat']},{args['lon']}"
    lon, _, lat = args.get("location", args.get("point", "")).partition(",")
    return f"{lat},{lon}" if lat else ""
