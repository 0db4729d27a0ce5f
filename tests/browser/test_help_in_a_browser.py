"""求助: from the first page to the one who asks, and to the telephone."""

from playwright.sync_api import expect

from alertcast.web.show import readable
from tests.browser.conftest import Served
from tests.browser.seat import Seat
from tests.stories.town import EAST, EAST_LEADER, EAST_SECRETARY, IN_EAST


def test_one_of_two_who_ask_is_rung(seat: Seat, served: Served) -> None:
    town, page = served.town, seat.page
    town.notice("今晚演练，请回复", EAST, mode="drill")
    town.write_down(EAST_LEADER, "2")
    town.warn(over=IN_EAST, level="red")
    town.press("2", EAST_LEADER)
    town.write_down(EAST_SECRETARY, "2")
    seat.log_in()
    items = page.get_by_role("listitem").filter(has=page.get_by_role("link", name="查看并登记处置"))
    expect(items).to_have_count(3)
    expect(items.last).to_contain_text("演练")
    seat.look("now")
    seat.is_for_everybody()
    items.nth(1).get_by_role("link").click()
    asked = page.locator(":target")
    expect(asked).to_contain_text("138****0022")
    expect(page.get_by_role("heading", name="求助 (2)")).to_be_in_viewport(ratio=1)
    seat.look("help")
    seat.is_for_everybody()
    page.locator("#help").get_by_role("button", name="打电话叫应").click()
    link = page.locator("#help").get_by_role("link", name=readable(EAST_SECRETARY))
    expect(link).to_have_attribute("href", f"tel:{EAST_SECRETARY}")
    seat.look("numbers")


def test_the_next_day_it_bears_its_date(seat: Seat, served: Served) -> None:
    town, page = served.town, seat.page
    town.warn(over=IN_EAST, level="red")
    town.press("2", EAST_LEADER)
    town.tick(minutes=8 * 60)
    seat.log_in()
    item = page.get_by_role("listitem").filter(has_text="冷坑镇东村")
    expect(item.first).to_contain_text("12-26 17:20")
    seat.look("yesterday")
    seat.is_for_everybody()


def test_what_does_not_move_says_when_it_is_old(seat: Seat, served: Served) -> None:
    town, page = served.town, seat.page
    town.warn(over=IN_EAST, level="red")
    page.clock.install()
    seat.log_in()
    seat.go("/broadcasts/1")
    hint = page.get_by_role("link", name="有变化，点这里刷新")
    with page.expect_response("**/broadcasts/1/live"):
        page.clock.run_for(6_000)
    expect(hint).to_be_hidden()
    town.press("2", EAST_LEADER)
    with page.expect_response("**/broadcasts/1/live"):
        page.clock.run_for(6_000)
    expect(hint).to_be_visible()
    expect(page.locator("#help")).to_have_count(0)
    seat.look("old-cards")
    seat.is_for_everybody()
    hint.click()
    expect(page.locator("#help")).to_contain_text("冷坑镇东村")
    with page.expect_response("**/broadcasts/1/live"):
        page.clock.run_for(6_000)
    expect(hint).to_be_hidden()
