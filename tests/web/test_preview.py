"""Before anything leaves: whom it reaches, by which words, how long, what is lacking."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select

from alertcast.channels.base import ChannelSettings
from alertcast.store.schema import callout
from tests.stories.town import (
    COUNTY,
    EAST,
    EAST_LEADER,
    EAST_SECRETARY,
    IN_EAST,
    IN_WEST,
    NEXT_TOWN,
    SOUTH,
    TOWN,
    WEST,
    Town,
)
from tests.web.site import Site, Visitor, confirmed

TEXT = "今晚降温，请查看独居老人"


def looked(user: Visitor, **form: Any) -> BeautifulSoup:
    answer = user.send("/start/notice", **{"mode": "live", "text": TEXT, **form})
    assert answer.status_code == 200, answer.text
    return BeautifulSoup(answer.text, "html.parser")


def hidden(page: BeautifulSoup, name: str) -> str:
    return str(page.select_one(f"#go input[name={name}]")["value"])


def geojson(*shapes: BaseGeometry) -> str:
    features = [{"type": "Feature", "properties": {}, "geometry": mapping(one)} for one in shapes]
    return json.dumps({"type": "FeatureCollection", "features": features})


def test_nothing_leaves_before_it_is_confirmed(site: Site, town: Town) -> None:
    page = looked(site.user("officer"), place=TOWN)
    assert "还没有发出任何消息" in page.text
    assert town.count() == 0
    assert site.recorded("start") == []


def test_it_says_whom_it_reaches_how_and_how_long(site: Site) -> None:
    page = looked(site.user("officer"), place=TOWN)
    rows = page.select("#who + table tbody tr")
    roles = {row.select("td")[0].text: row.select("td")[1].text for row in rows}
    assert roles == {"党支部书记": "2", "“邻里先锋”第一书记": "2"}
    counts = {one.text.strip() for one in page.select(".counts li")}
    assert {"2网格", "1镇街", "4人", "4短信"} <= counts
    assert "估算：首轮 短信 4" in page.text
    assert f"{TEXT}。涉及冷坑镇西村" in page.text
    assert page.select_one("[data-speak]")
    groups = json.loads(page.select_one("[data-map]")["data-groups"])
    assert groups == [{"level": "", "state": "chosen", "codes": [WEST, EAST]}]


def test_chinese_words_are_chinese_on_english_pages(site: Site) -> None:
    user = site.user("officer")
    user.send("/language", language="en")
    page = looked(user, place=TOWN)
    heard = page.select_one("#" + page.select_one("[data-speak]")["data-speak"])
    assert heard["lang"] == "zh"
    assert page.html["lang"] == "en"


def test_what_it_costs_is_said_where_prices_are_known(town: Town) -> None:
    user = Site(town).user("officer")
    assert "渠道没有配置单价" in looked(user, place=TOWN).text
    for one in (town.sms, town.voice):
        one.settings = ChannelSettings(type="memory", rate=1000, burst=1000, price=0.05)
    page = looked(user, place=TOWN).text
    parts = re.search(r"(\d) 条（UCS-2）", page)
    assert parts is not None
    assert f"首轮费用：{4 * int(parts[1]) * 0.05:.2f}" in page


def test_what_is_lacking_is_said_first(town: Town) -> None:
    town.settle_in([(EAST_LEADER, "branch_leader", EAST), (EAST_SECRETARY, "town_desk", NEXT_TOWN)])
    town.channels = [town.sms]
    page = looked(Site(town).user("officer"), place=COUNTY)
    lacking = page.select_one("#lacking").parent.text
    assert "2 个网格，没有人会被叫到：冷坑镇西村、马宁镇南村" in lacking
    assert "没有渠道 电话：需要人工拨打" in lacking


def test_a_drill_says_that_it_reaches_the_enrolled_only(town: Town) -> None:
    town.settle_in([(EAST_LEADER, "branch_leader", EAST)], undrilled=[EAST_LEADER])
    page = looked(Site(town).user("officer"), place=TOWN, mode="drill")
    assert "演练只联系登记参加的人" in page.text
    assert "没有人会被叫到" in page.text


def test_a_drill_of_a_county_takes_its_name(site: Site, town: Town) -> None:
    user = site.user("officer")
    page = looked(user, place=COUNTY, mode="drill")
    asked = page.select_one("#go").parent
    assert "drill" in asked["class"]
    assert "演练：下发给" in asked.text
    assert "真实下发" not in asked.text
    form = {"mode": "drill", "text": TEXT, "codes": COUNTY, "seen": hidden(page, "seen")}
    refused = user.send("/start/notice", **form, word="演练")
    assert refused.status_code == 409
    assert "还没有下发：请输入“怀集县”。" in refused.text
    assert town.count() == 0
    assert user.send("/start/notice", **form, word="怀集县").status_code == 302
    assert town.broadcast().mode == "drill"


def test_a_drill_of_some_grids_takes_one_click(site: Site, town: Town) -> None:
    user = site.user("officer")
    page = looked(user, place=TOWN, mode="drill")
    assert page.select("#go input[type=checkbox], #go input[type=text]") == []
    form = {"mode": "drill", "text": TEXT, "codes": TOWN, "seen": hidden(page, "seen")}
    assert user.send("/start/notice", **form).status_code == 302
    assert town.broadcast().mode == "drill"


def test_some_grids_take_two(site: Site, town: Town) -> None:
    user = site.user("officer")
    page = looked(user, place=TOWN)
    form = {"mode": "live", "text": TEXT, "codes": TOWN, "seen": hidden(page, "seen")}
    refused = user.send("/start/notice", **form)
    assert refused.status_code == 409
    assert "还没有下发：请勾选“已核对”" in refused.text
    assert "真实下发给 4 人（2 个网格）：怀集县（冷坑镇）" in page.select_one("#go label").text
    assert town.count() == 0
    assert user.send("/start/notice", **form, sure="yes").status_code == 302


@pytest.mark.parametrize("word", ["", "怀集", "冷坑镇", "yes"])
def test_a_county_takes_its_name(site: Site, town: Town, word: str) -> None:
    user = site.user("officer")
    page = looked(user, place=COUNTY)
    form = {"mode": "live", "text": TEXT, "codes": COUNTY, "seen": hidden(page, "seen")}
    refused = user.send("/start/notice", **form, sure="yes", word=word)
    assert refused.status_code == 409
    assert "还没有下发：请输入“怀集县”。" in refused.text
    assert town.count() == 0
    assert user.send("/start/notice", **form, word="怀集县").status_code == 302


@pytest.mark.parametrize("word", ["怀集县", "广宁县"])
def test_two_counties_take_both_names(site: Site, town: Town, word: str) -> None:
    other = town.draw_another_county()
    user = site.user("officer")
    page = looked(user, place=[COUNTY, other])
    assert (
        "人（4 个网格）：广宁县（南街镇）、怀集县（冷坑镇、马宁镇）" in page.select_one("#go").text
    )
    codes = f"{COUNTY} {other}"
    form = {"mode": "live", "text": TEXT, "codes": codes, "seen": hidden(page, "seen")}
    refused = user.send("/start/notice", **form, sure="yes", word=word)
    assert refused.status_code == 409
    assert "还没有下发：请输入“广宁县、怀集县”。" in refused.text
    assert town.count() == 0
    assert user.send("/start/notice", **form, word="广宁县 怀集县").status_code == 302


@pytest.mark.parametrize(
    "changed", [{"text": "另一句话"}, {"codes": SOUTH}, {"mode": "drill"}, {"policy": "red"}]
)
def test_what_was_not_looked_at_does_not_begin(
    site: Site, town: Town, changed: dict[str, str]
) -> None:
    user = site.user("officer")
    page = looked(user, place=TOWN)
    form = {"mode": "live", "text": TEXT, "codes": TOWN, "seen": hidden(page, "seen")}
    refused = user.send("/start/notice", **{**form, **changed}, sure="yes")
    assert refused.status_code == 409
    assert "内容在您查看之后有变化" in refused.text
    assert town.count() == 0


def test_whom_it_reaches_is_looked_at_again_where_the_roster_changed(
    site: Site, town: Town
) -> None:
    user = site.user("officer")
    page = looked(user, place=TOWN)
    town.settle_in([(EAST_LEADER, "branch_leader", EAST)])
    refused = user.send("/start/notice", **confirmed(page.select_one("#go")))
    assert refused.status_code == 409
    assert "内容在您查看之后有变化" in refused.text
    assert town.count() == 0
    again = BeautifulSoup(refused.text, "html.parser").select_one("#go")
    assert user.send("/start/notice", **confirmed(again)).status_code == 302


def test_the_same_form_with_another_text_is_another_broadcast(site: Site, town: Town) -> None:
    user = site.user("officer")
    for text in (TEXT, "另一句话", TEXT):
        user.confirm("/start/notice", mode="live", text=text, place=TOWN, key="k" * 16)
    assert town.count() == 2


@pytest.mark.parametrize(
    ("mode", "text", "why"),
    [
        ("live", "今晚防冻演练，请回复", "正式通知不得含“演练”"),
        ("live", "今晚防冻演 练，请回复", "正式通知不得含“演练”"),
        ("drill", "这不是演练，请立即转移", "演练内容不得写“不是演练”"),
    ],
)
def test_live_and_drill_are_not_mixed_up_in_words(
    site: Site, town: Town, mode: str, text: str, why: str
) -> None:
    form = {"mode": mode, "text": text, "place": TOWN}
    refused = site.user("officer").send("/start/notice", **form)
    assert refused.status_code == 409
    assert why in refused.text
    assert text in refused.text, "what was written is kept"
    assert town.count() == 0


def test_an_official_text_that_speaks_of_a_drill_is_relayed_as_it_is(town: Town) -> None:
    town.configure(dispatch={"automatic": False})
    town.warn(IN_WEST, "red", headline="寒冷红色预警，原定防冻演练取消")
    user = Site(town).user("officer")
    assert user.confirm("/alerts/1/start", mode="live", place=TOWN).status_code == 302
    town.tick()
    assert any("原定防冻演练取消" in one.text for one in town.sms.outbox)


def test_the_same_again_is_warned_of_and_takes_a_tick_more(site: Site, town: Town) -> None:
    user = site.user("officer")
    user.confirm("/start/notice", mode="live", text=TEXT, place=TOWN)
    first, town.now = town.last, town.now + timedelta(minutes=29)
    page = looked(user, place=COUNTY)
    assert "已向其中的网格下发过同样的内容" in page.select_one(".flash").text
    assert page.select_one(f"#go a[href='/broadcasts/{first}']").text == f"#{first}"
    form = confirmed(page.select_one("#go"))
    del form["again"]
    refused = user.send("/start/notice", **form)
    assert refused.status_code == 409
    assert "仍要再发就勾选" in refused.text
    assert town.count() == 1
    assert user.send("/start/notice", **form, again="yes").status_code == 302
    assert town.count() == 2


@pytest.mark.parametrize(
    ("changed", "minutes"),
    [({"text": "另一句话"}, 1), ({"place": NEXT_TOWN}, 1), ({"mode": "drill"}, 1), ({}, 30)],
)
def test_what_is_not_the_same_is_not_warned_of(
    site: Site, town: Town, changed: dict[str, str], minutes: int
) -> None:
    user = site.user("officer")
    user.confirm("/start/notice", mode="live", text=TEXT, place=TOWN)
    town.now += timedelta(minutes=minutes)
    page = looked(user, **{"place": TOWN, **changed})
    assert page.select("#go [name=again]") == []


def test_two_tabs_send_it_once_unless_the_second_says_so(site: Site, town: Town) -> None:
    user = site.user("officer")
    tabs = [confirmed(looked(user, place=TOWN).select_one("#go")) for _ in range(2)]
    assert [user.send("/start/notice", **tab).status_code for tab in tabs] == [302, 409]
    assert town.count() == 1


def test_the_same_form_once_more_says_what_it_had_begun(site: Site, town: Town) -> None:
    user = site.user("officer")
    form = confirmed(looked(user, place=TOWN).select_one("#go"))
    said = []
    for _ in range(2):
        answer = user.send("/start/notice", **form)
        assert answer.status_code == 302
        said.append(user.page(answer.location).select_one(".flash").text.strip())
    begun = "已下发。2 个网格，4 人；首轮短信 4。"
    assert said == [begun, f"此前已提交过，没有再次下发：这是原来的 #{town.last}。"]
    assert town.count() == 1


def test_an_alert_says_it_by_level(town: Town) -> None:
    town.configure(dispatch={"automatic": False})
    town.warn([(IN_WEST, "red"), (IN_EAST, "orange")])
    user = Site(town).user("officer")
    answer = user.send("/alerts/1/start", mode="live", place=TOWN)
    page = BeautifulSoup(answer.text, "html.parser")
    groups = json.loads(page.select_one("[data-map]")["data-groups"])
    assert [(one["level"], one["codes"]) for one in groups] == [("red", [WEST]), ("orange", [EAST])]
    assert page.text.count("怀集县气象台12月26日17时20分发布") >= 2
    assert user.send("/alerts/1/start", **confirmed(page.select_one("#go"))).status_code == 302
    assert town.states() == {"西村": "open", "东村": "open"}


def test_an_alert_that_changed_meanwhile_is_looked_at_again(town: Town) -> None:
    town.configure(dispatch={"automatic": False})
    warned = town.warn(IN_WEST, "orange")
    user = Site(town).user("officer")
    page = BeautifulSoup(user.send("/alerts/1/start", mode="live", place=TOWN).text, "html.parser")
    town.lift(warned)
    refused = user.send("/alerts/1/start", **confirmed(page.select_one("#go")))
    assert refused.status_code == 409
    assert "不能启动" in refused.text


def test_another_policy_may_be_chosen(site: Site, town: Town) -> None:
    user = site.user("officer")
    page = looked(user, place=TOWN, policy="red")
    assert "三防负责人" in page.text
    user.send("/start/notice", **confirmed(page.select_one("#go")))
    with town.db.read() as tx:
        assert set(tx.execute(select(callout.c.policy)).scalars()) == {"red"}
    refused = user.send("/start/notice", mode="live", text=TEXT, place=TOWN, policy="nothing")
    assert refused.status_code == 409
    assert "没有叫应方案 nothing" in refused.text


def test_what_is_drawn_is_chosen(site: Site, town: Town) -> None:
    user = site.user("officer")
    page = looked(user, drawn=geojson(IN_WEST))
    assert hidden(page, "codes") == WEST
    page = looked(user, drawn=geojson(IN_WEST, IN_EAST), grid=SOUTH)
    assert hidden(page, "codes") == f"{TOWN} {NEXT_TOWN}"  # each has no other grid
    nowhere = user.send(
        "/start/notice", mode="live", text=TEXT, drawn=geojson(IN_WEST.buffer(0).__class__())
    )
    assert nowhere.status_code == 400
    assert town.count() == 0


def test_a_file_is_as_good_as_a_drawing(site: Site, tmp_path: Any) -> None:
    user = site.user("officer")
    path = tmp_path / "area.geojson"
    path.write_text(geojson(IN_EAST), "utf-8")
    with path.open("rb") as file:
        answer = user.send("/start/notice", mode="live", text=TEXT, file=(file, "area.geojson"))
    assert hidden(BeautifulSoup(answer.text, "html.parser"), "codes") == EAST


@pytest.mark.parametrize(
    ("drawn", "why"), [("{}", "没有可用的 type"), ("x", "读不懂的 JSON"), (geojson(), "没有面")]
)
def test_a_drawing_that_is_none_is_refused_and_the_text_kept(
    site: Site, drawn: str, why: str
) -> None:
    answer = site.user("officer").send(
        "/start/notice", mode="live", text=TEXT, place=TOWN, drawn=drawn
    )
    assert answer.status_code == 400
    assert why in answer.text
    assert TEXT in answer.text


def test_grids_are_found_by_name_and_kept(site: Site) -> None:
    user = site.user("officer")
    form = {"mode": "drill", "text": TEXT, "do": "search", "search": "冷坑 东", "grid": WEST}
    answer = user.send("/start/notice", **form)
    page = BeautifulSoup(answer.text, "html.parser")
    assert answer.status_code == 200
    assert [box["value"] for box in page.select("#found input")] == [EAST]
    assert [box["value"] for box in page.select(".singles input[checked]")] == [WEST]
    assert page.select_one("textarea[name=text]").text == TEXT
    assert page.select_one("input[name=mode][checked]")["value"] == "drill"


def test_a_template_is_filled_and_nothing_is_left_blank(site: Site, town: Town) -> None:
    user = site.user("officer")
    form = {"mode": "live", "place": TOWN, "template": "notice.blankets"}
    page = BeautifulSoup(user.send("/start/notice", **form, do="fill").text, "html.parser")
    assert [box["name"] for box in page.select("[name^=slot-]")] == ["slot-时间", "slot-报给谁"]
    blank = user.send("/start/notice", **form, **{"slot-时间": "21时"})
    assert blank.status_code == 400
    filled = {"slot-时间": "21时", "slot-报给谁": "镇街值班室"}
    looked_at = user.send("/start/notice", **form, **filled)
    assert "请于21时前清点避寒场所的被褥、热水和取暖设备，把缺口报镇街值班室" in looked_at.text
    signal = user.send("/start/notice", **form, **{**filled, "slot-报给谁": "红色预警信号"})
    assert signal.status_code == 409
    assert town.count() == 0


def test_going_back_to_change_it_keeps_everything(site: Site) -> None:
    user = site.user("officer")
    page = looked(user, place=TOWN, grid=SOUTH)
    form = confirmed(page.select_one("#go"))
    back = BeautifulSoup(user.send("/start/notice", **form, do="edit").text, "html.parser")
    assert back.select_one("textarea[name=text]").text == TEXT
    ticked = {box["value"] for box in back.select("input[name=place][checked]")}
    assert ticked == {TOWN, NEXT_TOWN}  # whole towns are shown as towns


def test_a_notice_of_ours_is_never_coloured(site: Site) -> None:
    page = looked(site.user("officer"), place=TOWN)
    assert page.select(".level-red, .level-orange, .level-yellow, .level-blue") == []
    assert "内部通知" in page.text
    assert "预警信号" not in page.select_one("main").text


def test_an_officer_of_a_town_reaches_no_other(site: Site, town: Town) -> None:
    site.add_user("li", "officer", NEXT_TOWN)
    user = site.user("li")
    refused = user.send("/start/notice", mode="live", text=TEXT, drawn=geojson(IN_WEST))
    assert refused.status_code == 403
    form = {"mode": "live", "text": TEXT, "do": "search", "search": "村"}
    page = BeautifulSoup(user.send("/start/notice", **form).text, "html.parser")
    assert [box["value"] for box in page.select("#found input")] == [SOUTH]
    assert town.count() == 0


def test_a_drill_at_night_takes_a_reason_which_is_recorded(site: Site, town: Town) -> None:
    town.now += timedelta(hours=4)  # 21:20
    user = site.user("officer")
    page = looked(user, place=TOWN, mode="drill")
    assert "现在是夜间（20:00-09:00），不安排演练" in page.text
    form = {"mode": "drill", "text": TEXT, "codes": TOWN, "seen": hidden(page, "seen")}
    for why in ("", "  "):
        refused = user.send("/start/notice", **form, night_why=why)
        assert refused.status_code == 409
        assert "一定要现在开始，请写明理由" in refused.text
    assert town.count() == 0
    form |= {"night_why": "夜间拉动，三防办通知", "key": "k" * 16}
    assert user.send("/start/notice", **form).status_code == 302
    assert user.send("/start/notice", **form).status_code == 302
    assert town.count() == 1
    (row,) = site.recorded("start")
    assert row["detail"]["why"] == "夜间拉动，三防办通知"


def test_a_warning_is_rehearsed_at_night_for_a_reason_only(site: Site, town: Town) -> None:
    town.now += timedelta(hours=4)
    town.warn(over=IN_EAST)
    user = site.user("officer")
    asked = user.send("/alerts/1/start", mode="drill", grid=EAST)
    fields = confirmed(BeautifulSoup(asked.text, "html.parser").select_one("form#go"))
    assert user.send("/alerts/1/start", **fields).status_code == 409
    assert user.send("/alerts/1/start", **fields, night_why="夜间拉动").status_code == 302
    assert town.broadcast().mode == "drill"


def test_what_is_live_is_sent_at_any_hour(site: Site, town: Town) -> None:
    town.now += timedelta(hours=4)
    page = looked(site.user("officer"), place=TOWN)
    assert page.select("input[name=night_why]") == []
    assert site.user("officer").confirm("/start/notice", mode="live", text=TEXT, place=TOWN)
    assert town.broadcast().mode == "live"
