"""演练中心: scheduled on the page, refused at night, seen, called off and compared."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup

from tests.stories.town import COUNTY, EAST_LEADER, EVERYBODY, TOWN, WEST_LEADER, Town
from tests.web.site import Site, confirmed

FORM = {"text": "防冻演练", "place": TOWN, "date": "2026-12-27", "at": "10:00"}


def test_scheduled_it_says_whom_it_would_reach(site: Site, town: Town) -> None:
    town.settle_in(EVERYBODY, undrilled={WEST_LEADER})
    officer = site.user("officer")
    assert officer.send("/drills", **FORM).status_code == 302
    page = officer.page("/drills/1")
    assert "已安排" in page.text
    rows = [" ".join(row.text.split()) for row in page.select("[aria-labelledby=people] tbody tr")]
    assert "党支部书记12" in rows  # one of the two is enrolled
    assert "没有演练渠道" in page.text
    listed = [item.text for item in page.select("[aria-labelledby=people] li")]
    assert "某* +86 138****0021" in listed
    assert "某* +86 138****0011" not in listed
    assert page.select_one(".world-drill") is not None
    assert len(site.recorded("schedule_drill")) == 1


def test_the_same_form_twice_is_one_drill(site: Site) -> None:
    officer = site.user("officer")
    for _ in range(2):
        officer.send("/drills", **FORM, key="0123456789abcdef")
    assert len(site.rows()["planned_drill"]) == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"at": "23:00"}, "夜间（20:00-09:00）不安排演练"),
        ({"date": "2026-12-25"}, "时间已经过了"),
        ({"date": ""}, "请填写日期"),
        ({"text": ""}, "请填写日期"),
        ({"place": ""}, "请填写日期"),
        ({"text": "寒冷橙色预警信号"}, "没有安排："),
    ],
)
def test_what_can_not_be_is_refused_and_said(site: Site, wrong: dict[str, str], said: str) -> None:
    answer = site.user("officer").send("/drills", **(FORM | wrong))
    assert answer.status_code in (400, 409)
    assert said in answer.text
    assert site.rows()["planned_drill"] == []


def test_a_whole_county_is_scheduled_only_by_its_name(site: Site, town: Town) -> None:
    town.settle_in(EVERYBODY)
    officer, wide = site.user("officer"), FORM | {"place": COUNTY}
    for typed in ("", "广宁县"):
        answer = officer.send("/drills", **wide, word=typed)
        assert answer.status_code == 409
        assert "请核对，并输入“怀集县”" in answer.text
        assert "范围很大，请输入“怀集县”确认" in answer.text
    assert site.rows()["planned_drill"] == []
    assert officer.send("/drills", **wide, word="怀集县").status_code == 302
    assert len(site.rows()["planned_drill"]) == 1


def test_a_drill_now_is_one_click_away(site: Site) -> None:
    officer = site.user("officer")
    link = officer.page("/drills").find("a", string="现在演练")
    assert link is not None
    chosen = officer.page(str(link["href"])).select_one("#notice input[name=mode][checked]")
    assert chosen is not None
    assert chosen["value"] == "drill"
    assert site.user("viewer").page("/drills").find("a", string="现在演练") is None


def test_what_was_written_to_be_scheduled_can_begin_now(site: Site) -> None:
    officer = site.user("officer")
    button = officer.page("/drills").find("button", string="不等了，现在演练")
    assert button is not None
    form = FORM | {str(button["name"]): str(button["value"])}
    asked = officer.send(str(button["formaction"]), **form)
    assert "确认演练" in asked.text
    assert site.town.count() == 0


def test_a_drill_for_nobody_can_not_begin(site: Site, town: Town) -> None:
    town.settle_in(EVERYBODY, undrilled={phone for phone, _, _ in EVERYBODY})
    officer = site.user("officer")
    form = {"text": "防冻演练", "place": TOWN, "mode": "drill"}
    looked = BeautifulSoup(officer.send("/start/notice", **form).text, "html.parser")
    assert [one.text for one in looked.select("#go button")] == ["返回修改"]
    assert "没有登记参加演练的人" in looked.select_one(".confirm-bar").text
    answer = officer.send("/start/notice", **confirmed(looked.select_one("#go")))
    assert answer.status_code == 409
    assert "没有开始：所选地点没有登记参加演练的人" in answer.text
    assert town.count() == 0


def test_called_off_and_not_twice(site: Site) -> None:
    officer = site.user("officer")
    officer.send("/drills", **FORM)
    assert "取消这次演练？" in officer.send("/drills/1/cancel").text
    assert site.recorded("cancel_drill") == []
    officer.send("/drills/1/cancel", sure="yes")
    assert "演练已取消" in officer.get("/drills/1").text
    officer.send("/drills/1/cancel", sure="yes")
    assert "不能取消" in officer.get("/drills/1").text
    assert len(site.recorded("cancel_drill")) == 1


def test_begun_it_is_compared_with_the_last(site: Site, town: Town) -> None:
    town.add_drill_channels()
    officer = site.user("officer")
    officer.send("/drills", **FORM)
    town.tick(minutes=17 * 60)
    town.write_down(EAST_LEADER)
    second = town.world.local(town.now + timedelta(hours=1))
    officer.send("/drills", **(FORM | {"at": f"{second:%H:%M}"}))
    town.tick(minutes=70)
    first, page = officer.page("/drills/1"), officer.page("/drills/2")
    assert "此前没有在这些网格演练过" in first.text
    went = " ".join(page.select_one("[aria-labelledby=went]").text.split())
    assert "这次" in went
    assert "上次" in went
    assert "此前没有" not in went
