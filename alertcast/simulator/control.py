"""The simulator's own pages: what the carrier holds (/ledger) and what goes wrong (/faults).

They show numbers and texts in full, so they answer this machine only, wherever the server listens.
"""

import json
from ipaddress import ip_address

from flask import Blueprint, Response, abort, request

from alertcast.simulator.faults import Fault, Faults
from alertcast.simulator.ledger import Ledger


def loopback_only() -> None:
    """Refuse who asks from another machine."""
    if not ip_address(request.remote_addr or "0.0.0.0").is_loopback:  # noqa: S104
        abort(403)


def control_pages(ledger: Ledger, faults: Faults) -> Blueprint:
    """Return GET /ledger, and GET, POST (one rule or a list) and DELETE /faults."""
    pages = Blueprint("control", __name__)

    def show_ledger() -> Response:
        return _json(ledger.as_json())

    def show_faults() -> Response:
        return _json(faults.as_json())

    def set_faults() -> Response:
        asked = request.get_json(force=True, silent=True)
        asked_rows = asked if isinstance(asked, list) else [asked]
        rows = [row for row in asked_rows if isinstance(row, dict)]
        if len(rows) < len(asked_rows):
            return _json({"error": "send one rule, or a list of rules, as JSON objects"}, 400)
        try:
            rules = [Fault.from_json(row) for row in rows]
        except (ValueError, TypeError) as error:
            return _json({"error": str(error)}, 400)
        faults.set(*rules)
        return _json(faults.as_json(), 201)

    def clear_faults() -> Response:
        faults.clear()
        return Response(status=204)

    pages.before_request(loopback_only)
    pages.add_url_rule("/ledger", "show_ledger", show_ledger, methods=["GET"])
    pages.add_url_rule("/faults", "show_faults", show_faults, methods=["GET"])
    pages.add_url_rule("/faults", "set_faults", set_faults, methods=["POST"])
    pages.add_url_rule("/faults", "clear_faults", clear_faults, methods=["DELETE"])
    return pages


def _json(body: object, status: int = 200) -> Response:
    text = json.dumps(body, ensure_ascii=False)
    return Response(text, status, mimetype="application/json")
