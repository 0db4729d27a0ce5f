"""What became of a request whose answer was lost, and whether the account would work."""

from datetime import datetime, timedelta
from email.utils import format_datetime

import pytest

from alertcast.channels.base import ChannelError, Outcome, Sent
from alertcast.channels.events import State
from alertcast.channels.twilio_sms import TwilioSms
from alertcast.channels.twilio_voice import TwilioVoice
from tests.channels.carrier import SID, Answer, Carrier, call, message, page, refusal
from tests.channels.conftest import NOW, request_

TEXT = request_().text


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def at(seconds: float) -> str:
    return format_datetime(later(seconds))


def found(ref: str) -> Sent:
    return Sent("tok_en-1", Outcome.ACCEPTED, provider_ref=ref)


@pytest.mark.parametrize(
    ("held", "ref"),
    [
        ([], None),
        ([("SM1", TEXT, 1)], "SM1"),
        ([("SM1", TEXT, -1)], "SM1"),
        ([("SM1", TEXT, -11)], None),
        ([("SM1", "another text", 1)], None),
        ([("SM1", TEXT + "\n", 1)], "SM1"),
        ([("SM9", TEXT, 300), ("SM2", TEXT, 2), ("SM1", TEXT, -200)], "SM2"),
    ],
)
def test_a_lost_message_is_found_by_its_words_and_time(
    carrier: Carrier, sms: TwilioSms, held: list[tuple[str, str, float]], ref: str | None
) -> None:
    items = [message(sid=sid, body=body, date_created=at(when)) for sid, body, when in held]
    carrier.says(page("messages", *items))
    assert sms.look_up(request_(), NOW) == (None if ref is None else found(ref))
    [asked] = carrier.asked
    assert asked.query == {"To": ["+8615400000001"], "PageSize": ["100"]}


def test_a_message_without_a_date_is_not_taken_for_ours(carrier: Carrier, sms: TwilioSms) -> None:
    carrier.says(page("messages", message(body=TEXT, date_created=None)))
    assert sms.look_up(request_(), NOW) is None


def test_a_call_of_another_attempt_is_not_taken_for_ours(
    carrier: Carrier, voice: TwilioVoice
) -> None:
    carrier.says(
        page(
            "calls",
            call(sid="CA3", date_created=at(20)),
            call(sid="CA1", date_created=at(1)),
        )
    )
    minute = timedelta(minutes=1)
    assert voice.look_up(request_(), NOW, lasts=minute) == found("CA1")
    assert voice.look_up(request_(), NOW, {"CA1"}, lasts=minute) == found("CA3")
    assert voice.look_up(request_(), NOW, {"CA1", "CA3"}, lasts=minute) is None
    query = {"To": ["+8615400000001"], "From": ["+15005550006"], "PageSize": ["100"]}
    assert [one.query for one in carrier.asked] == [query] * 3


@pytest.mark.parametrize("ahead", [15, 3000, -15, -3000])
def test_a_call_is_found_however_wrong_our_clock_is(
    carrier: Carrier, voice: TwilioVoice, sms: TwilioSms, ahead: float
) -> None:
    carrier.now = NOW - timedelta(seconds=ahead)
    carrier.says(page("calls", call(sid="CA1", date_created=at(1 - ahead))))
    assert voice.look_up(request_(), NOW) == found("CA1")
    carrier.says(page("messages", message(sid="SM1", body=TEXT, date_created=at(1 - ahead))))
    assert sms.look_up(request_(), NOW) == found("SM1")


IN_DOUBT = "nobody can say which call is this one"


def in_doubt(voice: TwilioVoice, *rivals: float) -> bool:
    with pytest.raises(ChannelError, match=IN_DOUBT) as caught:
        voice.look_up(
            request_(), NOW, lasts=timedelta(minutes=1), rivals=[later(one) for one in rivals]
        )
    return caught.value.retryable


