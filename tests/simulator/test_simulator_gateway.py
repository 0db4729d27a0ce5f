"""The simulator's plain gateway: what it refuses, what it reports, what it forgets."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from alertcast.simulator.faults import Fault
from alertcast.simulator.gateway_reports import DEMO_TOKEN
from alertcast.simulator.people import Behaviour, Hearing, Reading
from alertcast.simulator.server import Simulator
from tests.simulator.product import MovableClock, play

PHONE = "15400000001"
PARAMS = {"issuer": "怀集县气象台", "hazard": "寒冷", "level": "橙色", "places": "东村"}


@pytest.fixture
def session(simulator: Simulator) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        session.headers["Authorization"] = f"Bearer {DEMO_TOKEN}"
        yield session


def post(session: requests.Session, simulator: Simulator, path: str, body: Any) -> Any:
    return session.post(f"{simulator.base_url}/gateway/{path}", data=json.dumps(body), timeout=2)


def get(session: requests.Session, simulator: Simulator, path: str) -> Any:
    return session.get(f"{simulator.base_url}/gateway/{path}", timeout=2).json()


def test_without_its_token_nothing_is_taken(simulator: Simulator) -> None:
    for header in ({}, {"Authorization": "Bearer other"}):
        answer = requests.post(f"{simulator.base_url}/gateway/sms", headers=header, timeout=2)
        assert (answer.status_code, answer.json()["code"]) == (401, "KEY_ILLEGAL")
    assert simulator.ledger.messages() == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("text", "PARAM_ILLEGAL"),
        ([], "PARAM_ILLEGAL"),
        ({"items": []}, "PARAM_ILLEGAL"),
        ({"items": "15400000001"}, "PARAM_ILLEGAL"),
        ({"items": [PHONE]}, "PARAM_ILLEGAL"),
        ({"items": [{"phone": PHONE}] * 201}, "TOO_MANY"),
        ({"items": [{"phone": PHONE}], "template": "NONE"}, "TEMPLATE_ILLEGAL"),
        ({"items": [{"phone": PHONE}], "template": "DEMO_WARNING"}, "PARAM_ILLEGAL"),
        (
            {"items": [{"phone": PHONE, "params": PARAMS | {"places": "东" * 21}}]}
            | {"template": "DEMO_WARNING"},
            "PARAM_ILLEGAL",
        ),
        (
            {"items": [{"phone": PHONE, "params": PARAMS | {"level": "-3℃"}}]}
            | {"template": "DEMO_WARNING"},
            "PARAM_ILLEGAL",
        ),
    ],
)
def test_a_request_that_is_wrong_is_refused_whole(
    session: requests.Session, simulator: Simulator, body: Any, code: str
) -> None:
    answer = post(session, simulator, "sms", body)
    assert (answer.status_code, answer.json()["code"]) == (200, code)
    assert simulator.ledger.messages() == []


def test_free_text_is_refused_where_only_templates_are_sent(
    session: requests.Session, simulator: Simulator
) -> None:
    simulator.gateway.is_strict = True
    free = post(session, simulator, "sms", {"items": [{"phone": PHONE, "text": "寒冷"}]})
    assert free.json()["code"] == "FREE_TEXT"
    body = {"template": "DEMO_WARNING", "params": PARAMS, "items": [{"phone": PHONE}]}
    assert post(session, simulator, "sms", body).json()["results"][0]["code"] == "OK"
    assert "怀集县气象台发布寒冷橙色预警信号" in (simulator.ledger.messages()[0].body or "")


def test_one_number_may_be_refused_alone(session: requests.Session, simulator: Simulator) -> None:
    simulator.people.let("+8615400000002", Behaviour(sms=Reading(refused=21614)))
    items = [{"phone": PHONE, "ref": "a"}, {"phone": "+8615400000002", "ref": "b"}]
    results = post(session, simulator, "sms", {"text": "寒冷", "items": items}).json()["results"]
    assert [(one["ref"], one["code"]) for one in results] == [("a", "OK"), ("b", "LANDLINE")]
    assert len(simulator.ledger.messages()) == 1


@pytest.mark.parametrize(
    ("fault", "status", "taken"),
    [
        ("throttled", 429, 0),
        ("queue_full", 200, 0),
        ("error_before", 500, 0),
        ("error_after", 500, 1),
        ("reset_before", None, 0),
        ("reset_after", None, 1),
    ],
)
def test_faults(
    session: requests.Session, simulator: Simulator, fault: str, status: int | None, taken: int
) -> None:
    simulator.faults.set(Fault(fault, "message"))
    body = {"items": [{"phone": PHONE, "text": "寒冷"}]}
    if status is None:
        with pytest.raises(requests.ConnectionError):
            post(session, simulator, "sms", body)
    else:
        assert post(session, simulator, "sms", body).status_code == status
    assert len(simulator.ledger.messages()) == taken


def test_what_is_fetched_stays_until_it_is_acknowledged(
    session: requests.Session, simulator: Simulator, clock: MovableClock
) -> None:
    simulator.people.let("+86" + PHONE, Behaviour(calls=(Hearing(keys=("3", "1")),)))
    post(session, simulator, "calls", {"items": [{"phone": PHONE, "ref": "r", "text": "寒冷"}]})
    play(simulator, clock)
    assert get(session, simulator, "receipts?kind=message")["data"]["items"] == []
    first = get(session, simulator, "receipts?kind=call&limit=9")["data"]["items"]
    assert [one["state"] for one in first] == ["ANSWERED", "COMPLETED"]
    assert first[-1]["dtmf"] == "31"
    assert get(session, simulator, "receipts?kind=call")["data"]["items"] == first
    post(session, simulator, "receipts/ack", {"ids": [first[0]["serial"], "none"]})
    assert get(session, simulator, "receipts?kind=call")["data"]["items"] == first[1:]
    assert post(session, simulator, "receipts/ack", {"ids": 1}).json()["code"] == "PARAM_ILLEGAL"


def test_a_look_up_that_lags(session: requests.Session, simulator: Simulator) -> None:
    post(session, simulator, "sms", {"items": [{"phone": PHONE, "ref": "r", "text": "寒冷"}]})
    assert get(session, simulator, "query?ref=r")["data"]["items"][0]["state"] == "ACCEPTED"
    simulator.faults.set(Fault("list_lag", seconds=60))
    assert get(session, simulator, "query?ref=r")["code"] == "NOT_FOUND"
    assert get(session, simulator, "query")["code"] == "NOT_FOUND"
