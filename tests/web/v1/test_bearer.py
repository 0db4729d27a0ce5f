"""Who asks the API shows a good token, and asks no more often than is fair."""

from datetime import UTC, datetime, timedelta

import pytest

from alertcast.store import tokens
from alertcast.web.v1.bearer import MOST, MOST_WRONG
from tests.stories.town import COUNTY, Town
from tests.web.site import PASSWORD, Site
from tests.web.v1.caller import Caller, caller, token


def is_refused(answer: object) -> bool:
    status, header = answer.status_code, answer.headers.get("WWW-Authenticate")  # type: ignore[attr-defined]
    return (status, header) == (401, "Bearer")


@pytest.mark.parametrize("secret", ["", "alertcast_", "alertcast_nobodys", "x" * 5000, "密码"])
def test_without_a_good_token_nothing_is_said(site: Site, secret: str) -> None:
    stranger = Caller(site.app.test_client(), secret.encode().decode("latin-1"))
    answer = stranger.get("/alerts")
    assert is_refused(answer)
    assert answer.content_type == "application/problem+json"
    assert answer.json["status"] == 401


def test_a_log_in_of_the_pages_opens_nothing_here(site: Site) -> None:
    officer = site.user("officer")
    assert is_refused(officer.get("/api/v1/alerts"))
    assert is_refused(officer.send("/api/v1/broadcasts", name="officer", password=PASSWORD))


def test_a_token_opens_no_page(site: Site) -> None:
    secret = token(site, "other", "admin")
    headers = {"Authorization": f"Bearer {secret}"}
    assert site.visitor().client.get("/", headers=headers).location == "/login"
    assert site.visitor().client.get("/api/now", headers=headers).status_code == 401


def test_only_the_hash_of_a_token_is_kept(site: Site) -> None:
    secret = token(site, "other", "viewer")
    assert secret not in str(site.rows()["api_token"])
    assert Caller(site.app.test_client(), secret).get("/alerts").status_code == 200


def test_a_token_ends(site: Site) -> None:
    secret = token(site, "short", "viewer", days=1)
    system = Caller(site.app.test_client(), secret)
    assert system.get("/alerts").status_code == 200
    site.town.db.ahead += timedelta(days=1)
    assert is_refused(system.get("/alerts"))


def test_a_revoked_token_opens_nothing_at_once(site: Site, town: Town) -> None:
    system = Caller(site.app.test_client(), token(site, "other", "viewer"))
    assert system.get("/alerts").status_code == 200
    with town.db.write() as tx:
        found = tokens.by_name(tx, "other")
        assert found is not None
        assert tokens.revoke(tx, found.id, "admin", datetime.now(UTC))
        assert not tokens.revoke(tx, found.id, "admin", datetime.now(UTC))
    assert is_refused(system.get("/alerts"))


def test_its_last_use_is_written_down_once_a_minute(site: Site, town: Town) -> None:
    system = Caller(site.app.test_client(), token(site, "other", "viewer"))

    def used() -> datetime | None:
        with town.db.read() as tx:
            found = tokens.by_name(tx, "other")
        assert found is not None
        return found.used_at

    assert used() is None
    system.get("/alerts")
    first = used()
    assert first is not None
    system.get("/alerts")
    assert used() == first
    town.db.ahead += timedelta(minutes=2)
    system.get("/alerts")
    assert used() == pytest.approx(first + timedelta(minutes=2), abs=timedelta(minutes=1))


def test_a_token_may_not_ask_too_often(site: Site) -> None:
    system, other = caller(site, "viewer", COUNTY), caller(site, "viewer")
    asked, _ = site.app.extensions["alertcast_api"]
    for _ in range(MOST):
        asked.count("1")
    answer = system.get("/alerts")
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert other.get("/alerts").status_code == 200


def test_who_guesses_is_not_listened_to_for_a_while(site: Site) -> None:
    stranger = Caller(site.app.test_client(), "alertcast_guess")
    for _ in range(MOST_WRONG):
        assert is_refused(stranger.get("/alerts"))
    assert stranger.get("/alerts").status_code == 429
    assert caller(site).get("/alerts").status_code == 429  # from the same address
    elsewhere = site.app.test_client()
    elsewhere.environ_base["REMOTE_ADDR"] = "10.0.0.9"
    assert is_refused(Caller(elsewhere, "alertcast_guess").get("/alerts"))
