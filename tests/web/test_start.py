"""Starting and stopping by hand: asked clearly, done once, refused with a reason."""

from tests.stories.test_by_town import RED, RED_IN_COLD_PIT, publish
from tests.stories.town import EAST, EAST_LEADER, NEXT_TOWN, TOWN, Town, phones
from tests.web.site import Site


def test_a_notice_is_sent_to_the_chosen_places(site: Site, town: Town) -> None:
    user = site.user("officer")
    answer = user.confirm(
        "/start/notice", mode="live", text="今晚降温，请查看独居老人", codes=EAST, key="k" * 16
    )
    assert answer.location == "/broadcasts/1"
    town.tick()
    assert EAST_LEADER in phones(town.sms)
    assert town.states() == {"东村": "open"}
    assert site.rung == 1
    assert "内部通知" in user.get("/broadcasts/1").text


def test_the_same_form_twice_is_one_broadcast(site: Site) -> None:
    user = site.user("officer")
    key = user.page("/start").select_one("input[name=key]")["value"]
    for _ in range(2):
        answer = user.confirm("/start/notice", mode="live", text="今晚降温", place=TOWN, key=key)
        assert answer.location == "/broadcasts/1"
    assert site.town.count() == 1
    assert len(site.recorded("start")) == 1


def test_the_words_of_a_signal_are_refused_and_the_text_is_kept(site: Site) -> None:
    text = "发布寒冷红色预警信号"
    answer = site.user("officer").send("/start/notice", mode="live", text=text, place=TOWN)
    assert answer.status_code == 409
    assert "只能由发布单位发布" in answer.text
    assert text in answer.text
    assert site.town.count() == 0


def test_a_notice_is_looked_at_before_it_is_sent(town: Town) -> None:
    town.add_drill_channels()
    site = Site(town)
    user = site.user("officer")
    form = {"mode": "drill", "place": TOWN}
    answer = user.send("/start/notice", text="今晚请清点被褥", **form)
    assert answer.status_code == 200
    assert "今晚请清点被褥。涉及冷坑镇西村" in answer.text
    assert "条（UCS-2）" in answer.text
    assert "演练。【怀集三防】" in answer.text
    refused = user.send("/start/notice", text="请每户缴费50元", **form)
    assert "不得索要钱款" in refused.text
    assert site.town.count() == 0


def test_neither_mode_nor_place_is_guessed(site: Site) -> None:
    user = site.user("officer")
    for form in (
        {"text": "今晚降温", "place": TOWN},
        {"text": "今晚降温", "mode": "live"},
        {"text": "今晚降温", "mode": "both", "place": TOWN},
        {"text": " ", "mode": "live", "place": TOWN},
        {"text": "长" * 1001, "mode": "live", "place": TOWN},
    ):
        assert user.send("/start/notice", **form).status_code == 400, form
    assert user.page("/start").select("input[name=mode][checked]") == []
    assert user.page("/start", mode="live").select("input[name=mode][checked]") == []
    assert site.town.count() == 0


def test_codes_the_layer_does_not_have_are_named(site: Site) -> None:
    answer = site.user("officer").send(
        "/start/notice", mode="live", text="今晚降温", codes=f"{EAST} 999"
    )
    assert answer.status_code == 400
    assert "没有这些编码：999" in answer.text


def test_an_alert_is_started_for_some_towns(town: Town) -> None:
    town.configure(dispatch={"automatic": False})
    site = Site(town)
    town.warn()
    user = site.user("officer")
    page = user.page("/alerts/1")
    assert {box["value"] for box in page.select("input[name=place]")} == {TOWN, NEXT_TOWN}
    assert "自动下发已关闭" in page.text
    assert user.send("/alerts/1/start", mode="live").status_code == 400
    assert user.send("/alerts/1/start", place=NEXT_TOWN).status_code == 400
    answer = user.confirm("/alerts/1/start", mode="live", place=NEXT_TOWN)
    assert answer.location == "/broadcasts/1"
    assert town.states() == {"南村": "open"}
    assert "没有需要立即处理的事项" in user.get("/").text


