import gzip
from datetime import timedelta

import pytest
from pydantic import ValidationError

from alertcast.sources.base import Outcome, Source
from alertcast.sources.feed import Feed, FeedSettings
from tests.sources.documents import NOW, atom, cap, embedded, linked


def feed(publisher, path="/feed", **settings):
    return Feed("swic", FeedSettings(url=publisher.url + path, **settings))


def paths(publisher):
    return [path for path, _ in publisher.asked]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"<html>maintenance</html>", 200),
        (b"", 200),
        (atom(embedded(cap()))[:300], 200),
        (b'{"title": "x", "status": 500}', 200),
        (b"<kml/>", 200),
        (b"", 404),
        (b"", 500),
        (b"", 429),
    ],
)
def test_no_usable_answer_is_a_failure_and_keeps_the_memory(publisher, body, status):
    publisher.put("/feed", body, status, ETag='"new"')
    polled = feed(publisher).poll({"etag": '"old"'}, NOW)
    assert polled.outcome is Outcome.FAILED
    assert polled.memory == {"etag": '"old"'}
    assert polled.detail


@pytest.mark.parametrize("share", [1.0, 0.9])
def test_a_packed_answer_is_read_and_half_of_one_is_a_failure(publisher, share):
    packed = gzip.compress(atom(embedded(cap())))
    publisher.put("/feed", packed[: int(len(packed) * share)], Content_Encoding="gzip")
    polled = feed(publisher).poll({}, NOW)
    assert (polled.outcome is Outcome.OK) == (share == 1.0)
    assert len(polled.documents) == (share == 1.0)


def test_nobody_listening_is_a_failure(publisher):
    source = Feed("x", FeedSettings(url="http://127.0.0.1:1/", connect_seconds=0.2))
    assert source.poll({}, NOW).outcome is Outcome.FAILED


def test_an_endless_answer_is_cut_off(publisher):
    publisher.put("/feed", b"<feed>" + b" " * 5000)
    polled = feed(publisher, max_bytes=1000).poll({}, NOW)
    assert polled.outcome is Outcome.FAILED and "larger than 1000" in polled.detail


@pytest.mark.parametrize(
    "target", ["/feed", "file:///etc/passwd", "ftp://example.org/", "http://["]
)
def test_redirects_are_few_and_stay_on_the_web(publisher, target):
    publisher.put("/feed", status=302, Location=target)
    assert feed(publisher).poll({}, NOW).outcome is Outcome.FAILED


def test_a_redirect_is_followed(publisher):
    publisher.put("/feed", status=301, Location="/moved")
    publisher.put("/moved", cap())
    assert feed(publisher).poll({}, NOW).outcome is Outcome.OK


def test_an_empty_feed_is_no_data_and_not_an_all_clear(publisher):
    publisher.put("/feed", atom())
    assert feed(publisher).poll({}, NOW).outcome is Outcome.NO_DATA


def test_links_are_fetched_once(publisher):
    source = feed(publisher)
    assert isinstance(source, Source)
    publisher.put("/a.xml", cap(), Content_Type="application/cap+xml")
    publisher.put("/b", cap(identifier="A-2"))
    entries = [
        linked("/a.xml", "1"),
        linked(f"{publisher.url}/a.xml", "2"),
        linked("/b", "3", mime="")
        .replace(' type=""', "")
        .replace("<link", '<link rel="self" href="/feed"/><link'),
        linked("/page.html", "4", mime="text/html"),
    ]
    publisher.put("/feed", atom(*entries), ETag='"1"')
    first = source.poll({}, NOW)
    assert first.outcome is Outcome.OK
    assert [d.raw for d in first.documents] == [cap(), cap(identifier="A-2")]
    assert first.documents[0].content_type == "application/cap+xml"
    assert paths(publisher) == ["/feed", "/a.xml", "/b"]

    assert source.poll(first.memory, NOW).outcome is Outcome.UNCHANGED
    assert paths(publisher)[3:] == ["/feed"], "304: nothing else is asked"

    publisher.put("/feed", atom(*entries, linked("/c", "5")), ETag='"2"')
    publisher.put("/c", cap(identifier="A-3"))
    third = source.poll(first.memory, NOW)
    assert [d.where for d in third.documents] == [f"{publisher.url}/c"]
    assert paths(publisher)[4:] == ["/feed", "/c"]


