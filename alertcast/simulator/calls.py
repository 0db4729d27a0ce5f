"""Calls as the API shows them: taken, looked at, ended from outside; and what they report.

Source: twilio.com/docs/voice/api/call-resource. How a call runs is in `conversation.py`.
"""

import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from alertcast.simulator.errors import MAGIC_FROM_CALL, MAGIC_TO_CALL, Refusal
from alertcast.simulator.ledger import Accepted
from alertcast.simulator.network import API_VERSION, Network, Receipts, rfc2822
from alertcast.simulator.numbers import check_address, check_from, check_to
from alertcast.simulator.resources import Shelf
from alertcast.simulator.timeline import real_time

OVER = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
"""Statuses after which nothing more happens."""

LONGEST_TWIML = 4000
"""Most characters of TwiML in a create."""

SIP_CODES = {"failed": "404", "busy": "486", "no-answer": "487", "canceled": "487"}
"""SipResponseCode of calls that nobody answered: no such number, engaged, timed out."""


@dataclass(slots=True)
class Call:
    """One call. `status` changes through `move` only."""

    sid: str
    account: str
    to: str
    from_: str
    asked: Mapping[str, str]  # the form of the create, last value of each key
    events: frozenset[str]  # which of initiated, ringing, answered, completed are reported
    created: datetime  # product time
    receipts: Receipts
    earlier: int = 0  # calls to the same phone before this one
    status: str = "queued"
    started: datetime | None = None
    ended: datetime | None = None
    answered: datetime | None = None
    answered_by: str | None = None  # only where the create asked for detection
    updated: datetime | None = None
    born: float = field(default_factory=time.monotonic)
    sequence: int = 0
    direction: str = "outbound-api"  # inbound: a person calls the product
    turns: int = 0  # how often the product gave the running call other words
    hear: Callable[[str], None] | None = None  # plays other words
    lock: threading.Lock = field(default_factory=threading.Lock)

    def move(self, status: str, at: datetime) -> bool:
        """Enter `status` at `at` (product time); False: the call is over, nothing has changed."""
        with self.lock:
            if self.is_over:
                return False
            self.updated = at
            if status == "in-progress":
                self.answered = at
            if status != "queued":
                self.started = self.started or at
            if status in OVER:
                self.ended = at
            self.status = status
            return True

    @property
    def is_over(self) -> bool:
        """Say whether nothing more can happen."""
        return self.status in OVER

    @property
    def seconds(self) -> int:
        """How long it was connected, in whole product seconds; 0 if it never was."""
        if self.answered is None or self.ended is None:
            return 0
        return max(0, round((self.ended - self.answered).total_seconds()))

    def as_json(self) -> dict[str, object]:
        """Return the Call resource."""
        return {
            "sid": self.sid,
            "date_created": rfc2822(self.created),
            "date_updated": rfc2822(self.updated or self.created),
            "parent_call_sid": None,
            "account_sid": self.account,
            "to": self.to,
            "to_formatted": self.to,
            "from": self.from_,
            "from_formatted": self.from_,
            "phone_number_sid": None,
            "status": self.status,
            "start_time": rfc2822(self.started),
            "end_time": rfc2822(self.ended),
            "duration": str(self.seconds) if self.status == "completed" else None,
            "price": None,
            "price_unit": "USD",
            "direction": self.direction,
            "answered_by": self.answered_by,
            "api_version": API_VERSION,
            "forwarded_from": None,
            "group_sid": None,
            "caller_name": None,
            "queue_time": "0",
            "trunk_sid": None,
            "uri": f"/{API_VERSION}/Accounts/{self.account}/Calls/{self.sid}.json",
            "subresource_uris": {},
        }

    def moment(self, name: str) -> datetime | None:
        """Return the date that the filter `name` asks about."""
        return {"StartTime": self.started, "EndTime": self.ended}.get(name)

    def form(self, status: str) -> dict[str, str]:
        """Return the fields that every request about this call carries."""
        form = {
            "CallSid": self.sid,
            "AccountSid": self.account,
            "From": self.from_,
            "To": self.to,
            "Caller": self.from_,
            "Called": self.to,
            "CallStatus": status,
            "ApiVersion": API_VERSION,
            "Direction": self.direction,
        }
        if self.answered_by is not None:
            form["AnsweredBy"] = self.answered_by
        return form

    def report(self, event: str, status: str, at: datetime) -> None:
        """Send the status callback of `event`, if it was asked for."""
        if event not in self.events:
            return
        form = self.form(status) | {
            "Timestamp": rfc2822(at) or "",
            "CallbackSource": "call-progress-events",
        }
        if event == "completed":
            form["CallDuration"] = str(self.seconds)
            if status == "completed":
                form["Duration"] = str(-(-self.seconds // 60))
            form["SipResponseCode"] = SIP_CODES.get(status, "200")
        with self.lock:
            form["SequenceNumber"] = str(self.sequence)
            self.sequence += 1
        self.receipts.tell(form, at, is_last=event == "completed")


class CallBook:
    """Takes calls, and ends them when asked. Who plays them is told with `create`."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._lock = threading.Lock()
        self._calls_to: Counter[str] = Counter()
        self.shelf: Shelf[Call] = Shelf("Calls")

    def call_in(self, phone: str, to: str, url: str, at: datetime) -> Call:
        """Let the person at `phone` call the number `to`; the product is asked at `url`."""
        network = self._network
        account = next(iter(network.accounts))
        call = Call(
            sid="CA" + secrets.token_hex(16),
            account=account,
            to=to,
            from_=phone,
            asked={"Url": url},
            events=frozenset(),
            created=at,
            receipts=network.receipts(account, "call", None),
            direction="inbound",
        )
        network.ledger.accept(
            Accepted(
                kind="call_in",
                sid=call.sid,
                account=account,
                to=to,
                from_=phone,
                body=None,
                status_callback=None,
                created=at,
                real=real_time(),
            )
        )
        self.shelf.add(call)
        return call

    def create(self, account: str, form: Mapping[str, str], events: Sequence[str]) -> Call:
        """Take a call; raises Refusal. `events`: every StatusCallbackEvent of the create."""
        _check(form)
        network = self._network
        with self._lock:
            earlier = self._calls_to[form["To"]]
            self._calls_to[form["To"]] += 1
        call = Call(
            sid="CA" + secrets.token_hex(16),
            account=account,
            to=form["To"],
            from_=form["From"],
            asked=dict(form),
            events=frozenset(word for event in events for word in event.split())
            or frozenset({"completed"}),
            created=network.now(),
            receipts=network.receipts(account, "call", form.get("StatusCallback")),
            earlier=earlier,
        )
        network.ledger.accept(
            Accepted(
                kind="call",
                sid=call.sid,
                account=account,
                to=call.to,
                from_=call.from_,
                body=None,
                status_callback=form.get("StatusCallback"),
                created=call.created,
                real=real_time(),
            )
        )
        self.shelf.add(call)
        return call

    def change(self, account: str, sid: str, form: Mapping[str, str]) -> Call:
        """End a call, or give a running one other words (Twiml); raises Refusal.

        It ends by `canceled` before it is answered, by `completed` at any time. A call cancelled
        while queued reports nothing, as with Twilio. A change of Url is refused: the simulator does
        not make it.
        """
        call = self.shelf.get(account, sid)
        if "Twiml" in form:
            return self._say(call, form["Twiml"])
        wish = form.get("Status")
        if wish not in ("canceled", "completed"):
            raise Refusal(20001, detail="Status: must be canceled or completed")
        was = call.status
        if was in OVER:
            raise Refusal(21220)
        if was == "in-progress" and wish == "canceled":
            return call
        now = self._network.now()
        status = "completed" if was == "in-progress" else "canceled"
        if call.move(status, now) and was != "queued":
            self._network.timeline.at(now, lambda due: call.report("completed", status, due))
        return call

    def _say(self, call: Call, words: str) -> Call:
        if len(words) > LONGEST_TWIML:
            raise Refusal(20001, detail=f"Twiml: longer than {LONGEST_TWIML} characters")
        with call.lock:
            if call.status != "in-progress":
                raise Refusal(21220)
            call.turns += 1
        if call.hear is not None:
            call.hear(words)
        return call


def _check(form: Mapping[str, str]) -> None:
    check_to(form.get("To", ""), MAGIC_TO_CALL, missing=21201)
    if not form.get("From"):
        raise Refusal(21213)
    check_from(form["From"], MAGIC_FROM_CALL)
    if not (form.get("Url") or form.get("Twiml")):
        raise Refusal(21205)
    if not form.get("Timeout", "60").isdecimal():
        raise Refusal(20001, detail="Timeout: must be a whole number of seconds")
    if len(form.get("Twiml", "")) > LONGEST_TWIML:
        raise Refusal(20001, detail=f"Twiml: longer than {LONGEST_TWIML} characters")
    check_address(form.get("Url"), 21205, "Url")
    check_address(form.get("FallbackUrl"), 21205, "FallbackUrl")
    check_address(form.get("StatusCallback"), 21609, "StatusCallback")
