"""Text messages through Twilio: a create with a status callback, receipts, and people's answers.

Source: twilio.com/docs/messaging/api/message-resource and its guide to outbound message status.
Receipts come in any order, twice, or not at all; `sent` may be the last word.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import model_validator
from twilio.base import values

from alertcast.channels.base import Callback, Reply, Request, Situation
from alertcast.channels.events import Event, InboundEvent, State, StatusEvent
from alertcast.channels.twilio_base import TwilioChannel, TwilioSettings
from alertcast.channels.twilio_errors import of_code
from alertcast.channels.twilio_found import RECENT

_WORDS: dict[str, tuple[State, int]] = {
    "accepted": (State.QUEUED, 0),
    "scheduled": (State.QUEUED, 0),
    "queued": (State.QUEUED, 0),
    "sending": (State.SENT, 1),
    "sent": (State.SENT, 2),
    "delivered": (State.DELIVERED, 3),
    "undelivered": (State.FAILED, 3),
    "failed": (State.FAILED, 3),
    "canceled": (State.CANCELLED, 3),
    "read": (State.DELIVERED, 4),
}
"""Twilio's words for an outbound message: what they mean, and their order."""

_LAST = 3  # from this rank on nothing changes any more


class TwilioSmsSettings(TwilioSettings):
    """Keys of a [channels.NAME] section of type twilio_sms."""

    from_number: str | None = None  # the sender; or
    messaging_service_sid: str | None = None  # the service that chooses one
    allow_cross_border_sms: bool = False  # SMS to +86 through Twilio's own host, one-way
    two_way: bool = False  # people can answer this sender, so texts may ask them to

    @model_validator(mode="after")
    def _has_one_sender(self) -> "TwilioSmsSettings":
        if bool(self.from_number) == bool(self.messaging_service_sid):
            raise ValueError("either from_number or messaging_service_sid must be given")
        return self


class TwilioSms(TwilioChannel[TwilioSmsSettings]):
    """A sender of text messages."""

    kind = "sms"
    Settings = TwilioSmsSettings

    @property
    def takes_replies(self) -> bool:
        """Say whether people can answer: the settings know what sort of number the sender is."""
        return self.settings.two_way

    def reply(self, callback: Callback, situation: Situation) -> Reply:
        """Return 204, or for an inbound text the empty TwiML that answers nothing."""
        if callback.what == "inbound":
            return Reply("<Response/>", "text/xml; charset=utf-8", 200)
        return Reply()

    @property
    def _resources(self) -> Any:
        return self._account.messages

    @property
    def _tells_by_words(self) -> bool:
        return True

    def _mainland(self) -> str | None:
        return None if self.settings.allow_cross_border_sms else "mainland_sms"

    def _create(self, request: Request, life: int | None) -> str | None:
        message = self._resources.create(
            to=request.phone,
            body=request.text,
            from_=self.settings.from_number or values.unset,
            messaging_service_sid=self.settings.messaging_service_sid or values.unset,
            status_callback=self._address(request.token, "status"),
            validity_period=values.unset if life is None else life,
        )
        return str(message.sid) if message.sid else None

    def _like(self, request: Request) -> list[Any]:
        # Not by DateSent, which a message that has not left does not have.
        found = self._resources.list(to=request.phone, limit=RECENT, page_size=RECENT)
        return [one for one in found if (one.body or "").strip() == request.text.strip()]

    def _state(self, found: Any) -> StatusEvent:
        code = None if found.error_code is None else str(found.error_code)
        return _status(None, found.sid, found.status or "", code)

    def _events(self, callback: Callback, form: Mapping[str, str]) -> list[Event]:
        sid = form.get("MessageSid") or form.get("SmsSid")
        match callback.what:
            case "status":
                word = form.get("MessageStatus") or form.get("SmsStatus") or ""
                return [_status(callback.token, sid, word, form.get("ErrorCode") or None)]
            case "inbound":
                return [InboundEvent(form.get("From", ""), form.get("Body", ""), sid)]
        return []


def _status(token: str | None, sid: str | None, word: str, code: str | None) -> StatusEvent:
    if word not in _WORDS:
        return StatusEvent(token, sid, State.UNREADABLE, -1, word, code, "unknown_word")
    state, rank = _WORDS[word]
    reason = None
    if state is State.FAILED:
        reason = of_code(code)
    elif state is State.CANCELLED:
        reason = "cancelled"
    return StatusEvent(token, sid, state, rank, word, code, reason, is_final=rank >= _LAST)
