"""Requests that the carrier makes to the product: signed, retried as asked, to this machine only.

Signature: base64(HMAC-SHA1(auth token, URL without fragment + each sorted form key and value)), see
twilio.com/docs/usage/webhooks/webhooks-security. Retries follow the overrides in the URL's fragment
(twilio.com/docs/usage/webhooks/webhooks-connection-overrides): `rc`, `rp`, `ct` and `rt`.
A night has some ten thousand of these requests; urllib3 takes less than half the time of requests.
"""

import hmac
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha1
from ipaddress import ip_address
from urllib.parse import parse_qs, urldefrag, urlencode, urlsplit
from uuid import uuid4

import urllib3
from urllib3.exceptions import HTTPError, ReadTimeoutError

RETRIES = 5
"""Twilio never tries more often again than this, whatever `rc` says."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a request to the product."""

    status: int | None  # HTTP status; None: no answer
    body: bytes = b""
    failure: str | None = None  # "ct": no connection; "rt": no answer in time; "4xx"; "5xx"

    @property
    def is_good(self) -> bool:
        """Say whether the product answered with 2xx."""
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Overrides:
    """How a request is tried, as the fragment of its URL asks."""

    retries: int = 1
    policy: frozenset[str] = frozenset({"ct"})
    connect: float = 5.0  # real seconds
    read: float = 15.0  # real seconds

    @classmethod
    def of(cls, fragment: str, read: float) -> "Overrides":
        """Return what `fragment` asks; a value that cannot be read counts as absent."""
        asked = {key: values[-1] for key, values in parse_qs(fragment).items()}
        return cls(
            retries=min(RETRIES, _number(asked.get("rc"), 1)),
            policy=frozenset(asked.get("rp", "ct").split(",")),
            connect=_number(asked.get("ct"), 5000) / 1000,
            read=min(read, _number(asked.get("rt"), 15000) / 1000),
        )

    def is_worth(self, failure: str) -> bool:
        """Say whether `failure` is one that is tried again."""
        return failure in self.policy or "all" in self.policy


def signature(token: str, url: str, form: Mapping[str, str]) -> str:
    """Return the X-Twilio-Signature of a request to `url` (no fragment) with `form`."""
    text = url + "".join(key + form[key] for key in sorted(form))
    return b64encode(hmac.new(token.encode(), text.encode(), sha1).digest()).decode()


def is_loopback(url: str) -> bool:
    """Say whether `url` is a web address on this machine."""
    try:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or parts.hostname is None:
            return False
        return parts.hostname == "localhost" or ip_address(parts.hostname).is_loopback
    except ValueError:  # a host that is a name, or no host at all
        return False


class Webhooks:
    """One pool of connections to the product.

    Parameters
    ----------
    timeout
        Real seconds that the product has for an answer; Twilio's hard limit is 15.
    connections
        How many are kept open.
    """

    def __init__(self, timeout: float = 15.0, connections: int = 16) -> None:
        self._timeout = timeout
        self._pool = urllib3.PoolManager(maxsize=connections)

    def send(self, url: str, form: Mapping[str, str], token: str, method: str = "POST") -> Answer:
        """Send `form` to `url`, signed with `token`; raises nothing.

        With method GET the form goes into the query, as Twilio does. An address that is not on this
        machine is not asked: the answer is that of a failed connection.
        """
        bare, fragment = urldefrag(url)
        if not is_loopback(bare):
            return Answer(None, failure="ct")
        if method == "GET":
            bare, form = bare + ("&" if "?" in bare else "?") + urlencode(form), {}
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
            "User-Agent": "TwilioProxy/1.1",
            "X-Twilio-Signature": signature(token, bare, form),
            "I-Twilio-Idempotency-Token": str(uuid4()),  # the same at every retry
        }
        overrides = Overrides.of(fragment, self._timeout)
        answer = Answer(None, failure="ct")
        for _ in range(overrides.retries + 1):
            answer = self._try(method, bare, form, headers, overrides)
            if answer.failure is None or not overrides.is_worth(answer.failure):
                break
        return answer

    def fetch(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        form: Mapping[str, str] | None = None,
    ) -> Answer:
        """Open `url` as a telephone does, unsigned, once, following nothing; raises nothing."""
        if not is_loopback(url):
            return Answer(None, failure="ct")
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
        return self._try(method, url, form or {}, {**headers, **kind}, Overrides())

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()

    def _try(
        self,
        method: str,
        url: str,
        form: Mapping[str, str],
        headers: Mapping[str, str],
        overrides: Overrides,
    ) -> Answer:
        try:
            response = self._pool.urlopen(
                method,
                url,
                body=urlencode(form) if form else None,
                headers=headers,
                timeout=urllib3.Timeout(connect=overrides.connect, read=overrides.read),
                retries=False,
                redirect=False,  # it could lead off this machine
            )
        except ReadTimeoutError:
            return Answer(None, failure="rt")
        except HTTPError:
            return Answer(None, failure="ct")
        return Answer(response.status, response.data, _failure(response.status))


def _failure(status: int) -> str | None:
    if status >= 500:
        return "5xx"
    return "4xx" if status >= 400 else None


def _number(text: str | None, default: int) -> int:
    return int(text) if text is not None and text.isdecimal() else default
