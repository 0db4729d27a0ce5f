"""A channel that sends nothing: it keeps what would have left, for dry runs, tests and stories.

Its callbacks are signed like a real provider's, with a key that only this object knows.
"""

import hmac
import secrets
from collections import deque
from collections.abc import Callable, Container, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import count

from alertcast.channels.base import (
    Callback,
    ChannelError,
    ChannelSettings,
    Forged,
    Outcome,
    Reply,
    Request,
    Sent,
    Situation,
)
from alertcast.channels.events import (
    CallInEvent,
    Event,
    InboundEvent,
    KeyEvent,
    MachineEvent,
    State,
    StatusEvent,
    VoiceEvent,
)

SIGNATURE = "X-Memory-Signature"

Answer = Callable[[Request], Sent] | Exception
"""What comes of one request: an answer made from it, or an exception that `send` lets out."""

_RANKS: dict[State, int] = {
    State.QUEUED: 0,
    State.SENT: 1,
    State.CONNECTED: 2,
    State.UNREADABLE: -1,
}
_LAST = 3

_REASONS = {
    State.BUSY: "busy",
    State.NO_ANSWER: "no_answer",
    State.MACHINE: "machine",
    State.FAILED: "not_delivered",
    State.CANCELLED: "cancelled",
    State.UNREADABLE: "unknown_word",
}


class MemoryChannel:
    """A provider inside this process.

    Attributes
    ----------
    outbox
        Every request, in the order they came, whatever the answer was.
    held
        What the provider holds, by token: what `look_up` finds. Accepted requests are put here.
    states
        The word (of State) that the provider holds for one of its ids: what `status_of` finds.
    answers
        What the next requests are answered with, first in first out; empty: accepted.
    refuse
        Asked by `refusal`; it may look at the whole number.
    is_down
        True: nothing can be reached; requests never leave and look-ups raise.
    """

    is_loopback = True
    gives_receipts = True
    Settings = ChannelSettings

    def __init__(
        self,
        name: str,
        kind: str,
        is_drill: bool = False,
        *,
        settings: ChannelSettings | None = None,
        refuse: Callable[[str], str | None] | None = None,
        takes_replies: bool = False,
    ) -> None:
        self.name = name
        self.kind = kind
        self.is_drill = is_drill
        self.settings = settings or ChannelSettings(
            type="memory", drill=is_drill, rate=1000, burst=1000
        )
        self.refuse = refuse
        self.takes_replies = takes_replies
        self.outbox: list[Request] = []
        self.held: dict[str, Sent] = {}
        self.states: dict[str, str] = {}
        self.answers: deque[Answer] = deque()
        self.is_down = False
        self._key = secrets.token_bytes(32)
        self._numbers = count(1)

    def refusal(self, phone: str) -> str | None:
        """Return what `refuse` says of `phone`."""
        return None if self.refuse is None else self.refuse(phone)

    @property
    def reads_numbers(self) -> bool:
        """Say whether anything is refused."""
        return self.refuse is not None

    def send(self, requests: Sequence[Request]) -> list[Sent]:
        """Put each request into the outbox; answer, or raise, what `answers` says."""
        return [self._send(request) for request in requests]

    def read(self, callback: Callback) -> list[Event]:
        """Translate a callback made by `callback`; any other raises Forged."""
        given = callback.headers.get(SIGNATURE, "")
        if not hmac.compare_digest(given.encode(), self._sign(callback.url, callback.form)):
            raise Forged(f"channel {self.name}: the signature is not ours")
        form = {key: values[-1] for key, values in callback.form.items()}
        token, ref = callback.token, form.get("ref")
        match callback.what:
            case "status":
                return [_status(token, ref, form.get("word", ""), form.get("reason"))]
            case "keys":
                return [KeyEvent(token, ref, form.get("key", ""))]
            case "voice":
                return [VoiceEvent(token, ref)]
            case "machine":
                return [MachineEvent(token, ref, form.get("word", "machine"))]
            case "inbound-voice":
                return [CallInEvent(form.get("phone", ""), ref)]
            case "inbound":
                return [InboundEvent(form.get("phone", ""), form.get("text", ""), ref)]
        return []

    def reply(self, callback: Callback, situation: Situation) -> Reply:
        """Return 204, or in a call the words of the attempt."""
        if callback.what in ("voice", "keys", "inbound-voice"):
            return Reply(situation.text, status=200)
        return Reply()

    def look_up(
        self,
        request: Request,
        since: datetime,
        taken: Container[str] = frozenset(),
        *,
        lasts: timedelta | None = None,
        rivals: Sequence[datetime] = (),
    ) -> Sent | None:
        """Return what `held` has for the token of `request`; raises ChannelError while down."""
        self._must_be_up()
        found = self.held.get(request.token)
        return None if found is None or found.provider_ref in taken else found

    def status_of(self, provider_ref: str) -> StatusEvent | None:
        """Return what `states` has for an id; raises ChannelError while down."""
        self._must_be_up()
        word = self.states.get(provider_ref)
        return None if word is None else _status(None, provider_ref, word, None)

    def probe(self) -> str:
        """Return how many requests it has had; raises ChannelError while down."""
        self._must_be_up()
        return f"{self.name}: {len(self.outbox)} requests in memory"

    def callback(self, what: str, token: str | None = None, **form: str) -> Callback:
        """Return a signed callback.

        Fields: `ref`; for status `word` (of State) and `reason`; for keys `key`; for inbound
        `phone` and `text`; for inbound-voice `phone`.
        """
        url = "/".join(["http://127.0.0.1/callbacks", self.name, *([token] if token else []), what])
        fields = {key: [value] for key, value in form.items()}
        signature = self._sign(url, fields).decode()
        return Callback(self.name, what, token, url, {SIGNATURE: signature}, fields)

    def accept(self, request: Request) -> Sent:
        """Return the answer to an accepted request, and hold it."""
        sent = Sent(request.token, Outcome.ACCEPTED, f"{self.name}-{next(self._numbers)}")
        self.held[request.token] = sent
        return sent

    def _send(self, request: Request) -> Sent:
        if self.is_down:
            return Sent(
                request.token, Outcome.THROTTLED, reason="no_connection", detail="switched off"
            )
        self.outbox.append(request)
        answer = self.answers.popleft() if self.answers else self.accept
        if isinstance(answer, Exception):
            raise answer
        return answer(request)

    def _must_be_up(self) -> None:
        if self.is_down:
            raise ChannelError(f"channel {self.name}: switched off", retryable=True)

    def _sign(self, url: str, form: Mapping[str, Sequence[str]]) -> bytes:
        text = url + repr(sorted((key, list(values)) for key, values in form.items()))
        return hmac.new(self._key, text.encode(), sha256).hexdigest().encode()


def _status(token: str | None, ref: str | None, word: str, reason: str | None) -> StatusEvent:
    try:
        state = State(word)
    except ValueError:
        state = State.UNREADABLE
    rank = _RANKS.get(state, _LAST)
    return StatusEvent(
        token,
        ref,
        state,
        rank,
        word,
        reason=reason or _REASONS.get(state),
        is_final=rank >= _LAST,
    )