def test_an_alert_that_is_only_a_test_can_not_go_out_live(site: Site, town: Town) -> None:
    town.warn(status="Test")
    user = site.user("officer")
    assert "不是正式预警" in user.get("/alerts/1").text
    answer = user.send("/alerts/1/start", mode="live", place=TOWN)
    assert answer.status_code == 409
    assert "只能用于演练" in answer.text
    assert user.confirm("/alerts/1/start", mode="drill", place=TOWN).status_code == 302
    assert town.broadcast().mode == "drill"
    assert user.get("/alerts/9").status_code == 404
    assert user.send("/alerts/9/start", mode="drill", place=TOWN).status_code == 404


def test_calling_is_stopped_after_being_asked_once(site: Site, town: Town) -> None:
    town.warn()
    user = site.user("officer")
    asked = user.get("/broadcasts/1/stop")
    assert "确定停止叫应" in asked.text
    assert town.broadcast().state == "running"
    assert user.send("/broadcasts/1/stop").location == "/broadcasts/1"
    assert town.broadcast().state == "cancelled"
    assert "已停止叫应" in user.get("/broadcasts/1").text
    user.send("/broadcasts/1/stop")
    assert "已经结束" in user.get("/broadcasts/1").text


def test_too_many_people_wait_for_the_leader(town: Town) -> None:
    town.limit_people(1)
    site = Site(town)
    town.warn()
    page = f"/broadcasts/{town.last}"
    assert phones(town.sms) == []
    assert "请带班领导确认" in site.user("officer").get(page).text
    approver = site.user("approver")
    assert "等待确认" in approver.page("/").find("h2", id="red").parent.text
    asked = approver.send(f"{page}/approve").text
    assert "确认下发？" in asked
    assert "涉及 3 个网格" in asked
    assert town.broadcast().state == "approval"
    approver.send(f"{page}/approve", sure="yes")
    assert town.broadcast().state == "running"
    assert site.rung == 1
    approver.send(f"{page}/approve", sure="yes")
    assert "不在等待确认" in approver.get(page).text


def test_how_the_towns_were_read_is_shown_with_the_sentence(site: Site, town: Town) -> None:
    publish(town, RED, RED_IN_COLD_PIT)
    page = site.user("officer").page("/alerts/1").text
    assert "按正文分镇" in page
    assert page.count(RED_IN_COLD_PIT) >= 2  # in the original text, and beside the towns
    assert "请值班员核对原文" not in page


def test_a_reading_that_is_not_sure_is_red_and_confirmed_by_the_leader(
    site: Site, town: Town
) -> None:
    publish(town, RED, "将北部乡镇寒冷橙色预警信号升级为红色，其余乡镇橙色继续生效。")
    leader = site.user("approver")
    assert "请值班员核对原文" in leader.page("/alerts/1").text
    assert leader.page("/").select_one(f'.red-list a[href="/broadcasts/{town.last}"]')
    assert "已核对，立即下发" in leader.page(f"/broadcasts/{town.last}").text
    leader.send(f"/broadcasts/{town.last}/approve", sure="yes")
    town.tick()
    assert EAST_LEADER in phones(town.sms)


def test_what_is_in_doubt_says_why_and_whom_it_asks(town: Town) -> None:
    town.limit_people(1)
    site = Site(town)
    town.warn()
    leader = site.user("approver")
    page = leader.page(f"/broadcasts/{town.last}").text
    assert "首轮涉及 5 人，超过上限 1 人" in page
    assert "正在电话请示县(区)值班室、三防负责人" in page
    assert "电话请示" in leader.page(f"/broadcasts/{town.last - 1}").text
    assert "电话请示" in leader.page("/alerts/1").find(id="why").text
    assert leader.send(f"/broadcasts/{town.last - 1}/correct", fault="mistake").status_code != 500
    assert town.count() == 2
