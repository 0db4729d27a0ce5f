"""A user of one town sees and does nothing outside it."""

import pytest

from alertcast.store import channels
from tests.stories.town import (
    COUNTY,
    COUNTY_DESK,
    EAST,
    EAST_LEADER,
    NEXT_TOWN,
    SOUTH,
    TOWN,
    WEST,
    Town,
)
from tests.web.site import Site
from tests.web.test_red_items import held


def test_only_the_grids_of_the_area_are_seen(site: Site, town: Town) -> None:
    site.add_user("mining", "officer", NEXT_TOWN)
    town.warn()
    user = site.user("mining")
    report = user.get("/api/broadcasts/1").json
    assert [one["name"] for one in report["grid_list"]] == ["南村"]
    assert report["grids"] == {"total": 1, "by_state": {"open": 1}}
    assert "西村" not in user.get("/broadcasts/1").text
    assert "西村" not in user.get("/broadcasts/1/people").text


def test_a_broadcast_outside_the_area_is_not_found(site: Site, town: Town) -> None:
    site.add_user("far", "officer", "441225")
    town.warn()
    user = site.user("far")
    for path in (
        "/broadcasts/1",
        "/broadcasts/1/live",
        "/broadcasts/1/people",
        "/api/broadcasts/1",
    ):
        assert user.get(path).status_code == 404, path
    assert user.get("/api/broadcasts").json == {"broadcasts": []}
    assert user.send("/broadcasts/1/stop").status_code == 404


def test_calling_in_other_towns_can_not_be_stopped(site: Site, town: Town) -> None:
    site.add_user("mining", "officer", NEXT_TOWN)
    town.warn()
    assert site.user("mining").send("/broadcasts/1/stop").status_code == 403
    assert town.broadcast().state == "running"


def test_no_answer_is_written_for_other_towns(site: Site, town: Town) -> None:
    site.add_user("mining", "officer", NEXT_TOWN)
    town.warn()
    person = town._person(EAST_LEADER)
    answer = site.user("mining").send(
        "/broadcasts/1/answer", person_id=person, outcome="1", sure="yes"
    )
    assert answer.status_code == 403
    assert town.states()["东村"] == "open"


def test_somebody_of_the_whole_county_is_left_to_the_county(site: Site, town: Town) -> None:
    site.add_user("mining", "officer", NEXT_TOWN)
    town.warn(level="red")
    person = town._person(COUNTY_DESK)
    answer = site.user("mining").send(
        "/broadcasts/1/answer", person_id=person, outcome="1", sure="yes"
    )
    assert answer.status_code == 403
    assert "兼管辖区外网格" in site.user("mining").get("/broadcasts/1/people").text


def test_a_notice_goes_only_to_the_own_area(site: Site, town: Town) -> None:
    site.add_user("mining", "officer", NEXT_TOWN)
    user = site.user("mining")
    page = user.page("/start")
    places = {box["value"] for box in page.select("input[name=place]")}
    assert places == {NEXT_TOWN}
    refused = user.send("/start/notice", mode="live", text="今晚降温", place=TOWN)
    assert refused.status_code == 403
    taken = user.confirm("/start/notice", mode="live", text="今晚降温", codes=SOUTH)
    assert taken.status_code == 302
    assert town.states() == {"南村": "open"}


@pytest.mark.parametrize(
    ("area", "grids", "people"),
    [(TOWN, {WEST}, 5), (NEXT_TOWN, {EAST, SOUTH}, 4), ("441224", {WEST, EAST, SOUTH}, 11)],
)
def test_a_village_belongs_to_its_town_of_today_whatever_its_code_begins_with(
    site: Site, town: Town, area: str, grids: set[str], people: int
) -> None:
    town.move_to(NEXT_TOWN, EAST)
    site.add_user("wang", "officer", area)
    user = site.user("wang")
    listed = user.page("/roster/grids")
    assert {code for code in (WEST, EAST, SOUTH) if code in listed.text} == grids
    assert len(user.page("/roster/people").select("tbody tr")) == people
    unconfirmed = user.page("/roster", gap="unconfirmed").select("tbody tr")
    assert len(unconfirmed) == people
    roles = user.page("/roster/people").select("select[name=role] option[value]")
    assert "first_secretary" in {one["value"] for one in roles}


def test_what_concerns_all_places_is_offered_to_none_of_one(site: Site, town: Town) -> None:
    """Nobody types a reason to be told afterwards that it is not his to decide."""
    site.add_user("county", "officer", COUNTY)
    alert_id = held(site, town)
    town.warn()
    town.publish("<alert>")
    with town.db.write() as tx:
        channels.stop(tx, "sms", "account")
    ours = (f"/alerts/{alert_id}/dismiss", f"/alerts/{alert_id}/lift", "/quarantine/1/retry")
    pages = ("/", f"/alerts/{alert_id}", "/quarantine/1")
    offered = {}
    for name in ("officer", "county"):
        user = site.user(name)
        found = [user.page(path) for path in pages]
        offered[name] = {
            str(one.get("action") or one["href"])
            for page in found
            for one in page.select("main form, main a")
        }
    assert {*ours, "/channels/sms/restart"} <= offered["officer"]
    assert not {*ours, "/channels/sms/restart"} & offered["county"]
    assert site.user("county").get(f"/alerts/{alert_id}").text.count("由不限辖区的值班员处理") == 2
    for path in ours:
        assert site.user("county").send(path, why="重复").status_code == 403
