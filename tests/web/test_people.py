"""Who was told and who answered; numbers only for those who ask, and that is recorded."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from bs4 import BeautifulSoup

from alertcast.web.context import OPEN_FOR
from tests.stories.town import (
    EAST,
    EAST_DEPUTY,
    EAST_LEADER,
    EAST_SECRETARY,
    NEXT_TOWN,
    SHAPES,
    SOUTH_LEADER,
    TOWN,
    WEST_DEPUTY,
    WEST_LEADER,
    WEST_SECRETARY,
    Town,
)
from tests.web.site import Site

EAST_ONLY = SHAPES[EAST].buffer(-0.2)


def test_names_and_numbers_are_masked_everywhere(town: Town) -> None:
    town.channels = []
    site = Site(town)
    town.warn(level="red")
    user = site.user("officer")
    for path in ("/", "/broadcasts/1", "/broadcasts/1/people", "/broadcasts/1/calllist", "/manual"):
        text = user.get(path).text
        assert "3800000" not in text.replace("****", ""), path
        assert "某2" not in text, path
    assert "+86 138****0021" in user.get("/broadcasts/1/people").text


def test_showing_numbers_is_recorded_each_time(site: Site, town: Town) -> None:
    town.warn()
    user = site.user("officer")
    assert (
        user.send("/broadcasts/1/numbers", why="打电话叫应", back="people").location
        == "/broadcasts/1/people"
    )
    assert site.recorded("unmask") == []
    text = user.get("/broadcasts/1/people").text
    assert f'href="tel:{EAST_LEADER}"' in text
    assert "某21" in text
    rows = site.recorded("unmask")
    assert [(row["user"], row["subject"]) for row in rows] == [("officer", "broadcast:1")]
    assert rows[0]["detail"] == {"why": "打电话叫应"}
    user.get("/broadcasts/1/calllist")
    assert len(site.recorded("unmask")) == 2


@pytest.mark.parametrize("why", [{}, {"why": ["", "  "]}], ids=["none", "empty"])
def test_without_a_reason_nothing_is_shown(site: Site, town: Town, why: dict[str, Any]) -> None:
    town.warn()
    user = site.user("officer")
    user.send("/broadcasts/1/numbers", back="people", **why)
    text = user.get("/broadcasts/1/people").text
    assert "理由" in text
    assert "tel:" not in text
    assert site.recorded("unmask") == []


def test_a_reason_of_ones_own_is_recorded_as_written(site: Site, town: Town) -> None:
    town.warn()
    user = site.user("officer")
    user.send("/broadcasts/1/numbers", why=[" 上级  检查 ", ""])
    user.get("/broadcasts/1/people")
    assert site.recorded("unmask")[0]["detail"] == {"why": "上级 检查"}


def test_numbers_of_one_broadcast_are_not_those_of_another(site: Site, town: Town) -> None:
    town.warn(over=EAST_ONLY)
    town.notice("今晚降温", EAST)
    user = site.user("officer")
    user.send("/broadcasts/1/numbers", why="打电话叫应")
    assert "tel:" not in user.get("/broadcasts/2/people").text
    assert "tel:" not in user.get("/manual").text


def test_numbers_hide_again_by_themselves(site: Site, town: Town, monkeypatch: Any) -> None:
    town.warn()
    user = site.user("officer")
    monkeypatch.setattr("alertcast.web.context.OPEN_FOR", -OPEN_FOR)
    user.send("/broadcasts/1/numbers", why="打电话叫应")
    assert "tel:" not in user.get("/broadcasts/1/people").text


def test_what_somebody_said_on_the_telephone_is_written_down(site: Site, town: Town) -> None:
    town.warn()
    person = town._person(EAST_LEADER)
    user = site.user("officer")
    answer = user.send(
        "/broadcasts/1/answer",
        person_id=person,
        outcome="1",
        sure="yes",
        note="已通知到户",
        back="people",
    )
    assert answer.location == "/broadcasts/1/people"
    assert town.states()["东村"] == "answered"
    assert site.rung == 1
    page = user.page("/broadcasts/1/people", state="acknowledged")
    assert "口头应答" in page.text
    assert "officer" in page.text


def test_whoever_writes_an_answer_down_finds_the_list_as_it_was(
    site: Site, town: Town, monkeypatch: Any
) -> None:
    monkeypatch.setattr("alertcast.web.listing.PER_PAGE", 1)
    town.warn()
    user = site.user("officer")
    here = {"state": "unanswered", "town": TOWN, "role": "deputy", "q": "村", "page": "2"}
    page = user.page("/broadcasts/1/people", **here)
    form = page.select_one("form[action='/broadcasts/1/answer']")
    kept = {one["name"]: one["value"] for one in form.select("input[type=hidden]")}
    del kept["csrf_token"]
    asked = BeautifulSoup(user.send(form["action"], **kept, outcome="1").text, "html.parser")
    done = user.send(form["action"], **kept, outcome="1", sure="yes").location
    numbers = user.send("/broadcasts/1/numbers", **kept, why="核对名单").location
    for back in (asked.select_one("section.card a.button")["href"], done, numbers):
        assert urlsplit(back).path == "/broadcasts/1/people"
        assert dict(parse_qsl(urlsplit(back).query)) == here
    left = user.page(done)
    assert "第 2" not in left.text  # there is one page now, and it is shown
    assert len(left.select("tbody form[action='/broadcasts/1/answer']")) == 1


def test_whose_answer_is_missing_is_found_at_once(site: Site, town: Town) -> None:
    """Not whoever's turn has not come, nor whoever's grid another has answered for."""
    town.warn(level="red")
    town.press("1", WEST_LEADER)
    user = site.user("officer")

    def listed(name: str, state: str) -> set[str]:
        page = site.user(name).page("/broadcasts/1/people", state=state)
        return {one.text.strip()[-4:] for one in page.select("tbody [data-label=电话]")}

    missing = {EAST_LEADER[-4:], EAST_SECRETARY[-4:], SOUTH_LEADER[-4:]}
    assert missing <= listed("officer", "missing")
    assert not {WEST_SECRETARY, WEST_DEPUTY, EAST_DEPUTY} & {
        f"+861380000{one}" for one in listed("officer", "missing")
    }
    assert listed("officer", "missing") < listed("officer", "unanswered")
    links = [" ".join(one.text.split()) for one in user.page("/broadcasts/1/people").select("a")]
    assert f"还缺应答 {len(listed('officer', 'missing'))}" in links
    site.add_user("mining", "officer", NEXT_TOWN)
    assert SOUTH_LEADER[-4:] in listed("mining", "missing")
    assert EAST_LEADER[-4:] not in listed("mining", "missing")
    town.tick(minutes=120)
    assert missing <= listed("officer", "missing")  # unreached is not answered
    for phone in (EAST_LEADER, SOUTH_LEADER):
        town.press("1", phone)
    assert listed("officer", "missing") == set()


def test_the_counts_move_and_say_that_the_list_is_older(site: Site, town: Town) -> None:
    town.warn(level="red")
    user = site.user("officer")
    page = user.page("/broadcasts/1/people", town=TOWN, state="unanswered")
    assert "名单截至 17:20:00" in page.text
    part = page.select_one("[data-refresh]")
    assert "名单已有变化" not in user.get(part["data-refresh"]).text
    town.press("1", WEST_LEADER)
    moved = BeautifulSoup(user.get(part["data-refresh"]).text, "html.parser")
    assert "已应答 1" in moved.text
    again = moved.find("a", string="刷新名单")["href"]
    later = user.page(again)
    assert later.find("a", attrs={"aria-current": "true"}).text.startswith("未应答")
    assert later.select_one("option[selected]")["value"] == TOWN
    assert "名单已有变化" not in user.get(later.select_one("[data-refresh]")["data-refresh"]).text


def test_a_spoken_call_for_help_opens_a_request_until_it_is_closed(site: Site, town: Town) -> None:
    town.warn()
    user = site.user("officer")
    user.send("/broadcasts/1/answer", person_id=town._person(WEST_LEADER), outcome="2", sure="yes")
    assert "求助" in user.page("/").find("h2", id="red").parent.text
    assert user.send("/help/1/close", done=" ").status_code == 302
    assert town.help_requests()[0]["closed_at"] is None
    user.send("/help/1/close", done="已派车接走两位老人")
    closed = town.help_requests()[0]
    assert (closed["done"], closed["closed_by"]) == ("已派车接走两位老人", "officer")
    assert "已派车接走两位老人" in user.get("/broadcasts/1").text
    assert "没有需要立即处理的事项" in user.get("/").text


def test_an_answer_of_a_stranger_is_not_written(site: Site, town: Town) -> None:
    town.warn(over=EAST_ONLY)
    user = site.user("officer")
    user.send("/broadcasts/1/answer", person_id=town._person(WEST_LEADER), outcome="1", sure="yes")
    assert "没有登记" in user.get("/").text
    assert user.send("/broadcasts/1/answer", person_id="x", outcome="1").status_code == 302
    assert user.send("/broadcasts/9/answer", person_id="1", outcome="1").status_code == 404
    assert user.send("/broadcasts/1/answer", person_id="1", outcome="7").status_code == 400


def test_the_unreached_are_listed_by_grid_with_telephone_links(site: Site, town: Town) -> None:
    town.warn(over=EAST_ONLY)
    town.tick(minutes=60)
    assert town.states() == {"东村": "unreached"}
    user = site.user("officer")
    listed = user.page("/broadcasts/1").find(id="unreached")
    assert "冷坑镇东村" in listed.text
    assert "党支部书记" in listed.text
    assert listed.select("a.tel") == []  # masked, and no number that can be dialled
    assert listed.select_one("button[name=why]") is not None
    user.send("/broadcasts/1/numbers", why="打电话叫应")
    links = [a["href"] for a in user.page("/broadcasts/1").select("#unreached a.tel")]
    assert f"tel:{EAST_SECRETARY}" in links


def test_a_late_answer_takes_the_grid_off_the_list(site: Site, town: Town) -> None:
    town.warn(over=EAST_ONLY)
    town.tick(minutes=60)
    user = site.user("officer")
    user.send("/broadcasts/1/answer", person_id=town._person(EAST_LEADER), outcome="1", sure="yes")
    assert user.page("/broadcasts/1").find(id="unreached") is None


def test_while_it_runs_those_without_an_answer_are_one_filter_away(site: Site, town: Town) -> None:
    town.warn(level="red")
    town.press("1", WEST_LEADER)
    user = site.user("officer")
    link = next(
        one
        for one in user.page("/broadcasts/1/people").select("a.button")
        if "未应答" in one.text.split()
    )
    listed = user.page(str(link["href"])).text
    assert "138****0011" not in listed
    assert "138****0021" in listed


def test_the_printed_list_names_who_printed_it_and_when(site: Site, town: Town) -> None:
    town.warn(over=EAST_ONLY)
    page = site.user("officer").page("/broadcasts/1/calllist")
    assert page.select_one(".only-print").text == "打印人 officer · 2026-12-26 17:20:00"


def test_what_became_of_a_call_does_not_contradict_itself(site: Site, town: Town) -> None:
    town.warn(level="red", over=EAST_ONLY)
    town.report(town.voice, EAST_LEADER, "machine")
    user = site.user("officer")
    person = str(town._person(EAST_LEADER))
    row = next(
        one
        for one in user.page("/broadcasts/1/people").select("tbody tr")
        if one.select_one(f"[name=person_id][value='{person}']")
    )
    said = " ".join(row.select_one("[data-label=消息]").text.split())
    assert "电话 待发 上次：语音信箱" in said
    calls = user.page("/messages", person=person, kind="voice")
    message = user.page(calls.select_one("td[data-label='#'] a")["href"]).text
    assert "语音信箱 · 语音信箱" not in " ".join(message.split())


def test_a_call_to_be_made_by_hand_is_said_once(town: Town) -> None:
    town.channels = []
    site = Site(town)
    town.warn()
    user = site.user("officer")
    for path in ("/broadcasts/1", "/broadcasts/1/people"):
        text = " ".join(user.page(path).text.split())
        assert "人工拨打 待人工拨打" not in text
        assert "人工拨打：待人工拨打" not in text
    assert "人工拨打 待拨打" in text
