"""求助: whoever asks for help can be told apart and rung; a drill never looks like an emergency."""

from tests.stories.town import EAST, EAST_LEADER, EAST_SECRETARY, IN_EAST, WEST_LEADER, Town
from tests.web.site import Site


def test_the_page_says_who_asks_and_how_to_ring(site: Site, town: Town) -> None:
    town.warn(level="red")
    town.press("2", WEST_LEADER)
    user = site.user("officer")
    item = user.page("/broadcasts/1").find(id="help-1")
    assert item is not None
    assert "冷坑镇西村" in item.text
    assert "党支部书记" in item.text
    assert "某* · +86 138****0011" in item.text
    assert user.page("/broadcasts/1").select("#help a.tel") == []
    user.send("/broadcasts/1/numbers", why="打电话叫应")
    (link,) = user.page("/broadcasts/1").select("#help a.tel")
    assert link["href"] == f"tel:{WEST_LEADER}"
    assert [row["subject"] for row in site.recorded("unmask")] == ["broadcast:1"]


def test_two_of_one_village_are_told_apart(site: Site, town: Town) -> None:
    town.warn(over=IN_EAST, level="red")
    town.press("2", EAST_LEADER)
    town.write_down(EAST_SECRETARY, "2")
    user = site.user("officer")
    links = [one["href"] for one in user.page("/").select("#red ~ ul a[href*=help]")]
    assert links == ["/broadcasts/1#help-1", "/broadcasts/1#help-2"]
    page = user.page("/broadcasts/1")
    assert "138****0021" in page.find(id="help-1").text
    assert "138****0022" in page.find(id="help-2").text
    closed = user.send("/help/2/close", done="已派车")
    assert closed.location == "/broadcasts/1#help-2"
    page = user.page("/broadcasts/1")
    assert "未处置" in page.find(id="help-1").text
    assert "已派车" in page.find(id="help-2").text


def test_a_drill_bears_its_name_and_comes_last(site: Site, town: Town) -> None:
    town.notice("今晚演练，请回复", EAST, mode="drill")
    town.write_down(EAST_LEADER, "2")
    town.warn(level="red")
    town.press("2", WEST_LEADER)
    items = site.user("officer").page("/").select("#red ~ ul li:has(a[href*=help])")
    assert [one.select_one(".chip").text for one in items] == ["正式", "演练"]
    assert "西村" in items[0].text
    assert "东村" in items[1].text


def test_a_viewer_sees_no_number(site: Site, town: Town) -> None:
    town.warn(level="red")
    town.press("2", WEST_LEADER)
    page = site.user("viewer").page("/broadcasts/1")
    assert page.select("form[action*=numbers]") == []
    assert "138****0011" in page.find(id="help").text


def test_what_was_asked_yesterday_bears_its_date(site: Site, town: Town) -> None:
    town.warn(level="red")
    town.press("2", WEST_LEADER)
    user = site.user("officer")
    asked = "#red ~ ul li:has(a[href*=help])"
    assert "· 17:20:00" in user.page("/").select_one(asked).text
    assert "开始 17:20:00" in user.page("/").find("h2", id="running").parent.text
    town.tick(minutes=6 * 60 + 39)
    assert "· 17:20:00" in user.page("/").select_one(asked).text
    town.tick(minutes=1)  # midnight at the office; in UTC it is still the same day
    assert "· 12-26 17:20" in user.page("/").select_one(asked).text
    assert "17:20:00" not in user.page("/").text


def test_who_asked_in_two_rounds_is_one_line_and_closed_once(site: Site, town: Town) -> None:
    orange = town.warn(over=IN_EAST)
    town.tick(minutes=10)
    town.press("2", EAST_LEADER)
    town.warn(over=IN_EAST, level="red", replaces=orange)
    town.press("2", EAST_LEADER)
    user = site.user("officer")
    (item,) = user.page("/").select("#red ~ ul li:has(a[href*=help])")
    assert "17:30:00、17:30:00 （求助 2 次）" in " ".join(item.text.split())
    link = item.select_one("a")["href"]
    asked = user.page(link.partition("#")[0]).find(id=link.partition("#")[2])
    assert "同一人在同一轮预警里的另一次求助" in asked.text
    seen = [one["value"] for one in asked.select("form input[name=seen]")]
    user.send(asked.form["action"], done="已派车", seen=seen)
    assert user.page("/").select("#red ~ ul li:has(a[href*=help])") == []
    assert {row.done for row in site.rows()["help_request"]} == {"已派车"}
