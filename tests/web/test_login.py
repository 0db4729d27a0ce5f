from alertcast.store import users
from alertcast.web import HEADERS, create_app
from alertcast.web.login import PAUSE, TRIES, Lockout, hashed
from tests.stories.town import Town
from tests.web.site import PASSWORD, Site


def test_a_wrong_password_says_nothing_of_the_name(site: Site) -> None:
    wrong = site.visitor().send("/login", name="officer", password="x")
    nobody = site.visitor().send("/login", name="nobody", password="x")
    assert wrong.status_code == nobody.status_code == 401
    assert "用户名或密码不对" in wrong.text
    assert "用户名或密码不对" in nobody.text


def test_after_five_wrong_passwords_the_right_one_waits_too(site: Site) -> None:
    visitor = site.visitor()
    for _ in range(TRIES):
        assert visitor.send("/login", name="officer", password="x").status_code == 401
    assert visitor.send("/login", name="officer", password=PASSWORD).status_code == 429
    assert visitor.send("/login", name="viewer", password=PASSWORD).status_code == 302


def test_the_pause_ends() -> None:
    seconds = [0.0]
    lockout = Lockout(lambda: seconds[0])
    for _ in range(TRIES):
        lockout.failed("officer", "here")
    assert lockout.is_closed("officer", "here")
    assert not lockout.is_closed("officer", "elsewhere")
    seconds[0] = PAUSE
    assert not lockout.is_closed("officer", "here")
    lockout.failed("officer", "here")
    assert not lockout.is_closed("officer", "here")


def test_logging_in_is_recorded_and_out_ends_it(site: Site) -> None:
    user = site.user("officer")
    assert [row["user"] for row in site.recorded("log_in")] == ["officer"]
    assert user.send("/logout").location == "/login"
    assert user.get("/").location == "/login"


def test_a_new_password_ends_every_log_in_made_with_the_old_one(site: Site, town: Town) -> None:
    user, other = site.user("officer"), site.user("viewer")
    with town.db.write() as tx:
        users.change(tx, "officer", password=hashed("another long night in December"))
    assert user.get("/").location == "/login"
    assert other.get("/").status_code == 200


def test_the_cookie_is_kept_from_scripts_and_other_sites(site: Site) -> None:
    answer = site.visitor().send("/login", name="officer", password=PASSWORD)
    cookie = answer.headers["Set-Cookie"]
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
