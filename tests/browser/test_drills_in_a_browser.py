"""A drill is scheduled, begins by itself and is compared; statistics show it apart."""

from playwright.sync_api import expect

from tests.browser.conftest import Served
from tests.browser.seat import Seat
from tests.stories.town import EAST_LEADER, WEST_LEADER


def schedule(seat: Seat, day: str, at: str, typed: str = "") -> None:
    page = seat.page
    seat.go("/drills")
    page.get_by_label("日期").fill(day)
    page.get_by_label("时间", exact=True).fill(at)
    page.get_by_role("textbox", name="内容").fill("防冻演练，请收到的同志应答")
    page.get_by_label("全县（区）").check()
    page.get_by_role("button", name="安排演练").click()
    if typed:
        page.get_by_label("范围很大").fill(typed)
        page.get_by_role("button", name="安排演练").click()


def test_a_drill_begins_by_itself_and_is_compared(seat: Seat, served: Served) -> None:
    town, page = served.town, seat.page
    town.add_drill_channels()
    served.site.restart()
    seat.log_in()
    schedule(seat, "2026-12-27", "23:00")
    expect(page.get_by_text("不安排演练，请改到白天")).to_be_visible()
    seat.look("refused")
    schedule(seat, "2026-12-27", "10:00", "怀集县")
    expect(page.get_by_text("已安排演练。")).to_be_visible()
    seat.look("planned")
    seat.is_for_everybody()
    town.tick(minutes=16 * 60 + 41)
    town.write_down(EAST_LEADER)
    schedule(seat, "2026-12-27", "14:00", "怀集县")
    town.tick(minutes=4 * 60)
    town.write_down(WEST_LEADER)
    town.write_down(EAST_LEADER)
    seat.go("/drills/2")
    expect(page.get_by_role("region", name="这次和上次")).to_contain_text("上次")
    seat.look("compared")
    seat.is_for_everybody()
    seat.go("/drills")
    seat.look("drills")
    page.get_by_role("link", name="演练统计").click()
    expect(page.get_by_text("演练的统计，不含正式下发")).to_be_visible()
    seat.look("statistics-of-drills")


def test_statistics_of_a_night(seat: Seat, served: Served) -> None:
    town = served.town
    town.warn(level="red")
    town.tick(minutes=2)
    town.press_1(EAST_LEADER)
    town.tick(minutes=11)
    town.press_1(WEST_LEADER)
    town.tick(minutes=40)
    seat.log_in("viewer")
    seat.go("/statistics")
    expect(seat.page.get_by_role("region", name="按县区")).to_contain_text("怀集县")
    seat.look("statistics")
    seat.is_for_everybody()
