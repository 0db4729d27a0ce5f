"""What the duty officer sees: red first, the original text unaltered, live and drill apart."""

from datetime import timedelta

import pytest

from tests.sources.lists import v1, v1_item
from tests.stories.town import (
    EAST,
    EAST_LEADER,
    EVERYBODY,
    SHAPES,
    SOUTH,
    WEST_LEADER,
    Town,
)
from tests.web.site import Site

EAST_ONLY = SHAPES[EAST].buffer(-0.2)


def test_a_quiet_night_says_so(site: Site) -> None:
    page = site.user("viewer").page("/")
    assert "没有需要立即处理的事项" in page.text
    assert page.select_one(".red-list") is None


def test_a_warning_in_force_is_shown_unaltered(site: Site, town: Town) -> None:
    town.warn(level="red", headline="怀集县气象台2026年12月26日17时20分发布寒冷红色预警信号")
    page = site.user("viewer").page("/")
    force = page.find("h2", id="force").parent.text
    assert "怀集县气象台2026年12月26日17时20分发布寒冷红色预警信号" in force
    assert "红色" in force
    assert "发布 12-26 17:20" in force


def test_script_in_a_headline_is_only_text(site: Site, town: Town) -> None:
    evil = "寒冷红色预警&lt;script&gt;alert(1)&lt;/script&gt;"
    town.warn(level="red", headline=evil)
    user = site.user("approver")
    for path in ("/", "/broadcasts", "/broadcasts/1", "/start", "/alerts/1", "/manual"):
        text = user.get(path).text
        assert "<script>alert" not in text, path
    assert "&lt;script&gt;alert(1)" in user.get("/").text


def test_running_broadcasts_show_how_many_grids_have_answered(site: Site, town: Town) -> None:
    town.warn(level="red")
    town.press_1(EAST_LEADER)
    running = site.user("viewer").page("/").find("h2", id="running").parent
    assert "已应答 1" in " ".join(running.text.split())
    assert "叫应中 2" in " ".join(running.text.split())


def test_what_is_red_comes_first(site: Site, town: Town) -> None:
    town.settle_in(post for post in EVERYBODY if not post[2].startswith(SOUTH))
    town.warn(level="red")
    town.press("2", WEST_LEADER)
    town.publish("<alert>broken")
    town.tick(minutes=30)
    page = site.user("viewer").page("/")
    red = page.find("h2", id="red").parent.text
    for word in ("求助", "未叫通", "冷坑镇西村", "无法读取"):
        assert word in red, word
    assert page.text.index("需要立即处理") < page.text.index("生效中的预警")


def test_a_grid_without_people_is_red(site: Site, town: Town) -> None:
    town.settle_in([(WEST_LEADER, "branch_leader", EAST)])
    town.warn()
    red = site.user("viewer").page("/").find("h2", id="red").parent
    assert "2 个网格在名册里没有责任人" in red.text
    rows = site.user("viewer").page("/broadcasts/1/grids", without_people="1").select("tbody tr")
    assert len(rows) == 2


def test_what_was_not_reached_is_no_longer_red_after_the_warning_ran_out(
    site: Site, town: Town
) -> None:
    town.warn(over=EAST_ONLY)
    town.tick(minutes=60)
    assert "未叫通" in site.user("viewer").get("/").text
    town.now += timedelta(hours=25)
    town.tick()
    assert "没有需要立即处理的事项" in site.user("viewer").get("/").text


def test_an_alert_that_was_held_waits_for_the_officer(site: Site, town: Town) -> None:
    town.configure(dispatch={"automatic": False})
    town.warn()
    page = site.user("officer").page("/")
    assert "待处理预警" in page.text
    assert page.select_one("a[href='/alerts/1']") is not None


def test_a_drill_can_not_be_taken_for_real(site: Site, town: Town) -> None:
    town.notice("今晚演练", EAST, mode="drill")
    page = site.user("viewer").page("/broadcasts/1")
    assert page.title.text.startswith("[演练]")
    assert "这不是真实预警" in page.select_one(".world-drill").text
    assert page.select_one(".world-live") is None


def test_a_live_broadcast_says_that_it_is(site: Site, town: Town) -> None:
    town.warn()
    page = site.user("viewer").page("/broadcasts/1")
    assert "正式下发" in page.select_one(".world-live").text
    assert page.select_one(".world-drill") is None


def test_every_page_of_a_demo_says_so(town: Town) -> None:
    site = Site(town, is_demo=True)
    town.warn()
    user = site.user("approver")
    for path in ("/", "/broadcasts/1", "/manual", "/start", "/alerts/1"):
        page = user.page(path)
        assert page.title.text.startswith("[模拟]"), path
        assert "都不会发往真实电话" in page.select_one(".world-demo").text, path


