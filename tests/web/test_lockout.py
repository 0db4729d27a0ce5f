"""Wrong passwords: a guesser waits, and can not make the duty officer wait."""

from datetime import timedelta

from alertcast.core.lockout import MINUTE, RULES
from alertcast.dispatch import accounts, log_in
from alertcast.store import lockouts, users
from alertcast.web import create_app
from tests.databases import MovableDatabase
from tests.stories.town import Town
from tests.web.site import PASSWORD, Site, Visitor

TRIES = RULES["pair"].most


def guess(visitor: Visitor, name: str, times: int = 1) -> list[int]:
    return [visitor.send("/login", name=name, password="x").status_code for _ in range(times)]


def enter(visitor: Visitor, name: str) -> int:
    return visitor.send("/login", name=name, password=PASSWORD).status_code


def pass_time(town: Town, by: timedelta) -> None:
    assert isinstance(town.db, MovableDatabase)
    town.db.ahead += by


def test_after_five_wrong_passwords_the_right_one_waits_too(site: Site) -> None:
    visitor = site.visitor()
    assert guess(visitor, "officer", TRIES) == [401] * TRIES
    assert enter(visitor, "officer") == 429
    assert enter(visitor, "viewer") == 302
    (row,) = site.recorded("wrong_passwords")
    assert (row["user"], row["detail"]) == ("", {"by": ["pair"]})


def test_whoever_waits_a_minute_may_try_again(site: Site, town: Town) -> None:
    visitor = site.visitor()
    guess(visitor, "officer", TRIES)
    pass_time(town, MINUTE)
    assert enter(visitor, "officer") == 302


def test_trying_meanwhile_makes_nobody_wait_longer(site: Site, town: Town) -> None:
    visitor = site.visitor()
    guess(visitor, "officer", TRIES)
    pass_time(town, MINUTE / 2)
    assert guess(visitor, "officer") == [429]
    pass_time(town, MINUTE / 2)
    assert enter(visitor, "officer") == 302


def test_a_restart_forgets_nothing(site: Site, town: Town) -> None:
    guess(site.visitor(), "officer", TRIES)
    again = create_app(town.world, lambda: town.now, secret_key="secret")
    again.testing = True
    assert enter(Visitor(again.test_client()), "officer") == 429


def test_guesses_at_one_moment_are_all_counted(town: Town, site: Site) -> None:
    """Each is counted before its password is looked at."""
    marks = lockouts.of_stranger(town.db.vault, "officer", "203.0.113.7")
    waits = []
    for _ in range(TRIES + 1):
        with town.db.write() as tx:
            waits.append(lockouts.begin(tx, marks, town.db.real_now(tx))[0])
    assert [bool(one) for one in waits] == [False] * TRIES + [True]


def test_who_has_logged_in_here_before_waits_for_no_stranger(site: Site, town: Town) -> None:
    """The only duty officer at his own desk, and a thousand machines that guess his password."""
    officer = site.user("officer")
    officer.send("/logout")
    stranger = site.visitor()
    for number in range(RULES["name"].most):
        stranger.client.environ_base["REMOTE_ADDR"] = f"203.0.113.{number}"
        assert guess(stranger, "officer") == [401]
    stranger.client.environ_base["REMOTE_ADDR"] = "203.0.113.200"
    assert guess(stranger, "officer") == [429]
    assert enter(site.visitor(), "officer") == 429  # a browser that nobody knows
    assert enter(officer, "officer") == 302


def test_a_known_browser_is_known_for_its_users_alone_and_waits_for_itself(site: Site) -> None:
    officer = site.user("officer")
    officer.send("/logout")
    guess(officer, "viewer", TRIES)
    assert enter(officer, "viewer") == 429
    guess(officer, "officer", TRIES)
    assert enter(officer, "officer") == 429
    assert enter(site.visitor(), "officer") == 302


def test_a_forged_cookie_makes_no_browser_known(site: Site) -> None:
    visitor = site.visitor()
    visitor.client.set_cookie("alertcast_known", "WyJ4IiwgWzEsIDIsIDNdXQ.Zz.forged")
    guess(visitor, "officer", TRIES)
    assert enter(visitor, "officer") == 429


def test_one_address_may_not_try_one_password_on_everybody(site: Site) -> None:
    visitor = site.visitor()
    most = RULES["address"].most
    assert guess_all(visitor, range(most)) == [401] * most
    assert enter(visitor, "officer") == 429


def guess_all(visitor: Visitor, numbers: range) -> list[int]:
    return [guess(visitor, f"user{number}")[0] for number in numbers]


def test_an_administrator_ends_the_waiting_by_command(site: Site, town: Town) -> None:
    visitor = site.visitor()
    guess(visitor, "officer", TRIES)
    with town.db.write() as tx:
        found = users.by_name(tx, "officer")
        assert found is not None
        accounts.unlock(town.db, tx, "cli:root", found[0], town.now)
    assert enter(visitor, "officer") == 302
    assert [row["user"] for row in site.recorded("unlock_user")] == ["cli:root"]


def test_no_name_that_was_typed_is_kept_and_old_counts_go(site: Site, town: Town) -> None:
    guess(site.visitor(), "my password by mistake")
    assert "my password" not in str(site.rows())
    assert len(site.rows()["log_in_failure"]) == 3
    pass_time(town, RULES["name"].forgotten)
    log_in.clear(town.world)
    assert site.rows()["log_in_failure"] == []
