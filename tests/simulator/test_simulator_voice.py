import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from alertcast.simulator.server import Simulator
from tests.simulator.product import BYE, FROM, MENU, MovableClock, Product, play

EVENTS = ["initiated", "ringing", "answered", "completed"]


def dial(client: Client, product: Product, phone: str, **more: object) -> str:
    asked: dict[str, object] = {
        "url": f"{product.url}/voice?t=abc#rc=3&rp=ct",
        "status_callback": f"{product.url}/status",
        "status_callback_event": EVENTS,
    }
    call = client.calls.create(to=phone, from_=FROM, **(asked | more))
    assert call.status == "queued"
    return str(call.sid)


def test_a_call_is_answered_and_1_is_pressed(
    client: Client, simulator: Simulator, product: Product, clock: MovableClock
) -> None:
    sid = dial(client, product, "+8615400000001")
    play(simulator, clock)
    assert product.statuses("CallStatus") == ["initiated", "ringing", "in-progress", "completed"]
    assert [r.form["SequenceNumber"] for r in product.at("/status")] == ["0", "1", "2", "3"]
    assert all(r.is_signed for r in product.received)
    last = product.received[-1].form
    assert int(last["CallDuration"]) > 0
    assert (last["Duration"], last["SipResponseCode"]) == ("1", "200")
    assert last["CallbackSource"] == "call-progress-events"
    assert "AnsweredBy" not in last
    [keys] = product.at("/keys")
    assert (keys.form["Digits"], keys.form["CallSid"]) == ("1", sid)
    [entry] = simulator.ledger.calls()
    assert entry.spoken == ("寒冷橙色预警，收到请按 1", "谢谢")
    assert [press.digits for press in entry.pressed] == ["1"]
    call = client.calls(sid).fetch()
    assert (call.status, call.duration) == ("completed", last["CallDuration"])
    assert call.start_time < call.end_time == clock.now.replace(microsecond=0)


@pytest.mark.parametrize(
    ("phone", "status", "sip"),
    [
        ("+8615400000006", "busy", "486"),
        ("+8615400000007", "no-answer", "487"),
        ("+8615400000009", "failed", "404"),
    ],
)
def test_nobody_picks_up(
    client: Client,
    simulator: Simulator,
    product: Product,
    clock: MovableClock,
    phone: str,
    status: str,
    sip: str,
) -> None:
    sid = dial(client, product, phone)
    play(simulator, clock)
    last = product.received[-1].form
    assert (last["CallStatus"], last["SipResponseCode"]) == (status, sip)
    assert product.at("/voice") == []
    assert client.calls(sid).fetch().status == status


def test_a_phone_rings_no_longer_than_asked(
    client: Client, simulator: Simulator, product: Product, clock: MovableClock
) -> None:
    dial(client, product, "+8615400000001", timeout=5)
    play(simulator, clock)
    assert product.statuses("CallStatus")[-1] == "no-answer"


def test_busy_at_first_and_answered_then(
    client: Client, simulator: Simulator, product: Product, clock: MovableClock
) -> None:
    for _ in range(2):
        dial(client, product, "+8615400000006")
        play(simulator, clock)
    first, second = simulator.ledger.calls()
    assert (first.pressed, [p.digits for p in second.pressed]) == ((), ["1"])


def test_a_voicemail_hears_everything_and_presses_nothing(
    client: Client, simulator: Simulator, product: Product, clock: MovableClock
) -> None:
    product.answers["/again"] = (200, BYE)
    dial(client, product, "+8615400000008", machine_detection="Enable")
    play(simulator, clock)
    [entry] = simulator.ledger.calls()
    assert len(entry.spoken) == 2
    assert entry.pressed == ()
    assert product.at("/voice")[0].form["AnsweredBy"] == "machine_start"
    assert product.received[-1].form["CallStatus"] == "completed"


def test_detection_may_answer_later(
    client: Client, simulator: Simulator, product: Product, clock: MovableClock
) -> None:
    dial(
        client,
        product,
        "+8615400000001",
        machine_detection="Enable",
        async_amd="true",
        async_amd_status_callback=f"{product.url}/amd",
    )
    play(simulator, clock)
    assert "AnsweredBy" not in product.at("/voice")[0].form
    assert product.at("/amd")[0].form["AnsweredBy"] == "human"


def test_a_running_call_is_given_other_words(
    client: Client, simulator: Simulator, product: Product, clock: MovableClock
) -> None:
    other = "<Response><Say>请致电值班室</Say><Hangup/></Response>"

    def found_out(form: dict[str, str]) -> tuple[int, str]:
        client.calls(form["CallSid"]).update(twiml=other)
        return 204, ""

    product.answers["/amd"] = found_out
    dial(
        client,
        product,
        "+8615400000008",
        machine_detection="Enable",
        async_amd="true",
        async_amd_status_callback=f"{product.url}/amd",
    )
    play(simulator, clock)
    [entry] = simulator.ledger.calls()
    assert product.at("/amd")[0].form["AnsweredBy"] == "machine_start"
    assert entry.spoken == ("寒冷橙色预警，收到请按 1", "请致电值班室")
    assert product.at("/again") == []
    assert product.received[-1].form["CallStatus"] == "completed"


def test_a_call_that_is_over_is_given_no_other_words(
    client: Client, simulator: Simulator, product: Product, clock: MovableClock
) -> None:
    sid = dial(client, product, "+8615400000001")
    play(simulator, clock)
    with pytest.raises(TwilioRestException) as refused:
        client.calls(sid).update(twiml="<Response/>")
    assert refused.value.code == 21220


