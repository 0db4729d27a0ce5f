"""来源: how each is, and a poll by hand that is never more often than its publisher bears."""

from datetime import timedelta

from alertcast.simulator.faults import Fault
from alertcast.store import source_states
from tests.stories import publishers
from tests.stories.published import Warned, cap, info
from tests.stories.town import COUNTY, IN_EAST, Town
from tests.web.site import Site, Visitor


def drop(town: Town) -> None:
    """Let a warning be published that nobody has polled yet."""
    town.put(cap(Warned("any-1", town.now), info(town.now, IN_EAST, "orange")))


def poll(admin: Visitor) -> str:
    assert "现在就向来源 inbox 查询一次？" in admin.send("/sources/inbox/poll").text
    assert admin.send("/sources/inbox/poll", sure="yes").location == "/sources"
    return admin.get("/sources").text


def test_a_poll_by_hand_brings_what_waits_and_it_is_decided_on(site: Site, town: Town) -> None:
    drop(town)
    admin = site.user("admin")
    assert "新预警 1" in poll(admin)
    assert town.broadcast().state == "running"
    assert site.rung > 0
    (row,) = site.recorded("poll_source")
    assert (row["user"], row["subject"]) == ("admin", "source:inbox")
    text = admin.get("/sources").text
    assert "共 1 份" in text
    assert "正常" in text


def test_one_that_was_never_polled_says_so(town: Town) -> None:
    feeds = {"new": (publishers.feed("new"), timedelta(minutes=1))}
    assert "还没有查询过" in Site(town, feeds=feeds).user("admin").get("/sources").text


def test_a_source_that_fails_is_said_to(site: Site) -> None:
    publishers.simulator("inbox").faults.set(Fault("feed_error"))
    text = poll(site.user("admin"))
    assert "已查询：失败" in text
    assert "state-failed" in text


def test_it_is_not_asked_twice_within_seconds(site: Site, town: Town) -> None:
    drop(town)
    admin = site.user("admin")
    poll(admin)
    assert "没有查询；10 秒后再试" in poll(admin)
    assert len(site.recorded("poll_source")) == 1
    town.now += timedelta(seconds=10)
    if town.db.is_sqlite:  # elsewhere its lease is of real time
        assert "已查询" in poll(admin)


def test_a_publisher_that_wants_to_be_left_alone_is(site: Site, town: Town) -> None:
    with town.db.write() as tx:
        until = town.db.real_now(tx) + timedelta(minutes=5)
        rest = {"memory": {}, "outcome": "failed", "detail": "429", "rests_until": until}
        source_states.remember(tx, "inbox", **rest, now=town.now - timedelta(hours=1))
    admin = site.user("admin")
    text = poll(admin)
    assert "没有查询" in text
    assert "对方要求稍候" in text
    assert site.recorded("poll_source") == []


def test_an_administrator_of_a_county_looks_and_asks_nothing(site: Site) -> None:
    site.add_user("near", "admin", COUNTY)
    admin = site.user("near")
    assert admin.get("/sources").status_code == 200
    assert admin.send("/sources/inbox/poll", sure="yes").status_code == 403
    assert site.user("admin").send("/sources/nothing/poll", sure="yes").status_code == 404
