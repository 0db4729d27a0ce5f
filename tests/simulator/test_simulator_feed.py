from datetime import UTC, datetime

import pytest
import requests
from defusedxml.ElementTree import ParseError, fromstring

from alertcast.simulator.feed import SWIC_INDEX, SWIC_KEEPS
from alertcast.simulator.server import Simulator

ATOM = "{http://www.w3.org/2005/Atom}"
AT = datetime(2026, 1, 20, 12, 0, tzinfo=UTC)
CAP = b"<alert xmlns='urn:oasis:names:tc:emergency:cap:1.2'/>"


def get(url: str, **headers: str) -> requests.Response:
    return requests.get(url, headers=headers, timeout=2)


def test_the_index_leads_to_the_documents(simulator: Simulator) -> None:
    simulator.feed.publish("441224/寒冷 1", CAP, "寒冷黄色预警", AT)
    simulator.feed.publish("second", b"<alert/>", "寒冷橙色预警", AT)
    answer = get(simulator.feed_url)
    assert answer.headers["Content-Type"].startswith("application/atom+xml")
    entries = fromstring(answer.content).findall(f"{ATOM}entry")
    assert [e.findtext(f"{ATOM}id") for e in entries] == ["second", "441224/寒冷 1"]
    assert entries[0].findtext(f"{ATOM}updated") == AT.isoformat()
    document = get(entries[1].find(f"{ATOM}link").get("href"))
    assert (document.content, document.headers["Content-Type"]) == (CAP, "application/cap+xml")
    assert get(f"{simulator.base_url}/feed/third.xml").status_code == 404


def test_what_has_not_changed_is_not_sent_again(simulator: Simulator) -> None:
    simulator.feed.publish("first", CAP, "寒冷黄色预警", AT)
    for url in (simulator.feed_url, f"{simulator.base_url}/feed/first.xml"):
        tag = get(url).headers["ETag"]
        again = get(url, **{"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")
    tag = get(simulator.feed_url).headers["ETag"]
    simulator.feed.withdraw("first")
    assert get(simulator.feed_url, **{"If-None-Match": tag}).status_code == 200


def test_the_index_fails_as_told(simulator: Simulator) -> None:
    simulator.feed.publish("first", CAP, "寒冷黄色预警", AT)
    simulator.feed.fail("error")
    assert get(simulator.feed_url).status_code == 500
    simulator.feed.fail("throttled")
    assert get(simulator.feed_url).status_code == 429
    simulator.feed.fail("broken")
    with pytest.raises(ParseError):
        fromstring(get(simulator.feed_url).content)
    simulator.feed.fail("blank")
    assert get(simulator.feed_url).content == b""
    simulator.feed.fail("empty")
    assert fromstring(get(simulator.feed_url).content).findall(f"{ATOM}entry") == []
    simulator.feed.fail("slow", seconds=30)
    with pytest.raises(requests.ReadTimeout):
        requests.get(simulator.feed_url, timeout=0.05)
    simulator.feed.mend()
    assert len(fromstring(get(simulator.feed_url).content).findall(f"{ATOM}entry")) == 1


def test_the_index_in_rss_keeps_the_newest_items_only(simulator: Simulator) -> None:
    for number in range(SWIC_KEEPS + 1):
        simulator.feed.publish(f"{number}", CAP, f"cold {number}", AT)
    url = f"{simulator.base_url}{SWIC_INDEX}"
    items = fromstring(get(url).content).findall("channel/item")
    assert [len(items), items[0].findtext("guid"), items[-1].findtext("guid")] == [500, "500", "1"]
    assert items[0].findtext("title") == "cold 500"
    assert get(items[0].findtext("link")).content == CAP
    simulator.feed.fail("error")
    assert get(url).status_code == 500
