"""What changes by itself: not sent again while it is the same; asking keeps a log-in alive."""

from alertcast.store import channels
from tests.stories.town import EAST_LEADER, IN_EAST, WEST_LEADER, Town
from tests.web.site import Site, Visitor

MOVING = ("/live", "/broadcasts/1/live", "/broadcasts/1/map.json", "/map/now.json", "/red.json")


def again(user: Visitor, path: str, etag: str | None) -> int:
    return user.client.get(path, headers={"If-None-Match": etag or ""}).status_code


def red(user: Visitor) -> dict[str, int]:
    found: dict[str, int] = user.get("/red.json").json
    return found


def test_what_has_not_changed_is_not_sent_again(site: Site, town: Town) -> None:
    town.warn(level="red")
    user = site.user("officer")
    first = {path: user.get(path) for path in MOVING}
    town.tick(seconds=5)
    for path, answer in first.items():
        assert answer.headers["X-As-Of"] == "2026-12-26T17:20:00+08:00"
        later = user.client.get(path, headers={"If-None-Match": answer.headers["ETag"]})
        assert (later.status_code, later.data) == (304, b""), path
        assert later.headers["X-As-Of"] == "2026-12-26T17:20:05+08:00"
    town.press("2", WEST_LEADER)
    for path, answer in first.items():
        assert again(user, path, answer.headers["ETag"]) == 200, path


def test_each_role_and_language_is_shown_its_own(town: Town) -> None:
    site = Site(town, keep=1000)
    with town.db.write() as tx:
        channels.stop(tx, "sms", "account")
    officer, viewer = site.user("officer"), site.user("viewer")
    assert "恢复发送" in officer.get("/live").text
    assert "恢复发送" not in viewer.get("/live").text
    officer.send("/language", language="en")
    assert "Channel stopped" in officer.get("/live").text


def test_what_is_watched_by_many_holds_nothing_of_one(site: Site, town: Town) -> None:
    town.warn(level="red")
    user = site.user("officer")
    for path in ("/live", "/broadcasts/1/live"):
        assert "csrf_token" not in user.get(path).text
        assert "officer" not in user.get(path).text


def test_cards_above_the_numbers_say_when_they_are_old(site: Site, town: Town) -> None:
    town.warn(over=IN_EAST, level="red")
    user = site.user("officer")
    (drawn,) = user.page("/broadcasts/1").select("[data-cards]")

    def now() -> str:
        (hint,) = user.page("/broadcasts/1/live").select("[data-cards-now]")
        return str(hint["data-cards-now"])

    assert now() == drawn["data-cards"]
    town.tick(seconds=5)
    assert now() == drawn["data-cards"]
    seen = {now()}
    town.press("2", EAST_LEADER)
    seen.add(now())
    user.send("/help/1/close", done="看过了")
    seen.add(now())
    town.correct()
    seen.add(now())
    assert len(seen) == 4


def test_asking_keeps_the_log_in_alive(site: Site) -> None:
    user = site.user("officer")
    answer = user.get("/red.json")
    assert "alertcast=" in answer.headers["Set-Cookie"]
    assert "Expires=" in answer.headers["Set-Cookie"]
    later = user.client.get("/red.json", headers={"If-None-Match": answer.headers["ETag"]})
    assert later.status_code == 304
    assert "alertcast=" in later.headers["Set-Cookie"]


def test_red_items_have_names_and_grow(site: Site, town: Town) -> None:
    user = site.user("officer")
    assert red(user) == {}
    town.warn(level="red")
    assert red(user) == {"warning:1": 1}
    town.press("2", EAST_LEADER)
    assert red(user) == {"warning:1": 1, "help:1": 1}
    town.tick(minutes=40)
    assert red(user)["unreached:1"] == 2
    user.send("/help/1/close", done="已接走")
    assert "help:1" not in red(user)


def test_a_warning_below_the_highest_level_is_no_red_item(site: Site, town: Town) -> None:
    town.warn(level="orange")
    assert red(site.user("officer")) == {}


def test_the_page_counts_the_same_items(site: Site, town: Town) -> None:
    town.warn(level="red")
    town.press("2", EAST_LEADER)
    town.tick(minutes=40)
    user = site.user("officer")
    listed = user.page("/").select(".red-list > li")
    assert len(listed) == len([one for one in red(user) if not one.startswith("warning:")])


def test_what_somebody_did_is_on_the_next_page(town: Town) -> None:
    site = Site(town, keep=1000)
    town.warn(over=IN_EAST)
    user = site.user("officer")
    assert "已停止叫应" not in user.get("/broadcasts/1/live").text
    user.send("/broadcasts/1/stop")
    assert "已停止叫应" in user.get("/broadcasts/1").text
    assert "已停止叫应" in user.get("/broadcasts/1/live").text
