"""What other systems can read: alerts, broadcasts, grids, people, messages, health."""

import pytest

from tests.stories.town import (
    EAST,
    EAST_LEADER,
    IN_EAST,
    NEXT_TOWN,
    SOUTH,
    TOWN,
    WEST,
    Town,
    phones,
)
from tests.web.site import Site
from tests.web.v1.caller import caller


def test_alerts_are_said_unaltered(site: Site, town: Town) -> None:
    first = town.warn(headline="怀集县气象台发布寒冷橙色预警信号[II级/严重]")
    town.warn(level="red", replaces=first)
    system = caller(site, "viewer")
    found = system.items("/alerts")
    assert [one["alert_id"] for one in found] == [2, 1]
    assert found[1]["infos"][0]["headline"] == "怀集县气象台发布寒冷橙色预警信号[II级/严重]"
    assert [one["alert_id"] for one in system.items("/alerts", standing="in_force")] == [2]
    assert [one["alert_id"] for one in system.items("/alerts", standing="superseded")] == [1]
    assert system.get("/alerts/1").json == found[1]
    assert system.get("/alerts/9").status_code == 404


def test_why_an_alert_was_told(site: Site, town: Town) -> None:
    town.warn()
    said = caller(site, "viewer").get("/alerts/1/explain").json
    assert said["alert"]["decision"] == "broadcast"
    assert [(one["source"], one["signature"]) for one in said["witnesses"]] == [
        ("inbox", "unsigned")
    ]
    assert [(one["level"], one["is_told"]) for one in said["rules"]] == [("orange", True)]
    assert [one["id"] for one in said["broadcasts"]] == [1]


def test_how_far_a_broadcast_is(site: Site, town: Town) -> None:
    town.warn(level="red")
    town.press_1(EAST_LEADER)
    system = caller(site, "viewer")
    (listed,) = system.items("/broadcasts")
    said = system.get("/broadcasts/1").json
    assert {key: said[key] for key in listed} == listed
    assert said["grids"] == {"total": 3, "by_state": {"answered": 1, "open": 2}}
    assert said["people"]["acknowledged"] == 1
    assert said["tasks"]["sms"]["underway"] > 0
    cells = system.items("/broadcasts/1/callouts")
    assert [(one["code"], one["state"]) for one in cells] == [
        (WEST, "open"),
        (EAST, "answered"),
        (SOUTH, "open"),
    ]
    assert cells[1]["answered_by"]["role"] == "branch_leader"
    assert [one["code"] for one in system.items("/broadcasts/1/callouts", town=NEXT_TOWN)] == [
        SOUTH
    ]
    assert [one["code"] for one in system.items("/broadcasts/1/callouts", state="answered")] == [
        EAST
    ]


def test_people_are_masked_whoever_asks(site: Site, town: Town) -> None:
    town.warn(level="red")
    town.press_1(EAST_LEADER)
    system = caller(site, "approver")
    answer = system.get("/broadcasts/1/respondents")
    assert "3800000" not in answer.text.replace("****", "")
    assert {one["name"] for one in answer.json["items"]} == {"某*"}
    (one,) = system.items("/broadcasts/1/respondents", state="answered")
    assert one["answer"]["value"] == "1"
    assert one["phone"] == "+86 138****0021"


def test_the_story_of_a_message(site: Site, town: Town) -> None:
    town.warn(over=IN_EAST)
    system = caller(site, "viewer")
    found = system.items("/messages", broadcast=1, kind="sms", grid=EAST)
    assert len(found) == len(phones(town.sms))
    story = system.get(f"/messages/{found[0]['id']}").json
    assert story["attempts"][0]["channel"] == "sms"
    assert story["places"] == ["冷坑镇东村"]
    assert "【怀集三防】" in story["text"]
    assert "3800000" not in str(story).replace("****", "")
    assert system.get("/messages/999").status_code == 404
    assert system.items("/messages", state="answered") == []
    assert system.items("/messages", person=99) == []


def test_the_grids_of_the_layer_in_use(site: Site) -> None:
    system = caller(site, "viewer")
    assert [one["code"] for one in system.items("/grids")] == [WEST, EAST, SOUTH]
    assert [one["code"] for one in system.items("/grids", place=TOWN)] == [WEST, EAST]
    assert [one["code"] for one in system.items("/grids", place=SOUTH)] == [SOUTH]
    assert system.items("/grids", place="9") == []


