"""A provider's plain HTTP gateway: request, answer, receipts and questions are configuration.

What it takes from a section is in `gateway_settings.py`, how messages become requests and answers
become outcomes in `gateway_batch.py`, how reports are read in `gateway_records.py`.
"""

import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from alertcast.channels.abilities import Pulled
from alertcast.channels.base import (
    Callback,
    ChannelError,
    Forged,
    Outcome,
    Reply,
    Request,
    Sent,
    Situation,
)
from alertcast.channels.events import Event
from alertcast.channels.gateway_batch import Desk
from alertcast.channels.gateway_fill import Missing, Values, fill_text
from alertcast.channels.gateway_http import Answer, Trouble, Wire, scrubbed, signature
from alertcast.channels.gateway_parts import Exchange, Proof, PullPart, Test
from alertcast.channels.gateway_records import Reader, passes
from alertcast.channels.gateway_settings import GatewaySettings, text_key
from alertcast.core.dotted import listed, text_at
from alertcast.core.phone import is_demo


class Gateway:
    """One provider of one kind, as its section describes it; safe from many threads.

    Parameters
    ----------
    name
        Section name in the configuration; part of every callback address.
    env
        Where secrets are, by the names that the settings give.
    public_base_url
        The address at which the provider reaches us.
    clock
        Product time, aware.
    digest
        A keyed digest of a number, for ids that several numbers share.
    real_clock
        Real time, which signatures are dated by: the provider has no other.
    demo
        The installation is a demo: real numbers are refused.

    Raises
    ------
    ChannelError
        A secret that the settings name is not in `env`.
    """

    Settings = GatewaySettings

    def __init__(
        self,
        name: str,
        settings: GatewaySettings,
        *,
        env: Mapping[str, str],
        public_base_url: str,
        clock: Callable[[], datetime],
        digest: Callable[[str], str],
        real_clock: Callable[[], datetime] = lambda: datetime.now(UTC),  # noqa: TID251  see there
        demo: bool = False,
    ) -> None:
        self.name = name
        self.settings = settings
        self.kind: str = settings.kind
        self.is_drill = settings.drill
        self.is_loopback = all(_is_loopback(one.url) for one in _exchanges(settings))
        self._demo = demo
        self.clock = clock
        self._env = env
        self.reader = Reader(settings, digest)
        signing = settings.signing
        secret = self._secret(signing.secret_env) if signing.secret_env else ""
        proof = settings.receipts.proof if settings.receipts else None
        self._proofs = self._proof_secrets(proof)
        self._wire = Wire(
            settings.connections,
            settings.connect_timeout,
            settings.timeout,
            signing,
            secret,
            real_clock,
        )
        self._desk = Desk(settings, self._wire, self.reader, self._address(public_base_url))

    @property
    def takes_replies(self) -> bool:
        """Say whether people can answer by text message."""
        return self.settings.inbound is not None

    @property
    def pull_every(self) -> timedelta | None:
        """How often to fetch receipts, in real time; None: they are pushed."""
        return self.settings.pull.every if self.settings.pull else None

    @property
    def gives_receipts(self) -> bool:
        """Say whether it is configured how receipts come, or are fetched."""
        return self.settings.receipts is not None or self.settings.pull is not None

    def refusal(self, phone: str) -> str | None:
        """Return why this channel may not be used for `phone` (a key of REASONS), or None."""
        if is_demo(phone):
            return None if self.is_loopback else "demo_number"
        return "real_number" if self._demo else None

    def has_template(self, template: str, language: str) -> bool:
        """Say whether this text can be sent: as free text, or by its approved template."""
        known = self.settings.templates
        return not known or text_key(template, language, known) is not None

    def send(self, requests: Sequence[Request]) -> list[Sent]:
        """Hand the requests over, as many in one as the provider takes; raises nothing.

        What may not leave is refused here; an answer that is lost leaves all of its batch unknown.
        """
        answers: dict[str, Sent] = {}
        leaving: list[Request] = []
        for one in requests:
            reason = self.refusal(one.phone) or self._expired(one)
            if reason is None:
                leaving.append(one)
            else:
                answers[one.token] = Sent(one.token, Outcome.REFUSED, reason=reason)
        answers |= {sent.token: sent for sent in self._desk.hand_over(leaving)}
        return [answers[one.token] for one in requests]

    def read(self, callback: Callback) -> list[Event]:
        """Verify and translate a callback; raises Forged. An unknown address says nothing."""
        self._verify(callback)
        body = _body(callback)
        if callback.what == "status" and self.settings.receipts is not None:
            return self.reader.events(self.settings.receipts, body, callback.token)
        if callback.what == "inbound" and self.settings.inbound is not None:
            return self.reader.texts(self.settings.inbound, body)
        return []

    def reply(self, callback: Callback, situation: Situation) -> Reply:
        """Return what the provider wants to hear."""
        receipts = self.settings.receipts
        if receipts is None or not receipts.answer:
            return Reply()
        return Reply(receipts.answer, receipts.answer_type, 200)

    def pull(self, cursor: str | None) -> Pulled:
        """Return a page of receipts from `cursor` on; raises ChannelError."""
        part = self.settings.pull
        if part is None:
            return Pulled()
        body = self.ask(part, {"cursor": cursor or "", "limit": part.limit}, part.ok).body
        items = listed(body, part.list)
        if items is None:
            raise ChannelError(f"channel {self.name}: no list of receipts", retryable=True)
        events = self.reader.events(part, body)
        return Pulled(
            events=tuple(events),
            cursor=text_at(body, part.cursor),
            marks=_marks(part, items),
            has_more=len(items) >= part.limit,
        )

    def acknowledge(self, pulled: Pulled) -> None:
        """Tell the provider that these receipts are kept; raises ChannelError."""
        part = self.settings.pull
        if part is None or part.acknowledge is None or not pulled.marks:
            return
        values = {"ids": list(pulled.marks), "cursor": pulled.cursor or ""}
        self.ask(part.acknowledge, values, part.ok)

    def probe(self) -> str:
        """Return that nothing can be asked; a gateway has no account to look at."""
        return f"{self.name}: {urlsplit(self.settings.request.url).hostname}, not asked"

    def close(self) -> None:
        """Close the connections."""
        self._wire.close()

    def _expired(self, one: Request) -> str | None:
        is_over = one.expires is not None and one.expires <= self.clock()
        return "expired" if is_over else None

    def ask(self, exchange: Exchange, values: Values, ok: Test | None) -> Answer:
        """Return a good answer to a question; raises ChannelError, `Answered` for another one."""
        try:
            answer = self._wire.ask(exchange, values)
        except (Trouble, Missing) as trouble:
            raise ChannelError(f"channel {self.name}: {trouble}", retryable=True) from trouble
        if answer.status >= 300 or not (ok is None or passes(ok, answer.body)):
            said = f"channel {self.name}: HTTP {answer.status} {scrubbed(answer.body)}"
            raise Answered(said, answer)
        return answer

    def _verify(self, callback: Callback) -> None:
        receipts = self.settings.receipts
        if receipts is None:
            raise Forged(f"channel {self.name}: no callbacks are expected")
        given = _given(receipts.proof, callback).encode()
        expected = [_expected(receipts.proof, secret, callback) for secret in self._proofs]
        if not given or not any(hmac.compare_digest(given, one.encode()) for one in expected):
            raise Forged(f"channel {self.name}: a callback without the proof that is configured")

    def _address(self, public_base_url: str) -> Callable[[str], str]:
        base = f"{public_base_url.rstrip('/')}/callbacks/{self.name}"
        receipts = self.settings.receipts
        is_in_address = receipts is not None and receipts.proof.type == "address"
        tail = f"?token={quote(self._proofs[0], safe='')}" if is_in_address else ""
        return lambda token: f"{base}/{token}/status{tail}"

    def _proof_secrets(self, proof: Proof | None) -> list[str]:
        if proof is None:
            return []
        names = [proof.secret_env, proof.secondary_env]
        return [self._secret(name) for name in names if name]

    def _secret(self, variable: str) -> str:
        secret = self._env.get(variable)
        if not secret:
            raise ChannelError(
                f"channel {self.name}: the environment variable {variable} is not set",
                retryable=False,
            )
        return secret


