"""Callbacks: forged ones are refused, real ones are translated word by word."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from twilio.request_validator import RequestValidator

from alertcast.channels.base import Callback, Forged
from alertcast.channels.events import InboundEvent, KeyEvent, State, StatusEvent, VoiceEvent
from alertcast.channels.reasons import REASONS
from alertcast.channels.twilio_sms import TwilioSms
from alertcast.channels.twilio_voice import TwilioVoice
from tests.channels.carrier import CALL, MESSAGE, TOKEN
from tests.channels.conftest import ENV, PUBLIC, make_sms


class _Repeated(dict[str, Sequence[str]]):
    def getlist(self, key: str) -> Sequence[str]:
        return self[key]


def signed(
    channel: str, what: str, key: str = TOKEN, url: str = "", **form: str | Sequence[str]
) -> Callback:
    url = url or f"{PUBLIC}/callbacks/{channel}/tok_en-1/{what}"
    fields = {k: [v] if isinstance(v, str) else v for k, v in form.items()}
    signature = RequestValidator(key).compute_signature(url, _Repeated(fields))
    return Callback(channel, what, "tok_en-1", url, {"X-Twilio-Signature": signature}, fields)


def of_message(word: str, **form: str) -> Callback:
    return signed("sms", "status", MessageSid=MESSAGE, MessageStatus=word, **form)


def of_call(word: str, **form: str) -> Callback:
    return signed("voice", "status", CallSid=CALL, CallStatus=word, **form)


REAL = of_message("delivered")


@pytest.mark.parametrize(
    "callback",
    [
        replace(REAL, headers={}),
        replace(REAL, headers={"X-Twilio-Signature": ""}),
        replace(REAL, headers={"X-Twilio-Signature": "AAAA"}),
        replace(REAL, headers={"X-Twilio-Signature": "签名"}),
        replace(REAL, form={**REAL.form, "MessageStatus": ["failed"]}),
        replace(REAL, form={**REAL.form, "Extra": ["1"]}),
        replace(REAL, form={}),
        replace(REAL, url=REAL.url.replace("tok_en-1", "another")),
        replace(REAL, url=REAL.url.replace("https", "http")),
        replace(REAL, url=REAL.url + "?a=b"),
        replace(REAL, url="http://[broken"),
        replace(REAL, form={"Body": ["\udc80"]}),
        signed("sms", "status", key="another token", MessageStatus="delivered"),
    ],
)
def test_a_forged_callback_is_refused(sms: TwilioSms, callback: Callback) -> None:
    with pytest.raises(Forged):
        sms.read(callback)


@pytest.mark.parametrize(
    "callback",
    [
        REAL,
        replace(REAL, headers={k.lower(): v for k, v in REAL.headers.items()}),
        signed("sms", "status", MessageStatus="delivered", Future=["b", "a", "b"]),
        signed("sms", "status", url=f"{PUBLIC}/sms/t/status?a=%E8%82%87%2F", SmsStatus="delivered"),
        signed("sms", "status", url="http://127.0.0.1:8080/sms/t/status", SmsStatus="delivered"),
        signed("sms", "status", MessageStatus="delivered", Note="怀集 +1&2=3", Empty=""),
    ],
)
def test_a_real_callback_is_read(sms: TwilioSms, callback: Callback) -> None:
    [event] = sms.read(callback)
    assert isinstance(event, StatusEvent)
    assert event.state is State.DELIVERED


def test_a_port_that_a_proxy_dropped_or_added_is_no_forgery(sms: TwilioSms) -> None:
    with_port = REAL.url.replace("example.cn", "example.cn:443")
    assert sms.read(replace(REAL, url=with_port))


def test_a_token_may_be_replaced_while_callbacks_come() -> None:
    env = ENV | {"OLD": "the token before"}
    channel = make_sms(env=env, auth_token_env_secondary="OLD")
    for key in (TOKEN, "the token before"):
        assert channel.read(signed("sms", "status", key=key, MessageStatus="sent"))
    channel.close()


@pytest.mark.parametrize(
    ("word", "form", "state", "rank", "reason", "is_final"),
    [
        ("accepted", {}, State.QUEUED, 0, None, False),
        ("scheduled", {}, State.QUEUED, 0, None, False),
        ("queued", {}, State.QUEUED, 0, None, False),
        ("sending", {}, State.SENT, 1, None, False),
        ("sent", {}, State.SENT, 2, None, False),
        ("delivered", {}, State.DELIVERED, 3, None, True),
        ("read", {}, State.DELIVERED, 4, None, True),
        ("undelivered", {"ErrorCode": "30003"}, State.FAILED, 3, "switched_off", True),
        ("undelivered", {"ErrorCode": "30006"}, State.FAILED, 3, "landline", True),
        ("failed", {"ErrorCode": "30036"}, State.FAILED, 3, "expired", True),
        ("failed", {"ErrorCode": "12345"}, State.FAILED, 3, "not_delivered", True),
        ("failed", {}, State.FAILED, 3, "not_delivered", True),
        ("canceled", {}, State.CANCELLED, 3, "cancelled", True),
        ("teleported", {}, State.UNREADABLE, -1, "unknown_word", False),
        ("Delivered", {}, State.UNREADABLE, -1, "unknown_word", False),
        ("", {}, State.UNREADABLE, -1, "unknown_word", False),
    ],
)
def test_the_words_of_a_message(
    sms: TwilioSms,
    word: str,
    form: dict[str, str],
    state: State,
    rank: int,
    reason: str | None,
    is_final: bool,
) -> None:
    [event] = sms.read(of_message(word, **form))
    code = form.get("ErrorCode")
    assert event == StatusEvent("tok_en-1", MESSAGE, state, rank, word, code, reason, is_final)
    assert reason is None or reason in REASONS


@pytest.mark.parametrize(
    ("word", "form", "state", "rank", "reason", "is_final"),
    [
        ("queued", {}, State.QUEUED, 0, None, False),
        ("initiated", {"SequenceNumber": "0"}, State.SENT, 10, None, False),
        ("ringing", {"SequenceNumber": "1"}, State.SENT, 21, None, False),
        ("in-progress", {"SequenceNumber": "2"}, State.CONNECTED, 32, None, False),
        ("completed", {"SequenceNumber": "3"}, State.COMPLETED, 43, None, True),
        ("completed", {"SequenceNumber": "1000"}, State.COMPLETED, 49, None, True),
        ("completed", {"SequenceNumber": "x"}, State.COMPLETED, 40, None, True),
        ("busy", {}, State.BUSY, 40, "busy", True),
        ("no-answer", {"SipResponseCode": "487"}, State.NO_ANSWER, 40, "no_answer", True),
        ("failed", {}, State.FAILED, 40, "not_delivered", True),
        ("failed", {"SipResponseCode": "404"}, State.FAILED, 40, "wrong_number", True),
        ("failed", {"SipResponseCode": "503"}, State.FAILED, 40, "not_delivered", True),
        ("canceled", {}, State.CANCELLED, 40, "cancelled", True),
        ("answered", {}, State.UNREADABLE, -1, "unknown_word", False),
    ],
)
def test_the_words_of_a_call(
    voice: TwilioVoice,
    word: str,
    form: dict[str, str],
    state: State,
    rank: int,
    reason: str | None,
    is_final: bool,
) -> None:
    [event] = voice.read(of_call(word, **form))
    code = form.get("SipResponseCode") if state is State.FAILED else None
    assert event == StatusEvent("tok_en-1", CALL, state, rank, word, code, reason, is_final)


@pytest.mark.parametrize(
    ("digits", "key"),
    [("1", "1"), ("\uff11", "1"), (" 2 ", "2"), ("3#", "3#"), ("*", "*"), ("", ""), ("w一", "")],
)
def test_a_key_is_a_plain_digit(voice: TwilioVoice, digits: str, key: str) -> None:
    callback = signed("voice", "keys", CallSid=CALL, Digits=digits)
    assert voice.read(callback) == [KeyEvent("tok_en-1", CALL, key)]


def test_keys_without_digits_are_no_key(voice: TwilioVoice) -> None:
    callback = signed("voice", "keys", CallSid=CALL)
    assert voice.read(callback) == [KeyEvent("tok_en-1", CALL, "")]


def test_picking_up_is_an_event_and_no_answer(voice: TwilioVoice) -> None:
    callback = signed("voice", "voice", CallSid=CALL, CallStatus="in-progress")
    assert voice.read(callback) == [VoiceEvent("tok_en-1", CALL)]


def test_a_text_from_a_person(sms: TwilioSms) -> None:
    callback = signed(
        "sms",
        "inbound",
        url=f"{PUBLIC}/callbacks/sms/inbound",
        MessageSid=MESSAGE,
        From="+8615400000001",
        Body="收到",
    )
    assert sms.read(callback) == [InboundEvent("+8615400000001", "收到", MESSAGE)]


def test_an_address_that_is_not_ours_says_nothing(sms: TwilioSms, voice: TwilioVoice) -> None:
    assert sms.read(signed("sms", "keys", Digits="1")) == []
    assert voice.read(signed("voice", "inbound", Body="1")) == []
