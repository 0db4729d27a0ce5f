"""The page of a link: what it shows and takes, and what it never does by being opened."""

import re
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup

from alertcast.channels.base import ChannelSettings
from alertcast.web.links import EVERY, TRIES, Guesses
from tests.stories.town import EAST as EAST_GRID
from tests.stories.town import EAST_LEADER, SHAPES, WEST_LEADER, Town
from tests.web.site import Site, Visitor

EAST_ONLY = SHAPES[EAST_GRID].buffer(-0.2)
STRANGER = {"REMOTE_ADDR": "120.196.0.7"}


@pytest.fixture
def town(town: Town) -> Town:
    town.sms.settings = ChannelSettings(
        type="memory", rate=1000, burst=1000, links=True, links_for_mainland=True
    )
    return town


def path_to(town: Town, phone: str = EAST_LEADER) -> str:
    """Return the path that the last text to a phone leads to."""
    text = next(one.text for one in reversed(town.sms.outbox) if one.phone == phone)
    return re.search(r"/a/[0-9a-z]{12}", text)[0]


def test_the_page_shows_the_warning_its_issuer_and_time(site: Site, town: Town) -> None:
    town.warn(over=EAST_ONLY)
    page = site.visitor().page(path_to(town))
    for word in (
        "怀集县气象台发布寒冷橙色预警信号",
        "发布单位：怀集县气象台",
        "12月26日17时20分",
        "冷坑镇东村",
        "橙色",
        "收到",
        "需要支援",
        "0758-5522000",
    ):
        assert word in page.text, word
    assert page.select_one("a[href='tel:07585522000']") is not None


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_whoever_fetches_the_page_answers_nothing(site: Site, town: Town, method: str) -> None:
    town.warn(over=EAST_ONLY)
    client = site.app.test_client()
    for headers in (
        {},
        {"Purpose": "prefetch"},
        {"User-Agent": "WhatsApp/2.23 facebookexternalhit"},
    ):
        path = path_to(town) + "?answer=1"
        assert client.open(path, method=method, headers=headers).status_code == 200
    assert town.states() == {"东村": "open"}
    assert town.answers() == []


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_refused(site: Site, town: Town, method: str) -> None:
    town.warn(over=EAST_ONLY)
    assert site.app.test_client().open(path_to(town), method=method).status_code == 405


def test_a_press_answers_and_the_page_says_so(site: Site, town: Town) -> None:
    town.warn(over=EAST_ONLY)
    path, client = path_to(town), site.app.test_client()
    for _ in range(2):
        answer = client.post(path, data={"answer": "1"})
        assert (answer.status_code, answer.location) == (303, path)
    assert town.states() == {"东村": "answered"}
    assert town.answers() == [(EAST_LEADER, "link", "1")]
    assert site.rung == 2
    page = Visitor(client).page(path)
    assert "已记录您的应答：已知悉" in page.text
    assert page.find("button", value="1") is None
    assert page.find("button", value="2") is not None


def test_the_officer_sees_that_it_came_by_the_link(site: Site, town: Town) -> None:
    town.warn(over=EAST_ONLY)
    site.app.test_client().post(path_to(town), data={"answer": "1"})
    page = site.user("viewer").page("/broadcasts/1/people", state="acknowledged")
    assert "链接" in page.text


def test_the_second_button_brings_help(site: Site, town: Town) -> None:
    town.warn(over=EAST_ONLY)
    path, client = path_to(town), site.app.test_client()
    client.post(path, data={"answer": "2"})
    page = Visitor(client).page(path)
    assert "正在通知值班室" in page.text
    assert page.select_one("a[href='tel:120']") is not None
    assert page.find("button", value="2") is None
    assert len(town.help_requests()) == 1
    site.user("officer").send("/help/1/close", done="已派车")
    page = Visitor(client).page(path)
    assert "已由值班员处置" in page.text
    assert "已派车" not in page.text
    assert page.find("button", value="2") is not None


