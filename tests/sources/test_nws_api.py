import json

import pytest
from pydantic import ValidationError

from alertcast.sources.base import Outcome, Source
from alertcast.sources.nws_api import NwsApi, NwsApiSettings
from tests.sources.documents import NOW
from tests.sources.test_nws import collection, feature

PATH = "/alerts/active"


def api(publisher, **settings):
    given = {"user_agent": "alertcast desk@example.org", "base_url": publisher.url}
    return NwsApi("nws", NwsApiSettings(**(given | settings)))


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"<html/>", 200),
        (b'{"title": "Unexpected Problem", "status": 500}', 200),
        (b"{}", 200),
        (b"", 503),
    ],
)
def test_no_usable_answer_is_a_failure(publisher, body, status):
    publisher.put(PATH, body, status)
    polled = api(publisher).poll({"sha256": "x"}, NOW)
    assert (polled.outcome, polled.memory) == (Outcome.FAILED, {"sha256": "x"})


def test_the_collection_is_one_document_until_an_alert_changes(publisher):
    source = api(publisher, params={"area": "WA"})
    assert isinstance(source, Source)
    body = json.loads(collection(feature()))
    publisher.put(PATH, json.dumps(body | {"updated": "1"}).encode())
    first = source.poll({}, NOW)
    assert first.outcome is Outcome.OK and len(first.documents) == 1
    path, headers = publisher.asked[0]
    assert path == "/alerts/active?area=WA"
    assert headers["User-Agent"] == "alertcast desk@example.org"
    assert headers["Accept"] == "application/geo+json"
    publisher.put(PATH, json.dumps(body | {"updated": "2"}).encode())
    assert source.poll(first.memory, NOW).outcome is Outcome.UNCHANGED
    publisher.put(PATH, collection(feature(), feature(id="X")))
    assert source.poll(first.memory, NOW).outcome is Outcome.OK


def test_no_alert_in_force_is_no_data(publisher):
    publisher.put(PATH, collection())
    assert api(publisher).poll({}, NOW).outcome is Outcome.NO_DATA


def test_a_client_must_name_itself():
    with pytest.raises(ValidationError, match="user_agent"):
        NwsApiSettings()
