"""Calls through Twilio: a create whose words are asked for when somebody picks up, keys, receipts.

Source: twilio.com/docs/voice/api/call-resource. `completed` says only that somebody or something
picked up; a pressed key is the only answer. What is said is in `twilio_speech.py`.
"""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import Field

from alertcast.channels.abilities import Audio
from alertcast.channels.base import Callback, Reply, Request, Situation
from alertcast.channels.events import (
    CallInEvent,
    Event,
    KeyEvent,
    MachineEvent,
    State,
    StatusEvent,
    VoiceEvent,
)
from alertcast.channels.recordings import Recordings
from alertcast.channels.twilio_base import TwilioChannel, TwilioSettings
from alertcast.channels.twilio_found import RECENT
from alertcast.channels.twilio_http import Trouble
from alertcast.channels.twilio_speech import Speech, Voice
from alertcast.core.pieces import Piece
from alertcast.core.wording import Texts

_WORDS: dict[str, tuple[State, int, str | None]] = {
    "queued": (State.QUEUED, 0, None),
    "initiated": (State.SENT, 1, None),
    "ringing": (State.SENT, 2, None),
    "in-progress": (State.CONNECTED, 3, None),
    "completed": (State.COMPLETED, 4, None),
    "busy": (State.BUSY, 4, "busy"),
    "no-answer": (State.NO_ANSWER, 4, "no_answer"),
    "failed": (State.FAILED, 4, "not_delivered"),
    "canceled": (State.CANCELLED, 4, "cancelled"),
}
"""Twilio's words for an outbound call: what they mean, their order, and why nobody was reached."""

_HERE = Path()

_LAST = 4  # from this order on nothing changes any more

_SIP_REASONS = {"404": "wrong_number", "484": "wrong_number", "604": "wrong_number"}
"""SIP answers of failed calls after which the number is not tried again (RFC 3261, section 21)."""

_KEYS = frozenset("0123456789*#")


class TwilioVoiceSettings(TwilioSettings):
    """Keys of a [channels.NAME] section of type twilio_voice."""

    from_number: str  # the caller's number that people see
    ring: int = Field(default=40, ge=5, le=600)  # seconds until a call that rings is given up
    longest: int = Field(default=600, ge=60)  # seconds after which a call is cut off
    voices: dict[str, Voice] = Field(default_factory=dict)  # language (BCP 47) to Twilio's voice
    slow: bool = False  # everybody is spoken to slowly
    recordings: str | None = None  # folder of recorded voices, seen from that of alertcast.toml
    machine_detection: bool = False  # ask Twilio whether a voicemail picked up; costs extra


