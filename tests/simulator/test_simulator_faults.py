import time

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from alertcast.simulator.faults import Fault, Faults, Stage
from alertcast.simulator.server import Simulator
from tests.simulator.product import FROM, MovableClock, Product, play

PHONE = "+8615400000001"


def send(client: Client, product: Product) -> None:
    client.messages.create(
        to=PHONE, from_=FROM, body="寒冷", status_callback=f"{product.url}/status"
    )


@pytest.mark.parametrize(
    ("fault", "status", "code", "taken"),
    [
        ("throttled", 429, 20429, 0),
        ("queue_full", 429, 21611, 0),
        ("error_before", 500, 20500, 0),
        ("error_after", 500, 20500, 1),
        ("hang_before", 503, 20503, 0),
    ],
)
def test_a_create_is_answered_with_an_error(
    client: Client,
    simulator: Simulator,
    product: Product,
    fault: str,
    status: int,
    code: int,
    taken: int,
) -> None:
    simulator.faults.set(Fault(fault, nth=1, seconds=0.01))
    with pytest.raises(TwilioRestException) as error:
        send(client, product)
    assert (error.value.status, error.value.code) == (status, code)
    assert len(simulator.ledger.messages()) == taken
    assert len(simulator.ledger.refused()) == 1 - taken
    send(client, product)
    assert len(simulator.ledger.messages()) == taken + 1


def test_a_throttled_create_says_when_to_come_again(simulator: Simulator) -> None:
    simulator.faults.set(Fault("throttled", seconds=2.5))
    [(sid, token)] = simulator.accounts.items()
    url = f"{simulator.base_url}/2010-04-01/Accounts/{sid}/Messages.json"
    answer = requests.post(url, {"To": PHONE}, auth=(sid, token), timeout=2)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "2.5")
    assert set(answer.json()) == {"code", "message", "more_info", "status"}


@pytest.mark.parametrize(("fault", "taken"), [("reset_before", 0), ("reset_after", 1)])
def test_the_connection_is_cut(
    client: Client, simulator: Simulator, product: Product, fault: str, taken: int
) -> None:
    simulator.faults.set(Fault(fault, nth=1))
    with pytest.raises(requests.ConnectionError):
        send(client, product)
    assert len(simulator.ledger.messages()) == taken
    assert [entry.code for entry in simulator.ledger.refused()] == [0] * (1 - taken)
    send(client, product)


def test_the_answer_comes_too_late(client: Client, simulator: Simulator, product: Product) -> None:
    simulator.faults.set(Fault("hang_after", seconds=30))
    client.http_client.timeout = 0.1
    with pytest.raises(requests.ReadTimeout):
        send(client, product)
    assert len(simulator.ledger.messages()) == 1


@pytest.mark.parametrize(
    ("fault", "statuses", "signed"),
    [
        ("receipts_none", [], True),
        ("receipts_twice", ["sent", "sent", "delivered", "delivered"], True),
        ("receipts_reversed", ["delivered", "sent"], True),
        ("receipts_late", ["sent", "delivered"], True),
        ("receipts_early", ["sent", "delivered"], True),
        ("receipts_forged", ["sent", "delivered"], False),
    ],
)
def test_receipts_go_wrong(
    client: Client,
    simulator: Simulator,
    product: Product,
    clock: MovableClock,
    fault: str,
    statuses: list[str],
    signed: bool,
) -> None:
    begun = clock.now
    simulator.faults.set(Fault(fault, kind="message", seconds=300))
    send(client, product)
    assert len(product.received) == (2 if fault == "receipts_early" else 0)
    play(simulator, clock)
    assert product.statuses() == statuses
    assert all(r.is_signed is signed for r in product.received)
    if fault == "receipts_late":
        assert (product.received[0].at - begun).total_seconds() > 300


def test_the_receipts_of_a_call_can_be_reversed(
    client: Client, simulator: Simulator, product: Product, clock: MovableClock
) -> None:
    simulator.faults.set(Fault("receipts_reversed", kind="call"))
    client.calls.create(
        to=PHONE,
        from_=FROM,
        url=f"{product.url}/voice",
        status_callback=f"{product.url}/status",
        status_callback_event=["ringing", "completed"],
    )
    play(simulator, clock)
    assert product.statuses("CallStatus") == ["completed", "ringing"]
    assert product.statuses("SequenceNumber") == ["1", "0"]


def test_an_early_call_is_reported_before_it_is_answered(
    client: Client, simulator: Simulator, product: Product
) -> None:
    simulator.faults.set(Fault("receipts_early"))
    client.calls.create(
        to=PHONE,
        from_=FROM,
        url=f"{product.url}/voice",
        status_callback=f"{product.url}/status",
        status_callback_event=["initiated"],
    )
    assert product.statuses("CallStatus") == ["initiated"]


def test_a_list_lags(client: Client, simulator: Simulator, product: Product) -> None:
    simulator.faults.set(Fault("list_lag", seconds=0.05))
    send(client, product)
    assert client.messages.list(to=PHONE) == []
    time.sleep(0.05)
    assert len(client.messages.list(to=PHONE)) == 1


def test_when_rules_strike() -> None:
    faults = Faults()
    faults.set(Fault("throttled", nth=2), Fault("error_after", kind="call", every=3))
    struck = [faults.strike(Stage.CREATE, "call") for _ in range(6)]
    names = [rule.fault if rule else None for rule in struck]
    assert names == [None, "throttled", "error_after", None, None, "error_after"]
    assert faults.strike(Stage.CREATE, "message") is None
    faults.clear()
    faults.set(Fault("receipts_none", share=0.25, seed=7))
    hits = sum(faults.strike(Stage.RECEIPT, "message") is not None for _ in range(1000))
    assert 200 < hits < 300


def test_faults_are_set_over_http(simulator: Simulator) -> None:
    url = f"{simulator.base_url}/faults"
    set_two = requests.post(
        url, json=[{"fault": "throttled", "every": 2}, {"fault": "list_lag"}], timeout=2
    )
    assert set_two.status_code == 201
    assert [row["fault"] for row in requests.get(url, timeout=2).json()] == [
        "throttled",
        "list_lag",
    ]
    assert requests.delete(url, timeout=2).status_code == 204
    assert requests.get(url, timeout=2).json() == []


@pytest.mark.parametrize(
    "rule",
    [
        {"fault": "fire"},
        {"fault": "throttled", "kind": "pigeon"},
        {"fault": "throttled", "nth": "first"},
        {"fault": "throttled", "colour": "red"},
        {"fault": "throttled", "every": 0},
        {},
        "throttled",
    ],
)
def test_a_bad_fault_is_refused_with_its_reason(simulator: Simulator, rule: object) -> None:
    answer = requests.post(f"{simulator.base_url}/faults", json=rule, timeout=2)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert simulator.faults.as_json() == []
