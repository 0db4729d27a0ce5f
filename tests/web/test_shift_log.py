"""值班日志 and 交接班 on the page: written once, shown masked of nothing that was not there."""

from tests.stories.town import COUNTY, EAST_LEADER, IN_EAST, Town
from tests.web.site import Site


def test_a_note_is_added_and_can_not_be_changed(site: Site) -> None:
    officer = site.user("officer")
    officer.send("/duty/log", text="<b>气象台</b>来电\n第二行")
    page = officer.page("/duty/log")
    assert "<b>气象台</b>来电" in page.select_one("[aria-labelledby=log]").text
    assert len(site.recorded("write_note")) == 1
    assert officer.send("/duty/log/1").status_code == 404


def test_one_hands_over_another_takes_over_and_it_is_printed(site: Site, town: Town) -> None:
    town.warn(IN_EAST, "red")
    town.press("2", EAST_LEADER)
    officer, approver = site.user("officer"), site.user("approver")
    officer.send("/duty/handover", text="冷坑镇电话线路不稳")
    assert "我接班" not in officer.get("/duty/log").text
    officer.send("/duty/handover/1/accept")
    assert "不能自己交给自己" in officer.get("/duty/log").text
    waits = approver.page("/duty/log").text
    assert "冷坑镇电话线路不稳" in waits
    assert "我接班" in waits
    approver.send("/duty/handover/1/accept")
    assert "已接班。" in approver.get("/duty/log").text
    printed = " ".join(approver.page("/duty/handover/1").text.split())
    assert "交班：officer" in printed
    assert "接班：approver" in printed
    assert "求助" in printed
    assert "交班人签名" in printed


def test_another_day_has_another_log(site: Site, town: Town) -> None:
    site.user("officer").send("/duty/log", text="今天的事")
    viewer = site.user("viewer")
    assert "今天的事" in viewer.get("/duty/log", day="2026-12-26").text
    assert "今天的事" not in viewer.get("/duty/log", day="2026-12-25").text
    assert viewer.get("/duty/log", day="rubbish").status_code == 200


def test_a_hand_over_of_another_county_is_not_there(site: Site) -> None:
    site.add_user("near", "officer", COUNTY)
    site.add_user("far", "officer", "441225")
    site.user("near").send("/duty/handover", text="x")
    far = site.user("far")
    assert far.get("/duty/handover/1").status_code == 404
    assert far.send("/duty/handover/1/accept").status_code == 403
