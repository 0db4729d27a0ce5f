"""更正 on the page: asked once with the numbers, done at once, and shown on both broadcasts."""

from tests.stories.town import COUNTY, EAST, EAST_LEADER, IN_EAST, TOWN, WEST_LEADER, Town, phones
from tests.web.site import Site

AREA = {"fault": "area"}


def test_it_asks_once_with_the_number_of_people_by_kind(site: Site, town: Town) -> None:
    town.warn(over=IN_EAST)
    town.tick(minutes=10)
    user = site.user("officer")
    assert user.page("/broadcasts/1").select_one('a[href="/broadcasts/1/correct"]')
    page = user.page("/broadcasts/1/correct")
    counts = [one.get_text(" ", strip=True) for one in page.select("ul.counts li")]
    assert counts == ["2 要告知的号码", "2 短信", "2 电话"]
    assert page.select("input[name=fault][checked]") == []
    said = page.select_one(".say").text
    assert page.select_one(".say")["lang"] == "zh"
    assert "目前有效的官方预警：怀集县气象台发布寒冷橙色预警信号" in said
    assert said.startswith("【怀集三防】内部通知·更正：")
    assert said.endswith("核实请拨0758-5522000。")
    assert town.count() == 1


def test_what_is_shown_is_what_is_sent(town: Town) -> None:
    """Also in a drill, which says so first and last."""
    drilled, _ = town.add_drill_channels()
    user = Site(town).user("officer")
    town.warn(over=IN_EAST)
    town.notice("今晚演练", EAST, mode="drill")
    town.tick(minutes=10)
    for broadcast_id, channel in ((1, town.sms), (2, drilled)):
        said = user.page(f"/broadcasts/{broadcast_id}/correct").select_one(".say").text
        user.send(f"/broadcasts/{broadcast_id}/correct", fault="mistake")
        town.tick()
        assert channel.outbox[-1].text == said


def test_one_click_tells_everybody_and_wakes_the_senders(site: Site, town: Town) -> None:
    town.warn(over=IN_EAST)
    user = site.user("officer")
    answer = user.send("/broadcasts/1/correct", **AREA, detail="应为马宁镇")
    assert answer.location == "/broadcasts/2"
    assert site.rung == 1
    assert "此前已经发出 2 条" in user.get("/broadcasts/2").text
    town.tick()
    assert "通知范围有误（应为马宁镇）" in town.sms.outbox[-1].text
    (row,) = site.recorded("correct")
    assert (row["user"], row["detail"]["fault"], row["detail"]["gone"]) == ("officer", "area", 2)


def test_both_broadcasts_lead_to_each_other(site: Site, town: Town) -> None:
    town.warn(over=IN_EAST)
    user = site.user("officer")
    user.send("/broadcasts/1/correct", **AREA)
    wrong = user.page("/broadcasts/1")
    assert "这次下发有误，已更正：#2" in wrong.text
    assert wrong.select('a[href="/broadcasts/1/correct"]') == []
    assert "所更正的下发：#1" in user.page("/broadcasts/2").text
    assert user.get("/broadcasts/1/correct").location == "/broadcasts/2"


def test_a_second_click_changes_nothing_and_says_so(site: Site, town: Town) -> None:
    town.warn(over=IN_EAST)
    user = site.user("officer")
    for _ in range(2):
        assert user.send("/broadcasts/1/correct", **AREA).location == "/broadcasts/2"
    assert "此前已经更正" in user.get("/broadcasts/2").text
    assert town.count() == 2
    assert len(site.recorded("correct")) == 1


def test_what_was_wrong_is_not_guessed(site: Site, town: Town) -> None:
    town.warn(over=IN_EAST)
    user = site.user("officer")
    assert user.send("/broadcasts/1/correct").status_code == 400
    assert user.send("/broadcasts/1/correct", fault="weather").status_code == 400
    assert user.send("/broadcasts/1/correct", **AREA, call_again="maybe").status_code == 400
    refused = user.send("/broadcasts/1/correct", **AREA, detail="应为红色预警信号")
    assert refused.status_code == 409
    assert "只能由发布单位发布" in refused.text
    assert "应为红色预警信号" in refused.text
    assert town.count() == 1


