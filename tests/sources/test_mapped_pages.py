"""A platform that lists its warnings page by page, over HTTP: nothing lost, nothing concluded."""

import json
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from alertcast.simulator.faults import Fault
from alertcast.simulator.feeds.formats import FORMATS
from alertcast.simulator.server import Simulator
from alertcast.sources.base import Outcome
from alertcast.sources.mapped import MappedJson
from alertcast.sources.mapping import MappedSettings
from tests.docs.mapped_example import ITEM, SECTION
from tests.sources.conftest import Publisher

NOW = datetime(2026, 12, 26, 9, 20, tzinfo=UTC)
TOTAL = "result.total"
WAYS = {
    "platform_pages": {"paging": {"parameter": "page", "total": TOTAL}},
    "platform_next": {"paging": {"next": "result.next"}},
    "platform_cursor": {"paging": {"cursor": "result.cursor", "parameter": "cursor"}},
    "platform_post": {
        "method": "POST",
        "body": {"size": 2},
        "paging": {"parameter": "page", "total": TOTAL},
    },
}


@pytest.fixture
def simulator():
    with Simulator({}) as simulator:
        yield simulator


def source(url: str, **more: object) -> MappedJson:
    settings = MappedSettings.model_validate({**SECTION, "in_force": True, "url": url, **more})
    return MappedJson("city", settings, {"CITY_TOKEN": "key"})


def platform(simulator: Simulator, way: str, **more: object) -> MappedJson:
    return source(simulator.base_url + FORMATS[way].rule, **{**WAYS[way], **more})


def show(simulator: Simulator, way: str, *names: str) -> None:
    for name in names:
        simulator.publisher.show(way, name, {**ITEM, "warnId": name})


def names(polled) -> list[str]:
    return [json.loads(one.raw)["warnId"] for one in polled.documents]


@pytest.mark.parametrize("way", WAYS)
def test_every_page_is_read_and_each_warning_handed_over_once(simulator, way) -> None:
    show(simulator, way, *"abcde")
    one = platform(simulator, way)
    polled = one.poll({}, NOW)
    assert (polled.outcome, names(polled)) == (Outcome.OK, list("abcde"))
    assert polled.listed == frozenset("abcde")
    assert simulator.publisher.asked[way] == 3
    again = one.poll(polled.memory, NOW)
    assert (again.outcome, again.listed) == (Outcome.UNCHANGED, frozenset("abcde"))
    assert simulator.publisher.asked[way] == 6, "that page 1 is unchanged says nothing of page 2"
    show(simulator, way, "f")
    assert names(one.poll(again.memory, NOW)) == ["f"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("fault", ["feed_error", "feed_throttled", "feed_cut", "feed_short"])
def test_a_page_that_fails_loses_nothing_and_withdraws_nothing(simulator, way, fault) -> None:
    show(simulator, way, *"abcde")
    one = platform(simulator, way)
    simulator.faults.set(Fault(fault, kind=way, nth=2))
    polled = one.poll({}, NOW)
    assert (polled.outcome, names(polled), polled.listed) == (Outcome.OK, ["a", "b"], None)
    assert "page 2" in polled.detail
    assert polled.is_busy == (fault in ("feed_error", "feed_throttled"))
    simulator.faults.clear()
    whole = one.poll(polled.memory, NOW)
    assert (names(whole), whole.listed) == (["c", "d", "e"], frozenset("abcde"))
    simulator.faults.set(Fault(fault, kind=way, nth=3))
    partly = one.poll(whole.memory, NOW)
    assert (partly.outcome, partly.listed) == (Outcome.FAILED, None)
    assert partly.memory == whole.memory
    simulator.faults.clear()
    assert one.poll(partly.memory, NOW).listed == frozenset("abcde")


@pytest.mark.parametrize("way", WAYS)
def test_there_are_not_endlessly_many_pages(simulator, way) -> None:
    show(simulator, way, *"abcdefg")
    few = WAYS[way]["paging"] | {"most": 2}
    polled = platform(simulator, way, paging=few).poll({}, NOW)
    assert (names(polled), polled.listed) == (list("abcd"), None)
    assert "more than 2 pages" in polled.detail
    assert simulator.publisher.asked[way] == 2


def test_a_number_without_a_total_goes_on_until_a_page_is_empty(simulator) -> None:
    show(simulator, "platform_pages", *"abcd")
    one = platform(simulator, "platform_pages", paging={"parameter": "page"})
    assert names(one.poll({}, NOW)) == list("abcd")
    assert simulator.publisher.asked["platform_pages"] == 3


def test_where_fewer_come_than_are_said_to_be_there_nothing_is_concluded(
    publisher: Publisher,
) -> None:
    body = {"status": "ok", "result": {"total": 3, "rows": [ITEM]}}
    publisher.put("/list", json.dumps(body).encode())
    paging = {"parameter": "page", "total": TOTAL, "most": 3}
    polled = source(f"{publisher.url}/list", paging=paging).poll({}, NOW)
    assert (polled.outcome, polled.listed, len(publisher.asked)) == (Outcome.OK, None, 3)


@pytest.mark.parametrize(
    ("mark", "said"),
    [("http://elsewhere.example/list", "elsewhere"), ("/list", "circle"), ("?from=2", "circle")],
)
def test_the_next_page_is_the_publisher_s_own_and_another_one(
    publisher: Publisher, mark: str, said: str
) -> None:
    body = {"status": "ok", "result": {"rows": [ITEM], "next": mark}}
    publisher.put("/list", json.dumps(body).encode())
    polled = source(f"{publisher.url}/list", paging={"next": "result.next"}).poll({}, NOW)
    assert (len(polled.documents), polled.listed) == (1, None)
    assert said in polled.detail
    assert len(publisher.asked) <= 2


def test_a_warning_that_moves_to_the_next_page_meanwhile_is_one(publisher: Publisher) -> None:
    first = {"status": "ok", "result": {"rows": [ITEM], "next": "/more"}}
    publisher.put("/list", json.dumps(first).encode())
    more = {"status": "ok", "result": {"rows": [ITEM, {**ITEM, "warnId": "2"}]}}
    publisher.put("/more", json.dumps(more).encode())
    polled = source(f"{publisher.url}/list", paging={"next": "result.next"}).poll({}, NOW)
    assert names(polled) == [ITEM["warnId"], "2"]


def test_a_post_carries_body_and_token_and_is_never_redirected(simulator, publisher) -> None:
    show(simulator, "platform_post", "a")
    assert names(platform(simulator, "platform_post").poll({}, NOW)) == ["a"]
    publisher.put("/list", b"", 302, Location="/other")
    polled = source(f"{publisher.url}/list", method="POST", body={"a": 1}).poll({}, NOW)
    assert polled.outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"body": {"a": 1}}, "goes with method"),
        ({"paging": {}}, "either next, or parameter"),
        ({"paging": {"next": "a", "parameter": "b"}}, "either next, or parameter"),
        ({"paging": {"next": "a", "cursor": "b"}}, "next says already"),
        ({"paging": {"parameter": "p", "most": 0}}, "paging.most"),
        ({"method": "POST", "paging": {"next": "a"}}, "asked for with GET"),
        ({"method": "PUT"}, "method"),
    ],
)
def test_a_mistake_of_the_section_is_named(changes: dict[str, object], named: str) -> None:
    with pytest.raises(ValidationError, match=named):
        source("http://127.0.0.1/list", **changes)
