"""What Twilio's text messages and calls share: account, addresses, signatures, asking, refusals.

Twilio does not call mainland China at all, and its SMS there is one-way and needs approved texts;
see README. Another carrier that speaks the same protocol is reached through `api_base_url`.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Container, Mapping, Sequence
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit

from pydantic import Field, field_validator
from twilio.rest import Client

from alertcast.channels import in_time, twilio_errors
from alertcast.channels.base import (
    Callback,
    ChannelError,
    ChannelSettings,
    Outcome,
    Reply,
    Request,
    Sent,
    Situation,
)
from alertcast.channels.events import Event, StatusEvent
from alertcast.channels.twilio_found import Distance, InDoubt, Sought, found, is_all
from alertcast.channels.twilio_http import Lost, NotConnected, PooledClient, Refused, Trouble, dated
from alertcast.channels.twilio_signature import Signatures
from alertcast.core.phone import is_demo, is_mainland

OVERRIDES = "#rc=3&rp=ct,rt,5xx"
"""How Twilio tries a callback again: three times, after no connection, no answer in time, or 5xx.

By default a callback to which we answered 500 is lost. The fragment is not sent and not signed.
"""

T = TypeVar("T")
S = TypeVar("S", bound="TwilioSettings")


class TwilioSettings(ChannelSettings):
    """Keys that both kinds of Twilio channel have."""

    account_sid: str = Field(pattern=r"^AC[0-9a-fA-F]{32}$")
    auth_token_env: str = "TWILIO_AUTH_TOKEN"  # noqa: S105  # environment variable with the token
    auth_token_env_secondary: str | None = None  # a second token, while one replaces the other
    api_base_url: str | None = None  # another carrier that speaks this protocol; None: Twilio
    connect_timeout: float = Field(default=5.0, gt=0)  # real seconds
    timeout: float = Field(default=10.0, gt=0)  # real seconds to wait for an answer
    connections: int = Field(default=16, ge=1)  # kept open; as many as there are senders

    @field_validator("api_base_url")
    @classmethod
    def _is_address(cls, url: str | None) -> str | None:
        if url is None:
            return None
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url!r} is not an http or https address")
        if parts.query or parts.fragment or parts.username:
            raise ValueError(f"{url!r} may have a host, a port and a path only")
        return url.rstrip("/")


class TwilioChannel(ABC, Generic[S]):
    """One account, seen as a channel of one kind; safe from many threads.

    Parameters
    ----------
    name
        Section name in the configuration; part of every callback address.
    env
        Where secrets are, by the names that the settings give.
    public_base_url
        The address at which Twilio reaches us; callbacks are signed over it.
    clock
        Product time, aware, to know what life is left in a warning.
    demo
        The installation is a demo: real numbers are refused.

    Raises
    ------
    ChannelError
        A secret that the settings name is not in `env`.
    """

    kind: str

    def __init__(
        self,
        name: str,
        settings: S,
        *,
        env: Mapping[str, str],
        public_base_url: str,
        clock: Callable[[], datetime],
        demo: bool = False,
    ) -> None:
        self.name = name
        self.settings = settings
        self.is_drill = settings.drill
        self._demo = demo
        self._clock = clock
        self._callbacks = f"{public_base_url.rstrip('/')}/callbacks/{name}"
        host = urlsplit(settings.api_base_url or "https://api.twilio.com").hostname or ""
        self.is_loopback = _is_loopback(host)
        self._is_twilio = host == "twilio.com" or host.endswith(".twilio.com")
        token = self._secret(env, settings.auth_token_env)
        tokens = [token]
        if settings.auth_token_env_secondary:
            tokens.append(self._secret(env, settings.auth_token_env_secondary))
        self._signatures = Signatures(tokens)
        self._http = PooledClient(settings.connections, settings.connect_timeout, settings.timeout)
        client = Client(
            settings.account_sid,
            token,
            http_client=self._http,
            # TWILIO_EDGE and TWILIO_REGION would rewrite the host behind our back.
            environment={"TWILIO_EDGE": "", "TWILIO_REGION": ""},
        )
        if settings.api_base_url:
            client.api.base_url = settings.api_base_url
        self._account: Any = client.api.v2010.accounts(settings.account_sid)

    @property
    def takes_replies(self) -> bool:
        """Say whether people can answer by text message."""
        return False

    @property
    def gives_receipts(self) -> bool:
        """Say that every message has the address of its receipts with it."""
        return True

    def refusal(self, phone: str) -> str | None:
        """Return why this channel may not be used for `phone` (a key of REASONS), or None."""
        if is_demo(phone):
            return None if self.is_loopback else "demo_number"
        if self._demo:
            return "real_number"
        if self._is_twilio and is_mainland(phone):
            return self._mainland()
        return None

    def send(self, requests: Sequence[Request]) -> list[Sent]:
        """Hand each request to Twilio, once; what has expired or may not leave is refused here."""
        return [self._send(request) for request in requests]

    def read(self, callback: Callback) -> list[Event]:
        """Verify and translate a callback; raises Forged. An unknown address says nothing."""
        self._signatures.verify(callback)
        return self._events(callback, {key: values[-1] for key, values in callback.form.items()})

    @abstractmethod
    def reply(self, callback: Callback, situation: Situation) -> Reply:
        """Return the body to answer a callback with, after its events were applied."""

    def look_up(
        self,
        request: Request,
        since: datetime,
        taken: Container[str] = frozenset(),
        *,
        lasts: timedelta | None = None,
        rivals: Sequence[datetime] = (),
    ) -> Sent | None:
        """Return what Twilio holds of `request` made at or after `since`; None: nothing.

        A list of Twilio's may lag behind a create: ask some seconds after the request was made.
        Raises ChannelError, also where a call may be this one or not; a text in doubt is none.
        """
        with dated() as dates:
            before = self._clock()
            listed = self._ask(lambda: self._like(request))
            after = self._clock()
        made = {
            one.sid: one.date_created
            for one in listed
            if one.sid not in taken and one.date_created is not None
        }
        distance = Distance.measured(dates[-1], before, after) if dates else None
        others = () if self._tells_by_words else rivals
        sought = Sought(since, after - since if lasts is None else lasts, others)
        try:
            ref = found(sought, made, distance or Distance())
            if ref is None and (distance is None or not is_all(listed, taken, since)):
                raise InDoubt
        except InDoubt:
            if self._tells_by_words:
                return None
            words = "nobody can say which call is this one"
            raise ChannelError(f"channel {self.name}: {words}", retryable=True) from None
        return None if ref is None else Sent(request.token, Outcome.ACCEPTED, provider_ref=ref)

    def status_of(self, provider_ref: str) -> StatusEvent | None:
        """Return the latest state Twilio holds for its own id; None: none. Raises ChannelError."""
        try:
            resource = self._ask(lambda: self._resources(provider_ref).fetch())
        except ChannelError as error:
            if isinstance(error.__cause__, Refused) and error.__cause__.status == 404:
                return None
            raise
        return self._state(resource)

    def probe(self) -> str:
        """Return one line about the account; raises ChannelError if it cannot send."""
        account = self._ask(self._account.fetch)
        line = f"{account.friendly_name or account.sid}: {account.status}"
        if account.status != "active":
            raise ChannelError(f"channel {self.name}: the account is {line}", retryable=False)
        return line

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    # What the two kinds differ in.

    @property
    @abstractmethod
    def _resources(self) -> Any:
        """The SDK's list of messages, or of calls."""

    @property
    @abstractmethod
    def _tells_by_words(self) -> bool:
        """Say whether two to one phone are told apart by their words: of calls none are shown."""

    @abstractmethod
    def _mainland(self) -> str | None:
        """Return why a number of mainland China is refused at Twilio's own host, or None."""

    @abstractmethod
    def _create(self, request: Request, life: int | None) -> str | None:
        """Make the request and return Twilio's id; `life` is 1..36000 s, None: no end."""

    @abstractmethod
    def _like(self, request: Request) -> list[Any]:
        """Return the RECENT resources that can be `request`, as far as Twilio shows them."""

    @abstractmethod
    def _state(self, found: Any) -> StatusEvent:
        """Translate a resource."""

    @abstractmethod
    def _events(self, callback: Callback, form: Mapping[str, str]) -> list[Event]:
        """Translate a verified callback."""

    # What they share.

    def _address(self, token: str, what: str) -> str:
        return f"{self._callbacks}/{token}/{what}{OVERRIDES}"

    def _send(self, request: Request) -> Sent:
        reason = self.refusal(request.phone)
        life = None
        if request.expires is not None:
            left = (request.expires - self._clock()).total_seconds()
            reason = reason or (None if left > 0 else "expired")
            life = min(36000, max(1, math.floor(left)))
        if reason is not None:
            return Sent(request.token, Outcome.REFUSED, reason=reason)
        try:
            with in_time.until(request.leave_by):
                sid = self._create(request, life)
            if not sid:
                raise Lost("an answer without a sid")
        except Trouble as trouble:
            return twilio_errors.sent(request.token, trouble)
        return Sent(request.token, Outcome.ACCEPTED, provider_ref=sid)

    def _ask(self, question: Callable[[], T]) -> T:
        try:
            return question()
        except Trouble as trouble:
            words = twilio_errors.scrubbed(str(trouble))
            raise ChannelError(
                f"channel {self.name}: {words}", retryable=_may_ask_again(trouble)
            ) from trouble

    def _secret(self, env: Mapping[str, str], variable: str) -> str:
        secret = env.get(variable)
        if not secret:
            raise ChannelError(
                f"channel {self.name}: the environment variable {variable} is not set",
                retryable=False,
            )
        return secret


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:  # a name
        return False


def _may_ask_again(trouble: Trouble) -> bool:
    if isinstance(trouble, Refused):
        return trouble.status >= 500 or trouble.status in (408, 429)
    return isinstance(trouble, NotConnected | Lost)
