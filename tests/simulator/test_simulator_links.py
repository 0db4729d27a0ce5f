"""Texts with links: which addresses a telephone opens, and which button a reader presses."""

from collections import Counter

import pytest
from twilio.rest import Client

from alertcast.simulator.people import Behaviour, Reading, behaviour
from alertcast.simulator.reader import link_in
from alertcast.simulator.server import Simulator
from tests.simulator.product import FROM, MovableClock, Product, play

PHONE = "+8615400000020"
PAGE = (
    '<form method="post" action="/a/x"><button name="answer" value="1">收到</button>'
    '<button name="answer" value="2">需要支援</button></form><form method="post" action="/a/x?n">'
    '<input type="number" name="told"><input type="number" name="left">'
    '<input type="number" name="growers"><button name="answer" value="counts">上报</button></form>'
)


@pytest.mark.parametrize(
    ("body", "link"),
    [
        ("收到请点 http://127.0.0.1:9/a/x", "http://127.0.0.1:9/a/x"),
        ("请点 http://127.0.0.1:9/a/x 演练", "http://127.0.0.1:9/a/x"),
        ("请点http://localhost/a/x。", "http://localhost/a/x"),
        ("请点 https://example.org/a/x", None),
        ("没有链接", None),
    ],
)
def test_only_an_address_on_this_machine_is_opened(body: str, link: str | None) -> None:
    assert link_in(body) == link


@pytest.mark.parametrize(
    ("reply", "counts", "form"),
    [
        ("1", None, {"answer": "1"}),
        ("收到", None, {"answer": "1"}),
        ("2", None, {"answer": "2"}),
        ("1", (12, 3), {"told": "12", "left": "3", "growers": "", "answer": "counts"}),
    ],
)
def test_the_button_that_is_pressed(
    simulator: Simulator,
    client: Client,
    product: Product,
    clock: MovableClock,
    reply: str,
    counts: tuple[int, int] | None,
    form: dict[str, str],
) -> None:
    product.answers["/a/x"] = lambda sent: (303, "") if sent else (200, PAGE)
    does = Behaviour(sms=Reading(reply=reply, reply_after=30, counts=counts))
    simulator.people.let(PHONE, does)
    client.messages.create(to=PHONE, from_=FROM, body=f"收到请点 {product.url}/a/x")
    play(simulator, clock)
    looked, pressed = product.at("/a/x")
    assert looked.form == {}
    assert pressed.form == form
    assert [one.what for one in simulator.ledger.visits()] == ["opened", "pressed"]
    assert simulator.ledger.inbound() == []


def test_a_telephone_previews_and_presses_nothing(
    simulator: Simulator, client: Client, product: Product, clock: MovableClock
) -> None:
    product.answers["/a/x"] = (200, PAGE)
    simulator.people.let(PHONE, Behaviour(sms=Reading(previews=True)))
    client.messages.create(to=PHONE, from_=FROM, body=f"收到请点 {product.url}/a/x")
    play(simulator, clock)
    assert [one.what for one in simulator.ledger.visits()] == ["preview", "preview"]
    assert all(one.form == {} for one in product.at("/a/x"))


def test_a_page_without_buttons_is_only_looked_at(
    simulator: Simulator, client: Client, product: Product, clock: MovableClock
) -> None:
    product.answers["/a/x"] = (404, "没有找到")
    simulator.people.let(PHONE, Behaviour(sms=Reading(reply="1", reply_after=30)))
    client.messages.create(to=PHONE, from_=FROM, body=f"{product.url}/a/x")
    play(simulator, clock)
    assert [(one.what, one.answer) for one in simulator.ledger.visits()] == [("opened", 404)]


def test_every_second_telephone_previews_and_every_third_reader_counts() -> None:
    found = Counter()
    for number in range(6000):
        does = behaviour(1, f"+86154{number:08}")
        found["previews"] += does.sms.previews
        found["replies"] += does.kind == "replies"
        found["counts"] += does.sms.counts is not None
    assert 2800 < found["previews"] < 3200
    assert 0.27 < found["counts"] / found["replies"] < 0.4
