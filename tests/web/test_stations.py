"""驿站: who sees the stations, and an officer's word for a night."""

import pytest

from alertcast.core.roster import Station
from alertcast.store import people, stations
from tests.stories.town import EAST, IN_EAST, SOUTH, Town
from tests.web.site import Site

KEEPER = "+8613800000061"


@pytest.fixture
def halls(town: Town) -> Town:
    """The town with a station in each of its two towns."""
    found = [
        Station("S1", "东村驿站", EAST, "陈某", KEEPER, "18:00-08:00", True, 1.5, 0.5),
        Station("S2", "南村驿站", SOUTH, "李某", "+8613800000062", "全天", False),
    ]
    with town.db.write() as tx:
        roster = people.active_roster(tx)
        assert roster is not None
        stations.replace(tx, town.db.vault, roster["id"], found)
    return town


def test_stations_are_listed_and_keepers_are_masked(site: Site, halls: Town) -> None:
    text = site.user("viewer").get("/stations").text
    assert "东村驿站" in text
    assert "冷坑镇东村" in text
    assert "陈*" in text
    assert "陈某" not in text
    assert KEEPER[3:] not in text
    assert "还没有确认 2" in text
    assert "/stations" in site.user("viewer").get("/roster").text


def test_an_officer_says_that_one_is_open(site: Site, halls: Town) -> None:
    officer = site.user("officer")
    assert "东村驿站今晚开放？" in officer.send("/stations/tonight", code="S1", said="open").text
    assert site.recorded("station_open") == []
    sent = officer.send("/stations/tonight", code="S1", said="open", sure="yes")
    assert sent.status_code == 302
    assert "已登记" in officer.get("/stations").text
    text = officer.get("/stations?tonight=open").text
    assert "东村驿站" in text
    assert "南村驿站" not in text
    assert [row["subject"] for row in site.recorded("station_open")] == ["station:S1"]
    halls.warn(IN_EAST)
    assert "东村驿站" in halls.sms.outbox[-1].text


def test_a_keeper_who_was_asked_is_shown_so(site: Site, halls: Town) -> None:
    halls.warn(IN_EAST)
    assert "已询问，未答复 1" in site.user("viewer").get("/stations").text
    halls.press("2", KEEPER)
    text = site.user("viewer").get("/stations?tonight=closed").text
    assert "负责人按键" in text


def test_a_viewer_may_not_and_an_officer_only_in_his_area(site: Site, halls: Town) -> None:
    viewer = site.user("viewer")
    assert viewer.send("/stations/tonight", code="S1", said="open", sure="yes").status_code == 403
    site.add_user("wang", "officer", SOUTH[:9])
    wang = site.user("wang")
    assert "东村驿站" not in wang.get("/stations").text
    assert wang.send("/stations/tonight", code="S1", said="open", sure="yes").status_code == 403
    assert wang.send("/stations/tonight", code="S2", said="closed", sure="yes").status_code == 302
    assert site.recorded("station_open") == []


def test_nonsense_is_refused(site: Site, halls: Town) -> None:
    officer = site.user("officer")
    assert officer.send("/stations/tonight", code="S1", said="asked", sure="yes").status_code == 400
    assert officer.get("/stations?tonight=perhaps").status_code == 404
    assert officer.send("/stations/tonight", code="S9", said="open", sure="yes").status_code == 302
    assert "没有登记" in officer.get("/stations").text


def test_numbers_are_shown_with_a_reason_that_is_recorded(site: Site, halls: Town) -> None:
    officer = site.user("officer")
    officer.send("/stations/numbers", why="核对名单")
    assert "138 0000 0061" in officer.get("/stations").text
    assert site.recorded("unmask")[-1]["subject"] == "stations"


def test_whom_no_machine_can_reach_is_written_down_on_the_stations_page(
    site: Site, halls: Town
) -> None:
    halls.warn(IN_EAST)
    halls.report(halls.voice, KEEPER, "failed", reason="opted_out")
    halls.tick(minutes=1)
    text = site.user("officer").get("/manual").text
    assert "驿站询问" in text
    assert "到驿站页面登记" in text
