"""Red items that a human settles: an alert held for him, a channel that stopped."""

import json
from datetime import timedelta

from sqlalchemy import update

from alertcast.dispatch.watch import Pulse, expected
from alertcast.store import alerts, channels, witnesses
from alertcast.store.schema import callout
from tests.sources.lists import cma_item
from tests.stories.seen import EAST
from tests.stories.town import Town
from tests.web.site import Site


def held(site: Site, town: Town) -> int:
    town.lift(town.warn())
    town.publish(
        '<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>X1</identifier>'
        "<sender>s</sender><sent>2026-12-26T17:20:00+08:00</sent><status>Actual</status>"
        "<msgType>Cancel</msgType><scope>Public</scope></alert>"
    )
    with town.db.read() as tx:
        return alerts.find(tx, "X1")[0]


def test_a_held_alert_is_dismissed_with_its_reason(site: Site, town: Town) -> None:
    alert_id = held(site, town)
    user = site.user("officer")
    assert "待处理预警" in user.get("/").text
    assert user.send(f"/alerts/{alert_id}/dismiss", why="").status_code == 302
    assert "待处理预警" in user.get("/").text
    user.send(f"/alerts/{alert_id}/dismiss", why="重复信息")
    assert "待处理预警" not in user.get("/").text
    assert (
        "officer · 核实后不下发 · 预警 #"
        in user.page(f"/alerts/{alert_id}").select_one("#why").text
    )
    with town.db.read() as tx:
        row = alerts.facts(tx, alert_id)
    assert (row["decision"], row["why"]) == ("dismissed", "值班员核实，不下发：重复信息")
    assert len(site.recorded("dismiss")) == 1


def test_a_stopped_channel_is_started_again_and_recorded(site: Site, town: Town) -> None:
    town.warn()
    with town.db.write() as tx:
        channels.stop(tx, "sms", "account")
    user = site.user("officer")
    path = user.page("/").select_one('.red-list a[href^="/channels/"]')["href"]
    assert "渠道停用" in user.get(path).text  # asked once
    assert user.get("/red.json").json == {"stopped:sms": 1}
    assert user.get("/channels/nobody/restart").status_code == 404
    assert user.send("/channels/nobody/restart").status_code == 404
    user.send(path)
    assert user.get("/red.json").json == {}
    assert "渠道停用" not in user.get("/").text
    assert [row["subject"] for row in site.recorded("restart_channel")] == ["channel:sms"]
    assert site.rung == 1


def test_channels_that_others_work_for_are_shown_until_they_come_back(
    site: Site, town: Town
) -> None:
    user = site.user("officer")
    before = len(user.get("/red.json").json)
    with town.db.write() as tx:
        real_now = town.db.real_now(tx)
        channels.slow(tx, "sms", real_now)
        for _ in range(channels.BREAKS_AT):
            channels.failed(tx, "voice", real_now)
    page = user.page("/live")
    until = town.world.local(real_now + channels.SLOW_FOR)
    assert "渠道回执迟缓" in page.text
    assert "渠道连续失败" in page.text
    assert any(f"{until:{how}} 后再试" in page.text for how in ("%H:%M:%S", "%m-%d %H:%M"))
    assert len(user.get("/red.json").json) == before + 2
    why = {one["name"]: one["why"] for one in user.get("/api/now").json["resting"]}
    assert why == {"sms": "slow", "voice": "failing"}
    town.db.ahead += timedelta(seconds=channels.REST + 1)
    assert "下一条消息再试" in user.get("/live").text
    for name in why:
        user.send(f"/channels/{name}/restart")
    assert user.get("/api/now").json["resting"] == []


def test_an_officer_of_one_town_settles_neither(site: Site, town: Town) -> None:
    alert_id = held(site, town)
    site.add_user("li", "officer", "441224101")
    user = site.user("li")
    assert user.send(f"/alerts/{alert_id}/dismiss", why="x").status_code == 403
    assert user.send("/channels/sms/restart").status_code == 403


def test_what_the_watch_finds_is_red_and_in_the_json(site: Site, town: Town) -> None:
    user = site.user("officer")
    Pulse(town.db, "here:1").begin(expected(town.world))
    town.warn()
    assert user.get("/api/now").json["watch"] == []
    before = len(user.get("/red.json").json)
    town.now += timedelta(minutes=13)
    with town.db.write() as tx:
        tx.execute(update(callout).values(state="unreached"))
        tx.execute(update(callout).where(callout.c.grid_code == EAST).values(state="open"))
    town.db.ahead += timedelta(minutes=2)
    page = user.page("/live")
    for words in ("叫应滞后", "1 项，最早应在 17:30:00", "定时任务停止", "短信 正式", "巡查停止"):
        assert words in page.text
    found = user.get("/api/now").json["watch"]
    silent = {"tick", "watch", "receipts", "worker", "call_list"}
    assert {one["what"] for one in found} == {"step", *silent}
    red = len(user.get("/red.json").json)
    assert red == before + len(found) + 1  # and the grids that were not reached


