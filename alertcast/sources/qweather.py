"""Warnings from QWeather (和风天气), asked for point by point: one point for each of our counties.

Source: https://dev.qweather.com/docs/. Requests are signed with a token of the account's Ed25519
key, or carry a plain key. A point that fails does not stop the others; once the publisher throttles
(429), the rest waits for the next poll. The answer for one point is one document.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Annotated, ClassVar, Literal, Self
from urllib.parse import urlsplit

import jwt
import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import AfterValidator, model_validator

from alertcast.sources.base import (
    Document,
    Memory,
    Outcome,
    Polled,
    SourceError,
    SourceSettings,
)
from alertcast.sources.fetch import Answer, HttpSettings, Throttled, check_url, fetch
from alertcast.sources.parsed import Unreadable
from alertcast.sources.points import Points
from alertcast.sources.qweather_read import warnings_in

_LIFE = timedelta(minutes=15)  # how long a token holds, at most 24 hours
_EARLY = timedelta(seconds=30)  # before now it begins, since no two clocks are the same

_EMPTY = "empty"  # instead of the digest of no warnings
_SHOWN = 5  # problems in one line of the feed status

_HERE = ("127.0.0.1", "localhost", "::1")


def check_host(url: str) -> str:
    """Return an https address, or one on this machine, else raise ValueError: it gets the key."""
    parts = urlsplit(check_url(url))
    if parts.scheme != "https" and parts.hostname not in _HERE:
        msg = f"{url[:80]!r} does not begin with https://: anybody on the way could read the key"
        raise ValueError(msg)
    return url


class QWeatherSettings(HttpSettings):
    """The section of a QWeather source."""

    api_host: Annotated[str, AfterValidator(check_host)]  # the account's own
    points: Points
    version: Literal["v1", "v7"] = "v1"
    key_env: str | None = None
    project_id: str | None = None
    key_id: str | None = None
    private_key_env: str | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        signed = (self.project_id, self.key_id, self.private_key_env)
        if all(signed) if self.key_env else not all(signed):
            msg = "either key_env, or project_id, key_id and private_key_env"
            raise ValueError(msg)
        if not self.points:
            msg = "points: at least one county"
            raise ValueError(msg)
        return self


class QWeather:
    """The warnings at some points."""

    Settings: ClassVar[type[SourceSettings]] = QWeatherSettings

    def __init__(self, name: str, settings: QWeatherSettings, env: Mapping[str, str]) -> None:
        """Take the secrets out of `env`; raises SourceError if one is missing or no key."""
        self.name = name
        self.settings = settings
        variable = settings.key_env or settings.private_key_env or ""
        secret = env.get(variable)
        if not secret:
            msg = f"environment: {variable} is not set"
            raise SourceError(msg)
        self._secret: str | Ed25519PrivateKey = secret
        if not settings.key_env:
            self._secret = _private_key(secret, variable)

    def poll(self, memory: Memory, now: datetime) -> Polled:
        """Ask for each point; hand over the answers whose warnings have changed."""
        seen: dict[str, str] = {}
        documents, problems = [], []
        wait: timedelta | None = None
        is_busy = False
        with requests.Session() as session:
            for number, code in enumerate(self.settings.points, 1):
                known = {k: memory[k] for k in (f"etag {code}", f"sha256 {code}") if k in memory}
                seen |= known
                try:
                    answer = self._ask(session, code, known, now)
                    if not answer.is_unchanged:
                        digest = _digest(answer)
                        seen |= {f"sha256 {code}": digest, f"etag {code}": answer.etag}
                        if digest not in (_EMPTY, known.get(f"sha256 {code}")):
                            documents.append(
                                Document(answer.body, answer.content_type, answer.url, place=code)
                            )
                except Throttled as error:
                    wait, is_busy, waiting = error.wait, True, len(self.settings.points) - number
                    problems += [f"{code}: {error}", f"{waiting} points wait for the next poll"]
                    break
                except (SourceError, Unreadable) as error:
                    problems.append(f"{code}: {error}")
        detail = f"news at {len(documents)} of {len(self.settings.points)} points"
        detail = "; ".join([*problems[:_SHOWN], detail])
        outcome = _outcome(bool(documents), bool(problems), seen)
        kept = {**memory, **seen} if problems else seen
        return Polled(
            outcome,
            tuple(documents),
            detail,
            kept,
            wait=wait,
            is_busy=is_busy,
            is_whole=not problems,
        )

    def _ask(
        self, session: requests.Session, code: str, known: Mapping[str, str], now: datetime
    ) -> Answer:
        lat, lon = self.settings.points[code]
        base = self.settings.api_host.rstrip("/")
        if self.settings.version == "v1":
            url = f"{base}/weatheralert/v1/current/{lat:.2f}/{lon:.2f}?lang=zh"
        else:
            url = f"{base}/v7/warning/now?location={lon:.2f},{lat:.2f}&lang=zh"
        headers = {"Accept": "application/json"}
        if etag := known.get(f"etag {code}"):
            headers["If-None-Match"] = etag
        return fetch(session, url, self.settings, headers, secrets=self._identity(now))

    def _identity(self, now: datetime) -> dict[str, str]:
        """Return the header that says who asks."""
        if isinstance(self._secret, str):
            return {"X-QW-Api-Key": self._secret}
        claims = {"sub": self.settings.project_id, "iat": now - _EARLY, "exp": now + _LIFE}
        token = jwt.encode(
            claims, self._secret, algorithm="EdDSA", headers={"kid": self.settings.key_id}
        )
        return {"Authorization": f"Bearer {token}"}


def _private_key(text: str, variable: str) -> Ed25519PrivateKey:
    """Return the key; in an .env file its lines may be parted by a written backslash and n."""
    try:
        key = load_pem_private_key(text.replace("\\n", "\n").encode(), password=None)
    except (ValueError, TypeError) as error:
        msg = f"environment: {variable} is not a private key in PEM"
        raise SourceError(msg) from error
    if not isinstance(key, Ed25519PrivateKey):
        msg = f"environment: {variable} is not an Ed25519 key"
        raise SourceError(msg)
    return key


def _digest(answer: Answer) -> str:
    """Return what changes when the warnings of an answer do; raises Unreadable."""
    found = warnings_in(answer.body)
    return sha256(json.dumps(found, sort_keys=True).encode()).hexdigest() if found else _EMPTY


def _outcome(has_news: bool, has_problem: bool, seen: Mapping[str, str]) -> Outcome:
    if has_news:
        return Outcome.OK
    if has_problem:
        return Outcome.FAILED
    digests = {value for key, value in seen.items() if key.startswith("sha256 ")}
    return Outcome.NO_DATA if digests == {_EMPTY} else Outcome.UNCHANGED
