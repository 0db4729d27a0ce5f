"""What becomes of a request, by what the carrier answers; and what is never sent."""

from dataclasses import replace

import pytest
from pydantic import ValidationError

from alertcast.channels.abilities import LooksUp, Probes
from alertcast.channels.base import Channel, ChannelError, Outcome
from alertcast.channels.reasons import REASONS
from alertcast.channels.twilio_errors import MEANINGS, of_code, scrubbed
from alertcast.channels.twilio_sms import TwilioSms, TwilioSmsSettings
from alertcast.channels.twilio_voice import TwilioVoice
from tests.channels.carrier import CALL, MESSAGE, SID, Answer, Carrier, call, message, refusal
from tests.channels.conftest import PUBLIC, make_sms, make_voice, request_

ACCEPTED, THROTTLED = Outcome.ACCEPTED, Outcome.THROTTLED
REFUSED, STOPPED, UNKNOWN = Outcome.REFUSED, Outcome.STOPPED, Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("answer", "outcome", "reason", "wait"),
    [
        (Answer(cut=True), UNKNOWN, "unknown_outcome", None),
        (Answer(201, "no JSON"), UNKNOWN, "unknown_outcome", None),
        (Answer(201, message(sid=None)), UNKNOWN, "unknown_outcome", None),
        (Answer(408, ""), UNKNOWN, "unknown_outcome", None),
        (Answer(502, "<html>"), UNKNOWN, "unknown_outcome", None),
        (refusal(500, 20500), UNKNOWN, "unknown_outcome", None),
        (refusal(503, 20503), UNKNOWN, "unknown_outcome", None),
        (refusal(500, 21211), UNKNOWN, "unknown_outcome", None),
        (refusal(429, 20429), THROTTLED, "throttled", 2.0),
        (refusal(429, 20429, Retry_After="9"), THROTTLED, "throttled", 9.0),
        (Answer(429, ""), THROTTLED, "throttled", 2.0),
        (refusal(429, 21611), THROTTLED, "throttled", 60.0),
        (refusal(400, 14107), REFUSED, "number_limit", None),
        (refusal(429, 63038), STOPPED, "account", None),
        (refusal(401, 20003), STOPPED, "account", None),
        (Answer(403, ""), STOPPED, "account", None),
        (Answer(307, ""), STOPPED, "account", None),
        (refusal(400, 21606), STOPPED, "account", None),
        (refusal(400, 21211), REFUSED, "wrong_number", None),
        (refusal(400, 21610), REFUSED, "opted_out", None),
        (refusal(400, 21614), REFUSED, "landline", None),
        (refusal(400, 21408), REFUSED, "not_allowed", None),
        (refusal(400, 99999), REFUSED, "not_delivered", None),
        (Answer(400, "no JSON"), REFUSED, "not_delivered", None),
    ],
)
def test_what_an_answer_means(
    carrier: Carrier, sms: TwilioSms, answer: Answer, outcome: Outcome, reason: str, wait: float
) -> None:
    carrier.says(answer)
    [sent] = sms.send([request_()])
    assert (sent.outcome, sent.reason, sent.retry_after) == (outcome, reason, wait)
    assert (sent.token, sent.provider_ref) == ("tok_en-1", None)
    assert len(carrier.asked) == 1, "a create is never repeated by the client"


def test_a_carrier_that_is_down_has_not_processed_anything() -> None:
    carrier = Carrier()
    carrier.close()
    channel = make_sms(api_base_url=carrier.url)
    [sent] = channel.send([request_()])
    assert (sent.outcome, sent.reason) == (THROTTLED, "no_connection")
    channel.close()


def test_a_text_that_no_form_can_hold_does_not_stop_the_others(
    carrier: Carrier, sms: TwilioSms
) -> None:
    carrier.says(Answer(201, message()))
    sent = sms.send([replace(request_(), text="寒冷\udc80"), request_()])
    assert [one.outcome for one in sent] == [REFUSED, ACCEPTED]


