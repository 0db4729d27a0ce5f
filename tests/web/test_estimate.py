"""Before anything leaves, an officer is told how much it is and when it would be through."""

from alertcast.core.roster import Person, Post
from alertcast.dispatch import estimate
from tests.stories.town import (
    EAST,
    EAST_LEADER,
    EAST_SECRETARY,
    IN_EAST,
    IN_WEST,
    TOWN,
    WEST_LEADER,
    Town,
    phones,
)
from tests.web.site import Site, Visitor


def said(user: Visitor, address: str) -> str:
    (line,) = user.page(address).select(".estimate strong")
    return str(line.text)


def waiting(town: Town, level: str = "orange") -> Site:
    """Let a warning over everything wait for a human."""
    town.limit_people_quietly(1)
    town.warn(level=level)
    return Site(town)


def slow(town: Town, sms: float, voice: float) -> None:
    """Let the channels send so many a second."""
    for channel, rate in ((town.sms, sms), (town.voice, voice)):
        channel.settings = channel.settings.model_copy(update={"rate": rate})


def test_what_waits_for_approval_says_how_much_it_is_and_when_it_would_be_through(
    town: Town,
) -> None:
    slow(town, sms=0.05, voice=1)
    site = waiting(town)
    line = said(site.user("approver"), f"/broadcasts/{town.last}")
    assert "短信 5" in line  # two villages with two people, one with one
    assert "电话" not in line
    assert "约需 2 分钟" in line
    assert "预计 12-26 17:22 发完" in line


def test_red_is_texts_and_calls_and_the_slower_of_them_counts(town: Town) -> None:
    slow(town, sms=10, voice=0.1)
    site = waiting(town, "red")
    found = site.user("approver").get(f"/api/broadcasts/{town.last}").json["estimate"]
    assert found["messages"] == {"sms": 7, "voice": 7}
    assert found["phones"] == 7
    assert found["seconds"] == 70
    assert found["ends_at"].startswith("2026-12-26T09:21:10")


def test_no_minute_is_promised_that_is_too_early(town: Town) -> None:
    slow(town, sms=10, voice=0.1)
    assert "预计 12-26 17:22 发完" in said(
        waiting(town, "red").user("approver"), f"/broadcasts/{town.last}"
    )


def test_a_phone_of_two_people_or_grids_is_counted_once(town: Town) -> None:
    town.enrol_sharing_one_phone()
    town.limit_people_quietly(1)
    town.warn()
    found = Site(town).user("approver").get(f"/api/broadcasts/{town.last}").json["estimate"]
    assert found["messages"] == {"sms": 1}


def test_what_is_queued_before_counts(town: Town) -> None:
    slow(town, sms=1, voice=1)
    town.warn_asleep(IN_EAST, "red")
    town.limit_people_quietly(1)
    town.warn_asleep(IN_WEST, "orange")
    found = Site(town).user("approver").get(f"/api/broadcasts/{town.last}").json["estimate"]
    assert found["messages"] == {"sms": 2}
    assert found["queued"] == 4  # leaders, the town's leader and the head
    assert found["seconds"] == 6


def test_without_a_channel_an_officer_dials(town: Town) -> None:
    town.channels = []
    site = waiting(town, "red")
    found = site.user("approver").get(f"/api/broadcasts/{town.last}").json["estimate"]
    assert found["messages"] == {"manual": 7}
    assert "人工" in said(site.user("approver"), f"/broadcasts/{town.last}")


def test_it_says_that_the_warning_would_run_out_before(town: Town) -> None:
    slow(town, sms=0.00001, voice=1)
    page = waiting(town).user("approver").page(f"/broadcasts/{town.last}")
    assert "发不完" in page.text


def test_once_it_runs_nothing_is_estimated_any_more(town: Town) -> None:
    town.warn()
    user = Site(town).user("approver")
    assert user.page("/broadcasts/1").select(".estimate") == []
    assert user.get("/api/broadcasts/1").json["estimate"] is None


