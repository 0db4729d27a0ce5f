from werkzeug.security import generate_password_hash

from alertcast.store import passwords, users
from alertcast.web import HEADERS, create_app
from tests.stories.town import Town
from tests.web.site import PASSWORD, Site


def test_a_wrong_password_says_nothing_of_the_name(site: Site) -> None:
    wrong = site.visitor().send("/login", name="officer", password="x")
    nobody = site.visitor().send("/login", name="nobody", password="x")
    assert wrong.status_code == nobody.status_code == 401
    assert "用户名或密码不对" in wrong.text
    assert "用户名或密码不对" in nobody.text


def test_logging_in_is_recorded_and_out_ends_it(site: Site) -> None:
    user = site.user("officer")
    assert [row["user"] for row in site.recorded("log_in")] == ["officer"]
    cookie = user.client.get_cookie("alertcast")
    assert cookie is not None
    assert user.send("/logout").location == "/login"
    assert user.get("/").location == "/login"
    user.client.set_cookie("alertcast", cookie.value)  # somebody had copied it
    assert user.get("/").location == "/login"


def test_a_new_password_ends_every_log_in_made_with_the_old_one(site: Site, town: Town) -> None:
    user, other = site.user("officer"), site.user("viewer")
    with town.db.write() as tx:
        users.change(tx, "officer", password=passwords.hashed("another long night in December"))
    assert user.get("/").location == "/login"
    assert other.get("/").status_code == 200


def test_the_cookie_is_kept_from_scripts_and_other_sites(site: Site) -> None:
    answer = site.visitor().send("/login", name="officer", password=PASSWORD)
    cookies = answer.headers.getlist("Set-Cookie")
    assert len(cookies) == 2
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Secure" not in cookie  # the town's address is http://


def test_the_cookie_leaves_only_over_https_where_the_address_is_https(town: Town) -> None:
    town.configure(web={"public_base_url": "https://warn.example.cn"})
    app = create_app(town.world, lambda: town.now, secret_key="secret")
    assert app.config["SESSION_COOKIE_SECURE"] is True


def test_every_answer_has_the_headers(site: Site) -> None:
    for path in ("/login", "/static/page.css", "/nowhere", "/healthz"):
        answer = site.visitor().get(path)
        for name, value in HEADERS.items():
            assert answer.headers[name] == value, (path, name)


def test_no_page_has_a_script_or_style_of_its_own(site: Site, town: Town) -> None:
    town.warn(level="red")
    user = site.user("approver")
    for path in (
        "/",
        "/broadcasts",
        "/broadcasts/1",
        "/broadcasts/1/people",
        "/start",
        "/alerts/1",
    ):
        page = user.page(path)
        assert all(script.get("src") for script in page.select("script")), path
        assert not page.select("style, [style], [onclick], [onload], [onsubmit]"), path
        for one in page.select("[src], link[href]"):
            assert (one.get("src") or one.get("href")).startswith("/static/"), path


def test_a_hash_of_an_older_version_is_replaced_at_the_next_log_in(site: Site) -> None:
    scrypt = generate_password_hash(PASSWORD)
    with site.town.db.write() as tx:
        users.change(tx, "officer", password=scrypt)
    other = site.user("officer")
    (kept,) = (row.password for row in site.rows()["user"] if row.name == "officer")
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert site.user("officer").get("/").status_code == 200
    assert other.get("/").status_code == 200  # the password is the same
    assert site.visitor().send("/login", name="officer", password="x").status_code == 401
