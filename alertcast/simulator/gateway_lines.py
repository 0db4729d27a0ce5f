"""What becomes of a gateway's messages and calls: the same people as everywhere, other words.

Keys pressed in a call come with its last report, as mainland providers send them: no address is
asked while somebody is on the line.
"""

import secrets
import threading
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from alertcast.simulator.gateway_reports import DEMO_TOKEN, Outbox, Reports, stamp
from alertcast.simulator.ledger import Accepted, Inbound
from alertcast.simulator.network import Network
from alertcast.simulator.people import Hearing, Pickup, Reading
from alertcast.simulator.timeline import real_time

ACCOUNT = "gateway"
SENDER = "106900000000"

DIALLING = 1.0
"""Product seconds from the request until the line rings, or is found busy or not to exist."""

PATIENCE = 40.0
"""Product seconds a phone rings."""

REFUSALS = {21211: "NUMBER_ILLEGAL", 21614: "LANDLINE", 21610: "BLACKLISTED"}
"""Why a text is refused, by the code that says it of a person (see people.py)."""

FAILURES = {30003: "SWITCHED_OFF", 30005: "NO_SUCH_NUMBER"}
"""Why a text was not delivered, likewise."""


Step = tuple[float, str, dict[str, str]]
"""Product seconds after the request, the state that is reached, and what else is reported."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One message or call that a request asks for."""

    kind: str  # message, call
    phone: str  # E.164
    words: str
    ref: str  # the product's reference; "": none
    push: str  # where it is reported; "": it is to be fetched


@dataclass(slots=True)
class Line:
    """One message or call, and its last report."""

    id: str
    asked: Asked
    created: datetime  # product time
    report: dict[str, str]
    born: float = field(default_factory=time.monotonic)


class Lines:
    """Everything that the gateway took. Safe from many threads."""

    def __init__(self, network: Network, outbox: Outbox) -> None:
        self._network, self._outbox = network, outbox
        self._lock = threading.Lock()
        self._lines: dict[str, Line] = {}
        self._calls_to: Counter[str] = Counter()
        self.inbound_url: str | None = None  # where people's texts are pushed

    def refusal(self, asked: Asked) -> str | None:
        """Return the code with which one number of a request is refused; None: it is taken."""
        if not asked.phone.startswith("+86"):
            return "NUMBER_ILLEGAL"
        refused = self._network.people.of(asked.phone).sms.refused
        if asked.kind == "call" or refused is None:
            return None
        return REFUSALS.get(refused, "NUMBER_ILLEGAL")

    def take(self, asked: Asked) -> Line:
        """Take a message or call and play what becomes of it."""
        network = self._network
        line = Line("G" + secrets.token_hex(12), asked, network.now(), {})
        line.report = self._report(line, "ACCEPTED", line.created)
        with self._lock:
            earlier = self._calls_to[asked.phone]
            self._calls_to[asked.phone] += asked.kind == "call"
            self._lines[line.id] = line
        network.ledger.accept(
            Accepted(
                kind=asked.kind,
                sid=line.id,
                account=ACCOUNT,
                to=asked.phone,
                from_=SENDER,
                body=asked.words if asked.kind == "message" else None,
                status_callback=asked.push or None,
                created=line.created,
                real=real_time(),
            )
        )
        reports = network.receipts(ACCOUNT, asked.kind, asked.push)
        told = Reports(
            network, ACCOUNT, asked.push, reports.fault, outbox=self._outbox, kind=asked.kind
        )
        person = network.people.of(asked.phone)
        if asked.kind == "message":
            self._deliver(line, person.sms, told)
        else:
            self._ring(line, person.hearing(earlier), told)
        return line

    def find(self, *, ref: str = "", id: str = "", born_before: float) -> Line | None:
        """Return what was taken under a reference or an id before that monotonic time."""
        with self._lock:
            lines = list(self._lines.values())
        for line in lines:
            is_it = line.id == id if id else line.asked.ref == ref
            if is_it and line.born <= born_before:
                return line
        return None

    def _deliver(self, line: Line, reading: Reading, told: Reports) -> None:
        steps: list[Step] = [(reading.after / 2, "SENT", {})]
        if reading.status == "delivered":
            steps.append((reading.after, "DELIVERED", {}))
        elif reading.status == "undelivered":
            code = FAILURES.get(reading.code or 0, "NOT_DELIVERED")
            steps.append((reading.after, "UNDELIVERED", {"code": code}))
        self._play(line, steps, told)
        if reading.reply is not None and reading.status != "undelivered":
            due = line.created + timedelta(seconds=reading.after + reading.reply_after)
            text = reading.reply
            self._network.timeline.at(due, lambda at: self._text_in(line, text, at))

    def _ring(self, line: Line, hearing: Hearing, told: Reports) -> None:
        steps: list[Step]
        match hearing.pickup:
            case Pickup.BUSY:
                steps = [(DIALLING, "BUSY", {})]
            case Pickup.FAILED:
                steps = [(DIALLING, "FAILED", {"code": "NO_SUCH_NUMBER"})]
            case Pickup.NO_ANSWER:
                steps = [(DIALLING + PATIENCE, "NO_ANSWER", {})]
            case _:
                steps = self._conversation(line, hearing)
        self._play(line, steps, told)

    def _conversation(self, line: Line, hearing: Hearing) -> list[Step]:
        """Return what is reported of a call that was picked up; the menu is heard up to 3 times."""
        ledger, at = self._network.ledger, DIALLING + hearing.ring
        steps: list[Step] = [(at, "ANSWERED", {})]
        pressed = ""
        keys = () if hearing.pickup is Pickup.VOICEMAIL else hearing.keys
        for number in range(3):
            ledger.say(line.id, line.asked.words)
            key = keys[number] if number < len(keys) else ""
            at += hearing.decide if key else 15.0
            if key:
                pressed += key
                ledger.press(line.id, key, line.created + timedelta(seconds=at))
            if key not in ("", "3"):
                break
        return [*steps, (at, "COMPLETED", {"dtmf": pressed})]

    def _play(self, line: Line, steps: list[Step], told: Reports) -> None:
        for number, (after, state, more) in enumerate(steps):
            is_last = number == len(steps) - 1
            due = line.created + timedelta(seconds=after)
            report = self._report(line, state, due, **more)

            def reach(at: datetime, report: dict[str, str] = report, last: bool = is_last) -> None:
                line.report = report
                told.tell(report, at, is_last=last)

            if told.are_early:
                reach(line.created)
            else:
                self._network.timeline.at(due, reach)

    def _report(self, line: Line, state: str, at: datetime, **more: str) -> dict[str, str]:
        asked = line.asked
        return {
            "id": line.id,
            "ref": asked.ref,
            "phone": asked.phone.removeprefix("+86"),
            "state": state,
            "code": "",
            "dtmf": "",
            "at": stamp(at),
            **more,
        }

    def _text_in(self, line: Line, text: str, at: datetime) -> None:
        phone = line.asked.phone
        texts = [{"id": "I" + secrets.token_hex(8), "phone": phone, "text": text}]
        entry = Inbound(texts[0]["id"], phone, SENDER, text, at, None)
        if self.inbound_url is not None:
            from_here = self._outbox.push(self.inbound_url, texts, DEMO_TOKEN)
            entry = replace(entry, answer=200 if from_here else None)
        self._network.ledger.receive(entry)
