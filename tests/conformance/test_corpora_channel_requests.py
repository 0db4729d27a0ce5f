"""Every request that the Twilio channels make is valid by Twilio's own description of its API."""

import json
import os
from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
import requests
from openapi_core import OpenAPI
from openapi_core.contrib.requests import RequestsOpenAPIRequest

from alertcast.channels.base import Callback, Outcome, Reply, Situation
from tests.channels.carrier import CALL, MESSAGE, Answer, Asked, Carrier, call, message, page
from tests.channels.conftest import NOW, make_sms, make_voice, request_


@pytest.fixture(scope="module")
def openapi() -> OpenAPI:
    path = Path(os.environ["ALERTCAST_CORPORA"]) / "twilio-openapi/messages_calls.json"
    return OpenAPI.from_dict(json.loads(path.read_text(encoding="utf-8")))


@pytest.fixture
def carrier(openapi: OpenAPI) -> Iterator[Carrier]:
    """Yield a carrier; what it was asked is validated at the end."""
    carrier = Carrier()
    yield carrier
    carrier.close()
    assert carrier.asked
    for asked in carrier.asked:
        openapi.validate_request(RequestsOpenAPIRequest(_at_twilio(asked)))


def _at_twilio(asked: Asked) -> requests.PreparedRequest:
    headers = {
        name: value
        for name, value in asked.headers.items()
        if name.lower() in ("authorization", "content-type", "accept")
    }
    return requests.Request(
        asked.method,
        "https://api.twilio.com" + asked.path,
        headers=headers,
        params=asked.query,
        data=asked.body,
    ).prepare()


@pytest.mark.parametrize("life", [None, 0.5, 90, 10**6])
@pytest.mark.parametrize("sender", [{}, {"messaging_service_sid": "MG" + "b" * 32}])
def test_messages(carrier: Carrier, sender: dict[str, str], life: float | None) -> None:
    channel = make_sms(api_base_url=carrier.url, **sender)
    carrier.says(Answer(201, message()))
    assert channel.send([request_(life=life)])[0].outcome is Outcome.ACCEPTED
    carrier.says(page("messages", message(date_created=_date(1))))
    channel.look_up(request_(), NOW)
    carrier.says(Answer(200, message()))
    assert channel.status_of(MESSAGE) is not None
    channel.close()


@pytest.mark.parametrize("life", [None, 90])
def test_calls(carrier: Carrier, life: float | None) -> None:
    channel = make_voice(api_base_url=carrier.url)
    carrier.says(Answer(201, call()))
    assert channel.send([request_(life=life)])[0].outcome is Outcome.ACCEPTED
    carrier.says(page("calls", call(date_created=_date(1))))
    assert channel.look_up(request_(), NOW) is not None
    carrier.says(Answer(200, call()))
    assert channel.status_of(CALL) is not None
    channel.close()


def test_a_call_whose_machine_is_found_out(carrier: Carrier) -> None:
    channel = make_voice(api_base_url=carrier.url, machine_detection=True)
    carrier.says(Answer(201, call()))
    assert channel.send([request_()])[0].outcome is Outcome.ACCEPTED
    carrier.says(Answer(200, call()))
    form = {"CallSid": [CALL], "AnsweredBy": ["machine_start"]}
    situation = Situation(text="寒冷。", is_machine=True, office="三防办", check_spoken="0 7 5 8")
    assert channel.reply(Callback("voice", "machine", "tok", "", {}, form), situation) == Reply()
    assert "0 7 5 8" in carrier.asked[-1].form["Twiml"][-1]
    channel.close()


def _date(seconds: float) -> str:
    return format_datetime(NOW + timedelta(seconds=seconds))