def test_one_answer_each_in_order(carrier: Carrier, sms: TwilioSms) -> None:
    carrier.says(refusal(400, 21211), Answer(cut=True), Answer(201, message()))
    requests = [replace(request_(), token=token) for token in ("a", "b", "c")]
    sent = sms.send(requests)
    assert [(one.token, one.outcome) for one in sent] == [
        ("a", REFUSED),
        ("b", UNKNOWN),
        ("c", ACCEPTED),
    ]
    assert sms.send([]) == []


def test_every_meaning_has_words_for_the_officer() -> None:
    assert {meaning.reason for meaning in MEANINGS.values()} <= set(REASONS)
    assert [of_code(code) for code in ("30003", "424242", None, "?")] == [
        "switched_off",
        "not_delivered",
        "not_delivered",
        "not_delivered",
    ]


def test_details_hold_no_phone_number(carrier: Carrier, sms: TwilioSms) -> None:
    carrier.says(refusal(400, 21211, "The 'To' number +86 154 0000 0001 is not valid"))
    [sent] = sms.send([request_()])
    assert (sent.detail, sent.code) == ("The 'To' number … is not valid", "21211")
    assert scrubbed("code 30005, 3 of 4") == "code 30005, 3 of 4"


def test_a_message_is_asked_for_with_its_callback_and_its_life(
    carrier: Carrier, sms: TwilioSms
) -> None:
    carrier.says(Answer(201, message()))
    [sent] = sms.send([request_(life=90.5)])
    assert (sent.outcome, sent.provider_ref) == (ACCEPTED, MESSAGE)
    [asked] = carrier.asked
    assert asked.path == f"/2010-04-01/Accounts/{SID}/Messages.json"
    assert asked.form == {
        "To": ["+8615400000001"],
        "From": ["+15005550006"],
        "Body": ["寒冷橙色预警。"],
        "StatusCallback": [f"{PUBLIC}/callbacks/sms/tok_en-1/status#rc=3&rp=ct,rt,5xx"],
        "ValidityPeriod": ["90"],
    }


@pytest.mark.parametrize(
    ("life", "period"), [(0.4, ["1"]), (5, ["5"]), (10**6, ["36000"]), (None, None)]
)
def test_a_life_fits_what_twilio_takes(
    carrier: Carrier, sms: TwilioSms, life: float | None, period: list[str] | None
) -> None:
    carrier.says(Answer(201, message()))
    sms.send([request_(life=life)])
    assert carrier.asked[0].form.get("ValidityPeriod") == period


def test_a_messaging_service_is_the_sender(carrier: Carrier) -> None:
    carrier.says(Answer(201, message()))
    channel = make_sms(api_base_url=carrier.url, messaging_service_sid="MG" + "1" * 32)
    channel.send([request_()])
    assert carrier.asked[0].form["MessagingServiceSid"] == ["MG" + "1" * 32]
    assert "From" not in carrier.asked[0].form
    channel.close()


def test_a_call_is_asked_for_with_its_addresses(carrier: Carrier, voice: TwilioVoice) -> None:
    carrier.says(Answer(201, call()))
    [sent] = voice.send([request_()])
    assert (sent.outcome, sent.provider_ref) == (ACCEPTED, CALL)
    form = carrier.asked[0].form
    assert form["Url"] == [f"{PUBLIC}/callbacks/voice/tok_en-1/voice#rc=3&rp=ct,rt,5xx"]
    assert form["StatusCallback"] == [f"{PUBLIC}/callbacks/voice/tok_en-1/status#rc=3&rp=ct,rt,5xx"]
    assert form["StatusCallbackEvent"] == ["ringing", "answered", "completed"]
    assert (form["Timeout"], form["TimeLimit"]) == (["40"], ["600"])


@pytest.mark.parametrize("life", [0, -1])
def test_what_has_expired_is_not_sent(
    carrier: Carrier, sms: TwilioSms, voice: TwilioVoice, life: float
) -> None:
    for channel in (sms, voice):
        [sent] = channel.send([request_(life=life)])
        assert (sent.outcome, sent.reason) == (REFUSED, "expired")
    assert carrier.asked == []


