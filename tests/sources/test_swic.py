"""China's CAP by way of WMO: what is fetched, and what is never kept."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from alertcast.sources.base import Outcome, Source
from alertcast.sources.swic import Swic, SwicSettings
from tests.sources.documents import NOW

CAP = (Path(__file__).parents[1] / "fixtures" / "china" / "swic_cn_cap_update.xml").read_bytes()
HUAIJI, CITY, PROVINCE, COUNTRY, ANHUI = (
    f"{code}41600000_20261226172236" for code in (441224, 441200, 440000, "000000", 341823)
)


def item(key, href=None, title="Huaiji Observatory issues cold red warning signal"):
    return (
        f"<item><title>{title}</title><link>{href or f'/{key}.xml'}</link><guid>{key}</guid>"
        "<pubDate>Sat, 26 Dec 2026 09:20:00 GMT</pubDate></item>"
    )


def rss(*items):
    return f'<rss version="2.0"><channel>{"".join(items)}</channel></rss>'.encode()


def swic(publisher, region=("4412",), **settings):
    return Swic("swic", SwicSettings(url=f"{publisher.url}/rss.xml", region=region, **settings))


def fetched(publisher):
    return [path.strip("/").removesuffix(".xml") for path, _ in publisher.asked[1:]]


def publish(publisher, *keys):
    for key in keys:
        publisher.put(f"/{key}.xml", CAP)
    publisher.put("/rss.xml", rss(*map(item, keys)), ETag='"1"')


def test_only_what_may_concern_the_region_is_fetched(publisher):
    publish(publisher, ANHUI, HUAIJI, CITY, PROVINCE, COUNTRY)
    source = swic(publisher)
    assert isinstance(source, Source)
    first = source.poll({}, NOW)
    assert fetched(publisher) == [HUAIJI, CITY, PROVINCE, COUNTRY]
    assert first.outcome is Outcome.OK
    assert source.poll(first.memory, NOW).outcome is Outcome.UNCHANGED, "304"


def test_what_names_no_place_is_fetched_after_what_is_ours(publisher):
    publish(publisher, "odd-1", "odd-2", ANHUI, HUAIJI)
    polled = swic(publisher, max_links=2).poll({}, NOW)
    assert fetched(publisher) == [HUAIJI, "odd-1"]
    assert "1 links wait" in polled.detail and "etag" not in polled.memory


def test_an_item_that_left_the_index_and_came_back_is_asked_for_again(publisher):
    source = swic(publisher)
    publish(publisher, HUAIJI)
    first = source.poll({}, NOW)
    publisher.put("/rss.xml", rss(item(ANHUI)), ETag='"2"')
    gone = source.poll(first.memory, NOW)
    assert gone.outcome is Outcome.UNCHANGED, "nothing for us is not an empty feed"
    publisher.put("/rss.xml", rss(item(HUAIJI)), ETag='"3"')
    assert len(source.poll(gone.memory, NOW).documents) == 1


@pytest.mark.parametrize("region", [(), ("",), ("441",), ("44122",), ("怀集",), ("0412",)])
def test_a_region_is_the_beginning_of_a_code(region):
    with pytest.raises(ValidationError):
        SwicSettings(region=region)
