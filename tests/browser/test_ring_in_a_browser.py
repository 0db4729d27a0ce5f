"""A new red item is seen and heard on every page, again and again until somebody says so."""

from datetime import timedelta

from playwright.sync_api import Page, expect

from alertcast.store import channels, users
from tests.browser.conftest import Served
from tests.browser.seat import Seat
from tests.stories.town import EAST_LEADER, WEST_LEADER

COUNT = """
window.tones = 0;
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...args) { window.tones += 1; start.apply(this, args); };
"""


def tones(page: Page) -> int:
    return int(page.evaluate("window.tones"))


def test_it_rings_by_choice_until_it_was_seen(seat: Seat, served: Served) -> None:
    town, page = served.town, seat.page
    page.add_init_script(COUNT)
    page.clock.install()
    seat.log_in()
    page.goto(f"{seat.url}/broadcasts")
    bar = page.get_by_text("有新的红色事项")
    expect(bar).to_be_hidden()
    page.get_by_role("button", name="响铃：关").click()
    expect(page.get_by_role("button", name="响铃：开")).to_have_attribute("aria-pressed", "true")
    assert tones(page) == 0

    town.warn(level="red")
    town.press("2", WEST_LEADER)
    page.clock.run_for(5_000)
    expect(bar).to_be_visible()
    expect(page.get_by_role("link", name="当前 1")).to_be_visible()
    rung = tones(page)
    assert rung > 0
    page.clock.run_for(8_000)
    assert tones(page) >= rung + 3

    page.get_by_role("button", name="已看到").click()
    expect(bar).to_be_hidden()
    page.clock.run_for(5_000)
    rung = tones(page)
    page.clock.run_for(20_000)
    assert tones(page) == rung

    page.goto(f"{seat.url}/manual")  # seen stays seen
    expect(page.get_by_role("link", name="当前 1")).to_be_visible()
    expect(bar).to_be_hidden()
    town.press("2", EAST_LEADER)
    page.clock.run_for(5_000)
    expect(page.get_by_text("有新的红色事项 (1)")).to_be_visible()
    seat.look("ring")


def test_what_comes_again_is_news_again(seat: Seat, served: Served) -> None:
    town, page = served.town, seat.page
    page.clock.install()
    seat.log_in()
    with page.expect_response("**/red.json"):  # else the clock moves before the page has asked
        page.goto(f"{seat.url}/broadcasts")
    bar = page.get_by_text("有新的红色事项 (1)")
    badge = page.get_by_role("link", name="当前 1")
    for _ in range(2):
        with town.db.write() as tx:
            channels.stop(tx, "sms", "account")
        page.clock.run_for(5_000)
        expect(bar).to_be_visible()
        page.get_by_role("button", name="已看到").click()
        expect(bar).to_be_hidden()
        expect(badge).to_be_visible()
        with town.db.write() as tx:
            channels.start(tx, "sms", town.db.real_now(tx))
        page.clock.run_for(5_000)
        expect(badge).to_be_hidden()


def test_without_the_bell_it_is_seen_and_not_heard(seat: Seat, served: Served) -> None:
    served.town.warn(level="red")
    seat.page.add_init_script(COUNT)
    seat.page.clock.install()
    seat.log_in()
    expect(seat.page.get_by_text("有新的红色事项 (1)")).to_be_visible()
    seat.page.clock.run_for(9_000)
    assert tones(seat.page) == 0


def test_a_lost_connection_is_said_until_it_is_back(seat: Seat, served: Served) -> None:
    page = seat.page
    page.clock.install()
    seat.log_in()
    lost = page.get_by_text("与服务器的连接中断")
    expect(lost).to_be_hidden()
    page.context.set_offline(True)
    page.clock.run_for(5_000)
    expect(lost).to_be_visible(timeout=30_000)  # a question may be under way that still succeeds
    page.context.set_offline(False)
    page.clock.run_for(5_000)
    expect(lost).to_be_hidden(timeout=30_000)
    assert seat.complaints != []
    seat.complaints.clear()


