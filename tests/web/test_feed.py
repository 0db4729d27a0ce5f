"""Our own feed over real HTTP: originals byte for byte, the rest written anew, all of it valid."""

import re
from datetime import timedelta
from xml.etree.ElementTree import fromstring

import pytest
import requests

from alertcast.core.alert import Alert
from alertcast.core.national_id import NationalId
from alertcast.sources.base import Outcome
from alertcast.sources.cap_schema import invalid
from alertcast.sources.feed import Feed
from alertcast.sources.read import parse_bytes
from tests.ports import free_port
from tests.sources import lists
from tests.stories.published import Warned, cap, info
from tests.stories.seen import WEST
from tests.stories.town import ALL, Town
from tests.web.served import served

ATOM = "{http://www.w3.org/2005/Atom}"
SENDER = "feed@sanfang.huaiji.example"


@pytest.fixture(autouse=True)
def opened(town: Town) -> None:
    town.configure(republish={"enabled": True, "sender": SENDER})


def ask(address: str, path: str, **headers: str) -> requests.Response:
    return requests.get(address + path, headers=headers, timeout=20)


def entries(address: str) -> list[tuple[str, str]]:
    """Return title and path of what is in the feed."""
    answer = ask(address, "/feed/atom.xml")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    found = fromstring(answer.content).findall(f"{ATOM}entry")
    links = [one.find(f"{ATOM}link").get("href") for one in found]
    titles = [one.findtext(f"{ATOM}title") for one in found]
    paths = [link.removeprefix("http://127.0.0.1") for link in links]
    return list(zip(titles, paths, strict=True))


def messages(address: str) -> list[bytes]:
    """Return the messages of the feed; each is valid by the schema of the standard."""
    found = []
    for _, path in entries(address):
        answer = ask(address, path)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "application/cap+xml"
        assert invalid(answer.content) is None
        found.append(answer.content)
    return found


def read(town: Town, document: bytes) -> Alert:
    (found,) = parse_bytes(document, town.world.config.hazards)
    assert found.alert is not None, found.reasons
    return found.alert


def original(town: Town, number: int = 1, **changes: str) -> bytes:
    """Return a warning as an authority published it, with its own white space and comments."""
    warned = Warned(f"huaiji-{number}", town.now)
    text = cap(warned, info(town.now, ALL, "orange"), **changes)
    return text.replace("<scope>", "<!-- 原文 -->\n\t<scope>").encode()


def test_a_valid_message_is_handed_on_byte_for_byte(town: Town) -> None:
    published = original(town)
    town.publish(published)
    with served(town) as address:
        assert [title for title, _ in entries(address)] == ["怀集县气象台发布寒冷橙色预警信号"]
        assert messages(address) == [published]


def test_an_unchanged_feed_and_message_are_not_sent_again(town: Town) -> None:
    town.publish(original(town))
    with served(town) as address:
        for path in ("/feed/atom.xml", entries(address)[0][1]):
            first = ask(address, path)
            again = ask(address, path, **{"If-None-Match": first.headers["ETag"]})
            assert (again.status_code, again.content) == (304, b"")
        tag = ask(address, "/feed/atom.xml").headers["ETag"]
        town.publish(original(town, 2))
        changed = ask(address, "/feed/atom.xml", **{"If-None-Match": tag})
        assert changed.status_code == 200
        assert len(entries(address)) == 2


def test_another_installation_reads_the_feed_with_an_ordinary_source(town: Town) -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    town.configure(web={"public_base_url": address})
    published = original(town)
    town.publish(published)
    source = Feed("neighbour", Feed.Settings(url=f"{address}/feed/atom.xml"))
    with served(town, port=port):
        polled = source.poll({}, town.now)
        again = source.poll(polled.memory, town.now)
    assert [one.raw for one in polled.documents] == [published]
    assert (polled.outcome, again.outcome) == (Outcome.OK, Outcome.UNCHANGED)
    assert again.detail == "not modified"


def test_nothing_is_answered_unless_configured(town: Town) -> None:
    town.configure(republish={})
    town.publish(original(town))
    with served(town) as address:
        assert ask(address, "/feed/atom.xml").status_code == 404
        assert ask(address, "/feed/alerts/1.xml").status_code == 404


def test_a_demo_hands_on_nothing(town: Town) -> None:
    town.publish(original(town))
    with served(town, is_demo=True) as address:
        assert ask(address, "/feed/atom.xml").status_code == 404


def test_what_came_as_a_list_is_written_anew_and_names_its_source(town: Town) -> None:
    town.publish(lists.cma(lists.cma_item()), "cma")
    with served(town) as address:
        (document,) = messages(address)
        assert messages(address) == [document]  # the same bytes under the same identifier
    found = read(town, document)
    assert found.sender == SENDER
    assert found.identifier.startswith("relay.")
    assert found.infos[0].description == lists.TEXT
    assert b"<sent>2026-12-26T09:20:00-00:00</sent>" in document
    assert (found.references[-1].sender, found.references[-1].identifier) == (
        "weather.cma.cn",
        lists.HUAIJI,
    )
    assert found.key == NationalId.read(lists.HUAIJI).text  # whoever reads both joins both