def test_health_says_what_is_red(site: Site, town: Town) -> None:
    town.warn(level="red")
    town.press("2", EAST_LEADER)
    said = caller(site, "viewer").get("/health").json
    assert said["is_ready"] is False  # nobody lets time pass here
    assert said["checks"] == {"database": True, "version": True, "clock": False}
    assert (said["warnings"], said["running"], said["help_open"]) == (1, 1, 1)


def test_a_long_list_comes_in_pieces(site: Site, town: Town) -> None:
    for _ in range(5):
        town.warn()
    system = caller(site, "viewer")
    for path, key in (
        ("/alerts", "alert_id"),
        ("/messages", "id"),
        ("/grids", "code"),
        ("/broadcasts/1/callouts", "code"),
        ("/broadcasts/1/respondents", "person_id"),
    ):
        whole = [one[key] for one in system.items(path, limit=500)]
        pieces, after = [], {}
        while True:
            said = system.get(path, limit=2, **after).json
            pieces += [one[key] for one in said["items"]]
            assert len(said["items"]) <= 2
            if said["next"] is None:
                break
            after = {"after": said["next"]}
        assert pieces == whole, path
        assert len(whole) > 2, path


def test_what_comes_meanwhile_disturbs_no_list(site: Site, town: Town) -> None:
    for _ in range(3):
        town.warn()
    system = caller(site, "viewer")
    first = system.get("/alerts", limit=2).json
    town.warn()
    second = system.get("/alerts", limit=2, after=first["next"]).json
    assert [one["alert_id"] for one in first["items"] + second["items"]] == [3, 2, 1]


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "501"},
        {"limit": "x"},
        {"standing": "loud"},
        {"after": "!"},
        {"after": "AAAA"},
        {"after": "bm90IGEgbnVtYmVy"},
        {"colour": "red"},
        {"limit": ["1", "2"]},
    ],
    ids=str,
)
def test_a_parameter_that_can_not_be_used_is_named(site: Site, query: dict[str, object]) -> None:
    answer = caller(site, "viewer").get("/alerts", **query)
    assert answer.status_code == 400
    assert answer.json["type"] in (
        "urn:alertcast:problem:invalid_query",
        "urn:alertcast:problem:invalid_cursor",
    )
    if "after" not in query:
        assert [one["pointer"] for one in answer.json["errors"]] == list(query)


def test_what_has_not_changed_is_not_sent_again(site: Site, town: Town) -> None:
    town.warn(level="red")
    system = caller(site, "viewer")
    first = system.get("/broadcasts/1")
    system.more = {"If-None-Match": first.headers["ETag"]}
    assert system.get("/broadcasts/1").status_code == 304
    town.press_1(EAST_LEADER)
    assert system.get("/broadcasts/1").status_code == 200


@pytest.mark.parametrize("path", ["/nowhere", "/broadcasts/x", "/broadcasts/" + "9" * 30, ""])
def test_an_address_that_there_is_not(site: Site, path: str) -> None:
    answer = caller(site).get(path)
    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"


def test_a_method_that_an_address_does_not_know(site: Site) -> None:
    answer = caller(site).post("/alerts", {})
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert answer.json["type"] == "about:blank"


def test_how_fast_people_were_called_is_what_the_page_shows(site: Site, town: Town) -> None:
    town.warn(level="red")
    town.tick(minutes=2)
    town.press_1(EAST_LEADER)
    system = caller(site, "viewer")
    said = system.get("/statistics").json
    shown = site.user("viewer").get("/statistics.json").json
    counted = said.keys() - {"since", "until"}
    assert {key: said[key] for key in counted} == {key: shown[key] for key in counted}
    assert (said["broadcasts"], said["grids"]["total"], said["grids"]["answered_5"]) == (1, 3, 1)
    assert [one["key"] for one in said["by_channel"]] == ["sms", "voice"]
    assert system.get("/statistics", mode="drill").json["broadcasts"] == 0
    assert system.get("/statistics", until="2026-12-25").json["broadcasts"] == 0
    assert system.get("/statistics", since="2026-12-26").json["broadcasts"] == 1
    assert system.get("/statistics", since="9999-12-31", until="0001-01-01").status_code == 200
    assert system.get("/statistics", since="26 December").status_code == 400
    assert caller(site, "viewer", "441225").get("/statistics").json["broadcasts"] == 0