class Answered(ChannelError):
    """The provider answered, and not what was asked for."""

    def __init__(self, message: str, answer: Answer) -> None:
        super().__init__(message, retryable=answer.status >= 500 or answer.status in (408, 429))
        self.answer = answer


def _marks(part: PullPart, items: list[Any]) -> tuple[str, ...]:
    found = (text_at(item, part.mark) for item in items)
    return tuple(dict.fromkeys(mark for mark in found if mark is not None))


def _given(proof: Proof, callback: Callback) -> str:
    if proof.type == "address":
        return parse_qs(urlsplit(callback.url).query).get("token", [""])[-1]
    headers = {name.lower(): value for name, value in callback.headers.items()}
    return headers.get((proof.header or "").lower(), "")


def _expected(proof: Proof, secret: str, callback: Callback) -> str:
    if proof.type != "hmac":
        return secret
    body = callback.body.decode("utf-8", "replace")
    content = fill_text(proof.content, {"secret": secret, "body": body})
    return signature(secret, content, proof.digest)


def _body(callback: Callback) -> Any:
    try:
        return json.loads(callback.body)
    except ValueError:
        return {key: values[-1] for key, values in callback.form.items()}


def _exchanges(settings: GatewaySettings) -> list[Exchange]:
    pull = settings.pull
    found = (
        settings.request,
        pull,
        pull.acknowledge if pull else None,
        settings.look_up,
        settings.status,
    )
    return [one for one in found if one is not None]


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:  # a name
        return False
