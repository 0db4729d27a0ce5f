"""我的账号: one's own password, sessions that end by the clock, by hand, and not during a night."""

from datetime import timedelta

import pytest

from alertcast.dispatch import log_in
from alertcast.web.login import BY_ITSELF
from tests.databases import MovableDatabase
from tests.stories.town import Town
from tests.web.site import PASSWORD, Site

NEW = "another long night in January"
HOUR = timedelta(hours=1)


def pass_time(town: Town, by: timedelta) -> None:
    assert isinstance(town.db, MovableDatabase)
    town.db.ahead += by


def test_a_log_in_that_is_not_used_ends(site: Site, town: Town) -> None:
    officer, watching = site.user("officer"), site.user("viewer")
    for _ in range(13):
        pass_time(town, HOUR)
        watching.client.get("/red.json", headers={BY_ITSELF: "1"})
    assert officer.get("/").status_code == 200
    assert watching.client.get("/red.json", headers={BY_ITSELF: "1"}).status_code == 200
    pass_time(town, HOUR)
    assert officer.get("/").status_code == 200
    assert watching.client.get("/red.json", headers={BY_ITSELF: "1"}).location == "/login"


def test_a_log_in_ends_after_a_day_and_a_half_however_much_it_is_used(
    site: Site, town: Town
) -> None:
    officer = site.user("officer")
    for _ in range(35):
        pass_time(town, HOUR)
        assert officer.get("/").status_code == 200
    pass_time(town, HOUR)
    assert officer.get("/").location == "/login"


def test_nobody_is_logged_out_by_the_clock_while_a_broadcast_runs(site: Site, town: Town) -> None:
    officer = site.user("officer")
    town.warn()
    pass_time(town, 40 * HOUR)
    log_in.clear(town.world)
    assert officer.get("/").status_code == 200
    officer.send("/broadcasts/1/stop")
    assert officer.get("/").location == "/login"


def test_what_has_run_out_does_not_come_to_life_when_a_broadcast_begins(
    site: Site, town: Town
) -> None:
    officer = site.user("officer")
    pass_time(town, 14 * HOUR)
    log_in.clear(town.world)
    town.warn()
    assert officer.get("/").location == "/login"
    assert site.rows()["session"] == []


def test_a_configured_office_logs_out_earlier(town: Town) -> None:
    town.configure(login={"idle": "10m", "longest": "2h"})
    officer = Site(town).user("officer")
    pass_time(town, HOUR / 6)
    assert officer.get("/").location == "/login"


def test_logging_out_elsewhere_ends_all_but_this_one(site: Site) -> None:
    forgotten, here, other = site.user("officer"), site.user("officer"), site.user("viewer")
    page = here.page("/account")
    assert len(page.select("tbody tr")) == 2
    assert here.send("/account/log-out-elsewhere").location == "/account"
    assert forgotten.get("/").location == "/login"
    assert here.get("/").status_code == other.get("/").status_code == 200
    (row,) = site.recorded("log_out_everywhere")
    assert (row["user"], row["detail"]) == ("officer", {"sessions": 1})


def test_a_new_password_of_ones_own_ends_all_but_this_one(site: Site) -> None:
    other, here = site.user("officer"), site.user("officer")
    answer = here.send("/account/password", old=PASSWORD, new=NEW, again=NEW)
    assert answer.location == "/account"
    assert here.get("/").status_code == 200
    assert other.get("/").location == "/login"
    assert site.visitor().send("/login", name="officer", password=NEW).status_code == 302
    assert [row["user"] for row in site.recorded("change_password")] == ["officer"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"old": "x"}, "原密码不对"),
        ({"new": "short", "again": "short"}, "至少 10 个字符"),
        ({"again": "a long day in January"}, "不一样"),
    ],
    ids=lambda one: str(one),
)
def test_what_is_no_new_password(site: Site, change: dict[str, str], said: str) -> None:
    officer = site.user("officer")
    answer = officer.send(
        "/account/password", **{"old": PASSWORD, "new": NEW, "again": NEW} | change
    )
    assert answer.status_code == 400
    assert said in answer.text
    assert site.visitor().send("/login", name="officer", password=PASSWORD).status_code == 302


def test_guessing_the_old_password_in_a_browser_left_open_waits_too(site: Site) -> None:
    officer = site.user("officer")
    wrong = {"old": "x", "new": NEW, "again": NEW}
    codes = [officer.send("/account/password", **wrong).status_code for _ in range(6)]
    assert codes == [400] * 5 + [429]
