"""What a gateway reports, read by the paths and the words of its section.

A word that is not listed is unreadable: it is recorded and shown, never guessed. Nothing here
raises for what a provider wrote.
"""

import json
import re
import unicodedata
from collections.abc import Callable
from typing import Any

from alertcast.channels.events import Event, InboundEvent, KeyEvent, State, StatusEvent
from alertcast.channels.gateway_parts import InboundPart, Record, Test
from alertcast.channels.gateway_settings import GatewaySettings
from alertcast.core.dotted import keepable, listed, text_at, written

_RANKS = {State.QUEUED: 0, State.SENT: 1, State.CONNECTED: 2, State.UNREADABLE: -1}
_LAST = 3  # from this order on nothing changes any more

_REASONS = {
    State.BUSY: "busy",
    State.NO_ANSWER: "no_answer",
    State.MACHINE: "machine",
    State.FAILED: "not_delivered",
    State.CANCELLED: "cancelled",
}

_KEYS = frozenset("0123456789*#")


def passes(test: Test, body: Any) -> bool:
    """Say whether an answer passes a test; nothing at all counts as "" there."""
    return (text_at(body, test.path) or "") in test.values


class Reader:
    """Reads records by the words of one channel.

    `digest` turns a number into something that is kept in its stead, where one id of the provider
    is that of several numbers.
    """

    def __init__(self, settings: GatewaySettings, digest: Callable[[str], str]) -> None:
        self._settings = settings
        self._digest = digest

    def events(self, record: Record, body: Any, token: str | None = None) -> list[Event]:
        """Return what a body reports; `token` is the reference where a record has none."""
        items = listed(body, record.list)
        if items is None:
            return [_unreadable(token, None, "", "no list of records", written(body))]
        return [event for item in items for event in self._of_item(record, item, token)]

    def texts(self, part: InboundPart, body: Any) -> list[Event]:
        """Return the texts of people in a body."""
        found: list[Event] = []
        for item in listed(body, part.list) or []:
            phone, text = text_at(item, part.phone), text_at(item, part.text)
            if phone is not None:
                ref = text_at(item, part.id)
                found.append(InboundEvent(self.e164(phone), text or "", ref))
        return found

    def ref(self, provider_id: str | None, phone: str | None) -> str | None:
        """Return what is kept as the provider's id of one message; `phone` is E.164."""
        if provider_id is None:
            return None
        if not self._settings.id_is_shared:
            return provider_id[:128]
        return None if phone is None else f"{provider_id[:95]}/{self._digest(phone)[:32]}"

    def provider_id(self, ref: str) -> str:
        """Return the provider's own id of what `ref` made."""
        return ref.rsplit("/", 1)[0] if self._settings.id_is_shared else ref

    def e164(self, text: str) -> str:
        """Return a number as a provider writes it, with or without country code, as E.164."""
        country = self._settings.country
        digits = re.sub(r"\D", "", unicodedata.normalize("NFKC", text))
        if text.strip().startswith("+"):
            return f"+{digits}"
        if digits.startswith("00"):
            return f"+{digits[2:]}"
        if digits.startswith(country) and len(digits) > 11:
            return f"+{digits}"
        return f"+{country}{digits.removeprefix('0')}"

    def reason_of(self, code: str | None) -> str | None:
        """Return why, by the table of codes; None: it says nothing of this code."""
        codes = self._settings.codes
        meaning = (codes.get(code) or codes.get("*")) if code else None
        return meaning.reason if meaning else None

    def _of_item(self, record: Record, item: Any, token: str | None) -> list[Event]:
        token = (text_at(item, record.ref) or token or "")[:64] or None
        phone = text_at(item, record.phone)
        ref = self.ref(text_at(item, record.id), None if phone is None else self.e164(phone))
        raw = keepable(json.dumps(item, ensure_ascii=False))
        pressed = self._pressed(text_at(item, record.key))
        # the key first: what it answers is not called again because the call has ended
        events: list[Event] = [KeyEvent(token, ref, key, raw) for key in pressed]
        if record.state is not None:
            word, code = text_at(item, record.state), text_at(item, record.code)
            if word is not None or not pressed:
                events.append(self._status(token, ref, word or "", code, raw))
        return events

    def _status(
        self, token: str | None, ref: str | None, word: str, code: str | None, raw: str
    ) -> StatusEvent:
        means = self._settings.words.get(word)
        if means is None:
            return _unreadable(token, ref, word, code, raw)
        state = means.state
        rank = _RANKS.get(state, _LAST)
        reason = None
        if state in _REASONS:
            reason = means.reason or self.reason_of(code) or _REASONS[state]
        return StatusEvent(
            token,
            ref,
            state,
            rank,
            word,
            code[:32] if code else None,
            reason,
            is_final=rank >= _LAST,
            raw=raw,
        )

    def _pressed(self, digits: str | None) -> list[str]:
        plain = unicodedata.normalize("NFKC", digits or "")
        keys = self._settings.keys
        return [keys.get(key, key) for key in plain if key in _KEYS]


def _unreadable(
    token: str | None, ref: str | None, word: str, code: str | None, raw: str
) -> StatusEvent:
    return StatusEvent(
        token, ref, State.UNREADABLE, -1, word, code and code[:32], "unknown_word", raw=raw
    )
