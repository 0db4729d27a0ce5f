"""Twilio's REST API over Messages and Calls, as far as a warning service uses it.

Source: twilio/twilio-oai, spec/json/twilio_api_v2010.json; the conformance tests check every answer
against it. Requests carry form fields and Basic authentication, errors are Twilio's JSON.
"""

import json
import secrets
import socket
import threading
import time
from collections.abc import Callable, Mapping

from flask import Blueprint, Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from alertcast.simulator.calls import Call, CallBook
from alertcast.simulator.conversation import Conversation
from alertcast.simulator.errors import Refusal
from alertcast.simulator.faults import Fault, Stage
from alertcast.simulator.messages import Message, MessageCentre
from alertcast.simulator.network import API_VERSION, Network
from alertcast.simulator.resources import Resource, Shelf

_ACCOUNT = f"/{API_VERSION}/Accounts/<account>"


Outcome = Callable[[Fault], Exception | None]
"""What a fault answers with; None: what would have been answered anyway."""


class Cut(Exception):
    """The connection is to be cut instead of an answer."""


class Carrier:
    """The API's views. `closing` is set when the server goes down, and ends every hang."""

    def __init__(
        self,
        network: Network,
        messages: MessageCentre,
        calls: CallBook,
        closing: threading.Event,
    ) -> None:
        self._network = network
        self._messages = messages
        self._calls = calls
        self._closing = closing

    def blueprint(self) -> Blueprint:
        """Return the API, to be registered without a prefix."""
        api = Blueprint("carrier", __name__)
        api.before_request(self._authenticate)
        api.after_request(self._date)
        api.register_error_handler(Refusal, self._refuse)
        api.register_error_handler(Cut, self._cut)
        for rule, view in (
            (".json", self.account),
            ("/Messages.json", self.messages),
            ("/Messages/<sid>.json", self.message),
            ("/Calls.json", self.calls),
            ("/Calls/<sid>.json", self.call),
        ):
            api.add_url_rule(_ACCOUNT + rule, view.__name__, view, methods=["GET"])
        for rule, name, change in (
            ("/Messages.json", "create_message", self.create_message),
            ("/Calls.json", "create_call", self.create_call),
            ("/Calls/<sid>.json", "end_call", self.end_call),
        ):
            api.add_url_rule(_ACCOUNT + rule, name, change, methods=["POST"])
        return api

    def account(self, account: str) -> Response:
        """Show the account: what a probe asks for."""
        uri = f"/{API_VERSION}/Accounts/{account}"
        return _json(
            {
                "sid": account,
                "owner_account_sid": account,
                "friendly_name": "alertcast simulator",
                "status": "active",
                "type": "Full",
                "auth_token": None,
                "date_created": None,
                "date_updated": None,
                "uri": f"{uri}.json",
                "subresource_uris": {"messages": f"{uri}/Messages.json"},
            }
        )

    def messages(self, account: str) -> Response:
        """List messages."""
        return self._list(self._messages.shelf, "message", account)

    def message(self, account: str, sid: str) -> Response:
        """Show one message."""
        return _json(self._messages.shelf.get(account, sid).as_json())

    def create_message(self, account: str) -> Response:
        """Take a message."""
        return self._create("message", lambda: self._messages.create(account, request.form))

    def calls(self, account: str) -> Response:
        """List calls."""
        return self._list(self._calls.shelf, "call", account)

    def call(self, account: str, sid: str) -> Response:
        """Show one call."""
        return _json(self._calls.shelf.get(account, sid).as_json())

    def create_call(self, account: str) -> Response:
        """Take a call, and dial."""

        def take() -> Resource:
            events = request.form.getlist("StatusCallbackEvent")
            call = self._calls.create(account, request.form, events)
            Conversation.begin(self._network, call, self._calls)
            return call

        return self._create("call", take)

    def end_call(self, account: str, sid: str) -> Response:
        """End a call, or give a running one other words."""
        return _json(self._calls.change(account, sid, request.form).as_json())

    def _list(self, shelf: Shelf[Message] | Shelf[Call], kind: str, account: str) -> Response:
        lag = self._network.faults.strike(Stage.LIST, kind)
        born_before = time.monotonic() - (lag.seconds if lag else 0.0)
        return _json(shelf.page(account, request.args, born_before))

    def _create(self, kind: str, take: Callable[[], Resource]) -> Response:
        g.creating = kind
        fault = self._network.faults.strike(Stage.CREATE, kind)
        if fault is not None:
            self._strike(_BEFORE, fault)
        taken = take().as_json()
        g.creating = None
        if fault is not None:
            self._strike(_AFTER, fault)
        return _json(taken, 201)

    def _strike(self, outcomes: Mapping[str, Outcome], fault: Fault) -> None:
        if fault.fault not in outcomes:
            return
        if fault.fault.startswith("hang"):
            self._closing.wait(fault.seconds)
        if error := outcomes[fault.fault](fault):
            raise error

    def _date(self, response: Response) -> Response:
        response.date = self._network.now()  # the clock by which messages and calls are dated
        return response

    def _authenticate(self) -> None:
        given, account = request.authorization, (request.view_args or {}).get("account", "")
        token = self._network.accounts.get(account)
        if (
            token is None
            or given is None
            or given.type != "basic"
            or given.username != account
            or not secrets.compare_digest((given.password or "").encode(), token.encode())
        ):
            raise Refusal(20003)

    def _refuse(self, refusal: Refusal) -> Response:
        self._write_down(refusal.code)
        answer = _json(refusal.as_json(), refusal.status)
        if refusal.retry_after is not None:
            answer.headers["Retry-After"] = f"{refusal.retry_after:g}"
        if refusal.status == 401:
            answer.headers["WWW-Authenticate"] = 'Basic realm="Twilio API"'
        return answer

    def _cut(self, _: Cut) -> Response:
        self._write_down(0)
        drop_connection()
        return Response(status=500)

    def _write_down(self, code: int) -> None:
        if kind := g.get("creating"):
            now = self._network.now()
            self._network.ledger.refuse(kind, request.form.get("To"), code, now)


_BEFORE: dict[str, Outcome] = {
    "throttled": lambda fault: Refusal(20429, retry_after=fault.seconds or 1.0),
    "queue_full": lambda _: Refusal(21611),
    "error_before": lambda _: Refusal(20500),
    "reset_before": lambda _: Cut(),
    "hang_before": lambda _: Refusal(20503),
}
_AFTER: dict[str, Outcome] = {
    "error_after": lambda _: Refusal(20500),
    "reset_after": lambda _: Cut(),
    "hang_after": lambda _: None,
}


def answer_errors_as_twilio(app: Flask) -> None:
    """Let `app` answer an unknown address or method under the API as Twilio does."""

    def as_twilio(error: HTTPException) -> Response | HTTPException:
        if not request.path.startswith(f"/{API_VERSION}/"):
            return error
        refusal = Refusal({404: 20404, 405: 20004}.get(error.code or 500, 20500))
        return _json(refusal.as_json(), refusal.status)

    app.register_error_handler(HTTPException, as_twilio)


def _json(body: Mapping[str, object], status: int = 200) -> Response:
    return Response(json.dumps(body), status, mimetype="application/json")


def drop_connection() -> None:
    """Cut the connection of the request that is being served."""
    # Waitress gives each request a bound method of its connection, and no other way to reach it.
    disconnected = request.environ.get("waitress.client_disconnected")
    channel = getattr(disconnected, "__self__", None)
    if channel is not None:
        channel.socket.shutdown(socket.SHUT_RDWR)
