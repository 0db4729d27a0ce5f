from datetime import UTC, datetime

import pytest
import requests
from defusedxml.ElementTree import ParseError, fromstring

from alertcast.simulator.faults import Fault
from alertcast.simulator.feeds.envelopes import SWIC_KEEPS
from alertcast.simulator.feeds.formats import FORMATS
from alertcast.simulator.server import Simulator

ATOM = "{http://www.w3.org/2005/Atom}"
AT = datetime(2026, 1, 20, 12, 0, tzinfo=UTC)
CAP = b"<alert xmlns='urn:oasis:names:tc:emergency:cap:1.2'/>"


def get(url: str, **headers: str) -> requests.Response:
    return requests.get(url, headers=headers, timeout=2)


def publish(simulator: Simulator, identifier: str, document: bytes = CAP) -> None:
    simulator.publisher.publish_document(document, f"寒冷 {identifier}", AT, identifier)


def test_the_index_leads_to_the_documents(simulator: Simulator) -> None:
    publish(simulator, "441224/寒冷 1")
    publish(simulator, "second", b"<alert/>")
    answer = get(simulator.feed_url)
    assert answer.headers["Content-Type"].startswith("application/atom+xml")
    entries = fromstring(answer.content).findall(f"{ATOM}entry")
    assert [e.findtext(f"{ATOM}id") for e in entries] == ["second", "441224/寒冷 1"]
    assert entries[0].findtext(f"{ATOM}updated") == AT.isoformat()
    document = get(entries[1].find(f"{ATOM}link").get("href"))
    assert (document.content, document.headers["Content-Type"]) == (CAP, "application/cap+xml")
    assert get(f"{simulator.base_url}/feed/third.xml").status_code == 404


def test_what_has_not_changed_is_not_sent_again(simulator: Simulator) -> None:
    publish(simulator, "first")
    for url in (simulator.feed_url, f"{simulator.base_url}/feed/first.xml"):
        said = get(url).headers
        for name, known in (("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified")):
            again = get(url, **{name: said[known]})
            assert (again.status_code, again.content) == (304, b"")
    said = get(simulator.feed_url).headers
    simulator.publisher.withdraw("first")
    for name, known in (("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified")):
        assert get(simulator.feed_url, **{name: said[known]}).status_code == 200


def test_the_index_fails_as_told(simulator: Simulator) -> None:
    publish(simulator, "first")
    for fault, status in (("feed_error", 500), ("feed_throttled", 429)):
        simulator.faults.set(Fault(fault, kind="atom", nth=1))
        assert get(simulator.feed_url).status_code == status
    simulator.faults.set(Fault("feed_cut", kind="atom", nth=1))
    with pytest.raises(ParseError):
        fromstring(get(simulator.feed_url).content)
    simulator.faults.set(Fault("feed_blank", kind="atom", nth=1))
    assert get(simulator.feed_url).content == b""
    simulator.faults.set(Fault("feed_empty", kind="atom", nth=1))
    assert fromstring(get(simulator.feed_url).content).findall(f"{ATOM}entry") == []
    for fault, error in (
        ("feed_short", requests.exceptions.ChunkedEncodingError),
        ("feed_gzip", requests.exceptions.ContentDecodingError),
        ("feed_reset", requests.ConnectionError),
    ):
        simulator.faults.set(Fault(fault, kind="atom", nth=1))
        with pytest.raises(error):
            get(simulator.feed_url)
    simulator.faults.set(Fault("feed_hang", kind="atom", nth=1, seconds=30))
    with pytest.raises(requests.ReadTimeout):
        requests.get(simulator.feed_url, timeout=0.05)
    simulator.faults.set(Fault("feed_drip", kind="atom", nth=1, seconds=0.1))
    assert len(fromstring(get(simulator.feed_url).content).findall(f"{ATOM}entry")) == 1


def test_a_fault_strikes_one_publisher_or_all(simulator: Simulator) -> None:
    publish(simulator, "first")
    other = simulator.base_url + FORMATS["rss"].rule
    document = f"{simulator.base_url}/feed/first.xml"
    simulator.faults.set(Fault("feed_error", kind="document"))
    statuses = [get(url).status_code for url in (simulator.feed_url, other, document)]
    assert statuses == [200, 200, 500]
    simulator.faults.set(Fault("feed_error"))
    assert [get(url).status_code for url in (simulator.feed_url, other)] == [500, 500]
    with pytest.raises(ValueError, match="must be cap or signed"):
        Fault("feed_error", kind="message")


def test_the_index_in_rss_keeps_the_newest_items_only(simulator: Simulator) -> None:
    for number in range(SWIC_KEEPS + 1):
        publish(simulator, f"{number}")
    url = simulator.base_url + FORMATS["swic"].rule
    items = fromstring(get(url).content).findall("channel/item")
    assert [len(items), items[0].findtext("guid"), items[-1].findtext("guid")] == [500, "500", "1"]
    assert items[0].findtext("title") == "寒冷 500"
    assert get(items[0].findtext("link")).content == CAP