def test_without_a_measured_clock_no_call_is_said_to_be_absent(
    carrier: Carrier, voice: TwilioVoice, sms: TwilioSms
) -> None:
    carrier.now = None
    carrier.says(page("calls"))
    assert in_doubt(voice)
    carrier.says(page("calls", call(sid="CA1", date_created=at(1))))
    assert voice.look_up(request_(), NOW) == found("CA1")
    carrier.says(page("messages"))
    assert sms.look_up(request_(), NOW) is None


@pytest.mark.parametrize("when", [-600, 300, None])
def test_a_call_at_another_time_is_neither_ours_nor_proves_that_ours_is_absent(
    carrier: Carrier, voice: TwilioVoice, when: float | None
) -> None:
    date = None if when is None else at(when)
    carrier.says(page("calls", call(sid="CA1", date_created=date)))
    assert in_doubt(voice)


def test_a_list_that_does_not_go_back_far_enough_proves_nothing(
    carrier: Carrier, voice: TwilioVoice
) -> None:
    carrier.says(page("calls", *[call(sid=f"CA{n}", date_created=at(1)) for n in range(100)]))
    with pytest.raises(ChannelError, match=IN_DOUBT):
        voice.look_up(request_(), NOW, {f"CA{n}" for n in range(100)})


def test_one_call_that_either_of_two_may_have_made_is_left_to_its_callbacks(
    carrier: Carrier, voice: TwilioVoice, sms: TwilioSms
) -> None:
    carrier.says(page("calls", call(sid="CA1", date_created=at(6))))
    assert in_doubt(voice, 5)
    assert in_doubt(voice, -5)
    assert voice.look_up(request_(), NOW, {"CA1"}, rivals=[later(5)]) is None
    carrier.says(page("messages", message(sid="SM1", body=TEXT, date_created=at(6))))
    minute = timedelta(minutes=1)
    assert sms.look_up(request_(), NOW, lasts=minute, rivals=[later(5)]) == found("SM1")


@pytest.mark.parametrize(
    ("answer", "retryable"),
    [
        (refusal(503, 20503), True),
        (refusal(429, 20429), True),
        (Answer(cut=True), True),
        (Answer(200, "<html>"), True),
        (refusal(401, 20003), False),
    ],
)
def test_a_carrier_that_cannot_be_asked_says_nothing(
    carrier: Carrier, sms: TwilioSms, answer: Answer, retryable: bool
) -> None:
    carrier.says(answer)
    for question in (
        lambda: sms.look_up(request_(), NOW),
        lambda: sms.status_of("SM1"),
        sms.probe,
    ):
        with pytest.raises(ChannelError) as caught:
            question()
        assert caught.value.retryable is retryable


def test_the_state_of_a_message(carrier: Carrier, sms: TwilioSms) -> None:
    carrier.says(Answer(200, message(status="undelivered", error_code=30005)))
    event = sms.status_of("SM1")
    assert event is not None
    assert (event.state, event.reason, event.code) == (State.FAILED, "wrong_number", "30005")
    assert (event.token, event.is_final) == (None, True)


def test_the_state_of_a_call(carrier: Carrier, voice: TwilioVoice) -> None:
    carrier.says(Answer(200, call(status="no-answer")))
    event = voice.status_of("CA1")
    assert event is not None
    assert (event.state, event.reason) == (State.NO_ANSWER, "no_answer")


def test_an_id_that_the_carrier_does_not_have(carrier: Carrier, sms: TwilioSms) -> None:
    carrier.says(refusal(404, 20404))
    assert sms.status_of("SM1") is None


def test_a_probe_sends_nothing(carrier: Carrier, sms: TwilioSms) -> None:
    carrier.says(Answer(200, {"sid": SID, "friendly_name": "Huaiji", "status": "active"}))
    assert sms.probe() == "Huaiji: active"
    assert [(one.method, one.path) for one in carrier.asked] == [
        ("GET", f"/2010-04-01/Accounts/{SID}.json")
    ]


def test_a_suspended_account_will_not_do(carrier: Carrier, sms: TwilioSms) -> None:
    carrier.says(Answer(200, {"sid": SID, "friendly_name": "Huaiji", "status": "suspended"}))
    with pytest.raises(ChannelError, match="suspended"):
        sms.probe()