def test_other_words_under_one_identifier_get_another_name(town: Town) -> None:
    town.publish(lists.nmc(lists.nmc_item()), "nmc")
    with served(town) as address:
        (title_only,) = messages(address)
        town.publish(lists.cma(lists.cma_item()), "cma")
        (fuller,) = messages(address)
    first, second = read(town, title_only), read(town, fuller)
    assert first.identifier != second.identifier
    assert first.key == second.key


def test_a_message_that_is_not_valid_is_written_anew(town: Town) -> None:
    published = original(town).replace(b"+00:00</sent>", b"Z</sent>")
    assert b"Z</sent>" in published
    town.publish(published)
    with served(town) as address:
        (document,) = messages(address)
    assert document != published
    assert read(town, document).references[-1].identifier == "huaiji-1"


def test_a_forecaster_is_not_named(town: Town) -> None:
    warned = Warned(lists.HUAIJI, town.now)
    text = info(town.now, ALL, "orange").replace(
        "<headline>", "<senderName>王小明</senderName><headline>"
    )
    town.publish(cap(warned, text).encode())
    with served(town) as address:
        (document,) = messages(address)
        assert "王小明" not in ask(address, "/feed/atom.xml").text
    assert "王小明".encode() not in document
    assert read(town, document).infos[0].sender_name == "怀集县气象台"


@pytest.mark.parametrize("scope", ["Restricted", "Private"])
def test_what_is_not_public_is_not_handed_on(town: Town, scope: str) -> None:
    town.publish(original(town).replace(b">Public<", f">{scope}<".encode()))
    with served(town) as address:
        assert entries(address) == []
        assert ask(address, "/feed/alerts/1.xml").status_code == 404


@pytest.mark.parametrize("status", ["Exercise", "Test", "System", "Draft"])
def test_what_is_not_meant_is_not_handed_on(town: Town, status: str) -> None:
    town.publish(original(town, status=status))
    with served(town) as address:
        assert entries(address) == []


def test_what_has_run_out_leaves_the_feed(town: Town) -> None:
    town.publish(original(town))
    with served(town) as address:
        assert len(entries(address)) == 1
        town.now += timedelta(hours=25)
        assert entries(address) == []


def test_an_official_end_is_handed_on_for_a_day(town: Town) -> None:
    warned = town.warn(ALL, "orange")
    town.lift(warned)
    with served(town) as address:
        (end,) = messages(address)
        assert read(town, end).msg_type == "Cancel"
        town.now += timedelta(hours=25)
        assert entries(address) == []


def test_what_waits_for_a_human_waits_for_the_feed_too(town: Town) -> None:
    town.configure(dispatch={"automatic": False})
    warned = town.warn(ALL, "orange")
    with served(town) as address:
        assert entries(address) == []
        town.start(warned)
        assert len(messages(address)) == 1


def test_a_desk_notice_never_enters_the_feed(town: Town) -> None:
    town.notice("请各村检查避寒场所", WEST)
    with served(town) as address:
        assert entries(address) == []
        assert ask(address, "/feed/notices/1.xml").status_code == 404


def test_what_an_issuing_authority_writes_enters_the_feed(town: Town) -> None:
    town.configure(office={**town.office, "is_authority": True})
    number = town.notice("请各村检查避寒场所", WEST)
    with served(town) as address:
        (document,) = messages(address)
        found = read(town, document)
        assert found.infos[0].description == "请各村检查避寒场所。"
        assert found.infos[0].severity == "Unknown"
        assert found.infos[0].areas[0].polygons
        town.stop(number)
        (end,) = messages(address)
        assert read(town, end).msg_type == "Cancel"
        assert read(town, end).references[0].identifier == found.identifier


def test_a_drill_of_an_issuing_authority_stays_inside(town: Town) -> None:
    town.configure(office={**town.office, "is_authority": True})
    town.add_drill_channels()
    town.notice("演练：请各村检查避寒场所", WEST, mode="drill")
    with served(town) as address:
        assert entries(address) == []


def test_nothing_of_people_is_in_the_feed(town: Town) -> None:
    town.warn(ALL, "red")
    town.tick(minutes=5)
    with served(town) as address:
        said = ask(address, "/feed/atom.xml").content + b"".join(messages(address))
    assert not re.search(rb"1[3-9]\d{9}|Set-Cookie", said)


def test_the_feed_needs_no_log_in_and_sets_no_cookie(town: Town) -> None:
    with served(town) as address:
        answer = ask(address, "/feed/atom.xml")
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers


def test_a_feed_without_warnings_is_a_feed(town: Town) -> None:
    with served(town) as address:
        root = fromstring(ask(address, "/feed/atom.xml").content)
    assert root.findtext(f"{ATOM}updated") == "1970-01-01T00:00:00+00:00"
    assert root.findall(f"{ATOM}entry") == []