DEMO, MAINLAND, FOREIGN = "+8615400000001", "+8613800138000", "+12025550123"
DUBLIN = "https://api.dublin.ie1.twilio.com"
LOOPBACK, ABROAD = "http://127.0.0.1:4020", "https://carrier.example.cn"


@pytest.mark.parametrize(
    ("keys", "phone", "by_sms", "by_voice"),
    [
        ({}, DEMO, "demo_number", "demo_number"),
        ({}, MAINLAND, "mainland_sms", "mainland_voice"),
        ({}, FOREIGN, None, None),
        ({"api_base_url": DUBLIN}, MAINLAND, "mainland_sms", "mainland_voice"),
        ({"api_base_url": ABROAD}, DEMO, "demo_number", "demo_number"),
        ({"api_base_url": ABROAD}, MAINLAND, None, None),
        ({"api_base_url": "http://127.0.0.1.example.cn"}, DEMO, "demo_number", "demo_number"),
        ({"api_base_url": LOOPBACK}, DEMO, None, None),
        ({"api_base_url": "http://[::1]:4020"}, DEMO, None, None),
        ({"api_base_url": "http://localhost:4020/v1/"}, DEMO, None, None),
        ({"api_base_url": LOOPBACK}, MAINLAND, None, None),
        ({"api_base_url": LOOPBACK, "demo": True}, DEMO, None, None),
        ({"api_base_url": LOOPBACK, "demo": True}, MAINLAND, "real_number", "real_number"),
        ({"demo": True}, FOREIGN, "real_number", "real_number"),
    ],
)
def test_who_may_be_reached(
    keys: dict[str, object], phone: str, by_sms: str | None, by_voice: str | None
) -> None:
    for channel, reason in ((make_sms(**keys), by_sms), (make_voice(**keys), by_voice)):
        assert channel.refusal(phone) == reason
        assert reason is None or channel.send([request_(phone)])[0].reason == reason
        channel.close()


def test_cross_border_sms_must_be_allowed_in_so_many_words() -> None:
    channel = make_sms(allow_cross_border_sms=True)
    assert channel.refusal(MAINLAND) is None
    assert channel.refusal(DEMO) == "demo_number"
    channel.close()


@pytest.mark.parametrize(
    "keys",
    [
        {"account_sid": "AC1"},
        {"messaging_service_sid": "MG1", "from_number": "+15005550006"},
        {"from_number": None},
        {"api_base_url": "ftp://127.0.0.1"},
        {"api_base_url": "carrier"},
        {"api_base_url": "https://user@carrier.example.cn"},
        {"timeout": 0},
        {"auth_token": "a secret in a file"},
    ],
)
def test_settings_that_are_refused(keys: dict[str, object]) -> None:
    whole = {"type": "twilio_sms", "account_sid": SID, "from_number": "+15005550006"} | keys
    with pytest.raises(ValidationError):
        TwilioSmsSettings.model_validate(whole)


def test_a_secret_that_is_missing_is_named() -> None:
    with pytest.raises(ChannelError, match="TWILIO_AUTH_TOKEN is not set"):
        make_sms(env={})
    with pytest.raises(ChannelError, match="SECOND is not set"):
        make_sms(auth_token_env_secondary="SECOND")


def test_edges_of_the_environment_do_not_move_the_host(
    carrier: Carrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWILIO_EDGE", "sydney")
    monkeypatch.setenv("TWILIO_REGION", "au1")
    channel = make_sms(api_base_url=carrier.url)
    carrier.says(Answer(201, message()))
    assert channel.send([request_()])[0].outcome is ACCEPTED
    channel.close()


def test_they_are_channels(sms: TwilioSms, voice: TwilioVoice) -> None:
    for channel in (sms, voice):
        assert isinstance(channel, Channel)
        assert isinstance(channel, LooksUp)
        assert isinstance(channel, Probes)
    assert (sms.kind, voice.kind, sms.is_loopback) == ("sms", "voice", True)
    assert not sms.takes_replies