def test_people_call_in_and_press_keys(
    simulator: Simulator, product: Product, clock: MovableClock
) -> None:
    simulator.call_in("+8615400000001")
    assert simulator.ledger.calls_in() == []
    simulator.voice_url = f"{product.url}/voice"
    simulator.call_in("+8615400000001")
    play(simulator, clock)
    [entry] = simulator.ledger.calls_in()
    assert [press.digits for press in entry.pressed] == ["1"]
    (asked,) = product.at("/voice")
    assert asked.is_signed
    assert (asked.form["From"], asked.form["Direction"]) == ("+8615400000001", "inbound")
    assert simulator.ledger.calls() == []


def test_3_hears_it_again(
    client: Client, simulator: Simulator, product: Product, clock: MovableClock
) -> None:
    product.answers["/keys"] = lambda form: (200, MENU if form["Digits"] == "3" else BYE)
    dial(client, product, "+8615400000010")
    play(simulator, clock)
    [entry] = simulator.ledger.calls()
    assert [press.digits for press in entry.pressed] == ["3", "1"]
    assert len(entry.spoken) == 3


def test_silence_can_be_sent_too(
    client: Client, simulator: Simulator, product: Product, clock: MovableClock
) -> None:
    twiml = MENU.replace("<Gather ", f'<Gather actionOnEmptyResult="true" x="{product.url}" ')
    twiml = twiml.replace('action="/keys"', f'action="{product.url}/keys"')
    dial(client, product, "+8615400000011", url=None, twiml=twiml)
    play(simulator, clock)
    assert product.at("/keys")[0].form["Digits"] == ""


def test_a_caller_that_goes_round_in_circles_is_stopped(
    client: Client, simulator: Simulator, product: Product, clock: MovableClock
) -> None:
    dial(client, product, "+8615400000011")
    play(simulator, clock)
    [entry] = simulator.ledger.calls()
    assert entry.notes[-1].code == 11200


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ((500, "no"), 11200),
        ((404, "no"), 11200),
        ((200, "<Response><Say>"), 12100),
        ((200, "<html/>"), 12100),
        ((200, ""), 12100),
        ((200, '<!DOCTYPE a [<!ENTITY b "c">]><Response>&b;</Response>'), 12100),
        ((200, "<Response><Dance/></Response>"), 12200),
    ],
)
def test_a_bad_document_ends_the_call(
    client: Client,
    simulator: Simulator,
    product: Product,
    clock: MovableClock,
    answer: tuple[int, str],
    code: int,
) -> None:
    product.answers["/voice"] = answer
    dial(client, product, "+8615400000001")
    play(simulator, clock)
    [entry] = simulator.ledger.calls()
    assert [note.code for note in entry.notes] == [code]
    assert product.statuses("CallStatus")[-1] == "completed"


def test_the_fallback_is_asked_once(
    client: Client, simulator: Simulator, product: Product, clock: MovableClock
) -> None:
    product.answers["/voice"] = (500, "no")
    dial(client, product, "+8615400000001", fallback_url=f"{product.url}/again")
    play(simulator, clock)
    [fallback] = product.at("/again")
    assert (fallback.form["ErrorCode"], len(product.at("/keys"))) == ("11200", 1)


def test_only_the_end_is_reported_unless_more_is_asked(
    client: Client, simulator: Simulator, product: Product, clock: MovableClock
) -> None:
    dial(client, product, "+8615400000001", status_callback_event=None)
    play(simulator, clock)
    assert product.statuses("CallStatus") == ["completed"]


def test_calls_can_be_ended(
    client: Client, simulator: Simulator, product: Product, clock: MovableClock
) -> None:
    queued = dial(client, product, "+8615400000001")
    assert client.calls(queued).update(status="canceled").status == "canceled"
    ringing = dial(client, product, "+8615400000007")
    play(simulator, clock, seconds=5)
    assert client.calls(ringing).update(status="canceled").status == "canceled"
    talking = dial(client, product, "+8615400000011")
    play(simulator, clock, seconds=10)
    assert client.calls(talking).update(status="canceled").status == "in-progress"
    assert client.calls(talking).update(status="completed").status == "completed"
    play(simulator, clock)
    ended = {r.form["CallSid"]: r.form["CallStatus"] for r in product.at("/status")}
    assert {ringing: "canceled", talking: "completed"}.items() <= ended.items()
    assert ended.get(queued) in (None, "initiated")
    with pytest.raises(TwilioRestException) as refused:
        client.calls(talking).update(status="completed")
    assert refused.value.code == 21220


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"to": ""}, 21201),
        ({"to": "13800000000"}, 21211),
        ({"to": "+15005550003"}, 21215),
        ({"from_": ""}, 21213),
        ({"url": ""}, 21205),
        ({"url": "http://10.0.0.1/voice"}, 21205),
        ({"url": "", "twiml": "x" * 4001}, 20001),
        ({"status_callback": "https://example.org/"}, 21609),
        ({"timeout": "long"}, 20001),
    ],
)
def test_what_is_refused(
    client: Client, simulator: Simulator, form: dict[str, str], code: int
) -> None:
    good = {"to": "+8615400000001", "from_": FROM, "url": "http://127.0.0.1:9/voice"}
    with pytest.raises(TwilioRestException) as refused:
        client.calls.create(**(good | form))
    assert refused.value.code == code
    assert [entry.kind for entry in simulator.ledger.refused()] == ["call"]
