"""A night at the desk, at a wide screen and on an old telephone: every step by what is seen."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from alertcast.web.show import readable
from tests.browser.conftest import Served
from tests.browser.seat import Seat
from tests.stories.town import EAST, EAST_LEADER, SOUTH_LEADER, WEST, WEST_LEADER


def test_a_night_at_the_desk(seat: Seat, served: Served) -> None:
    town, page = served.town, seat.page
    town.warn(level="red")
    town.press("2", WEST_LEADER)
    seat.log_in()
    expect(page.get_by_text("模拟 · 人员、号码、渠道均为虚构")).to_be_visible()
    expect(page.get_by_role("heading", name="需要立即处理")).to_be_visible()
    seat.look("now")

    page.get_by_role("link", name="查看并登记处置").click()
    expect(page.get_by_text("正式下发")).to_be_visible()
    seat.look("broadcast")
    page.get_by_label("处置情况").fill("已派车接走两位老人")
    page.get_by_role("button", name="登记处置并关闭").click()
    expect(page.get_by_text("求助已关闭")).to_be_visible()

    page.get_by_role("link", name="人员与应答").click()
    expect(page.get_by_role("heading", name="人员与应答")).to_be_visible()  # not the page before
    page.get_by_role("button", name="打电话叫应").click()
    row = page.get_by_role("row").filter(has_text=readable(SOUTH_LEADER))
    expect(row.get_by_role("link", name=readable(SOUTH_LEADER))).to_be_visible()
    seat.look("people")
    row.get_by_role("button", name="已知悉").click()
    expect(page.get_by_role("heading", name="马宁镇南村）已知悉？")).to_be_visible()
    page.get_by_role("button", name="已知悉").click()
    expect(page.get_by_role("status")).to_contain_text("马宁镇南村）已知悉")
    assert town.states()["南村"] == "answered"

    page.goto(f"{seat.url}/broadcasts/1")
    page.get_by_role("link", name="停止叫应").click()
    seat.look("stop")
    page.get_by_role("button", name="停止叫应").click()
    expect(page.get_by_text("条未发出的不再发出")).to_be_visible()
    assert town.broadcast().state == "cancelled"


def test_numbers_change_by_themselves(seat: Seat, served: Served) -> None:
    town, page = served.town, seat.page
    page.clock.install()
    town.warn(level="red")
    seat.log_in()
    expect(page.get_by_role("link", name="已应答 1")).to_have_count(0)
    town.press("1", WEST_LEADER)
    page.clock.run_for(5_000)
    expect(page.get_by_role("link", name="已应答 1")).to_be_visible()


def test_whoever_uses_the_keyboard_keeps_the_place(seat: Seat, served: Served) -> None:
    town, page = served.town, seat.page
    page.clock.install()
    town.warn(level="red")
    seat.log_in()
    seat.go("/broadcasts/1")
    link = page.get_by_role("link", name="马宁镇")
    link.focus()
    town.press("1", WEST_LEADER)
    page.clock.run_for(5_000)
    expect(page.get_by_role("link", name="1 已应答").first).to_be_visible()
    expect(link).to_be_focused()
    skip = page.get_by_role("link", name="跳到下一步")
    skip.focus()
    for phone in (EAST_LEADER, SOUTH_LEADER):
        town.press("1", phone)
    page.clock.run_for(5_000)
    expect(skip).to_have_count(0)
    assert page.evaluate("document.activeElement.matches('[data-refresh]')")


def test_what_was_scrolled_stays_where_it_was(seat: Seat, served: Served) -> None:
    town, page = served.town, seat.page
    page.clock.install()
    town.warn(level="red")
    seat.log_in()
    seat.go("/broadcasts/1")
    page.set_viewport_size({"width": 200, "height": 700})  # so that the table is wider
    table = page.locator("[data-refresh] .scroll")
    table.evaluate("it => it.scrollTo(15, 0)")
    assert table.evaluate("it => it.scrollLeft") == 15
    town.press("1", WEST_LEADER)
    page.clock.run_for(5_000)
    expect(page.get_by_role("link", name="1 已应答").first).to_be_visible()
    assert page.locator("[data-refresh] .scroll").evaluate("it => it.scrollLeft") == 15


def test_ringing_by_hand_and_the_list_of_the_unreached(seat: Seat, served: Served) -> None:
    town, page = served.town, seat.page
    town.warn(level="red")
    town.tick(minutes=40)
    seat.log_in()
    seat.look("now-unreached")
    page.goto(f"{seat.url}/broadcasts/1")
    seat.look("unreached")
    page.goto(f"{seat.url}/broadcasts/1/calllist")
    seat.look("calllist")
    page.goto(f"{seat.url}/broadcasts/1/grids")
    seat.look("grids")
    page.goto(f"{seat.url}/broadcasts")
    seat.look("broadcasts")


def test_what_was_started_is_looked_at_by_hand(seat: Seat, served: Served) -> None:
    page = seat.page
    served.town.warn(level="red")
    served.town.notice("今晚演练，请回复", WEST, EAST, mode="drill")
    served.town.tick()
    seat.log_in()
    page.goto(f"{seat.url}/broadcasts/2")
    expect(page.get_by_text("这不是真实预警")).to_be_visible()
    page.goto(f"{seat.url}/manual")
    seat.look("manual")
    page.goto(f"{seat.url}/alerts/1")
    seat.look("alert")


def test_without_a_script_the_page_still_works(browser: Browser, served: Served) -> None:
    served.town.warn(level="red")
    context = browser.new_context(java_script_enabled=False)
    seat = Seat(context.new_page(), served.url, Path())
    seat.log_in()
    refresh = seat.page.locator("meta[http-equiv=refresh]")
    expect(refresh).to_have_attribute("content", "15")
    seat.page.get_by_role("link", name="怀集县气象台发布寒冷红色预警信号").last.click()
    expect(seat.page.get_by_text("各镇街进度")).to_be_visible()
    context.close()


def test_the_script_is_copied_by_a_button(seat: Seat, served: Served) -> None:
    served.town.warn()
    seat.log_in()
    seat.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    seat.page.goto(f"{seat.url}/broadcasts/1")
    part = seat.page.locator("#script-script-zh")
    part.get_by_role("button", name="复制").click()
    expect(part.get_by_role("button", name="已复制")).to_be_visible()
    copied = seat.page.evaluate("navigator.clipboard.readText()")
    assert copied == part.locator(".say").text_content()


@pytest.mark.parametrize(("language", "most"), [("zh", 56), ("en", 120)])
def test_a_person_is_two_lines_at_most(
    browser: Browser, served: Served, language: str, most: int
) -> None:
    """English words take more."""
    served.town.warn(level="red")
    served.town.report(served.town.voice, WEST_LEADER, "no_answer")
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    seat = Seat(context.new_page(), served.url, Path())
    seat.log_in()
    if language == "en":
        seat.page.get_by_role("button", name="English").click()
    seat.go("/broadcasts/1/people?state=unanswered")
    rows = seat.page.locator("tbody tr")
    assert rows.count() > 5
    assert max(one.bounding_box()["height"] for one in rows.all()) < most
    card = seat.page.locator(".card.scroll")
    assert card.evaluate("it => it.scrollWidth - it.clientWidth") <= 0
    context.close()
