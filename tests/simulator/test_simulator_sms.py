import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from alertcast.simulator.messages import segments
from alertcast.simulator.server import Simulator
from tests.simulator.product import FROM, MovableClock, Product, play

TEXT = "寒冷橙色预警"


def send(client: Client, product: Product, phone: str, **more: str) -> str:
    more.setdefault("from_", FROM)
    callback = f"{product.url}/status?t=abc#rc=3&rp=ct,rt,5xx"
    return client.messages.create(to=phone, body=TEXT, status_callback=callback, **more).sid


def test_a_message_is_delivered_and_its_receipts_are_signed(
    client: Client, simulator: Simulator, product: Product, clock: MovableClock
) -> None:
    created = client.messages.create(
        to="+8615400000001", from_=FROM, body=TEXT, status_callback=f"{product.url}/status#rc=2"
    )
    assert (created.status, created.num_segments, created.date_sent) == ("queued", "1", None)
    assert created.date_created == clock.now
    play(simulator, clock)
    assert product.statuses() == ["sent", "delivered"]
    assert all(r.is_signed for r in product.received)
    last = product.received[-1].form
    assert last["MessageSid"] == last["SmsSid"] == created.sid
    assert last["RawDlrDoneDate"] == clock.now.strftime("%y%m%d%H%M")
    fetched = client.messages(created.sid).fetch()
    assert (fetched.status, fetched.error_code) == ("delivered", None)
    assert fetched.date_sent is not None
    [entry] = simulator.ledger.messages()
    assert (entry.sid, entry.to, entry.body) == (created.sid, "+8615400000001", TEXT)
    assert entry.status_callback == f"{product.url}/status#rc=2"


def test_a_phone_that_is_off_is_undelivered(
    client: Client, simulator: Simulator, product: Product, clock: MovableClock
) -> None:
    sid = send(client, product, "+8615400000002")
    play(simulator, clock)
    assert product.statuses() == ["sent", "undelivered"]
    assert product.received[-1].form["ErrorCode"] == "30003"
    assert client.messages(sid).fetch().error_code == 30003


def test_sent_may_be_the_last_word(
    client: Client, simulator: Simulator, product: Product, clock: MovableClock
) -> None:
    send(client, product, "+8615400000003")
    play(simulator, clock)
    assert product.statuses() == ["sent"]


def test_a_receipt_that_the_product_does_not_take_is_noted(
    client: Client, simulator: Simulator, product: Product, clock: MovableClock
) -> None:
    product.answers["/status"] = (403, "forged?")
    send(client, product, "+8615400000003")
    play(simulator, clock)
    [entry] = simulator.ledger.messages()
    assert [(note.code, note.message) for note in entry.notes] == [
        (11200, "the status callback answered 403")
    ]


def test_a_service_chooses_the_sender_later(
    client: Client, simulator: Simulator, product: Product, clock: MovableClock
) -> None:
    service = "MG" + "b" * 32
    url = f"{product.url}/status"
    created = client.messages.create(
        to="+8615400000001", messaging_service_sid=service, body=TEXT, status_callback=url
    )
    assert (created.status, created.num_segments, created.from_) == ("accepted", "0", None)
    play(simulator, clock)
    assert product.statuses() == ["queued", "sent", "delivered"]
    assert product.received[-1].form["MessagingServiceSid"] == service


def test_a_reader_replies(
    client: Client, simulator: Simulator, product: Product, clock: MovableClock
) -> None:
    send(client, product, "+8615400000005")
    play(simulator, clock)
    [reply] = product.at("/inbound")
    assert reply.is_signed
    assert (reply.form["From"], reply.form["To"]) == ("+8615400000005", FROM)
    assert (reply.form["Body"], reply.form["SmsStatus"]) == ("收到", "received")
    [entry] = simulator.ledger.inbound()
    assert (entry.body, entry.answer, entry.at) == ("收到", 204, clock.now)


def test_a_person_may_write_first(
    simulator: Simulator, product: Product, clock: MovableClock
) -> None:
    simulator.text_in("+8615400000001", "\uff11")
    play(simulator, clock)
    assert [r.form["Body"] for r in product.at("/inbound")] == ["\uff11"]


@pytest.mark.parametrize(
    ("form", "status", "code"),
    [
        ({"to": ""}, 400, 21604),
        ({"to": "13800000000"}, 400, 21211),
        ({"to": "+8615400000009"}, 400, 21211),
        ({"to": "+8615400000004"}, 400, 21614),
        ({"to": "+8615400000012"}, 400, 21610),
        ({"to": "+15005550002"}, 400, 21612),
        ({"from_": ""}, 400, 21603),
        ({"from_": "+15005550008"}, 429, 21611),
        ({"from_": "+12"}, 400, 21212),
        ({"body": ""}, 400, 21602),
        ({"body": "寒" * 1601}, 400, 21617),
        ({"status_callback": "https://example.org/status"}, 400, 21609),
    ],
)
def test_what_is_refused(
    client: Client, simulator: Simulator, form: dict[str, str], status: int, code: int
) -> None:
    with pytest.raises(TwilioRestException) as refused:
        client.messages.create(**({"to": "+8615400000001", "from_": FROM, "body": TEXT} | form))
    assert (refused.value.status, refused.value.code) == (status, code)
    assert simulator.ledger.messages() == []
    assert [entry.code for entry in simulator.ledger.refused()] == [code]


def test_a_wrong_token_is_refused(stranger: Client, simulator: Simulator) -> None:
    with pytest.raises(TwilioRestException) as refused:
        stranger.messages.create(to="+8615400000001", from_=FROM, body=TEXT)
    assert (refused.value.status, refused.value.code) == (401, 20003)
    assert simulator.ledger.messages() == []


def test_what_does_not_exist_is_not_found(client: Client) -> None:
    with pytest.raises(TwilioRestException) as missing:
        client.messages("SM" + "0" * 32).fetch()
    assert (missing.value.status, missing.value.code) == (404, 20404)


def test_the_account_answers_a_probe(client: Client) -> None:
    assert client.api.v2010.account.fetch().status == "active"


@pytest.mark.parametrize(
    ("body", "parts"),
    [("a" * 160, 1), ("a" * 161, 2), ("寒" * 70, 1), ("寒" * 71, 2), ("寒" * 135, 3)],
)
def test_segments(body: str, parts: int) -> None:
    assert segments(body) == parts