def test_pages_speak_english_when_asked(site: Site, town: Town) -> None:
    town.warn(level="red")
    user = site.user("officer")
    assert user.send("/language", language="en").status_code == 302
    page = user.page("/broadcasts/1")
    assert page.html["lang"] == "en"
    assert "Stop calling" in page.text
    assert user.send("/language", language="xx").status_code == 302
    assert user.page("/").html["lang"] == "en"


def test_the_json_has_the_facts_of_the_page(site: Site, town: Town) -> None:
    town.warn(level="red")
    town.press_1(EAST_LEADER)
    user = site.user("viewer")
    now = user.get("/api/now").json
    assert now["at"] == town.now.isoformat()
    assert [one["infos"][0]["level"] for one in now["warnings"]] == ["red"]
    report = user.get("/api/broadcasts/1").json
    assert report["grids"] == {"total": 3, "by_state": {"answered": 1, "open": 2}}
    assert report["people"]["acknowledged"] == 1
    assert EAST_LEADER not in user.get("/api/broadcasts/1").text
    assert user.get("/api/broadcasts").json["broadcasts"][0]["id"] == 1
    assert user.get("/api/broadcasts/9").status_code == 404


def test_a_long_list_comes_in_pages(site: Site, town: Town) -> None:
    town.warn()
    user = site.user("viewer")
    assert "共 3 条" in user.get("/broadcasts/1/grids").text
    assert len(user.page("/broadcasts/1/grids", page="2").select("tbody tr")) == 1
    assert len(user.page("/broadcasts/1/grids", state="answered").select("tbody tr a")) == 0


def test_the_script_and_the_copy_are_on_the_page_and_in_the_json(site: Site, town: Town) -> None:
    town.warn(over=EAST_ONLY)
    user = site.user("officer")
    part = user.page("/broadcasts/1").find(id="scripts")
    assert "各位村民、居民请注意" in part.find(id="text-script-zh").text
    assert part.find(id="text-copy-en")["lang"] == "en"
    for button in part.find_all("button"):
        assert part.find(id=button["data-copy"]) is not None
    found = user.get("/api/broadcasts/1").json
    assert found["scripts"]["script"]["zh"] == part.find(id="text-script-zh").text
    version = town.world.config.texts.version_of("warning.sms")
    assert found["wording_versions"]["warning.sms"] == version


def test_a_text_that_is_no_answer_is_on_the_page(site: Site, town: Town) -> None:
    town.warn(over=EAST_ONLY)
    user = site.user("officer")
    assert user.page("/broadcasts/1").find(id="texts-back") is None
    town.text_back(EAST_LEADER, "桥面结冰<b>")
    part = user.page("/broadcasts/1").find(id="texts-back")
    assert "桥面结冰<b>" in part.text
    assert EAST_LEADER not in part.text


def test_the_page_of_an_alert_shows_what_its_publisher_wants_shown(site: Site, town: Town) -> None:
    town.publish(v1(v1_item()), "qweather")
    page = site.user("viewer").page("/alerts/1")
    assert "数据提供：和风天气 · https://x.cn" in page.get_text()


def test_broadcasts_are_looked_for_and_turned_over(
    site: Site, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alertcast.web.listing.LISTED", 2)
    town.add_drill_channels()
    town.warn(over=EAST_ONLY)
    for number, mode in enumerate(("live", "drill", "live", "live")):
        town.notice(f"今晚第{number}次降温", SOUTH, mode=mode, key=str(number))
    user = site.user("viewer")

    def listed(path: str = "/broadcasts", **query: str) -> list[str]:
        page = user.page(path, **query)
        return [one.text for one in page.select("tbody [data-label='#']")]

    assert listed() == ["5", "4"]
    older = user.page("/broadcasts").find("a", string="更早的下发")["href"]
    assert listed(older) == ["3", "2"]
    assert listed(user.page(older).find("a", string="更早的下发")["href"]) == ["1"]
    assert listed(mode="drill") == ["3"]
    assert listed(purpose="warning") == ["1"]
    assert listed(q="第2次") == ["4"]
    assert listed(q="#3") == ["3"]
    assert listed(q="3") == ["5", "3"]  # also in the title
    assert listed(q="%") == listed(q="9" * 30) == listed(before="0") == []
    assert "没有符合条件的下发" in user.get("/broadcasts", q="冰雹").text
    narrowed = user.page("/broadcasts", mode="live").find("a", string="更早的下发")["href"]
    assert listed(narrowed) == ["2", "1"]
    assert user.get("/broadcasts", before="9" * 30).status_code == 200
