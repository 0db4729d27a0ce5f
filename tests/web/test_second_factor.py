"""动态码: a code of an app besides the password, and codes for a lost phone."""

import re
from datetime import datetime, timedelta

import pyotp
import pytest
from bs4 import BeautifulSoup

from alertcast.config import ConfigError
from alertcast.core.lockout import MINUTE
from alertcast.dispatch import accounts
from alertcast.store import users
from tests.databases import MovableDatabase
from tests.stories.town import Town
from tests.web.addresses import addresses
from tests.web.site import PASSWORD, Site, Visitor

STEP = timedelta(seconds=30)


def pass_time(town: Town, by: timedelta) -> None:
    assert isinstance(town.db, MovableDatabase)
    town.db.ahead += by


def at(town: Town) -> datetime:
    with town.db.read() as tx:
        return town.db.real_now(tx)


class Phone:
    """An app that was shown the key."""

    def __init__(self, site: Site, name: str = "officer") -> None:
        self.site, self.town = site, site.town
        user = site.user(name)
        user.send("/account/code/offer")
        page = user.page("/account")
        assert page.select_one(".qr svg path") is not None
        (secret,) = (one.text for one in page.select("code.secret"))
        self.app = pyotp.TOTP(secret)
        answer = user.send("/account/code/confirm", code=self.code())
        assert answer.status_code == 200
        codes = BeautifulSoup(answer.text, "html.parser").select(".codes code")
        self.recovery = [one.text for one in codes]
        begun = at(self.town).timestamp() % STEP.total_seconds()
        pass_time(self.town, 2 * STEP - timedelta(seconds=begun - 1))  # a second into a step

    def code(self, off: int = 0) -> str:
        return self.app.at(at(self.town), counter_offset=off)


def half(site: Site, name: str = "officer") -> Visitor:
    """Somebody whose password was right."""
    visitor = site.visitor()
    answer = visitor.send("/login", name=name, password=PASSWORD)
    assert answer.location == "/login/code"
    return visitor


def test_the_password_alone_opens_nothing_any_more(site: Site) -> None:
    phone = Phone(site)
    visitor = half(site)
    assert visitor.get("/").location == "/login"
    assert visitor.send("/login/code", code="000000").status_code == 401
    assert visitor.get("/").location == "/login"
    assert visitor.send("/login/code", code=phone.code()).location == "/"
    assert visitor.get("/").status_code == 200
    assert [row["user"] for row in site.recorded("add_second_factor")] == ["officer"]
    assert site.user("viewer").get("/").status_code == 200


@pytest.mark.parametrize(("off", "status"), [(-2, 401), (-1, 302), (0, 302), (1, 302), (2, 401)])
def test_the_clock_of_a_phone_may_be_off_by_half_a_minute(
    site: Site, off: int, status: int
) -> None:
    phone = Phone(site)
    pass_time(site.town, 3 * STEP)
    assert half(site).send("/login/code", code=phone.code(off)).status_code == status


def test_a_code_that_somebody_looked_at_opens_nothing_again(site: Site) -> None:
    phone = Phone(site)
    code = phone.code()
    assert half(site).send("/login/code", code=code).status_code == 302
    assert half(site).send("/login/code", code=code).status_code == 401


def test_codes_can_not_be_guessed_one_after_the_other(site: Site, town: Town) -> None:
    phone = Phone(site)
    visitor = half(site)
    guesses = [visitor.send("/login/code", code="000000").status_code for _ in range(5)]
    assert guesses == [401] * 4 + [429]  # the password was one of five tries
    assert visitor.send("/login/code", code=phone.code()).status_code == 429
    pass_time(town, MINUTE)
    assert visitor.send("/login/code", code=phone.code()).status_code == 302


def test_with_a_lost_phone_each_recovery_code_opens_once(site: Site) -> None:
    phone = Phone(site)
    assert len(phone.recovery) == 10
    assert all(re.fullmatch(r"[2-9a-z]{5}-[2-9a-z]{5}", one) for one in phone.recovery)
    first = phone.recovery[0]
    visitor = half(site)
    assert visitor.send("/login/code", code=first.upper()).status_code == 302
    assert half(site).send("/login/code", code=first).status_code == 401
    assert "恢复码还剩 9 个" in visitor.get("/account").text
    assert [row["detail"] for row in site.recorded("recovery_code")] == [{"left": 9}]


def test_neither_key_nor_codes_can_be_read_in_the_database(site: Site) -> None:
    phone = Phone(site)
    kept = str(site.rows())
    assert phone.app.secret not in kept
    assert phone.recovery[0].replace("-", "") not in kept