def test_a_broadcast_that_stands_still_leads_to_its_page(site: Site, town: Town) -> None:
    town.warn()
    with town.db.write() as tx:
        tx.execute(update(callout).values(state="unreached"))
    town.now += timedelta(minutes=20)
    page = site.user("officer").page("/live")
    assert "下发停滞" in page.text
    assert page.find("a", href=f"/broadcasts/{town.last}", string=f"查看下发 {town.last}")


def test_sources_that_contradict_each_other_are_red_and_shown_side_by_side(
    site: Site, town: Town
) -> None:
    warned = town.warn(source="swic", level="orange")
    with town.db.read() as tx:
        (alert_id,) = alerts.find(tx, warned.identifier)
    item = cma_item(warned.identifier)
    town.publish(json.dumps(item, ensure_ascii=False), source="cma")
    with town.db.write() as tx:
        witnesses.look(tx, "cma", frozenset({warned.identifier}), town.now)
        for _ in range(witnesses.GONE_AFTER):
            witnesses.look(tx, "cma", frozenset(), town.now)
    user = site.user("officer")
    page = user.page("/live")
    for words in ("来源说法不一", "推断解除，待核实"):
        assert words in page.text
    assert page.find("a", href=f"/alerts/{alert_id}", string=f"查看预警 {alert_id}")
    shown = user.get(f"/alerts/{alert_id}").text
    for words in ("swic", "cma", "没有签名", "等级：红色；已采用：橙色", "最近 3 次列表里没有"):
        assert words in shown
    found = {one["what"]: one["subject"] for one in user.get("/api/now").json["watch"]}
    assert found == {"dissent": str(alert_id), "withdrawn": str(alert_id)}
    form = user.page(f"/alerts/{alert_id}").find("form", action=f"/alerts/{alert_id}/note")
    until = form.find("input", attrs={"name": "until"})["value"]
    assert user.send(f"/alerts/{alert_id}/note", until=until).status_code == 302
    assert "来源说法不一" not in user.get("/live").text
    shown = user.page(f"/alerts/{alert_id}")
    assert "已知晓：" in shown.text
    assert shown.find("form", action=f"/alerts/{alert_id}/note") is None
    assert [row["subject"] for row in site.recorded("note")] == [f"alert:{alert_id}"]
    assert site.user("viewer").send(f"/alerts/{alert_id}/note", until=until).status_code == 403


def test_the_alerts_page_says_how_it_was_decided(site: Site, town: Town) -> None:
    first = town.warn(level="yellow")
    second = town.warn(level="orange", replaces=first)
    with town.db.read() as tx:
        ids = [alerts.find(tx, one.identifier)[0] for one in (first, second)]
    user = site.user("viewer")
    pages = [user.page(f"/alerts/{one}").find(id="why") for one in ids]
    assert pages[0].find("a", href=f"/alerts/{ids[1]}").text == second.identifier
    assert pages[1].find("a", href=f"/alerts/{ids[0]}").text == first.identifier
    assert f"下发 #{town.last}" in pages[1].text
    assert "叫应方案 同橙色预警" in pages[1].text


def test_a_doubt_shows_since_when_it_waits_and_how_long_it_will(site: Site, town: Town) -> None:
    town.limit_people(1, wait=timedelta(minutes=3), unanswered="orange")
    town.warn()
    since = town.now
    town.tick(seconds=30)
    user = site.user("officer")
    listed = user.page("/").select_one(".red-list").text
    assert f"自 {town.world.local(since):%H:%M:%S}" in listed
    begins = town.world.local(since + timedelta(minutes=3))
    assert f"无人处理，到 {begins:%H:%M:%S} 自动叫应" in listed
    left = user.page("/").select_one(".red-list [data-until]")["data-until"]
    assert left == begins.isoformat()


def test_what_does_not_begin_by_itself_says_so(site: Site, town: Town) -> None:
    town.limit_people_quietly(1)
    town.warn()
    listed = site.user("officer").page("/").select_one(".red-list")
    assert "不确认就不发出，预警到 12-27 17:20 失效" in " ".join(listed.text.split())
    assert "自 17:20:00" in listed.text
    assert listed.select_one("[data-until]")


def test_a_warning_held_says_since_when_and_until_when_it_holds(site: Site, town: Town) -> None:
    held(site, town)
    since = town.now
    town.tick(minutes=5)
    listed = site.user("officer").page("/").select_one(".red-list").text
    assert f"自 {town.world.local(since):%H:%M:%S}" in listed
