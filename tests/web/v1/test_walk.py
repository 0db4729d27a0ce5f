"""Every operation with a token of every role, and from the wrong area."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from alertcast.core.access import ACTIONS, ROLES
from alertcast.web.rules import rules
from alertcast.web.v1.api import api
from alertcast.web.v1.operation import Operation
from tests.stories.town import COUNTY, NEXT_TOWN, TOWN
from tests.web.addresses import story_of_a_night
from tests.web.site import Site
from tests.web.test_access_walk import NAMED
from tests.web.v1.caller import Caller, caller

PARTS = {"broadcast_id": "1", "alert_id": "1", "task_id": "1"}
BODIES: dict[str, dict[str, Any]] = {
    "start_broadcast": {"mode": "live", "text": "今晚降温", "places": [TOWN]},
}
DOING = [one for one in api.listed if one.method != "GET"]


def ask(system: Caller, one: Operation) -> TestResponse:
    path = one.path.format(**PARTS)
    if one.method == "GET":
        return system.get(path)
    return system.post(path, BODIES[one.name] if one.body else None)


def test_every_address_of_the_api_asks_for_a_token(site: Site) -> None:
    found = {
        name.removeprefix("v1."): rule
        for name, rule in rules(site.app).items()
        if name.startswith("v1.")
    }
    assert found.pop("openapi").why_open
    assert found.keys() == {one.name for one in api.listed}
    assert {rule.by for rule in found.values()} == {"token"}


@pytest.mark.parametrize("role", ROLES)
def test_a_token_does_what_its_role_may(site: Site, role: str) -> None:
    story_of_a_night(site.town)
    system = caller(site, role)
    for one in api.listed:
        status = ask(system, one).status_code
        assert (status == 403) == (role not in ACTIONS[one.action]), one.name
        assert status in (one.status, 403), one.name


@pytest.mark.parametrize("area", [COUNTY, "4412"])
def test_in_its_area_all_is_seen(site: Site, area: str) -> None:
    story_of_a_night(site.town)
    here, everywhere = caller(site, "viewer", area), caller(site, "viewer")
    for one in api.listed:
        if one.method == "GET" and one.name != "get_health":
            assert ask(here, one).json == ask(everywhere, one).json, one.name


def test_nothing_of_this_county_is_seen_from_another(site: Site) -> None:
    story_of_a_night(site.town)
    far = caller(site, "approver", "441225")
    for one in api.listed:
        if one.method == "GET":
            answer = ask(far, one)
            assert answer.status_code in (200, 404), one.name
            assert [word for word in NAMED if word in answer.text] == [], one.name


def test_a_town_sees_itself_alone(site: Site) -> None:
    story_of_a_night(site.town)
    mining = caller(site, "approver", NEXT_TOWN)
    seen = ""
    for one in api.listed:
        if one.method == "GET":
            text = ask(mining, one).text
            assert [word for word in ("西村", "东村") if word in text] == [], one.name
            seen += text
    assert "南村" in seen


@pytest.mark.parametrize("one", DOING, ids=lambda one: str(one.name))
@pytest.mark.parametrize("area", ["441225", NEXT_TOWN])
def test_nothing_is_done_elsewhere(site: Site, one: Operation, area: str) -> None:
    story_of_a_night(site.town)
    far = caller(site, "approver", area)
    before = site.town.count(), site.town.states()
    assert ask(far, one).status_code in (403, 404)
    assert (site.town.count(), site.town.states()) == before
