"""No provider at all: the officer dials, reads out, and writes down what came of it."""

import pytest

from tests.stories.town import EAST_LEADER, WEST, WEST_LEADER, Town
from tests.web.site import Site


@pytest.fixture
def site(town: Town) -> Site:
    town.channels = []
    site = Site(town)
    town.warn()
    return site


def test_the_next_to_ring_is_shown_with_what_to_say(site: Site) -> None:
    page = site.user("officer").page("/manual")
    first = page.select_one(".next")
    assert "冷坑镇西村" in first.text
    assert "没有可用渠道，请人工拨打" in first.text
    said = page.select_one(".say").text
    assert page.select_one(".say")["lang"].startswith("zh")
    assert "这里是怀集县三防指挥部办公室" in said
    assert "寒冷橙色预警信号" in said


def test_what_holds_beside_it_is_to_be_read_out_too(site: Site, town: Town) -> None:
    also = "肇庆市气象台发布寒冷黄色预警信号"
    town.warn(level="yellow", headline=also)
    said = site.user("officer").page("/manual").select_one(".say").text
    assert "同时生效的还有" in said and also in said


def test_whoever_was_rung_in_vain_goes_to_the_end(site: Site, town: Town) -> None:
    user = site.user("officer")
    before = len(user.page("/manual").select(".next, tbody tr"))
    first = town._person(WEST_LEADER)
    answer = user.send(
        "/broadcasts/1/answer", person_id=first, outcome="busy", sure="yes", back="manual"
    )
    assert answer.location == "/manual"
    page = user.page("/manual")
    rows = page.select(".next, tbody tr")
    assert len(rows) == before
    assert "上次 17:20:00 忙线" in rows[-1].text


def test_an_answer_takes_people_off_the_list(site: Site, town: Town) -> None:
    user = site.user("officer")
    before = len(user.page("/manual").select(".next, tbody tr"))
    user.send("/broadcasts/1/answer", person_id=town._person(EAST_LEADER), outcome="1", sure="yes")
    assert town.states()["东村"] == "answered"
    assert len(user.page("/manual").select(".next, tbody tr")) == before - 2


def test_numbers_are_shown_for_dialling_and_recorded(site: Site) -> None:
    user = site.user("officer")
    assert user.page("/manual").select("a.tel") == []
    assert user.send("/manual/numbers", why="打电话叫应").location == "/manual"
    links = [a["href"] for a in user.page("/manual").select("a.tel")]
    assert links[0] == f"tel:{WEST_LEADER}"
    assert [row["subject"] for row in site.recorded("unmask")] == ["manual"]


def test_the_list_is_counted_on_the_first_page(site: Site) -> None:
    assert "5 个号码需要人工拨打" in site.user("viewer").get("/").text


def test_a_viewer_can_write_nothing(site: Site) -> None:
    page = site.user("viewer").page("/manual")
    assert page.select("form[action*=answer], form[action*=numbers]") == []


def test_what_has_no_grids_names_places_as_people_do(town: Town) -> None:
    town.channels = []
    user, warned = Site(town).user("officer"), town.warn()
    user.send("/broadcasts/1/answer", person_id=town._person(WEST_LEADER), outcome="1", sure="yes")
    town.lift(warned)
    first = user.page("/manual").select_one(".next")
    assert "解除" in first.text
    assert "冷坑镇西村" in first.text
    assert WEST not in first.text
