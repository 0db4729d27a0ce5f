"""A provider's plain gateway, as mainland ones are: JSON, a code in every answer, templates.

One request holds several numbers, and is answered for each. Reports are pushed to the address that
a message names, else they wait to be fetched. With `is_strict` no free text is sent as an SMS.
"""

import hmac
import json
import re
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, request

from alertcast.simulator.carrier import drop_connection
from alertcast.simulator.faults import Fault, Stage
from alertcast.simulator.gateway_lines import Asked, Lines
from alertcast.simulator.gateway_reports import DEMO_TOKEN, Outbox
from alertcast.simulator.network import Network

TEMPLATES: Mapping[str, str] = {
    "DEMO_WARNING": "${issuer}发布${hazard}${level}预警信号，涉及${places}。请立即查看并确认。",
    "DEMO_ALL_CLEAR": "此前由${issuer}发布的${hazard}预警已解除。",
    "DEMO_NOTICE": "内部通知，涉及${places}，请与值班室联系。",
}
"""Approved templates of a simulator that nobody configured."""

MOST = 200
"""Most numbers in one request."""

LONGEST = 20
"""Most characters in one variable."""

REFUSED_SIGNS = "℃~-/:%#¥【】"
"""Signs that no variable may hold."""

_VARIABLE = re.compile(r"\$\{(\w+)\}")


class Refused(Exception):
    """A request that is answered with a code other than OK."""

    def __init__(self, code: str, message: str, status: int = 200) -> None:
        super().__init__(message)
        self.code, self.status = code, status


