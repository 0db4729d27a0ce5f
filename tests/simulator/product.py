"""A tiny product: it receives what the simulator sends, checks the signatures, answers TwiML."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from twilio.request_validator import RequestValidator

from alertcast.simulator.people import Behaviour, Hearing, Pickup, Reading
from alertcast.simulator.server import Simulator

SID, TOKEN = "AC" + "a" * 32, "a token of this test"
FROM = "+15005550006"
MENU = (
    '<Response><Gather numDigits="1" timeout="5" action="/keys"><Say language="cmn-CN">'
    "寒冷橙色预警，收到请按 1</Say></Gather><Redirect>/again</Redirect></Response>"
)
BYE = "<Response><Say>谢谢</Say><Hangup/></Response>"

PRESSES_1 = Behaviour()
PEOPLE = {
    "+8615400000001": PRESSES_1,
    "+8615400000002": Behaviour(sms=Reading(status="undelivered", code=30003)),
    "+8615400000003": Behaviour(sms=Reading(status="sent")),
    "+8615400000004": Behaviour(sms=Reading(refused=21614)),
    "+8615400000005": Behaviour(sms=Reading(reply="收到", reply_after=60)),
    "+8615400000006": Behaviour(calls=(Hearing(Pickup.BUSY), Hearing())),
    "+8615400000007": Behaviour(calls=(Hearing(Pickup.NO_ANSWER),)),
    "+8615400000008": Behaviour(calls=(Hearing(Pickup.VOICEMAIL, keys=()),)),
    "+8615400000009": Behaviour(calls=(Hearing(Pickup.FAILED),), sms=Reading(refused=21211)),
    "+8615400000010": Behaviour(calls=(Hearing(keys=("3", "1")),)),
    "+8615400000011": Behaviour(calls=(Hearing(keys=()),)),
    "+8615400000012": Behaviour(sms=Reading(refused=21610)),
}


class MovableClock:
    """Product time that a test moves."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 20, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True)
class Received:
    """One request from the simulator."""

    path: str  # without its query
    target: str  # with it
    form: dict[str, str]
    is_signed: bool
    at: datetime


class Product:
    """A web server on loopback. `answers`: path to (status, body), or a function of the form."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.received: list[Received] = []
        self.answers: dict[str, tuple[int, str] | Callable[[dict[str, str]], tuple[int, str]]] = {
            "/voice": (200, MENU),
            "/again": (200, MENU),
            "/keys": (200, BYE),
        }
        product, validator = self, RequestValidator(TOKEN)

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 65536  # headers and body in one packet

            def do_POST(self) -> None:
                self.answer()

            def do_GET(self) -> None:
                self.answer()

            def answer(self) -> None:
                text = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                form = dict(parse_qsl(text, keep_blank_values=True))
                signature = self.headers.get("X-Twilio-Signature", "")
                signed = validator.validate(product.url + self.path, form, signature)
                path = urlsplit(self.path).path
                product.received.append(Received(path, self.path, form, signed, clock()))
                answer = product.answers.get(path, (204, ""))
                status, body = answer(form) if callable(answer) else answer
                self.send_response(status)
                if status != 204:
                    self.send_header("Content-Length", str(len(body.encode())))
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def at(self, path: str) -> list[Received]:
        return [r for r in self.received if r.path == path]

    def statuses(self, field: str = "MessageStatus") -> list[str]:
        return [r.form[field] for r in self.at("/status")]

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def play(simulator: Simulator, clock: MovableClock, seconds: float = 3600) -> None:
    """Move the clock from event to event until nothing is left within `seconds`."""
    end = clock.now + timedelta(seconds=seconds)
    while True:
        while simulator.pending(clock.now):
            time.sleep(0.001)
        due = simulator.next_due()
        if due is None or due > end:
            return
        clock.now = max(clock.now, due)
        simulator.wake()