def test_one_bad_entry_never_stops_the_others_and_is_asked_for_again(publisher):
    publisher.put("/good", cap())
    publisher.put("/page", b"<html>busy</html>")
    publisher.put("/half", cap()[:100])
    bad = [linked(href, href) for href in ("/gone", "/page", "/half", "ftp://x/", "http://[")]
    publisher.put("/feed", atom(*bad, linked("/good")), ETag='"1"')
    source = feed(publisher)
    first = source.poll({}, NOW)
    assert first.outcome is Outcome.OK
    assert [d.raw for d in first.documents] == [cap()[:100], cap()], "the half one, for its reason"
    assert "etag" not in first.memory, "not modified may not hide what failed"
    assert "404" in first.detail and "web page" in first.detail

    publisher.put("/gone", cap(identifier="A-2"))
    second = source.poll(first.memory, NOW)
    assert cap(identifier="A-2") in [d.raw for d in second.documents]
    assert cap() not in [d.raw for d in second.documents]


def test_all_entries_bad_is_a_failure(publisher):
    publisher.put("/feed", atom(linked("/gone")))
    assert feed(publisher).poll({}, NOW).outcome is Outcome.FAILED


def test_more_links_than_one_poll_may_fetch_wait_for_the_next(publisher):
    for number in range(5):
        publisher.put(f"/{number}", cap(identifier=f"A-{number}"))
    publisher.put("/feed", atom(*[linked(f"/{n}", str(n)) for n in range(5)]), ETag='"1"')
    source, memory, got = feed(publisher, max_links=2), {}, []
    for _ in range(3):
        polled = source.poll(memory, NOW)
        memory = polled.memory
        got += [document.where.rpartition("/")[2] for document in polled.documents]
    assert got == ["0", "1", "2", "3", "4"]
    assert source.poll(memory, NOW).outcome is Outcome.UNCHANGED


def test_what_the_index_says_has_run_out_is_fetched_last_and_not_left_out(publisher):
    said = {"old": "2026-12-01T00:00:00+08:00", "odd": "tomorrow", "live": "2027-01-01T00:00:00Z"}
    for name in (*said, "silent"):
        publisher.put(f"/{name}", cap(identifier=name))
    entries = [f"{linked(f'/{n}', n)}<expires>{when}</expires>" for n, when in said.items()]
    publisher.put("/feed", atom(*entries, linked("/silent", "silent")))
    source, memory, got = feed(publisher, max_links=3), {}, []
    for _ in range(2):
        polled = source.poll(memory, NOW)
        memory = polled.memory
        got += [document.where.rpartition("/")[2] for document in polled.documents]
    assert got == ["odd", "live", "silent", "old"]


@pytest.mark.parametrize(
    "links",
    [
        '<link href="/no-type"/>',
        '<link href="/page" type="text/html"/><link href="/cap" type="application/cap+xml"/>',
        '<link href="/a"/><link href="/b" type="application/common-alerting-protocol+xml"/>',
        '<link rel="self" href="/self"/><link href="/x?id=1&amp;lang=zh"/>',
    ],
)
def test_the_link_that_leads_to_the_alert_is_followed(publisher, links):
    for path in ("/no-type", "/cap", "/b", "/x"):
        publisher.put(path, cap())
    publisher.put("/feed", atom(f"<id>1</id>{links}"))
    assert [d.raw for d in feed(publisher).poll({}, NOW).documents] == [cap()]
    assert len(paths(publisher)) == 2


