import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from alertcast.core.hazard import HazardTable

HAZARDS = Path(__file__).parents[2] / "config" / "hazards.toml"


@pytest.fixture(scope="session")
def hazards():
    return HazardTable.from_mapping(tomllib.loads(HAZARDS.read_text("utf-8")))


class Publisher(ThreadingHTTPServer):
    """A tiny web server on loopback: `pages` maps a path to what it answers."""

    daemon_threads = False

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.pages = {}
        self.asked = []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def put(self, path, body=b"", status=200, **headers):
        self.pages[path] = (status, body, {k.replace("_", "-"): v for k, v in headers.items()})


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append((self.path, dict(self.headers)))
        status, body, headers = self.server.pages.get(self.path.partition("?")[0], (404, b"", {}))
        if "ETag" in headers and self.headers.get("If-None-Match") == headers["ETag"]:
            status, body = 304, b""
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *args):
        """Say nothing."""


@contextmanager
def publishing() -> Iterator[Publisher]:
    """Run a publisher until the block ends."""
    server = Publisher()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with publishing() as server:
        yield server
