"""Other systems start a notice or a drill, and stop it: once, in their area, on record."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import update

from alertcast.store.schema import idempotency
from tests.stories.town import (
    COUNTY,
    EAST,
    EAST_LEADER,
    EVERYBODY,
    NEXT_TOWN,
    SOUTH,
    TOWN,
    Town,
    phones,
)
from tests.web.site import Site
from tests.web.v1.caller import Caller, caller

NOTICE = {"mode": "live", "text": "今晚降温，请检查驿站", "places": [TOWN]}


def test_a_notice_is_started_and_recorded(site: Site, town: Town) -> None:
    answer = caller(site, "officer", COUNTY).post("/broadcasts", NOTICE)
    assert answer.status_code == 201, answer.text
    said = answer.json
    assert (said["purpose"], said["mode"], said["state"]) == ("desk", "live", "running")
    assert said["grids"] == {"total": 2, "by_state": {"open": 2}}
    assert said["created_by"].startswith("token:officer-441224-")
    town.tick()
    assert EAST_LEADER in phones(town.sms)
    (row,) = site.recorded("start")
    assert row["user"] == said["created_by"]
    assert row["subject"] == f"broadcast:{said['id']}"


def test_a_drill_is_a_drill(town: Town) -> None:
    sms, _ = town.add_drill_channels()
    said = caller(Site(town)).post("/broadcasts", {**NOTICE, "mode": "drill"}).json
    assert said["mode"] == "drill"
    town.tick()
    assert phones(town.sms) == []
    assert EAST_LEADER in phones(sms)


def test_a_drill_for_nobody_is_refused(town: Town) -> None:
    town.settle_in(EVERYBODY, undrilled=[phone for phone, _, _ in EVERYBODY])
    town.add_drill_channels()
    refused = caller(Site(town)).post("/broadcasts", {**NOTICE, "mode": "drill"})
    problem = (refused.status_code, refused.json["type"])
    assert problem == (409, "urn:alertcast:problem:can_not_start")
    assert "没有登记参加演练的人" in refused.json["detail"]
    assert town.count() == 0


def test_a_drill_at_night_takes_a_reason_on_record(town: Town) -> None:
    town.add_drill_channels()
    site = Site(town)
    town.tick(minutes=5 * 60)
    system, drill = caller(site), {**NOTICE, "mode": "drill"}
    refused = system.post("/broadcasts", drill, key="one")
    assert refused.status_code == 409
    assert "夜间（20:00-09:00）不演练" in refused.json["detail"]
    assert town.count() == 0
    begun = system.post("/broadcasts", {**drill, "night_why": "上级抽查"}, key="two")
    assert begun.status_code == 201
    (row,) = site.recorded("start")
    assert row["detail"]["why"] == "上级抽查"
    again = system.post("/broadcasts", {**drill, "night_why": "上级抽查"}, key="two")
    assert again.json == begun.json


def test_asked_twice_it_is_done_once_and_told_alike(site: Site, town: Town) -> None:
    system = caller(site, "officer")
    first = system.post("/broadcasts", NOTICE, key="tonight")
    town.tick()
    town.text_back(EAST_LEADER, "1")
    again = system.post("/broadcasts", NOTICE, key="tonight")
    assert (again.status_code, again.data) == (201, first.data)
    assert town.count() == 1
    assert len(site.recorded("start")) == 1


def test_the_same_just_afterwards_is_refused_unless_asked_for(site: Site, town: Town) -> None:
    system = caller(site, "officer")
    system.post("/broadcasts", NOTICE, key="one")
    refused = system.post("/broadcasts", NOTICE, key="two")
    problem = (refused.status_code, refused.json["type"])
    assert problem == (409, "urn:alertcast:problem:sent_before")
    assert "#1" in refused.json["detail"]
    assert town.count() == 1
    assert system.post("/broadcasts", {**NOTICE, "again": True}, key="three").status_code == 201
    assert town.count() == 2


def test_another_request_under_the_same_key_is_refused(site: Site, town: Town) -> None:
    system = caller(site, "officer")
    system.post("/broadcasts", NOTICE, key="tonight")
    for path, body in (
        ("/broadcasts", {**NOTICE, "text": "别的"}),
        ("/broadcasts/1/stop", None),
    ):
        answer = system.post(path, body, key="tonight")
        assert (answer.status_code, answer.json["type"]) == (422, "urn:alertcast:problem:key_used")
    assert town.count() == 1
    assert town.broadcast().state == "running"


def test_the_same_key_of_another_system_is_another_request(site: Site, town: Town) -> None:
    for system in (caller(site, "officer"), caller(site, "officer")):
        body = {**NOTICE, "again": True}
        assert system.post("/broadcasts", body, key="tonight").status_code == 201
    assert town.count() == 2


def test_asked_at_once_it_is_done_once(site: Site, town: Town) -> None:
    secret = caller(site, "officer").secret

    def ask(_: int) -> Any:
        system = Caller(site.app.test_client(), secret)
        return system.post("/broadcasts", NOTICE, key="tonight")

    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(ask, range(6)))
    assert {one.status_code for one in answers} == {201}
    assert len({one.data for one in answers}) == 1
    assert town.count() == 1


def test_killed_before_its_answer_was_kept_it_is_found_again(site: Site, town: Town) -> None:
    system = caller(site, "officer")
    first = system.post("/broadcasts", NOTICE, key="tonight")
    with town.db.write() as tx:
        tx.execute(update(idempotency).values(answer=None))
    assert system.post("/broadcasts", NOTICE, key="tonight").json["id"] == first.json["id"]
    assert town.count() == 1


def test_what_was_refused_may_be_asked_again_under_its_key(site: Site, town: Town) -> None:
    town.forget_roster()
    system = caller(site, "officer")
    answer = system.post("/broadcasts", NOTICE, key="tonight")
    assert (answer.status_code, answer.json["type"]) == (409, "urn:alertcast:problem:can_not_start")
    assert "名册" in answer.json["detail"]
    town.settle_in(((EAST_LEADER, "branch_leader", EAST),))
    assert system.post("/broadcasts", NOTICE, key="tonight").status_code == 201


@pytest.mark.parametrize("key", ["", "a b", "x" * 65, "键", "a/b"])
def test_a_key_that_can_not_be_used(site: Site, town: Town, key: str) -> None:
    system = caller(site, "officer")
    headers = {"Authorization": f"Bearer {system.secret}"}
    if key:
        headers["Idempotency-Key"] = key.encode().decode("latin-1")
    answer = system.client.post("/api/v1/broadcasts", json=NOTICE, headers=headers)
    assert (answer.status_code, answer.json["type"]) == (400, "urn:alertcast:problem:invalid_key")
    assert town.count() == 0


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"mode": "loud"}, "/mode"),
        ({"text": ""}, "/text"),
        ({"text": "  "}, "/text"),
        ({"text": "a\x00b"}, "/text"),
        ({"text": "x" * 1001}, "/text"),
        ({"text": 7}, "/text"),
        ({"places": []}, "/places"),
        ({"places": ["44 1224"]}, "/places/0"),
        ({"places": "441224"}, "/places"),
        ({"colour": "red"}, "/colour"),
    ],
    ids=str,
)
def test_a_body_that_can_not_be_used_is_named(
    site: Site, town: Town, change: dict[str, Any], pointer: str
) -> None:
    answer = caller(site, "officer").post("/broadcasts", {**NOTICE, **change})
    assert (answer.status_code, answer.json["type"]) == (422, "urn:alertcast:problem:invalid_body")
    assert pointer in [one["pointer"] for one in answer.json["errors"]]
    assert town.count() == 0


@pytest.mark.parametrize(
    ("data", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"", "application/json", 400),
        (b"mode=live", "application/x-www-form-urlencoded", 415),
        (b"x" * 1_100_000, "application/json", 413),
    ],
    ids=["half", "not utf-8", "nothing", "a form", "too large"],
)
def test_a_body_that_is_no_json(site: Site, data: bytes, content_type: str, status: int) -> None:
    system = caller(site, "officer")
    headers = {"Authorization": f"Bearer {system.secret}", "Idempotency-Key": "k"}
    answer = system.client.post(
        "/api/v1/broadcasts", data=data, content_type=content_type, headers=headers
    )
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"


def test_places_that_there_are_not_are_named(site: Site, town: Town) -> None:
    answer = caller(site, "officer").post("/broadcasts", {**NOTICE, "places": [TOWN, "999"]})
    assert answer.json["type"] == "urn:alertcast:problem:unknown_places"
    assert [one["detail"] for one in answer.json["errors"]] == ["999 is not known"]
    assert town.count() == 0


def test_words_of_a_signal_are_refused(site: Site, town: Town) -> None:
    answer = caller(site, "officer").post("/broadcasts", {**NOTICE, "text": "发布橙色预警信号"})
    assert answer.status_code == 409
    assert town.count() == 0


def test_nothing_is_started_outside_the_area(site: Site, town: Town) -> None:
    system = caller(site, "officer", NEXT_TOWN)
    for places in ([TOWN], [SOUTH, EAST], [COUNTY], ["999"]):
        answer = system.post("/broadcasts", {**NOTICE, "places": places})
        assert answer.status_code in (403, 422), places
    assert town.count() == 0
    assert system.post("/broadcasts", {**NOTICE, "places": [SOUTH]}).status_code == 201


def test_calling_is_stopped_and_stays_so(site: Site, town: Town) -> None:
    system = caller(site, "officer")
    system.post("/broadcasts", NOTICE)
    town.tick()
    first = system.post("/broadcasts/1/stop", key="halt").json
    assert (first["state"], first["gone"]) == ("cancelled", len(phones(town.sms)))
    assert system.post("/broadcasts/1/stop", key="halt").json == first
    other = system.post("/broadcasts/1/stop").json
    assert (other["state"], other["dropped"], other["gone"]) == ("cancelled", 0, first["gone"])
    assert len(site.recorded("stop")) == 1
    assert system.post("/broadcasts/9/stop").status_code == 404


def test_what_is_over_can_not_be_stopped(site: Site, town: Town) -> None:
    system = caller(site, "officer")
    system.post("/broadcasts", {**NOTICE, "places": [EAST]})
    town.tick()
    town.text_back(EAST_LEADER, "1")
    town.tick(minutes=60)
    assert town.broadcast().state == "closed"
    answer = system.post("/broadcasts/1/stop")
    assert (answer.status_code, answer.json["type"]) == (409, "urn:alertcast:problem:is_over")
