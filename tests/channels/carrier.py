"""A carrier that answers what a test recorded, and keeps every request as it came."""

import json
import socket
import threading
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

SID, TOKEN = "AC" + "a" * 32, "a token of this test"
MESSAGE = "SM" + "1" * 32
CALL = "CA" + "1" * 32


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    method: str
    path: str
    query: dict[str, list[str]]
    form: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """What to answer; `cut`: close the connection instead; `hang`: seconds before anything."""

    status: int = 200
    body: object = None
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    hang: float = 0.0


class Carrier:
    """A web server on loopback; answers in turn, and the last one for ever."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.answers: deque[Answer] = deque()
        self.stopped = threading.Event()
        self.now: datetime | None = None  # by its own clock; None: it does not say
        carrier = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 65536

            def do_GET(self) -> None:
                carrier.answer(self)

            def do_POST(self) -> None:
                carrier.answer(self)

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        parts = urlsplit(handler.path)
        form, query = parse_qs(body.decode()), parse_qs(parts.query)
        headers = dict(handler.headers)
        self.asked.append(Asked(handler.command, parts.path, query, form, headers, body))
        answer = self.answers.popleft() if len(self.answers) > 1 else self.answers[0]
        self.stopped.wait(answer.hang)
        if answer.cut:
            handler.connection.shutdown(socket.SHUT_RDWR)
            handler.close_connection = True
            return
        text = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
        handler.send_response_only(answer.status)
        if self.now is not None:
            handler.send_header("Date", format_datetime(self.now, usegmt=True))
        for name, value in answer.headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(text.encode())))
        handler.end_headers()
        handler.wfile.write(text.encode())

    def says(self, *answers: Answer) -> None:
        self.answers = deque(answers)

    def close(self) -> None:
        self.stopped.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def refusal(status: int, code: int, message: str = "no", **headers: str) -> Answer:
    body = {"code": code, "message": message, "more_info": "", "status": status}
    return Answer(status, body, {k.replace("_", "-"): v for k, v in headers.items()})


def message(**values: object) -> dict[str, object]:
    return {"sid": MESSAGE, "status": "queued", "error_code": None} | values


def call(**values: object) -> dict[str, object]:
    return {"sid": CALL, "status": "queued", "from": "+15005550006"} | values


def page(name: str, *items: dict[str, object]) -> Answer:
    return Answer(200, {name: list(items), "next_page_uri": None, "page": 0})