def test_a_key_that_was_only_looked_at_asks_for_nothing(site: Site) -> None:
    user = site.user("officer")
    user.send("/account/code/offer")
    assert user.send("/account/code/confirm", code="000000").status_code == 400
    assert site.user("officer").get("/").status_code == 200


def test_whoever_finds_an_open_browser_can_not_take_the_code_away_or_change_it(site: Site) -> None:
    phone = Phone(site)
    user = half(site)
    user.send("/login/code", code=phone.code())
    assert user.send("/account/code/remove", old="x").status_code == 400
    user.send("/account/code/offer")
    half(site)
    assert user.send("/account/code/remove", old=PASSWORD).location == "/account"
    assert site.user("officer").get("/").status_code == 200
    assert [row["user"] for row in site.recorded("remove_second_factor")] == ["officer"]


def test_an_administrator_takes_it_away_by_command(site: Site, town: Town) -> None:
    Phone(site)
    with town.db.write() as tx:
        found = users.by_name(tx, "officer")
        assert found is not None
        assert accounts.remove_second_factor(tx, "cli:root", found[0], town.now)
        assert not accounts.remove_second_factor(tx, "cli:root", found[0], town.now)
    assert site.user("officer").get("/").status_code == 200
    assert [row["user"] for row in site.recorded("remove_second_factor")] == ["cli:root"]


def test_a_disabled_user_s_code_opens_nothing(site: Site, town: Town) -> None:
    phone = Phone(site)
    visitor = half(site)
    with town.db.write() as tx:
        users.change(tx, "officer", is_disabled=True)
    assert visitor.send("/login/code", code=phone.code()).status_code == 401


def test_without_the_password_there_is_no_code_to_type(site: Site) -> None:
    visitor = site.visitor()
    assert visitor.get("/login/code").location == "/login"
    assert visitor.send("/login/code", code="000000").location == "/login"


def oblige(site: Site, *roles: str) -> None:
    site.town.configure(login={"second_factor": list(roles)})
    site.restart()


def test_a_role_that_must_have_a_code_finds_nothing_else_open_until_then(site: Site) -> None:
    oblige(site, "officer")
    officer = site.user("officer")
    for one in addresses(site.app):
        if one.method == "GET" and one.path != "/account":
            answer = officer.get(one.path)
            if one.path.startswith("/api/"):
                assert answer.status_code == 403, one.path
            else:
                assert (answer.status_code, answer.location) == (302, "/account"), one.path
    text = officer.get("/account").text
    assert "您的角色登录必须有动态码" in text
    assert "人工拨打" not in text  # no link that leads nowhere
    phone = Phone(site)
    assert officer.get("/").status_code == 200
    assert site.user("viewer").get("/").status_code == 200
    assert half(site).send("/login/code", code=phone.code()).location == "/"


def test_what_is_done_needs_the_code_too(site: Site) -> None:
    site.town.warn()
    oblige(site, "officer")
    officer = site.user("officer")
    stop = f"/broadcasts/{site.town.last}/stop"
    assert officer.send(stop, sure="yes").location == "/account"
    assert site.town.broadcast().state == "running"
    Phone(site)
    officer.send(stop, sure="yes")
    assert site.town.broadcast().state != "running"


def test_whoever_is_logged_in_is_held_as_soon_as_it_is_wanted(site: Site) -> None:
    officer = site.user("officer")
    assert officer.get("/").status_code == 200
    oblige(site, "officer", "approver")
    assert officer.get("/").location == "/account"
    assert officer.send("/logout").location == "/login"


def test_a_code_that_one_must_have_is_taken_away_by_an_administrator_alone(site: Site) -> None:
    phone = Phone(site)
    oblige(site, "officer")
    officer = half(site)
    officer.send("/login/code", code=phone.code())
    assert "不再使用动态码" not in officer.get("/account").text
    assert officer.send("/account/code/remove", old=PASSWORD).status_code == 400
    assert site.recorded("remove_second_factor") == []
    with site.town.db.read() as tx:
        found = users.by_name(tx, "officer")
    assert found is not None
    admin = site.user("admin")
    admin.send(f"/users/{found[0].id}", do="no_code", sure="yes")
    assert officer.get("/").location == "/account"
    assert "必须有，还没有" in admin.get("/users").text


def test_a_role_that_there_is_not_is_a_mistake(site: Site) -> None:
    site.town.configure(login={"second_factor": ["boss"]})
    with pytest.raises(ConfigError, match=r"login.second_factor: .*boss: the roles of users are"):
        site.restart()
