"""Every answer of the simulator is valid by Twilio's own description of its API."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from openapi_core import OpenAPI
from openapi_core.contrib.requests import RequestsOpenAPIRequest, RequestsOpenAPIResponse

from alertcast.simulator.people import People
from alertcast.simulator.server import Simulator
from tests.simulator.product import FROM, MENU, PEOPLE, SID, TOKEN, MovableClock, play

SERVICE = "MG" + "b" * 32
MESSAGES, CALLS = "Messages.json", "Calls.json"


@pytest.fixture(scope="module")
def openapi() -> OpenAPI:
    path = Path(os.environ["ALERTCAST_CORPORA"]) / "twilio-openapi/messages_calls.json"
    return OpenAPI.from_dict(json.loads(path.read_text(encoding="utf-8")))


class Api:
    """Makes requests, and validates each of them and its answer."""

    def __init__(self, openapi: OpenAPI, base_url: str) -> None:
        self.openapi = openapi
        self.root = f"{base_url}/2010-04-01/Accounts/{SID}/"
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.auth = (SID, TOKEN)

    def ask(self, method: str, what: str, **form: object) -> dict[str, object]:
        where = {"params": form} if method == "GET" else {"data": form}
        request = requests.Request(method, self.root + what, **where)
        prepared = self.session.prepare_request(request)
        answer = self.session.send(prepared, timeout=2)
        assert answer.status_code in (200, 201), answer.text
        prepared.url = prepared.url.replace(
            self.root, f"https://api.twilio.com/2010-04-01/Accounts/{SID}/"
        )
        asked = RequestsOpenAPIRequest(prepared)
        self.openapi.validate_request(asked)
        self.openapi.validate_response(asked, RequestsOpenAPIResponse(answer))
        body: dict[str, object] = answer.json()
        return body


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def simulator(clock: MovableClock) -> Iterator[Simulator]:
    with Simulator({SID: TOKEN}, People(overrides=PEOPLE), clock) as simulator:
        yield simulator


@pytest.fixture
def api(openapi: OpenAPI, simulator: Simulator) -> Iterator[Api]:
    api = Api(openapi, simulator.base_url)
    yield api
    api.session.close()


def test_messages(api: Api, simulator: Simulator, clock: MovableClock) -> None:
    senders = ({"From": FROM}, {"MessagingServiceSid": SERVICE})
    created = [
        api.ask("POST", MESSAGES, To=phone, Body="寒冷", **sender)
        for phone in PEOPLE
        for sender in senders
        if PEOPLE[phone].sms.refused is None
    ]
    for _ in range(2):  # fresh, and in the end
        shown = {str(api.ask("GET", f"Messages/{m['sid']}.json")["status"]) for m in created}
        page = api.ask("GET", MESSAGES, PageSize=3, To="+8615400000001")
        assert len(list(page["messages"])) == 2
        assert api.ask("GET", MESSAGES, PageSize=3)["next_page_uri"]
        assert api.ask("GET", MESSAGES, PageSize=3, Page=1)["previous_page_uri"]
        play(simulator, clock)
    assert shown == {"sent", "delivered", "undelivered"}


def test_calls(api: Api, simulator: Simulator, clock: MovableClock) -> None:
    url = "http://127.0.0.1:9/status"
    asked = {"StatusCallback": url, "StatusCallbackEvent": ["initiated", "answered"]}
    for phone in PEOPLE:
        api.ask("POST", CALLS, To=phone, From=FROM, Twiml=MENU, **asked)
    play(simulator, clock, seconds=3)
    ringing = api.ask("GET", CALLS, Status="ringing", PageSize=1)
    assert ringing["next_page_uri"]
    [call] = list(ringing["calls"])
    assert api.ask("POST", f"Calls/{call['sid']}.json", Status="completed")["status"] == "canceled"
    play(simulator, clock)
    statuses = {c["status"] for c in list(api.ask("GET", CALLS)["calls"])}
    assert statuses == {"completed", "busy", "no-answer", "failed", "canceled"}
    assert api.ask("GET", f"Calls/{call['sid']}.json")["status"] == "canceled"