@pytest.mark.parametrize("value", ["", "3", "收到", "counts"])
def test_anything_else_is_not_an_answer(site: Site, town: Town, value: str) -> None:
    town.warn(over=EAST_ONLY)
    answer = site.app.test_client().post(path_to(town), data={"answer": value})
    assert answer.status_code == 400
    assert town.answers() == []


def test_numbers_of_households_are_summed_on_the_officers_page(site: Site, town: Town) -> None:
    town.warn(over=EAST_ONLY)
    path, client = path_to(town), site.app.test_client()
    names = [one["name"] for one in Visitor(client).page(path).select("input[type=number]")]
    typed = dict(zip(names, ("120", "30", "8"), strict=True))
    assert client.post(path, data={"answer": "counts", **typed}).status_code == 303
    assert town.states() == {"东村": "answered"}
    assert "已通知 120 户，未通知 30 户，种植户 8" in Visitor(client).page(path).text
    officer = site.user("viewer")
    assert officer.get("/api/broadcasts/1").json["relay"]["households_told"] == 120
    row = officer.page("/broadcasts/1/relay").select_one("section:last-of-type tbody tr")
    assert "党支部书记" in row.text
    assert "链接" in row.text


def test_numbers_that_can_not_be_stay_in_the_form(site: Site, town: Town) -> None:
    town.warn(over=EAST_ONLY)
    path, client = path_to(town), site.app.test_client()
    told = Visitor(client).page(path).select_one("input[name^=told-]")["name"]
    answer = client.post(path, data={"answer": "counts", told: "99999", told[4:]: "1"})
    assert answer.status_code == 400
    page = BeautifulSoup(answer.text, "html.parser")
    assert "都要填写" in page.find(role="alert").text
    assert page.find("input", {"name": told})["value"] == "99999"
    assert town.answers() == []


def test_nothing_on_the_page_names_a_person_or_a_number(site: Site, town: Town) -> None:
    town.warn(over=EAST_ONLY)
    path, client = path_to(town), site.app.test_client()
    client.post(path, data={"answer": "2"})
    text = client.get(path).text
    assert "138" not in text
    assert "某" not in text


def test_the_address_is_kept_from_stores_referrers_and_searches(site: Site, town: Town) -> None:
    town.warn(over=EAST_ONLY)
    client = site.app.test_client()
    for answer in (client.get(path_to(town)), client.get("/a/000000000000")):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Robots-Tag"].startswith("noindex")
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
        assert "Set-Cookie" not in answer.headers
    assert (
        client.post(path_to(town), data={"answer": "1"}).headers["Referrer-Policy"] == "no-referrer"
    )


def test_nothing_on_the_page_comes_from_elsewhere_or_needs_a_script(site: Site, town: Town) -> None:
    town.warn(over=EAST_ONLY)
    answer = site.visitor().get(path_to(town))
    page = BeautifulSoup(answer.text, "html.parser")
    assert page.find("script") is None
    found = [one.get("src") or one.get("href") for one in page.find_all(["img", "link"])]
    assert all(address.startswith("/static/") for address in found)
    assert len(answer.data) < 8000


def test_it_speaks_english_when_asked(site: Site, town: Town) -> None:
    town.warn(over=EAST_ONLY)
    path, client = path_to(town), site.app.test_client()
    page = BeautifulSoup(client.get(path, query_string={"lang": "en"}).text, "html.parser")
    assert page.html["lang"] == "en"
    assert page.find("button", value="1").text == "I have understood"
    answer = client.post(page.form["action"], data={"answer": "1"})
    assert answer.location == f"{path}?lang=en"
    assert "Your answer is recorded" in client.get(answer.location).text


def test_after_the_end_it_says_what_holds_and_offers_only_the_check_number(
    site: Site, town: Town
) -> None:
    warned = town.warn(over=EAST_ONLY)
    path, client = path_to(town), site.app.test_client()
    town.warn(over=EAST_ONLY, level="red", replaces=warned)
    page = Visitor(client).page(path)
    over = page.find(id="over").text
    assert "已由新的预警代替" in over
    assert "红色" in over
    assert page.find("button") is None
    assert page.find("input") is None
    assert page.select_one("a[href='tel:07585522000']") is not None
    before = town.answers()
    answer = client.post(path, data={"answer": "1"})
    assert answer.status_code == 409
    assert "不再接受应答" in answer.text
    assert town.answers() == before


