"""Delivery checks: a message is found by who may look, and its story is told receipt by receipt."""

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from alertcast.core.roster import Person, Post
from alertcast.store.schema import person
from tests.stories.town import EAST, EAST_LEADER, SOUTH, TOWN, WEST, WEST_LEADER, Town
from tests.web.site import Site


def ids(page: object) -> list[str]:
    return [a.text for a in page.select("td[data-label='#'] a")]  # type: ignore[attr-defined]


def test_messages_are_found_and_turned_over_page_by_page(
    site: Site, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alertcast.web.messages.PER_PAGE", 4)
    town.warn(level="red")
    user = site.user("viewer")
    seen: list[str] = []
    path: str | None = "/messages?broadcast=1"
    while path:
        page = user.page(path)
        seen += ids(page)
        link = page.find("a", string="更早的消息")
        path = link["href"] if link else None
    assert seen == [str(number) for number in range(town.planned(), 0, -1)]
    assert ids(user.page("/messages", grid=EAST, kind="sms", broadcast="1")) != []
    assert ids(user.page("/messages", grid="000")) == []
    assert "3800000" not in user.get("/messages").text.replace("****", "")


def test_the_story_of_a_call_is_told_receipt_by_receipt(site: Site, town: Town) -> None:
    town.warn(level="red")
    town.report(town.voice, EAST_LEADER, "busy")
    town.report(town.voice, EAST_LEADER, "busy")
    user = site.user("viewer")
    (line,) = [
        one
        for one in ids(user.page("/messages", grid=EAST, kind="voice"))
        if "忙线" in user.get(f"/messages/{one}").text
    ]
    page = user.page(f"/messages/{line}")
    assert "第 1 次呼叫" in page.text
    assert "忙线" in page.text
    assert "已采用" in page.text
    assert "重复，没有变化" in page.text
    assert "怀集县气象台发布寒冷红色预警信号" in page.find(class_="say").text
    assert EAST_LEADER[3:] not in page.text


def test_a_number_is_looked_up_by_right_and_recorded(site: Site, town: Town) -> None:
    town.warn(level="red")
    assert site.user("viewer").send("/messages", number=WEST_LEADER).status_code == 403
    user = site.user("officer")
    answer = user.send("/messages", number="138 0000 0011")
    assert answer.status_code == 200
    assert answer.text.count("+86 138****0011") == len(town.messages(WEST_LEADER))
    (row,) = site.recorded("look_up_number")
    assert row["user"] == "officer"
    assert WEST_LEADER[3:] not in str(dict(row))
    assert "不是可以拨打的号码" in user.send("/messages", number="12").text
    assert len(site.recorded("look_up_number")) == 1


def test_an_officer_of_one_town_finds_that_town(site: Site, town: Town) -> None:
    town.warn(level="red")
    site.add_user("li", "officer", TOWN)
    user = site.user("li")
    south = ids(site.user("officer").page("/messages", grid=SOUTH, kind="sms"))
    assert ids(user.page("/messages", grid=SOUTH, kind="sms")) != south
    alone = [one for one in south if user.get(f"/messages/{one}").status_code == 404]
    assert alone


def test_messages_are_found_by_the_time_they_were_planned(site: Site, town: Town) -> None:
    town.warn(level="red")
    user = site.user("viewer")
    there = {"from": "2026-12-26", "from_at": "17:00", "to": "2026-12-26", "to_at": "18:00"}
    assert ids(user.page("/messages", **there)) != []
    assert ids(user.page("/messages", **(there | {"to_at": "17:10"}))) == []
    assert ids(user.page("/messages", **{"from": "2026-12-26", "to": "2026-12-26"})) != []
    assert ids(user.page("/messages", **{"from": "2026-12-27"})) == []
    assert user.get("/messages", **{"from": "rubbish", "to_at": "25:99"}).status_code == 200


def test_a_name_is_looked_up_by_right_recorded_and_stands_in_no_row(site: Site, town: Town) -> None:
    town.warn(level="red")
    assert site.user("viewer").send("/messages", name="某11").status_code == 403
    user = site.user("officer")
    answer = user.send("/messages", name=" 某１１ ")
    assert answer.text.count("+86 138****0011") == len(town.messages(WEST_LEADER))
    assert "某11" not in answer.text
    (row,) = site.recorded("look_up_name")
    assert "某" not in str(dict(row))
    assert ids(BeautifulSoup(user.send("/messages", name="无此人").text, "html.parser")) == []
    many = ids(BeautifulSoup(user.send("/messages", name="某").text, "html.parser"))
    assert len(many) == town.planned()  # how a name begins is enough


def test_a_name_of_too_many_people_is_refused(
    site: Site, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alertcast.store.names.MOST", 3)
    town.warn(level="red")
    assert "太多" in site.user("officer").send("/messages", name="某").text


def test_somebody_who_has_left_the_roster_is_found_by_name(site: Site, town: Town) -> None:
    town.warn(level="red")
    told = len(town.messages(WEST_LEADER))
    town.settle_in([(EAST_LEADER, "branch_leader", EAST)])
    answer = site.user("officer").send("/messages", name="某11")
    assert answer.text.count("+86 138****0011") == told > 0


def test_a_name_is_found_within_the_area_of_who_asks_only(site: Site, town: Town) -> None:
    town.warn(level="red")
    site.add_user("li", "officer", "441224102")
    answer = site.user("li").send("/messages", name="某11")
    assert ids(BeautifulSoup(answer.text, "html.parser")) == []


def test_a_persons_messages_include_those_to_the_other_number(site: Site, town: Town) -> None:
    landline = "+867585522001"
    folk = [Person("a", "某甲", landline, other_phone=WEST_LEADER)]
    town.enrol(folk, [Post("a", "branch_leader", WEST)])
    town.warn(level="red")
    assert town.messages(WEST_LEADER) != []  # texts do not go to a fixed line
    user = site.user("viewer")
    first = user.page("/messages").select_one("td[data-label='姓名'] a")
    assert first is not None
    text = user.get(str(first["href"])).text
    assert "+86 138****0011" in text
    assert text.count('<td data-label="#">') == town.planned()


def test_a_persons_messages_include_those_to_a_number_shared_with_others(
    site: Site, town: Town
) -> None:
    town.enrol_sharing_one_phone()
    town.warn(level="red")
    with town.db.read() as tx:
        ids_of = tx.execute(select(person.c.id).where(person.c.code.in_(["a", "b"]))).scalars()
        both = list(ids_of)
    found = [ids(site.user("viewer").page(f"/messages?person={one}")) for one in both]
    assert found[0] == found[1] != []