class TwilioVoice(TwilioChannel[TwilioVoiceSettings]):
    """A caller.

    `texts` holds the words of its menus (`twilio_speech.TEXT_IDS`), `folder` is that of
    alertcast.toml. Raises TextError for bad texts, ChannelError for bad recordings.
    """

    kind = "voice"
    Settings = TwilioVoiceSettings

    def __init__(
        self,
        name: str,
        settings: TwilioVoiceSettings,
        *,
        env: Mapping[str, str],
        public_base_url: str,
        clock: Callable[[], datetime],
        texts: Texts,
        demo: bool = False,
        folder: Path = _HERE,
    ) -> None:
        super().__init__(
            name, settings, env=env, public_base_url=public_base_url, clock=clock, demo=demo
        )
        named = settings.recordings
        self._texts = texts
        self._recordings = Recordings(None if named is None else folder / named)
        self._speech = Speech(
            texts, settings.voices, is_slow=settings.slow, recorded=self._recorded_at
        )

    def audio(self, key: str) -> Audio | None:
        """Return what is at the address `key`, or None."""
        return self._recordings.audio(key)

    def missing(self) -> Mapping[str, Sequence[str]]:
        """Return for each language that has recordings the names of those that it lacks."""
        return self._recordings.missing(self._texts)

    def _recorded_at(self, piece: Piece, is_slow: bool) -> str | None:
        key = self._recordings.key_of(piece, is_slow=is_slow)
        return None if key is None else f"{self._callbacks}/recordings/{key}"

    def reply(self, callback: Callback, situation: Situation) -> Reply:
        """Return 204, or the TwiML that a call goes on with.

        A call that a voicemail has picked up is given other words while it runs.
        """
        keys_url = self._address(callback.token or situation.token or "unknown", "keys")
        if callback.what == "machine" and situation.is_machine:
            self._change(callback, self._speech.answer(situation, keys_url))
        if callback.what not in ("voice", "keys", "inbound-voice"):
            return Reply()
        body = self._speech.answer(situation, keys_url)
        return Reply(body, "text/xml; charset=utf-8", 200)

    def _change(self, callback: Callback, words: str) -> None:
        sid = callback.form.get("CallSid", [""])[-1]
        # A call that is over, or can not be changed, says what it said; nothing depends on it.
        with suppress(Trouble):
            self._resources(sid).update(twiml=words)

    @property
    def _resources(self) -> Any:
        return self._account.calls

    @property
    def _tells_by_words(self) -> bool:
        return False

    def _mainland(self) -> str | None:
        return "mainland_voice"

    def _create(self, request: Request, life: int | None) -> str | None:
        call = self._resources.create(
            to=request.phone,
            from_=self.settings.from_number,
            url=self._address(request.token, "voice"),
            method="POST",
            status_callback=self._address(request.token, "status"),
            status_callback_event=["ringing", "answered", "completed"],
            status_callback_method="POST",
            **self._detection(request.token),
            timeout=self.settings.ring,
            time_limit=self.settings.longest,
        )
        return str(call.sid) if call.sid else None

    def _detection(self, token: str) -> dict[str, str]:
        """Return how Twilio is asked who picked up: beside the call, so that nobody has to wait."""
        if not self.settings.machine_detection:
            return {}
        return {
            "machine_detection": "Enable",
            "async_amd": "true",
            "async_amd_status_callback": self._address(token, "machine"),
            "async_amd_status_callback_method": "POST",
        }

    def _like(self, request: Request) -> list[Any]:
        # Not by StartTime, which a call that still waits does not have.
        sender = self.settings.from_number
        return list(
            self._resources.list(to=request.phone, from_=sender, limit=RECENT, page_size=RECENT)
        )

    def _state(self, found: Any) -> StatusEvent:
        return _status(None, found.sid, found.status or "")

    def _events(self, callback: Callback, form: Mapping[str, str]) -> list[Event]:
        token, sid = callback.token, form.get("CallSid")
        match callback.what:
            case "status":
                sip, sequence = form.get("SipResponseCode"), form.get("SequenceNumber")
                return [_status(token, sid, form.get("CallStatus", ""), sip, sequence)]
            case "voice":
                return [VoiceEvent(token, sid)]
            case "machine":
                word = form.get("AnsweredBy", "")
                is_machine = word.startswith("machine") or word == "fax"
                return [MachineEvent(token, sid, word)] if is_machine else []
            case "inbound-voice":
                return [CallInEvent(form.get("From", ""), sid)]
            case "keys":
                return [KeyEvent(token, sid, _key(form.get("Digits", "")))]
        return []


def _status(
    token: str | None,
    sid: str | None,
    word: str,
    sip: str | None = None,
    sequence: str | None = None,
) -> StatusEvent:
    """Translate a status. The word decides the order; Twilio's sequence parts two of the same."""
    if word not in _WORDS:
        return StatusEvent(token, sid, State.UNREADABLE, -1, word, None, "unknown_word")
    state, order, reason = _WORDS[word]
    rank = 10 * order + (min(int(sequence), 9) if sequence and sequence.isdecimal() else 0)
    code = None
    if state is State.FAILED:
        code, reason = sip, _SIP_REASONS.get(sip or "", reason)
    return StatusEvent(token, sid, state, rank, word, code, reason, is_final=order >= _LAST)


def _key(digits: str) -> str:
    """Return the keys pressed, full-width ones as plain digits, anything else dropped."""
    plain = unicodedata.normalize("NFKC", digits)
    return "".join(key for key in plain if key in _KEYS)
