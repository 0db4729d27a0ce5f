"""Delivery checks: a message is found by who may look, and its story is told receipt by receipt."""

import pytest

from tests.stories.town import EAST, EAST_LEADER, SOUTH, TOWN, WEST_LEADER, Town
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
