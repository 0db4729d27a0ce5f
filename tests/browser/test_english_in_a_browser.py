"""A night at the desk in English: from the red item to the answer written down and the record."""

from playwright.sync_api import expect

from tests.browser.conftest import Served
from tests.browser.seat import Seat
from tests.stories.town import EAST_LEADER, IN_EAST


def test_an_officer_who_reads_english_gets_through_the_night(seat: Seat, served: Served) -> None:
    town, page = served.town, seat.page
    town.warn(over=IN_EAST, level="red")
    town.press("2", EAST_LEADER)
    seat.log_in()
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    seat.look("now")
    seat.is_for_everybody()
    page.get_by_role("link", name="Open and write down what was done").first.click()
    expect(page.get_by_role("heading", name="needs help (1)")).to_be_in_viewport()
    page.get_by_role("textbox", name="What was done").fill("Two old people were fetched")
    page.get_by_role("button", name="Write down and close").click()
    expect(page.locator("#help")).to_contain_text("Two old people were fetched")
    seat.look("closed")
    seat.is_for_everybody()
    seat.go("/broadcasts/1/record")
    expect(page.locator("main")).to_contain_text("Two old people were fetched")
    seat.look("record")
    page.get_by_role("button", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
