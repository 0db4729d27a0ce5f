"""用户: an administrator lets people in, changes and stops them; asked once each time, recorded."""

import pytest

from tests.stories.town import COUNTY, NEXT_TOWN, TOWN
from tests.web.site import PASSWORD, Site, Visitor


def shown(text: str) -> str:
    return text.partition('id="secret"')[2].partition(">")[2].partition("<")[0]


def id_of(site: Site, name: str) -> int:
    return next(row.id for row in site.rows()["user"] if row.name == name)


def do(admin: Visitor, site: Site, name: str, deed: str, **more: str) -> str:
    """Do something with a user and confirm it; return what the page says then."""
    path = f"/users/{id_of(site, name)}"
    before = site.rows()
    assert 'id="sure"' in admin.send(path, do=deed, **more).text
    assert site.rows() == before
    answer = admin.send(path, do=deed, sure="yes", **more)
    assert answer.status_code in (200, 302), answer.text
    return answer.text


def enter(site: Site, name: str, password: str = PASSWORD) -> int:
    return site.visitor().send("/login", name=name, password=password).status_code


def test_a_user_is_added_with_a_password_that_is_shown_once(site: Site) -> None:
    admin = site.user("admin")
    form = {"name": "wang", "role": "officer", "area": TOWN}
    asked = admin.send("/users", **form)
    assert "新增用户 wang？" in asked.text
    assert enter(site, "wang") == 401
    password = shown(admin.send("/users", **form, sure="yes").text)
    assert len(password) == 19
    assert password not in admin.get("/users").text
    assert password not in str(site.rows())
    assert enter(site, "wang", password) == 302
    (row,) = site.recorded("add_user")
    assert (row["user"], row["detail"]) == ("admin", {"role": "officer", "area": TOWN})


def test_another_role_holds_at_once(site: Site) -> None:
    admin, officer = site.user("admin"), site.user("officer")
    assert officer.get("/start").status_code == 200
    do(admin, site, "officer", "change", role="viewer", area=COUNTY)
    assert officer.get("/start").status_code == 403
    (row,) = site.recorded("change_user")
    assert row["detail"]["role_before"] == "officer"


def test_who_is_disabled_is_out_at_once_and_may_come_back(site: Site) -> None:
    admin, officer = site.user("admin"), site.user("officer")
    do(admin, site, "officer", "disable")
    assert officer.get("/").location == "/login"
    assert enter(site, "officer") == 401
    do(admin, site, "officer", "enable")
    assert enter(site, "officer") == 302


def test_a_new_password_replaces_the_old_one(site: Site) -> None:
    admin, officer = site.user("admin"), site.user("officer")
    password = shown(do(admin, site, "officer", "password"))
    assert officer.get("/").location == "/login"
    assert enter(site, "officer", password) == 302
    assert enter(site, "officer") == 401


def test_a_wait_is_ended(site: Site) -> None:
    for _ in range(5):
        enter(site, "officer", "x")
    assert enter(site, "officer") == 429
    do(site.user("admin"), site, "officer", "unlock")
    assert enter(site, "officer") == 302


def test_everybody_is_logged_out_where_he_is(site: Site) -> None:
    admin, officer = site.user("admin"), site.user("officer")
    do(admin, site, "officer", "log_out")
    assert officer.get("/").location == "/login"
    assert enter(site, "officer") == 302


@pytest.mark.parametrize("deed", ["change", "disable", "password", "no_code", "", "king"])
def test_an_administrator_does_not_shut_himself_out(site: Site, deed: str) -> None:
    admin = site.user("admin")
    before = site.rows()
    answer = admin.send(f"/users/{id_of(site, 'admin')}", do=deed, role="viewer", sure="yes")
    assert answer.status_code == 400
    assert site.rows() == before


@pytest.mark.parametrize(
    "change", [{"name": " "}, {"name": "x" * 129}, {"role": "king"}, {"area": "999"}], ids=str
)
def test_who_can_not_be_added(site: Site, change: dict[str, str]) -> None:
    form = {"name": "wang", "role": "officer", "area": "", "sure": "yes"} | change
    assert site.user("admin").send("/users", **form).status_code == 400
    assert len(site.rows()["user"]) == 5


def test_a_name_is_given_once(site: Site) -> None:
    form = {"name": "officer", "role": "viewer", "area": "", "sure": "yes"}
    answer = site.user("admin").send("/users", **form)
    assert (answer.status_code, shown(answer.text)) == (400, "")


def test_an_administrator_of_a_county_sees_and_changes_its_people_alone(site: Site) -> None:
    site.add_user("near", "admin", COUNTY)
    site.add_user("ours", "viewer", TOWN)
    admin = site.user("near")
    listed = [one.text for one in admin.page("/users").select("tbody a")]
    assert listed == ["near", "ours"]
    assert admin.get(f"/users/{id_of(site, 'officer')}").status_code == 403
    ours = f"/users/{id_of(site, 'ours')}"
    wide = {"do": "change", "role": "admin", "area": "", "sure": "yes"}
    assert admin.send(ours, **wide).status_code == 403
    do(admin, site, "ours", "change", role="officer", area=NEXT_TOWN)
    everywhere = {"name": "wang", "role": "admin", "area": "", "sure": "yes"}
    assert admin.send("/users", **everywhere).status_code == 403
