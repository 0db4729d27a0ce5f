"""The lists of CMA and NMC over HTTP: what is handed on, and what an answer says is in force."""

import json

import pytest

from alertcast.sources.base import Outcome, Source
from alertcast.sources.cma_map import CmaMap, CmaMapSettings
from alertcast.sources.nmc import PAGE, Nmc, NmcSettings
from tests.sources.documents import NOW
from tests.sources.lists import HEZHOU, HUAIJI, SIHUI, cma, cma_item, nmc, nmc_item

SHAPES = {
    "cma": (CmaMap, CmaMapSettings, cma, cma_item),
    "nmc": (Nmc, NmcSettings, nmc, nmc_item),
}


@pytest.fixture(params=SHAPES)
def shape(request):
    return SHAPES[request.param]


def source(publisher, shape, region=("4412",), **more):
    kind, settings, _, _ = shape
    made = kind("list", settings(url=f"{publisher.url}/list", region=region, **more))
    assert isinstance(made, Source)
    return made


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"<html>busy</html>", 200),
        (b"", 200),
        (b"{}", 200),
        (b'{"code": 0, "data": null}', 200),
        (b'{"code": 0, "data": {"page": {"list": null}}}', 200),
        (b'{"msg": "busy", "code": 500, "data": []}', 200),
        (b"[]", 200),
        (b"", 500),
        (b"", 429),
        (b"", 404),
    ],
)
def test_no_usable_answer_is_a_failure_and_says_nothing(publisher, shape, body, status):
    publisher.put("/list", body, status, ETag='"new"')
    polled = source(publisher, shape).poll({"etag": '"old"'}, NOW)
    assert (polled.outcome, polled.listed) == (Outcome.FAILED, None)
    assert polled.memory == {"etag": '"old"'}


def test_half_an_answer_is_a_failure(publisher, shape):
    _, _, wrap, item = shape
    publisher.put("/list", wrap(item(), item(SIHUI))[:-40])
    polled = source(publisher, shape).poll({}, NOW)
    assert (polled.outcome, polled.documents, polled.listed) == (Outcome.FAILED, (), None)


def test_an_empty_list_of_the_right_shape_is_no_data(publisher, shape):
    publisher.put("/list", shape[2]())
    polled = source(publisher, shape).poll({}, NOW)
    assert (polled.outcome, polled.listed) == (Outcome.NO_DATA, frozenset())


def test_only_what_is_new_or_changed_is_handed_on_as_it_arrived(publisher, shape):
    _, _, wrap, item = shape
    feed = source(publisher, shape)
    publisher.put("/list", wrap(item()), ETag='"1"')
    first = feed.poll({}, NOW)
    assert [json.loads(d.raw) for d in first.documents] == [item()]
    assert first.listed == {HUAIJI}
    again = feed.poll(first.memory, NOW)
    assert (again.outcome, again.listed) == (Outcome.UNCHANGED, {HUAIJI}), "304"
    publisher.put("/list", wrap(dict(reversed(item().items()))), ETag='"1b"')
    assert feed.poll(first.memory, NOW).documents == (), "the same, in another order"
    publisher.put("/list", wrap(item(), item(SIHUI)), ETag='"2"')
    third = feed.poll(first.memory, NOW)
    assert [json.loads(d.raw) for d in third.documents] == [item(SIHUI)]
    assert third.listed == {HUAIJI, SIHUI}
    publisher.put("/list", wrap(item(SIHUI)), ETag='"3"')
    fourth = feed.poll(third.memory, NOW)
    assert (fourth.outcome, fourth.listed) == (Outcome.UNCHANGED, {SIHUI})


def test_what_can_not_concern_us_is_left_out_and_what_does_not_say_is_not(publisher, shape):
    _, _, wrap, item = shape
    publisher.put("/list", wrap(item(HEZHOU), item("odd"), item(HUAIJI)))
    polled = source(publisher, shape).poll({}, NOW)
    assert [json.loads(d.raw) for d in polled.documents] == [item("odd"), item(HUAIJI)]


def test_a_nameless_item_is_handed_on_and_the_list_says_no_more_what_is_missing(publisher, shape):
    _, _, wrap, item = shape
    publisher.put("/list", wrap({"x": 1}, item()))
    polled = source(publisher, shape).poll({}, NOW)
    assert (polled.outcome, len(polled.documents), polled.listed) == (Outcome.OK, 2, None)
    publisher.put("/list", wrap({"x": 1}, None))
    broken = source(publisher, shape).poll({}, NOW)
    assert (broken.outcome, broken.listed) == (Outcome.FAILED, None), "another shape than we know"
    assert [d.raw for d in broken.documents] == [b'{"x": 1}', b"null"]


def test_the_map_is_asked_as_its_own_page_does(publisher):
    publisher.put("/list", cma())
    source(publisher, SHAPES["cma"]).poll({}, NOW)
    source(publisher, SHAPES["cma"], region=("44", "45")).poll({}, NOW)
    (path, headers), (other, _) = publisher.asked
    assert (path, other) == ("/list?adcode=44", "/list?adcode=")
    assert headers["Referer"] == "https://weather.cma.cn/"


def test_the_centre_is_asked_for_every_page(publisher):
    items = [nmc_item(f"44122441600000_2026122617{n:04d}") for n in range(3)]
    publisher.put("/list", nmc(*items, count=5))
    polled = source(publisher, SHAPES["nmc"], province="广东省").poll({}, NOW)
    assert [path.partition("&")[0] for path, _ in publisher.asked] == [
        "/list?pageNo=1",
        "/list?pageNo=2",
    ]
    assert f"pageSize={PAGE}" in publisher.asked[0][0]
    assert len(polled.listed) == 3


def test_a_list_that_is_not_whole_does_not_say_what_is_missing(publisher):
    publisher.put("/list", nmc(nmc_item(), count=5000))
    polled = source(publisher, SHAPES["nmc"]).poll({}, NOW)
    assert (polled.outcome, polled.listed) == (Outcome.OK, None)
    assert "5000" in polled.detail
    again = source(publisher, SHAPES["nmc"]).poll(polled.memory, NOW)
    assert (again.outcome, again.listed) == (Outcome.UNCHANGED, None)