def test_a_warning_lifted_between_reading_and_pressing(site: Site, town: Town) -> None:
    warned = town.warn(over=EAST_ONLY)
    path, client = path_to(town), site.app.test_client()
    assert client.get(path).status_code == 200
    town.lift(warned)
    answer = client.post(path, data={"answer": "2"})
    assert answer.status_code == 409
    assert "已由发布单位解除" in answer.text
    assert town.help_requests() == []


@pytest.mark.parametrize("typed", ["000000000000", "x", "0" * 200, "../login", "收到", "a/b"])
def test_a_link_that_does_not_exist_says_nothing_of_those_that_do(
    site: Site, town: Town, typed: str
) -> None:
    town.warn(over=EAST_ONLY)
    client = site.app.test_client()
    first = client.get("/a/000000000000")
    for answer in (client.get(f"/a/{typed}"), client.post(f"/a/{typed}", data={"answer": "1"})):
        assert answer.status_code == 404
    assert "0758-5522000" in first.text
    assert "怀集县气象台" not in first.text


def test_guesses_are_counted(site: Site, town: Town) -> None:
    client = site.app.test_client()
    client.get("/a/000000000000", environ_overrides=STRANGER)
    (day,) = site.user("viewer").get("/api/now").json["guesses"]
    assert (day["wrong"], day["refused"]) == (1, 0)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", day["day"])


def test_a_network_that_guesses_is_refused_and_others_are_not(site: Site, town: Town) -> None:
    town.warn(over=EAST_ONLY)
    client, path = site.app.test_client(), path_to(town)
    for number in range(TRIES):
        wrong = client.get(f"/a/{number:012d}", environ_overrides=STRANGER)
        assert wrong.status_code == 404
    refused = client.post(path, data={"answer": "1"}, environ_overrides=STRANGER)
    assert refused.status_code == 429
    assert "0758-5522000" in refused.text
    assert town.answers() == []
    other = {"REMOTE_ADDR": "120.196.0.8"}
    assert client.post(path, data={"answer": "1"}, environ_overrides=other).status_code == 303


def test_a_proxy_is_never_refused(site: Site, town: Town) -> None:
    town.warn(over=EAST_ONLY)
    client, path = site.app.test_client(), path_to(town)
    for address in ("127.0.0.1", "10.0.0.1", "::1"):
        for number in range(TRIES + 5):
            client.get(f"/a/{number:012d}", environ_overrides={"REMOTE_ADDR": address})
        answer = client.get(path, environ_overrides={"REMOTE_ADDR": address})
        assert answer.status_code == 200


def test_tries_come_back_with_time() -> None:
    clock = [0.0]
    guesses = Guesses(lambda: clock[0])
    for _ in range(TRIES):
        guesses.wrong("2001:db8:0:1::5")
    assert not guesses.is_refused("2400:3200::1")
    for last in ("1", "ffff"):
        guesses.wrong(f"2400:3200::{last}")
    for _ in range(TRIES - 2):
        guesses.wrong("2400:3200::2")
    assert guesses.is_refused("2400:3200::77")
    clock[0] += EVERY
    assert not guesses.is_refused("2400:3200::77")
    guesses.wrong("2400:3200::77")
    assert guesses.is_refused("2400:3200::77")


def test_counts_of_guesses_are_written_at_most_once_a_second() -> None:
    clock = [0.0]
    guesses = Guesses(lambda: clock[0])
    assert guesses.to_write() is None
    guesses.wrong("120.196.0.7")
    assert guesses.to_write() == (1, 0)
    guesses.wrong("120.196.0.7")
    assert guesses.to_write() is None
    clock[0] += timedelta(seconds=1).total_seconds()
    assert guesses.to_write() == (1, 0)


def test_an_officers_login_opens_no_link_and_a_link_no_desk(site: Site, town: Town) -> None:
    town.warn()
    client = site.app.test_client()
    client.get(path_to(town, WEST_LEADER))
    assert client.get("/broadcasts/1").location == "/login"
