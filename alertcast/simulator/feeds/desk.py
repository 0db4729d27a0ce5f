"""The page at which warnings are published while the simulator runs: /warnings."""

import json
from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, Response, request

from alertcast.simulator.control import loopback_only
from alertcast.simulator.feeds.publisher import Publisher
from alertcast.simulator.feeds.written import alert_of


class Desk:
    """The views; `clock` is product time."""

    def __init__(self, publisher: Publisher, clock: Callable[[], datetime]) -> None:
        self._publisher, self._clock = publisher, clock

    def blueprint(self) -> Blueprint:
        """Return GET, POST and DELETE /warnings, for this machine only."""
        pages = Blueprint("desk", __name__)
        pages.before_request(loopback_only)
        for name, view in (("GET", self.listed), ("POST", self.publish), ("DELETE", self.withdraw)):
            pages.add_url_rule("/warnings", name, view, methods=[name])
        return pages

    def listed(self) -> Response:
        """Answer with what is published, the oldest first."""
        rows = [
            {"identifier": one.identifier, "sent": one.sent.isoformat(), "kind": one.msg_type}
            for one in self._publisher.alerts()
        ]
        return _json(rows)

    def publish(self) -> Response:
        """Publish a CAP document, or a few words in JSON (`written.KEYS`)."""
        raw = request.get_data()
        if raw.lstrip()[:1] == b"<":
            title = request.args.get("title", "")
            entry = self._publisher.publish_document(raw, title, self._clock())
            return _json({"identifier": entry.alert.identifier}, 201)
        row = request.get_json(force=True, silent=True)
        if not isinstance(row, dict):
            return _json({"error": "send a warning as a JSON object, or a CAP document"}, 400)
        try:
            alert = alert_of(row, self._publisher.alerts(), self._clock())
        except ValueError as error:
            return _json({"error": str(error)}, 400)
        self._publisher.publish(alert)
        return _json({"identifier": alert.identifier}, 201)

    def withdraw(self) -> Response:
        """Take away the warning that is named, or all of them."""
        wanted = request.args.get("identifier")
        if wanted is None:
            self._publisher.clear()
        else:
            self._publisher.withdraw(wanted)
        return Response(status=204)


def _json(body: object, status: int = 200) -> Response:
    text = json.dumps(body, ensure_ascii=False)
    return Response(text, status, mimetype="application/json")