def test_an_undo_window_is_counted_in(town: Town) -> None:
    slow(town, sms=0.5, voice=1)
    town.configure(dispatch={"undo": "60s"})
    town.notice("今晚降温。", TOWN)
    found = Site(town).user("officer").get("/api/broadcasts/1").json["estimate"]
    assert found["messages"] == {"sms": 4}
    assert found["ends_at"].startswith("2026-12-26T09:21:08")


def test_an_alert_says_it_before_it_is_started(town: Town) -> None:
    town.configure(dispatch={"automatic": False})
    town.warn()
    user = Site(town).user("officer")
    assert "短信 5" in said(user, "/alerts/1")
    started = user.confirm("/alerts/1/start", mode="live", place=TOWN, key="k" * 16)
    assert started.status_code == 302
    town.tick()
    assert sorted(phones(town.sms))[:1] == [WEST_LEADER]


def test_before_and_after_it_was_planned_the_same_is_said(town: Town) -> None:
    user = waiting(town, "red").user("approver")
    assert said(user, "/alerts/1") == said(user, f"/broadcasts/{town.last}")


def test_a_notice_says_it_when_it_is_looked_at(town: Town) -> None:
    town.settle_in([(EAST_LEADER, "branch_leader", "441224101002")])
    form = {"mode": "live", "place": TOWN, "text": "今晚请清点被褥"}
    answer = Site(town).user("officer").send("/start/notice", **form)
    assert "首轮 短信 1" in answer.text
    assert EAST_SECRETARY not in phones(town.sms)


def test_in_english(town: Town) -> None:
    user = waiting(town).user("approver")
    user.send("/language", language="en")
    assert said(user, f"/broadcasts/{town.last}").startswith("Estimate: SMS 5 at the first rung")


def test_calls_that_somebody_prefers_are_counted(town: Town) -> None:
    folk = [
        Person("a", "某甲", EAST_LEADER, prefers="voice"),
        Person("b", "某乙", EAST_SECRETARY),
    ]
    held = [Post("a", "branch_leader", EAST), Post("b", "first_secretary", EAST)]
    town.enrol(folk, held)
    town.configure(dispatch={"automatic": False})
    town.warn(over=IN_EAST)
    with town.db.read() as tx:
        ahead = estimate.of_alert(town.world, tx, 1, town.now)
    assert ahead is not None
    assert ahead.messages == {"sms": 2, "voice": 1}
    town.configure(dispatch={"automatic": True})
    town.limit_people_quietly(1)
    town.warn(over=IN_EAST, level="yellow", headline="怀集县气象台发布寒冷黄色预警信号")
    with town.db.read() as tx:
        waits = estimate.of_broadcast(town.world, tx, town.last, town.now)
    assert waits is not None
    assert waits.messages == {"sms": 2, "voice": 1}


def test_one_click_calls_it_back_before_anything_left(town: Town) -> None:
    town.configure(dispatch={"undo": "60s"})
    user = Site(town).user("officer")
    user.confirm("/start/notice", mode="live", text="今晚降温", place=TOWN)
    form = user.page("/broadcasts/1").select_one("form[action='/broadcasts/1/stop']")
    assert form["method"] == "post"
    assert "立即撤回" in form.text
    press = {form.button["name"]: form.button["value"]}
    assert "已停止叫应" in user.get(user.send(form["action"], **press).location).text
    town.tick(minutes=5)
    assert town.broadcast().state == "cancelled"
    assert (town.sms.outbox, town.voice.outbox) == ([], [])


def test_what_has_begun_is_not_stopped_by_a_late_click(town: Town) -> None:
    town.configure(dispatch={"undo": "60s"})
    user = Site(town).user("officer")
    user.confirm("/start/notice", mode="live", text="今晚降温", place=TOWN)
    form = user.page("/broadcasts/1").select_one("form[action='/broadcasts/1/stop']")
    press = {form.button["name"]: form.button["value"]}
    town.tick(minutes=2)
    assert town.broadcast().state == "running"
    late = user.send(form["action"], **press)
    assert "撤回时间已过，叫应已经开始，没有停止" in late.text
    assert "确定停止叫应" in late.text
    assert town.broadcast().state == "running"
    user.send("/broadcasts/1/stop")
    assert town.broadcast().state == "cancelled"
    assert "已经结束" in user.get(user.send(form["action"], **press).location).text
