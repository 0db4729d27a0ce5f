"""Every address with every role, and from the wrong area: nobody sees or does what is not theirs.

The addresses are those that the application has: one without a rule, or that the walk does not know
how to ask, fails here.
"""

import pytest
from flask import Flask

from alertcast.core.access import ACTIONS, ROLES
from alertcast.store import users
from alertcast.web.rules import public, rules
from tests.stories.town import NAMES, NEXT_TOWN, SOUTH, Town
from tests.web.addresses import FORMS, Form, addresses, story_of_a_night
from tests.web.site import Site

pytestmark = pytest.mark.every_database
NAMED = [*NAMES.values(), "冷坑镇", "马宁镇", "138****"]
"""What a page about the town says, and no page for somebody of another county."""


def test_an_application_with_an_address_without_a_rule_is_not_made() -> None:
    app = Flask("forgotten")
    app.add_url_rule("/open", "open", public("a test")(lambda: ""))
    assert rules(app)["open"].why_open == "a test"
    app.add_url_rule("/secret", "secret", lambda: "")
    with pytest.raises(LookupError, match="no rule says who may open secret"):
        rules(app)


def test_every_form_is_written_down_in_the_walk(site: Site) -> None:
    taking = {one.route for one in addresses(site.app) if one.method != "GET"}
    assert taking == FORMS.keys()


@pytest.mark.parametrize("role", ROLES)
def test_a_role_sees_what_it_may(site: Site, role: str) -> None:
    story_of_a_night(site.town)
    user = site.user(role)
    for one in addresses(site.app):
        if one.method == "GET":
            expected = 200 if role in ACTIONS[one.action] else 403
            assert user.get(one.path).status_code == expected, one.path


@pytest.mark.parametrize("role", ROLES)
def test_a_role_does_what_it_may(site: Site, role: str) -> None:
    story_of_a_night(site.town)
    user = site.user(role)
    for one in addresses(site.app):
        if one.method != "GET" and one.path != "/logout":
            answer = user.send(one.path)
            assert (answer.status_code == 403) == (role not in ACTIONS[one.action]), one.path


@pytest.mark.parametrize("role", ROLES)
def test_nothing_of_this_county_is_seen_from_another(site: Site, role: str) -> None:
    story_of_a_night(site.town)
    site.add_user("far", role, "441225")
    user = site.user("far")
    for one in addresses(site.app):
        if one.method == "GET":
            answer = user.get(one.path)
            assert answer.status_code in (200, 403, 404), one.path
            if answer.status_code == 200:
                assert [word for word in NAMED if word in answer.text] == [], one.path


def test_a_town_sees_itself_alone(site: Site) -> None:
    story_of_a_night(site.town)
    site.add_user("mining", "approver", NEXT_TOWN)
    user = site.user("mining")
    seen = ""
    for one in addresses(site.app):
        if one.method == "GET":
            text = user.get(one.path).text
            assert [word for word in ("西村", "东村") if word in text] == [], one.path
            seen += text
    assert NAMES[SOUTH] in seen


@pytest.mark.parametrize("route", FORMS)
def test_a_form_is_taken_in_its_area_and_not_from_elsewhere(town: Town, route: str) -> None:
    form = FORMS[route]
    form.story(town)
    site = Site(town)
    asked = addresses(site.app, **form.parts)
    (one,) = (one for one in asked if one.route == route and one.method != "GET")
    role = next(role for role in ROLES if role in ACTIONS[one.action])
    for number, area in enumerate(form.elsewhere):
        site.add_user(f"far{number}", role, area)
        _refused(site, f"far{number}", one.path, form)
    site.add_user("near", role, form.area)
    user = site.user("near")
    before = site.rows()
    answer = user.send(one.path, **form.fields(town))
    assert answer.status_code in (200, 302), answer.text
    assert (site.rows() != before) == form.is_kept


def _refused(site: Site, name: str, path: str, form: Form) -> None:
    user = site.user(name)
    before = site.rows()
    assert user.send(path, **form.fields(site.town)).status_code in (403, 404), name
    assert site.rows() == before


def test_nobody_sees_anything_without_logging_in(site: Site) -> None:
    story_of_a_night(site.town)
    visitor = site.visitor()
    for one in addresses(site.app):
        answer = visitor.get(one.path) if one.method == "GET" else visitor.send(one.path)
        if one.path.startswith("/api/"):
            assert answer.status_code == 401, one.path
        else:
            assert (answer.status_code, answer.location) == (302, "/login"), one.path
    assert site.town.broadcast().state == "running"


def test_an_action_without_the_pages_token_is_refused(site: Site) -> None:
    story_of_a_night(site.town)
    officer = site.user("officer")
    before = site.rows()
    for path in [one.path for one in addresses(site.app) if one.method != "GET"] + ["/language"]:
        assert officer.client.post(path, data={}).status_code == 400, path
    assert site.rows() == before


def test_an_action_can_not_be_done_by_a_link(site: Site) -> None:
    story_of_a_night(site.town)
    officer = site.user("officer")
    read = {one.route for one in addresses(site.app) if one.method == "GET"}
    for one in addresses(site.app):
        if one.method != "GET" and one.route not in read:
            assert officer.get(one.path).status_code == 405, one.path


def test_a_disabled_user_is_out_at_once(site: Site, town: Town) -> None:
    officer = site.user("officer")
    assert officer.get("/").status_code == 200
    with town.db.write() as tx:
        users.change(tx, "officer", is_disabled=True)
    assert officer.get("/").location == "/login"