class GatewayDesk:
    """The gateway's views. `closing` is set when the server goes down, and ends every hang."""

    def __init__(self, network: Network, closing: threading.Event) -> None:
        self._network, self._closing = network, closing
        self._outbox = Outbox()
        self.lines = Lines(network, self._outbox)
        self.templates: Mapping[str, str] = TEMPLATES
        self.is_strict = False  # True: an SMS is an approved template and values, nothing else

    def blueprint(self) -> Blueprint:
        """Return the views, to be registered without a prefix."""
        pages = Blueprint("gateway", __name__, url_prefix="/gateway")
        pages.before_request(_authenticate)
        pages.register_error_handler(Refused, _refuse)
        for rule, name, view, method in (
            ("/sms", "sms", self._taker("message"), "POST"),
            ("/calls", "calls", self._taker("call"), "POST"),
            ("/receipts", "receipts", self.receipts, "GET"),
            ("/receipts/ack", "acknowledge", self.acknowledge, "POST"),
            ("/query", "query", self.query, "GET"),
        ):
            pages.add_url_rule(rule, name, view, methods=[method])
        return pages

    def receipts(self) -> dict[str, Any]:
        """Return the oldest reports that are not acknowledged."""
        kind = "call" if request.args.get("kind") == "call" else "message"
        limit = request.args.get("limit", "100")
        found = self._outbox.fetch(kind, int(limit) if limit.isdecimal() else 100)
        return {"code": "OK", "data": {"items": found}}

    def acknowledge(self) -> dict[str, Any]:
        """Forget reports that the product has kept."""
        serials = _asked_for().get("ids")
        if not isinstance(serials, list):
            raise Refused("PARAM_ILLEGAL", "ids: must be a list")
        self._outbox.acknowledge([str(serial) for serial in serials])
        return {"code": "OK"}

    def query(self) -> dict[str, Any]:
        """Return what is held under a reference or an id; the list may lag behind."""
        lag = self._network.faults.strike(Stage.LIST, "message")
        born_before = time.monotonic() - (lag.seconds if lag else 0.0)
        ref, sid = request.args.get("ref", ""), request.args.get("id", "")
        line = self.lines.find(ref=ref, id=sid, born_before=born_before) if ref or sid else None
        if line is None:
            raise Refused("NOT_FOUND", "nothing is held under it")
        return {"code": "OK", "data": {"items": [line.report]}}

    def close(self) -> None:
        """Close the connections to the product."""
        self._outbox.close()

    def _taker(self, kind: str) -> Callable[[], Response | dict[str, Any]]:
        def take() -> Response | dict[str, Any]:
            fault = self._network.faults.strike(Stage.CREATE, kind)
            if fault is not None and (answer := self._before(kind, fault)) is not None:
                return answer
            taken = self._take(kind, _asked_for())
            if fault is not None and (answer := self._after(fault)) is not None:
                return answer
            return taken

        return take

    def _take(self, kind: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        items = asked.get("items")
        if not isinstance(items, list) or not items:
            raise Refused("PARAM_ILLEGAL", "items: must be a list")
        if len(items) > MOST:
            raise Refused("TOO_MANY", f"more than {MOST} numbers")
        wanted = [self._wanted(kind, asked, item) for item in items]
        results = []
        for one in wanted:
            code = self.lines.refusal(one)
            result = {"phone": one.phone, "ref": one.ref, "code": code or "OK", "id": ""}
            if code is None:
                result["id"] = self.lines.take(one).id
            else:
                self._network.ledger.refuse(kind, one.phone, 0, self._network.now())
            results.append(result)
        return {"code": "OK", "batch": secrets.token_hex(8), "results": results}

    def _wanted(self, kind: str, asked: Mapping[str, Any], item: Any) -> Asked:
        if not isinstance(item, dict):
            raise Refused("PARAM_ILLEGAL", "items: each must be an object")
        merged = {**asked, **item}
        digits = re.sub(r"\D", "", str(merged.get("phone", "")))
        phone = f"+{digits}" if digits.startswith("86") else f"+86{digits}"
        words = self._words(kind, merged)
        return Asked(
            kind, phone, words, str(merged.get("ref", "")), str(merged.get("callback", ""))
        )

    def _words(self, kind: str, asked: Mapping[str, Any]) -> str:
        if "template" not in asked:
            if self.is_strict and kind == "message":
                raise Refused("FREE_TEXT", "only approved templates are sent")
            return str(asked.get("text", ""))
        text = self.templates.get(str(asked["template"]))
        params = asked.get("params")
        if text is None:
            raise Refused("TEMPLATE_ILLEGAL", "no such template")
        if not isinstance(params, dict) or set(_VARIABLE.findall(text)) - params.keys():
            raise Refused("PARAM_ILLEGAL", "a variable of the template has no value")
        for name in _VARIABLE.findall(text):
            value = str(params[name])
            if not value or len(value) > LONGEST or set(value) & set(REFUSED_SIGNS):
                raise Refused("PARAM_ILLEGAL", f"variable {name}")
        return _VARIABLE.sub(lambda match: str(params[match[1]]), text)

    def _before(self, kind: str, fault: Fault) -> Response | None:
        """Return the answer of a fault that strikes before anything is taken."""
        answers: dict[str, Callable[[], Response]] = {
            "throttled": lambda: _json({"code": "LIMIT", "message": "too fast"}, 429, fault),
            "queue_full": lambda: _json({"code": "QUEUE_FULL", "message": "later"}),
            "error_before": lambda: _json({"code": "ERROR"}, 500),
            "reset_before": _cut,
            "hang_before": lambda: _json({"code": "ERROR"}, 503),
        }
        if fault.fault not in answers:
            return None
        if fault.fault == "hang_before":
            self._closing.wait(fault.seconds)
        self._network.ledger.refuse(kind, None, 0, self._network.now())
        return answers[fault.fault]()

    def _after(self, fault: Fault) -> Response | None:
        """Return the answer of a fault that strikes after all was taken."""
        if fault.fault == "hang_after":
            self._closing.wait(fault.seconds)
        if fault.fault == "error_after":
            return _json({"code": "ERROR"}, 500)
        return _cut() if fault.fault == "reset_after" else None


def _authenticate() -> None:
    given = request.headers.get("Authorization", "")
    if not hmac.compare_digest(given.encode(), f"Bearer {DEMO_TOKEN}".encode()):
        raise Refused("KEY_ILLEGAL", "the token is not ours", 401)


def _refuse(refused: Refused) -> Response:
    return _json({"code": refused.code, "message": str(refused)}, refused.status)


def _asked_for() -> Mapping[str, Any]:
    asked = request.get_json(force=True, silent=True)
    if not isinstance(asked, dict):
        raise Refused("PARAM_ILLEGAL", "the body must be a JSON object")
    return asked


def _json(body: Mapping[str, object], status: int = 200, fault: Fault | None = None) -> Response:
    answer = Response(status=status, mimetype="application/json")
    answer.set_data(_text(body))
    if fault is not None:
        answer.headers["Retry-After"] = f"{fault.seconds or 1.0:g}"
    return answer


def _text(body: Mapping[str, object]) -> str:
    return json.dumps(body, ensure_ascii=False)


def _cut() -> Response:
    drop_connection()
    return Response(status=500)
