"""While it runs: a rung counts down and is skipped, somebody is called again, a person is added."""

from playwright.sync_api import expect

from tests.browser.conftest import Served
from tests.browser.seat import Seat
from tests.stories.town import EAST, EAST_DEPUTY, IN_EAST, phones


def test_a_step_counts_down_and_is_skipped(seat: Seat, served: Served) -> None:
    town, page = served.town, seat.page
    page.clock.install()
    town.warn(over=IN_EAST)
    seat.log_in()
    seat.go("/broadcasts/1")
    expect(page.get_by_role("heading", name="原文")).to_be_visible()
    left = page.locator("[data-refresh] [data-until]").first
    expect(left).to_have_text("10:00")
    page.clock.run_for(2_000)
    expect(left).to_have_text("9:58")
    seat.look("running")
    page.get_by_role("link", name="跳到下一步").click()
    expect(page.get_by_text("现在第 1 / 3 步")).to_be_visible()
    seat.look("skip")
    seat.is_for_everybody()
    page.get_by_role("button", name="现在进入下一步").click()
    expect(page.get_by_text("1 个网格现在进入下一步")).to_be_visible()
    town.tick()
    assert len(town.voice.outbox) == 2
    page.clock.run_for(5_000)
    expect(page.get_by_text("第 2 / 3 步")).to_be_visible()
    seat.look("grids")
    seat.is_for_everybody()


def test_somebody_is_looked_for_and_called_again(seat: Seat, served: Served) -> None:
    town, page = served.town, seat.page
    town.warn(over=IN_EAST)
    seat.log_in()
    seat.go("/broadcasts/1/people")
    page.get_by_label("岗位").select_option("deputy")
    page.get_by_role("button", name="查找").click()
    expect(page.get_by_text("138****0023")).to_be_visible()
    seat.look("people")
    seat.is_for_everybody()
    page.get_by_role("link", name="再次呼叫").click()
    seat.look("again")
    seat.is_for_everybody()
    page.get_by_role("button", name="再次呼叫").click()
    expect(page.get_by_text("正在再次呼叫")).to_be_visible()
    town.tick()
    assert phones(town.voice) == [EAST_DEPUTY]


def test_a_person_is_added_to_a_grid(seat: Seat, served: Served) -> None:
    town, page = served.town, seat.page
    town.warn(over=IN_EAST)
    seat.log_in()
    seat.go(f"/broadcasts/1/grids?code={EAST}")
    page.get_by_role("link", name="增派").click()
    seat.look("add")
    seat.is_for_everybody()
    page.get_by_label("姓名").fill("邻村老陈")
    page.get_by_label("电话").fill("139 0000 0077")
    page.get_by_role("button", name="核对").click()
    expect(page.get_by_text("确定增派？")).to_be_visible()
    seat.look("add-sure")
    page.get_by_role("button", name="增派并通知").click()
    expect(page.get_by_text("已增派")).to_be_visible()
    town.tick()
    assert phones(town.voice) == ["+8613900000077"]