WATCH = """
window.putAway = 0;
const sign = document.getElementById("lost");
new MutationObserver(() => (window.putAway += sign.hidden)).observe(sign, { attributes: true });
"""


def test_old_figures_are_called_so_while_others_are_new(seat: Seat, served: Served) -> None:
    page = seat.page
    page.clock.install()
    seat.log_in()
    page.route("**/live", lambda route: route.fulfill(status=500))
    page.clock.run_for(5_000)
    lost = page.get_by_text("与服务器的连接中断")
    expect(lost).to_be_visible()
    page.evaluate(WATCH)
    for _ in range(3):
        with page.expect_response("**/red.json"), page.expect_response("**/live"):
            page.clock.run_for(5_000)
    expect(lost).to_be_visible()
    assert page.evaluate("window.putAway") == 0
    page.unroute("**/live")
    page.clock.run_for(5_000)
    expect(lost).to_be_hidden()
    assert all("500" in one for one in seat.complaints)
    seat.complaints.clear()


def test_figures_that_are_asked_for_in_vain_are_called_old(seat: Seat, served: Served) -> None:
    page = seat.page
    page.clock.install()
    seat.log_in()
    page.route("**/live", lambda route: None)  # no answer and no error: a dead router
    with page.expect_request("**/live"):
        page.clock.run_for(5_000)
    lost = page.get_by_text("与服务器的连接中断")
    expect(lost).to_be_hidden()
    page.clock.run_for(15_000)
    expect(lost).to_be_visible()
    page.unroute("**/live")
    for _ in range(2):  # the clock may have outrun an answer of the other address too
        with page.expect_response("**/red.json"), page.expect_response("**/live"):
            page.clock.run_for(5_000)
    expect(lost).to_be_hidden()


def test_whoever_is_logged_out_is_told_and_loses_nothing(seat: Seat, served: Served) -> None:
    page = seat.page
    page.clock.install()
    seat.log_in()
    page.get_by_role("link", name="启动", exact=True).click()
    # Else the clock moves before the page has begun to ask, or the map is refused midway.
    expect(page.locator("[data-map]")).to_have_attribute("data-drawn", "yes")
    page.get_by_role("textbox", name="内容").fill("写了一半")
    with served.town.db.write() as tx:
        users.change(tx, "officer", is_disabled=True)
    page.clock.run_for(5_000)
    # A poll may have been under way: the next is asked after it.
    expect(page.get_by_text("您已退出登录")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("textbox", name="内容")).to_have_value("写了一半")


def test_what_is_half_written_stays_on_a_page_that_moves(seat: Seat, served: Served) -> None:
    """The page of a broadcast asks for its figures too, and does not give way to the log-in."""
    town, page = served.town, seat.page
    town.warn(level="red")
    town.press("2", WEST_LEADER)
    page.add_init_script(COUNT)
    page.clock.install()
    seat.log_in()
    seat.go("/broadcasts/1")
    page.get_by_role("button", name="响铃：关").click()
    page.get_by_role("button", name="已看到").click()
    page.get_by_label("处置情况").fill("已派车去接")
    with town.db.write() as tx:
        users.change(tx, "officer", is_disabled=True)
    rung = tones(page)
    page.clock.run_for(10_000)
    expect(page.get_by_text("您已退出登录")).to_be_visible(timeout=30_000)
    page.clock.run_for(8_000)
    expect(page.get_by_label("处置情况")).to_have_value("已派车去接")
    assert tones(page) > rung


def test_a_page_that_is_left_alone_logs_out_by_the_clock(seat: Seat, served: Served) -> None:
    """What it asks by itself, also for its map, is no use of it."""
    town, page = served.town, seat.page
    page.clock.install()
    seat.log_in()
    seat.go("/")
    for _ in range(2):
        town.db.ahead += timedelta(hours=8)
        with page.expect_response("**/map/now.json"), page.expect_response("**/red.json"):
            page.clock.run_for(5_000)
    expect(page.get_by_text("您已退出登录")).to_be_visible(timeout=30_000)
