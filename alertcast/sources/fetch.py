"""One bounded HTTP request: time-outs, a limit while streaming, few redirects, no odd addresses.

Links in a feed are chosen by whoever writes the feed. Only http and https are followed, and from a
public feed nothing leads into a private network.
"""

import ipaddress
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit

import requests
from urllib3.exceptions import HTTPError

from alertcast.core.patience import LONGEST
from alertcast.sources.base import SourceError, SourceSettings
from alertcast.sources.cap_xml import MAX_BYTES
from alertcast.sources.pinned import Pinned

USER_AGENT = "alertcast"
_CHUNK = 65_536  # bytes
_REDIRECTS = {301, 302, 303, 307, 308}


class Unwell(SourceError):
    """The publisher has trouble of its own (5xx): asking again and again only adds to it."""

    is_busy = True


class Throttled(Unwell):
    """The publisher wants to be asked less often (429), or later (503)."""

    def __init__(self, message: str, wait: timedelta | None = None) -> None:
        super().__init__(message)
        self.wait = wait


class HttpSettings(SourceSettings):
    """What every source over HTTP may be told."""

    connect_seconds: float = 5.0  # to open a connection
    read_seconds: float = 20.0  # between two pieces of an answer
    total_seconds: float = 60.0  # for one whole answer
    max_bytes: int = MAX_BYTES  # of one document, unpacked
    max_redirects: int = 3
    user_agent: str = USER_AGENT


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of status 200 or 304."""

    is_unchanged: bool  # 304: `body` is empty
    body: bytes
    content_type: str
    etag: str
    last_modified: str
    url: str  # after redirects
    headers: Mapping[str, str] = field(default_factory=dict)  # in any case of letters


def check_url(url: str) -> str:
    """Return `url` if it is an http or https address with a host, else raise ValueError."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        msg = f"{url[:80]!r} is not an http or https address"
        raise ValueError(msg)
    return url


def fetch(
    session: requests.Session,
    url: str,
    settings: HttpSettings,
    headers: dict[str, str] | None = None,
    home: str | None = None,
    secrets: Mapping[str, str] | None = None,
    body: bytes | None = None,
) -> Answer:
    """Return the answer to one GET; with a `body`, to one POST, which is never redirected.

    `home` is the host of the feed that named `url`, None for the feed itself: a private address is
    then allowed on that host only. `secrets` are headers that go to where `url` is and nowhere
    else, whatever it redirects to.

    Raises
    ------
    SourceError
        No answer in time, another status than 200 or 304, too large, or a forbidden address.
    """
    plain = {"User-Agent": settings.user_agent, **(headers or {})}
    timeout = (settings.connect_seconds, settings.read_seconds)
    try:
        origin = _origin(url)
        for _ in range(settings.max_redirects + 1):
            check_url(url)
            _guard(session, url, home)
            asked = plain | (dict(secrets or {}) if _origin(url) == origin else {})
            with session.request(
                "GET" if body is None else "POST",
                url,
                data=body,
                headers=asked,
                timeout=timeout,
                stream=True,
                allow_redirects=False,
            ) as response:
                if response.status_code not in _REDIRECTS or body is not None:
                    return _answer(response, settings)
                home = home or urlsplit(url).hostname
                url = urljoin(url, response.headers.get("Location", ""))
    except (requests.RequestException, HTTPError, OSError, ValueError) as error:
        msg = f"{url}: {type(error).__name__}: {str(error)[:200]}"
        raise SourceError(msg) from error
    msg = f"{url}: more than {settings.max_redirects} redirects"
    raise SourceError(msg)


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _answer(response: requests.Response, settings: HttpSettings) -> Answer:
    if response.status_code not in (200, 304):
        msg = f"{response.url}: answered {response.status_code} {response.reason}"
        if response.status_code in (429, 503):
            raise Throttled(msg, _wait(response.headers))
        if response.status_code >= 500:
            raise Unwell(msg)
        raise SourceError(msg)
    is_unchanged = response.status_code == 304
    return Answer(
        is_unchanged=is_unchanged,
        body=b"" if is_unchanged else _body(response, settings),
        content_type=response.headers.get("Content-Type", ""),
        etag=response.headers.get("ETag", ""),
        last_modified=response.headers.get("Last-Modified", ""),
        url=response.url,
        headers=response.headers,
    )


def _wait(headers: Mapping[str, str]) -> timedelta | None:
    """Return what Retry-After asks for, within bounds (RFC 9110 section 10.2.3); None: nothing.

    A date is counted from the publisher's own: no two clocks are the same.
    """
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=int(text[:9])), LONGEST)
    try:
        wait = parsedate_to_datetime(text) - parsedate_to_datetime(headers.get("Date", ""))
    except (ValueError, TypeError):
        return None
    return min(max(wait, timedelta(0)), LONGEST)


def _body(response: requests.Response, settings: HttpSettings) -> bytes:
    deadline = time.monotonic() + settings.total_seconds
    body = bytearray()
    while chunk := response.raw.read1(_CHUNK, decode_content=True):  # what is there: it may drip
        body += chunk
        if len(body) > settings.max_bytes:
            msg = f"{response.url}: larger than {settings.max_bytes} bytes"
            raise SourceError(msg)
        if time.monotonic() > deadline:
            msg = f"{response.url}: not complete after {settings.total_seconds:g} s"
            raise SourceError(msg)
    return bytes(body)


def _guard(session: requests.Session, url: str, home: str | None) -> None:
    """See that a public feed leads to public addresses only, and let `session` connect to those.

    A name is looked up once: whoever chose the link may let it mean something else a moment later.
    """
    parts = urlsplit(url)
    host, place = parts.hostname or "", f"{parts.scheme}://{parts.netloc}/"
    if home is None or host == home or place in session.adapters or _is_private(home):
        return
    addresses = _addresses(host)
    if not all(map(_is_global, addresses)):
        msg = f"{url}: a public feed ({home}) leads to a private address"
        raise SourceError(msg)
    session.mount(place, Pinned(host, addresses))


def _is_private(host: str) -> bool:
    """Say whether a host is, or may be, within a private network; one that is unknown is not."""
    try:
        return not all(map(_is_global, _addresses(host)))
    except OSError:
        return False


def _addresses(host: str) -> list[str]:
    """Return the addresses of a host, each once; raises OSError."""
    found = socket.getaddrinfo(host, None)
    return list(dict.fromkeys(str(address[0]).partition("%")[0] for *_, address in found))


def _is_global(address: str) -> bool:
    return ipaddress.ip_address(address).is_global
