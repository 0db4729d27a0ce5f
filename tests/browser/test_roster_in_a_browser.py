"""The lists of people and grids at a desk and on a telephone."""

from playwright.sync_api import expect

from tests.browser.conftest import Served
from tests.browser.seat import Seat


def test_from_a_town_by_its_grids_to_their_people(seat: Seat, served: Served) -> None:
    seat.log_in("viewer")
    seat.go("/roster")
    seat.page.get_by_role("link", name="网格", exact=True).click()
    seat.page.get_by_label("网格、镇街、县区或编码").fill("冷坑")
    seat.page.get_by_role("button", name="查找").click()
    expect(seat.page.get_by_text("共 2 条")).to_be_visible()
    seat.look("grids")
    seat.is_for_everybody()
    seat.page.get_by_role("link", name="责任人 东村 3").click()
    expect(seat.page.get_by_text("共 3 条")).to_be_visible()
    seat.look("people")
    seat.is_for_everybody()
