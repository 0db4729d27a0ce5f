"""What a gateway reports of its messages and calls: pushed to the product, or kept to be fetched.

A push that is not answered with 2xx is tried again after 1, 5 and 10 minutes of product time, as
mainland providers do it. What is fetched stays until it is acknowledged.
"""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

import urllib3
from urllib3.exceptions import HTTPError

from alertcast.simulator.network import Form, Receipts
from alertcast.simulator.webhooks import is_loopback

PUSH_HEADER = "X-Gateway-Token"
"""Header of a push that holds the token."""

DEMO_TOKEN = "demo-gateway-token-for-loopback-only"  # noqa: S105  it opens nothing else
"""What requests to the gateway carry as a bearer token, and its pushes in PUSH_HEADER."""

AGAIN = (60.0, 300.0, 600.0)
"""Product seconds from one try of a push to the next."""


class Outbox:
    """Reports on their way: pushes, and those that wait to be fetched. Safe from many threads."""

    def __init__(self, timeout: float = 5.0) -> None:
        self._pool = urllib3.PoolManager(maxsize=16, timeout=timeout, retries=False)
        self._lock = threading.Lock()
        self._serials = count(1)
        self._waiting: dict[str, tuple[str, Form]] = {}  # serial: kind of message, report

    def push(self, url: str, reports: object, token: str) -> bool:
        """Post `reports` as JSON; say whether the product has taken it. Loopback only."""
        if not is_loopback(url):
            return False
        headers = {"Content-Type": "application/json", PUSH_HEADER: token}
        body = json.dumps(reports, ensure_ascii=False).encode()
        try:
            answer = self._pool.request("POST", url, body=body, headers=headers, redirect=False)
        except HTTPError:
            return False
        return 200 <= answer.status < 300

    def wait(self, kind: str, report: Form) -> None:
        """Keep a report until it is fetched and acknowledged."""
        with self._lock:
            serial = str(next(self._serials))
            self._waiting[serial] = kind, {**report, "serial": serial}

    def fetch(self, kind: str, limit: int) -> list[Form]:
        """Return the oldest reports of a kind that are not acknowledged."""
        with self._lock:
            found = [report for one, report in self._waiting.values() if one == kind]
        return found[:limit]

    def acknowledge(self, serials: list[str]) -> None:
        """Forget these reports; one that is not there is none."""
        with self._lock:
            for serial in serials:
                self._waiting.pop(serial, None)

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()


@dataclass(slots=True)
class Reports(Receipts):
    """The reports of one message or call; `url` is "" where they are to be fetched."""

    outbox: Outbox | None = None
    kind: str = "message"

    def _send(self, form: Form, *, is_forged: bool = False) -> None:
        if self.outbox is None:
            return
        if not self.url:
            if not is_forged:  # whoever fetches asks the right provider
                self.outbox.wait(self.kind, form)
            return
        self._push(form, "not the token" if is_forged else DEMO_TOKEN, AGAIN)

    def _push(self, form: Mapping[str, str], token: str, again: tuple[float, ...]) -> None:
        if self.outbox is None or not self.url or self.outbox.push(self.url, [form], token):
            return
        now = self.network.now()
        self.network.ledger.note(form["id"], 11200, "the push was not taken", now)
        if again:
            due = now + timedelta(seconds=again[0])
            self.network.timeline.at(due, lambda _: self._push(form, token, again[1:]))


def stamp(at: datetime) -> str:
    """Return a time as the gateway writes it: whole seconds, with its offset."""
    return at.isoformat(timespec="seconds")