def test_a_wrong_end_asks_whether_the_warning_holds(site: Site, town: Town) -> None:
    town.lift(town.warn(over=IN_EAST))
    user = site.user("officer")
    page = user.page("/broadcasts/2/correct")
    assert page.select_one("input[name=call_again][value=yes]").has_attr("required")
    assert "怀集县气象台发布寒冷橙色预警信号" in page.select_one(".say").text
    assert user.send("/broadcasts/2/correct", fault="mistake").status_code == 409
    unticked = user.send("/broadcasts/2/correct", fault="mistake", call_again="yes")
    assert unticked.status_code == 400
    assert "请勾选要重新叫应的预警" in unticked.text
    assert town.count() == 2
    answer = user.send("/broadcasts/2/correct", fault="mistake", call_again="yes", again="1")
    assert answer.location == "/broadcasts/3"
    town.tick()
    assert town.states(4) == {"东村": "open"}


def test_whoever_has_not_got_it_is_listed_by_name(site: Site, town: Town) -> None:
    town.warn(over=IN_EAST)
    user = site.user("officer")
    user.send("/broadcasts/1/correct", **AREA)
    assert len(user.page("/broadcasts/2").select("#uncorrected tbody tr")) == 2
    town.tick()
    town.report(town.sms, EAST_LEADER, "delivered")
    (row,) = user.page("/broadcasts/2").select("#uncorrected tbody tr")
    assert "138****0022" in row.text
    facts = user.get("/api/broadcasts/2").json
    assert [one["phone"] for one in facts["uncorrected"]] == ["+86 138****0022"]
    assert facts["broadcast"]["corrects_id"] == 1
    assert user.get("/api/broadcasts/1").json["corrected_by"] == 2


def test_an_officer_of_the_area_corrects_and_sees_it(site: Site, town: Town) -> None:
    site.add_user("zhang", "officer", COUNTY)
    site.add_user("other", "officer", "441225")
    town.warn(over=IN_EAST)
    assert site.user("other").get("/broadcasts/1/correct").status_code == 404
    user = site.user("zhang")
    assert user.send("/broadcasts/1/correct", **AREA).location == "/broadcasts/2"
    assert len(user.page("/broadcasts/2").select("#uncorrected tbody tr")) == 2
    assert user.page("/broadcasts").select('a[href="/broadcasts/2"]')
    assert user.get("/broadcasts/2/people").text.count("138****00") == 2
    assert site.user("other").get("/broadcasts/2").status_code == 404


def test_an_officer_of_a_part_of_it_may_not(site: Site, town: Town) -> None:
    site.add_user("zhang", "officer", TOWN)
    town.warn()
    user = site.user("zhang")
    assert user.get("/broadcasts/1/correct").status_code == 403
    assert user.send("/broadcasts/1/correct", **AREA).status_code == 403
    assert not user.page("/broadcasts/1").select('a[href="/broadcasts/1/correct"]')


def test_whom_an_officer_told_is_on_his_own_list_with_the_words(site: Site, town: Town) -> None:
    site.add_user("zhang", "officer", COUNTY)
    town.channels = []
    town.warn(over=IN_EAST)
    town.write_down(EAST_LEADER)
    town.correct()
    page = site.user("zhang").page("/manual")
    assert "此前由值班员口头告知" in page.text
    assert "内部通知，更正：" in page.select_one(".say").text


def test_a_drills_confirmation_says_that_it_is_one(site: Site, town: Town) -> None:
    town.add_drill_channels()
    town.notice("检验叫应流程。", TOWN, mode="drill")
    page = site.user("officer").page("/broadcasts/1/correct")
    assert page.select_one(".world-drill")


def test_a_held_end_is_relayed_for_the_warning_that_is_chosen(site: Site, town: Town) -> None:
    town.warn(over=IN_EAST)
    town.lift(None)
    user = site.user("officer")
    page = user.page("/alerts/2")
    assert "它解除的是哪一条预警？" in page.text
    assert [one["value"] for one in page.select("input[name=lifted]")] == ["1"]
    assert "请选择它解除的预警" in user.get(user.send("/alerts/2/lift").location).text
    asked = user.send("/alerts/2/lift", lifted="1").text
    assert "作为这些预警的解除转告？" in asked
    assert "怀集县气象台发布寒冷橙色预警信号 12-26 17:20" in asked
    assert site.recorded("lift") == []
    answer = user.send("/alerts/2/lift", lifted="1", sure="yes")
    assert "已作为所选预警的解除处理" in user.get(answer.location).text
    town.tick()
    assert phones(town.sms).count(EAST_LEADER) == 2
    assert WEST_LEADER not in phones(town.sms)
    again = user.send("/alerts/2/lift", lifted="1", sure="yes")
    assert "不在等待处理" in user.get(again.location).text
    assert len(site.recorded("lift")) == 1
