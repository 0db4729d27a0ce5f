"""The HTTP client under Twilio's SDK: a pool of known size, time-outs, no retry, no shared state.

The SDK's own client waits for ever, sizes its pool by the number of cores, obeys proxy variables of
the environment, keeps the last answer in an attribute that threads share, and drops the headers of
an error answer. This one keeps everything of a request in local variables, and raises what went
wrong in the three kinds that matter here: refused, never left, lost.
"""

import json
import logging
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode

from twilio.http import HttpClient
from twilio.http.response import Response
from urllib3 import BaseHTTPResponse, Timeout, make_headers
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

from alertcast.channels.in_time import TooLate, pools

_dates: ContextVar[list[datetime] | None] = ContextVar("dates", default=None)


@contextmanager
def dated() -> Iterator[list[datetime]]:
    """Collect when, by its own clock, the other side gave the answers of this thread."""
    found: list[datetime] = []
    token = _dates.set(found)
    try:
        yield found
    finally:
        _dates.reset(token)


class Trouble(Exception):
    """A request did not end with the answer that was asked for."""


class Refused(Trouble):
    """Twilio, or something before it, answered with an error; `code` is Twilio's own, if any."""

    def __init__(
        self, status: int, code: int | None, message: str, retry_after: float | None
    ) -> None:
        super().__init__(f"HTTP {status}, code {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.retry_after = retry_after  # real seconds


class NotConnected(Trouble):
    """No connection was made: the request never left."""


class Lost(Trouble):
    """The answer was lost or cannot be read: the request may or may not have been processed."""


class PooledClient(HttpClient):  # type: ignore[misc]  # the SDK is not typed
    """One pool of connections, safe from many threads.

    Parameters
    ----------
    connections
        How many are kept open: as many as there are senders.
    connect, read
        Real seconds to wait for a connection, and for each part of an answer.
    """

    def __init__(self, connections: int, connect: float, read: float) -> None:
        super().__init__(logging.getLogger(__name__), False, read)
        self._timeout = Timeout(connect=connect, read=read)
        self._pools = pools(connections, gives_up=connect + read)

    def request(
        self,
        method: str,
        uri: str,
        params: Mapping[str, str] | None = None,
        data: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """Make one request, once, and return an answer that is a JSON object; raises Trouble.

        `timeout` and `allow_redirects` belong to the SDK's contract and change nothing: the
        time-outs are the client's, and a redirect could lead a message off to another host.
        """
        try:
            answer = self._pools.urlopen(
                method,
                f"{uri}?{urlencode(params, doseq=True)}" if params else uri,
                body=urlencode(data, doseq=True) if data else None,
                headers=_headers(headers, auth),
                timeout=self._timeout,
                retries=False,
                redirect=False,
            )
        except TooLate as error:
            raise NotConnected("its lease ended before it left") from error
        except UnicodeEncodeError as error:
            raise Refused(400, None, "letters that no form can hold", None) from error
        except (ConnectTimeoutError, NewConnectionError) as error:
            raise NotConnected(f"no connection: {type(error).__name__}") from error
        except HTTPError as error:
            raise Lost(f"no answer: {type(error).__name__}") from error
        _note_date(answer)
        text = answer.data.decode("utf-8", "replace")
        body = _json(text)
        if answer.status >= 300:
            raise _refused(answer, body)
        if body is None:
            raise Lost(f"HTTP {answer.status} whose body is no JSON object")
        return Response(answer.status, text, answer.headers)

    def close(self) -> None:
        """Close the connections."""
        self._pools.clear()


def _headers(given: Mapping[str, str] | None, auth: tuple[str, str] | None) -> dict[str, str]:
    found = {"Content-Type": "application/x-www-form-urlencoded", **(given or {})}
    return found | make_headers(basic_auth=":".join(auth)) if auth else found


def _note_date(answer: BaseHTTPResponse) -> None:
    dates = _dates.get()
    if dates is None:
        return
    try:
        at = parsedate_to_datetime(answer.headers.get("Date", ""))
    except ValueError:  # none, or none that can be read
        return
    dates.append(at.replace(tzinfo=UTC) if at.tzinfo is None else at)


def _json(text: str) -> Mapping[str, object] | None:
    try:
        body = json.loads(text)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _refused(answer: BaseHTTPResponse, body: Mapping[str, object] | None) -> Refused:
    found = body or {}
    code = found.get("code")
    message = found.get("message") or found.get("title") or answer.reason or ""
    return Refused(
        answer.status,
        code if isinstance(code, int) else None,
        str(message),
        _seconds(answer.headers.get("Retry-After")),
    )


def _seconds(text: str | None) -> float | None:
    """Return Retry-After in seconds; Twilio documents no such header, dates are not expected."""
    try:
        seconds = float(text or "")
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None
