"""Every address with every role: nobody sees or does what is not theirs."""

import pytest

from alertcast.core.access import ACTIONS, ROLES
from alertcast.store import users
from tests.stories.town import Town
from tests.web.site import Site

SEEN = {
    "/": "see",
    "/live": "see",
    "/broadcasts": "see",
    "/broadcasts/1": "see",
    "/broadcasts/1/live": "see",
    "/broadcasts/1/grids": "see",
    "/broadcasts/1/people": "see",
    "/broadcasts/1/relay": "see",
    "/broadcasts/1/calllist": "see",
    "/broadcasts/1/stop": "stop",
    "/broadcasts/1/correct": "correct",
    "/manual": "see",
    "/start": "start",
    "/alerts/1": "see",
    "/quarantine/1": "start",
    "/api/now": "see",
    "/api/broadcasts": "see",
    "/api/broadcasts/1": "see",
}
DONE = {
    "/broadcasts/1/stop": "stop",
    "/broadcasts/1/correct": "correct",
    "/broadcasts/1/approve": "approve",
    "/broadcasts/1/numbers": "unmask",
    "/broadcasts/1/call-list": "unmask",
    "/broadcasts/1/answer": "answer",
    "/broadcasts/1/relay": "answer",
    "/help/1/close": "close_help",
    "/manual/numbers": "unmask",
    "/alerts/1/start": "start",
    "/alerts/1/dismiss": "start",
    "/alerts/1/lift": "start",
    "/quarantine/1/retry": "start",
    "/channels/sms/restart": "stop",
    "/start/notice": "start",
}
OPEN = {"/login", "/logout", "/language", "/static/<path:filename>", "/a/<path:token>"}
MACHINES = {"/healthz", "/readyz", "/metrics", "/inbound/<name>"}
FEED = {  # test_feed.py
    "/feed/atom.xml",
    "/feed/alerts/<int:alert_id>.xml",
    "/feed/notices/<int:broadcast_id>.xml",
}


def test_no_address_is_forgotten_here(site: Site) -> None:
    rules = {rule.rule for rule in site.app.url_map.iter_rules()}
    listed = {
        path.replace("/1", "/<int:broadcast_id>")
        if path.startswith(("/broadcasts", "/api"))
        else path
        for path in SEEN | DONE
    }
    listed = {path.replace("/help/1", "/help/<int:help_id>") for path in listed}
    listed = {path.replace("/alerts/1", "/alerts/<int:alert_id>") for path in listed}
    listed = {path.replace("/quarantine/1", "/quarantine/<int:quarantine_id>") for path in listed}
    listed = {path.replace("/channels/sms", "/channels/<name>") for path in listed}
    callbacks = {rule for rule in rules if rule.startswith("/callbacks/")}
    assert rules == listed | OPEN | MACHINES | FEED | callbacks


@pytest.mark.parametrize("role", ROLES)
def test_a_role_sees_what_it_may(site: Site, role: str) -> None:
    site.town.warn()
    site.town.publish("<alert>")
    user = site.user(role)
    for path, action in SEEN.items():
        expected = 200 if role in ACTIONS[action] else 403
        assert user.get(path).status_code == expected, path


@pytest.mark.parametrize("role", ROLES)
def test_a_role_does_what_it_may(site: Site, role: str) -> None:
    site.town.warn()
    user = site.user(role)
    for path, action in DONE.items():
        answer = user.send(path)
        assert (answer.status_code == 403) == (role not in ACTIONS[action]), path


def test_nobody_sees_anything_without_logging_in(site: Site) -> None:
    site.town.warn()
    visitor = site.visitor()
    for path in SEEN:
        answer = visitor.get(path)
        if path.startswith("/api/"):
            assert answer.status_code == 401
        else:
            assert (answer.status_code, answer.location) == (302, "/login"), path
    for path in DONE:
        assert visitor.send(path).location == "/login", path
    assert site.town.states() == {"西村": "open", "东村": "open", "南村": "open"}


def test_an_action_without_the_pages_token_is_refused(site: Site) -> None:
    site.town.warn()
    officer = site.user("officer")
    for path in [*DONE, "/logout", "/language"]:
        assert officer.client.post(path, data={}).status_code == 400, path
    assert site.town.broadcast().state == "running"


def test_an_action_can_not_be_done_by_a_link(site: Site) -> None:
    site.town.warn()
    officer = site.user("officer")
    for path in DONE:
        if path not in SEEN:
            assert officer.get(path).status_code == 405, path


def test_a_disabled_user_is_out_at_once(site: Site, town: Town) -> None:
    officer = site.user("officer")
    assert officer.get("/").status_code == 200
    with town.db.write() as tx:
        users.change(tx, "officer", is_disabled=True)
    assert officer.get("/").location == "/login"