@pytest.mark.parametrize(
    "date", ["Thu, 01 Jan 2026 06:40:13 +0200", "2026/1/12 下午 10:00:00", "Don,"]
)
def test_the_dates_of_an_index_are_believed_in_nothing(publisher, date):
    publisher.put("/a", cap())
    publisher.put("/feed", atom(linked("/a", updated=date)))
    (document,) = feed(publisher).poll({}, NOW).documents
    assert document.raw == cap()


def test_a_document_rewritten_behind_its_address_is_seen(publisher):
    publisher.put("/a", cap())
    publisher.put("/feed", atom(linked("/a", updated="2026-12-26T09:20:00Z")))
    source = feed(publisher)
    first = source.poll({}, NOW)
    publisher.put("/a", cap(sent="2026-12-26T18:00:00+08:00"))
    assert source.poll(first.memory, NOW).outcome is Outcome.UNCHANGED, "its entry says: unchanged"
    eager = feed(publisher, refetch=True)
    publisher.put("/feed", atom(linked("/a", updated="2026-12-26T09:20:00Z")), ETag='"1"')
    assert eager.poll({**first.memory, "etag": '"1"'}, NOW).outcome is Outcome.OK
    publisher.put("/feed", atom(linked("/a", updated="2026-12-26T10:00:00Z")))
    assert source.poll(first.memory, NOW).outcome is Outcome.OK


def test_only_wanted_national_identifiers_are_fetched(publisher):
    keys = ["44122441600000_20261226172236", "34182341600000_20261226172236", "odd-key"]
    for key in keys:
        publisher.put(f"/{key}", cap())
    publisher.put("/feed", atom(*[linked(f"/{key}", key) for key in keys]))
    feed(publisher, id_prefixes=("4412", "440000")).poll({}, NOW)
    assert paths(publisher) == ["/feed", f"/{keys[0]}", "/odd-key"]


def test_a_feed_with_alerts_inside_is_one_document_until_an_alert_is_new(publisher):
    source = feed(publisher)
    publisher.put("/feed", atom(embedded(cap())))
    first = source.poll({}, NOW)
    assert [d.raw for d in first.documents] == [atom(embedded(cap()))]
    publisher.put("/feed", atom("<title>x</title>", embedded(cap())))
    assert source.poll(first.memory, NOW).outcome is Outcome.UNCHANGED
    publisher.put("/feed", atom(embedded(cap(identifier="A-2"))))
    assert source.poll(first.memory, NOW).outcome is Outcome.OK


def test_plain_cap_at_one_address(publisher):
    publisher.put("/feed", cap())
    first = feed(publisher).poll({}, NOW)
    assert [d.raw for d in first.documents] == [cap()]
    assert feed(publisher).poll(first.memory, NOW).outcome is Outcome.UNCHANGED


def test_settings_say_what_is_wrong():
    with pytest.raises(ValidationError) as caught:
        FeedSettings(url="file:///etc/passwd", colour="red")
    assert "not an http or https address" in str(caught.value)
    assert "colour" in str(caught.value)


def test_a_feed_whose_links_are_throttled_is_left_alone_and_says_so(publisher):
    links = "".join(
        f'<entry><id>{n}</id><link href="{publisher.url}/{n}.xml"/></entry>' for n in range(3)
    )
    publisher.put("/feed", f'<feed xmlns="http://www.w3.org/2005/Atom">{links}</feed>'.encode())
    publisher.put("/0.xml", b"", 429, Retry_After="60")
    polled = Feed("f", Feed.Settings(url=f"{publisher.url}/feed")).poll({}, NOW)
    assert (polled.outcome, polled.wait) == (Outcome.FAILED, timedelta(seconds=60))
    assert [path for path, _ in publisher.asked] == ["/feed", "/0.xml"]
    assert "2 links wait" in polled.detail
