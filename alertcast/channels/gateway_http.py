"""One signed HTTP request to a gateway, once: its answer, or in which way there is none."""

import base64
import hashlib
import hmac
import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlencode

import requests
from urllib3.exceptions import NewConnectionError

from alertcast.channels.gateway_fill import Values, fill, fill_address, fill_text
from alertcast.channels.gateway_parts import Exchange, Signing
from alertcast.channels.in_time import InTimeAdapter, TooLate
from alertcast.core.dotted import written

MOST = 5_000_000
"""Bytes of an answer that are read; a longer one is no answer."""

_DIGITS = re.compile(r"\+?\d(?:[\s()-]*\d){5,}")


class Trouble(Exception):
    """There is no answer."""


class NotConnected(Trouble):
    """No connection was made: the request never left."""


class Lost(Trouble):
    """The request may or may not have been processed."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a gateway answered; `body` is None where it was no JSON."""

    status: int
    body: Any
    retry_after: float | None  # real seconds


class Wire:
    """One pool of connections, safe from many threads.

    Parameters
    ----------
    connections
        How many are kept open.
    connect, read
        Real seconds to wait for a connection, and for each part of an answer.
    signing, secret
        How requests prove that they are ours.
    clock
        Real time, for signatures that hold for a while only.
    """

    def __init__(
        self,
        connections: int,
        connect: float,
        read: float,
        signing: Signing,
        secret: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._timeouts = (connect, read)
        self._signing, self._secret, self._clock = signing, secret, clock
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        adapter = InTimeAdapter(connections, gives_up=connect + read)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)

    def ask(self, exchange: Exchange, values: Values) -> Answer:
        """Make one request, once; raises NotConnected, Lost, and Missing before anything left."""
        now = self._clock().timestamp()
        known = {
            **values,
            "secret": self._secret,
            "unix": str(int(now)),
            "unix_ms": str(int(now * 1000)),
        }
        body, headers = _body(exchange, known)
        known["signature"] = self._signature(body, known)
        headers |= {name: fill_text(value, known) for name, value in exchange.headers.items()}
        if self._signing.header:
            headers[self._signing.header] = fill_text(self._signing.value, known)
        if self._signing.type == "basic":
            pair = f"{self._signing.user}:{self._secret}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        address = fill_address(exchange.url, known)
        if exchange.encoding == "query":
            fields = _flat(fill(exchange.fields, known))
            address += ("&" if "?" in address else "?") + urlencode(fields) if fields else ""
        return self._ask(exchange.method, address, body, headers)

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _signature(self, body: bytes, known: Values) -> str:
        if self._signing.type != "hmac":
            return ""
        content = fill_text(self._signing.content, {**known, "body": body.decode()})
        return signature(self._secret, content, self._signing.digest)

    def _ask(
        self,
        method: str,
        address: str,
        body: bytes,
        headers: Mapping[str, str],
    ) -> Answer:
        try:
            answer = self._session.request(
                method,
                address,
                data=body or None,
                headers=headers,
                timeout=self._timeouts,
                allow_redirects=False,  # a redirect could lead a message off to another host
                stream=True,
            )
            with answer:
                content = answer.raw.read(MOST + 1, decode_content=True)
        except TooLate as error:
            raise NotConnected("too late to leave") from error
        except requests.ConnectTimeout as error:
            raise NotConnected("no connection in time") from error
        except requests.ConnectionError as error:
            if _never_left(error):
                raise NotConnected("no connection") from error
            raise Lost("the connection was cut") from error
        except (requests.RequestException, OSError) as error:
            raise Lost(f"no answer: {type(error).__name__}") from error
        except Exception as error:  # of urllib3, while the body was read
            raise Lost(f"no whole answer: {type(error).__name__}") from error
        return Answer(
            answer.status_code, _json(content), _seconds(answer.headers.get("Retry-After"))
        )


def signature(secret: str, content: str, how: str) -> str:
    """Return the HMAC-SHA256 of `content`, in hex or base64."""
    digest = hmac.new(secret.encode(), content.encode(), hashlib.sha256).digest()
    return digest.hex() if how == "hex" else base64.b64encode(digest).decode()


def scrubbed(words: object) -> str:
    """Return a provider's words, shortened, with whatever could be a phone number taken out."""
    return _DIGITS.sub("…", written(words) if words is not None else "")[:200]


def _body(exchange: Exchange, values: Values) -> tuple[bytes, dict[str, str]]:
    if exchange.encoding == "query" or exchange.method == "GET":
        return b"", {}
    filled = fill(exchange.fields, values)
    if exchange.encoding == "form":
        kind = "application/x-www-form-urlencoded; charset=utf-8"
        return urlencode(_flat(filled)).encode(), {"Content-Type": kind}
    text = json.dumps(filled, ensure_ascii=False, separators=(",", ":"))
    return text.encode(), {"Content-Type": "application/json; charset=utf-8"}


def _flat(fields: Mapping[str, Any]) -> dict[str, str]:
    return {key: written(value) for key, value in fields.items()}


def _never_left(error: requests.ConnectionError) -> bool:
    inner = error.args[0] if error.args else None
    return isinstance(getattr(inner, "reason", None), NewConnectionError)


def _json(content: bytes) -> Any:
    if len(content) > MOST:
        return None
    try:
        return json.loads(content)
    except ValueError:  # also of letters that are no UTF-8
        return None


def _seconds(text: str | None) -> float | None:
    """Return Retry-After in seconds; dates are not expected."""
    try:
        seconds = float(text or "")
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None
