"""The HTTP client under Twilio's SDK: a pool of known size, time-outs, no retry, no shared state.

The SDK's own client waits for ever, sizes its pool by the number of cores, obeys proxy variables of
the environment, keeps the last answer in an attribute that threads share, and drops the headers of
an error answer. This one keeps everything of a request in local variables, and raises what went
wrong in the three kinds that matter here: refused, never left, lost.
"""

import logging
import math
from collections.abc import Mapping
from http.cookiejar import DefaultCookiePolicy

import requests
from twilio.http import HttpClient
from twilio.http.response import Response
from urllib3.exceptions import NewConnectionError

from alertcast.channels.in_time import InTimeAdapter, TooLate


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
        self._timeouts = (connect, read)
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        adapter = InTimeAdapter(connections, gives_up=connect + read)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)

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
            answer = self._session.request(
                method,
                uri,
                params=params,
                data=data,
                headers=headers,
                auth=auth,
                timeout=self._timeouts,
                allow_redirects=False,
            )
        except TooLate as error:
            raise NotConnected("its lease ended before it left") from error
        except UnicodeEncodeError as error:
            raise Refused(400, None, "letters that no form can hold", None) from error
        except requests.ConnectTimeout as error:
            raise NotConnected("no connection in time") from error
        except requests.ConnectionError as error:
            if _never_left(error):
                raise NotConnected("no connection") from error
            raise Lost("the connection was cut") from error
        except requests.RequestException as error:
            raise Lost(f"no answer: {type(error).__name__}") from error
        body = _json(answer)
        if answer.status_code >= 300:
            raise _refused(answer, body)
        if body is None:
            raise Lost(f"HTTP {answer.status_code} whose body is no JSON object")
        return Response(answer.status_code, answer.text, answer.headers)

    def close(self) -> None:
        """Close the connections."""
        self._session.close()


def _never_left(error: requests.ConnectionError) -> bool:
    inner = error.args[0] if error.args else None
    return isinstance(getattr(inner, "reason", None), NewConnectionError)


def _json(answer: requests.Response) -> Mapping[str, object] | None:
    try:
        body = answer.json()
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _refused(answer: requests.Response, body: Mapping[str, object] | None) -> Refused:
    found = body or {}
    code = found.get("code")
    message = found.get("message") or found.get("title") or answer.reason or ""
    return Refused(
        answer.status_code,
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
