"""A notice is drawn, looked at and confirmed; nothing wide is told by mistake, no drill as live."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import Served
from tests.browser.seat import Seat
from tests.stories.town import EAST_LEADER, TOWN_LEADER, WEST_LEADER, phones
from tests.web.site import PASSWORD


def write(page: Page, text: str, mode: str = "正式") -> None:
    page.get_by_role("textbox", name="内容").fill(text)
    page.get_by_label(mode, exact=True).check()


def contrast(band: Locator) -> tuple[float, float]:
    """Return the least contrast of the words of a striped band, and how light its stripes are."""
    style = band.evaluate("e => [getComputedStyle(e).color, getComputedStyle(e).backgroundImage]")
    (words,), stripes = ([light(one) for one in re.findall(r"rgb\(.+?\)", part)] for part in style)
    assert stripes
    ratios = [(max(words, one) + 0.05) / (min(words, one) + 0.05) for one in stripes]
    return min(ratios), max(stripes)


def light(rgb: str) -> float:
    """Return the relative luminance of a colour, as WCAG defines it."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", rgb)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def the_map(page: Page) -> Locator:
    return page.get_by_role("region", name="网格地图")


def corners_of_two_grids(page: Page) -> tuple[list[float], list[float]]:
    """Return two opposite corners of a rectangle on the map that touches two of the three grids."""
    box = the_map(page)
    box.scroll_into_view_if_needed()
    west, east = (box.locator("path.cell").nth(n).bounding_box() for n in (0, 1))
    assert west is not None
    assert east is not None
    return [west["x"] + 12, west["y"] + 12], [east["x"] + east["width"] - 12, east["y"] + 40]


def look_first(page: Page) -> None:
    page.get_by_role("button", name="先看看会发生什么").click()
    expect(page.get_by_text("还没有发出任何消息")).to_be_visible()


def test_a_notice_for_a_drawn_area_is_approved_by_a_second_officer(
    seat: Seat, served: Served, browser: Browser
) -> None:
    town, page = served.town, seat.page
    town.need_a_second_person(1)
    served.site.restart()
    seat.log_in()
    seat.go("/start")
    write(page, "今晚降温，请清点被褥")
    page.get_by_role("button", name="画矩形").click()
    for corner in corners_of_two_grids(page):
        page.mouse.click(*corner)
    expect(the_map(page).locator("path.drawing")).to_have_count(1)
    seat.look("drawn")
    look_first(page)
    expect(page.locator("[data-key=chosen] b")).to_have_text("2")
    expect(page.get_by_text("提交后等第二人")).to_be_visible()
    seat.look("preview")
    page.get_by_label("已核对").check()
    page.get_by_role("button", name="提交，请第二人确认").click()
    expect(page.get_by_text("请带班领导确认")).to_be_visible()
    assert phones(town.sms) == []
    seat.look("waits")

    other = Seat(
        browser.new_context(viewport=page.viewport_size).new_page(), seat.url, seat.pictures
    )
    other.log_in("approver")
    other.page.get_by_role("link", name="查看并确认").click()
    other.page.get_by_role("button", name="确认下发").click()
    expect(other.page.get_by_role("heading", name="确认下发？")).to_be_visible()
    seat.look("approve")
    other.page.get_by_role("button", name="确认下发").click()
    expect(other.page.get_by_text("已确认，开始叫应")).to_be_visible()
    other.page.context.close()
    town.tick()
    assert EAST_LEADER in phones(town.sms)
    assert TOWN_LEADER not in phones(town.sms)


def test_a_rectangle_is_dragged(seat: Seat) -> None:
    page = seat.page
    seat.log_in()
    seat.go("/start")
    write(page, "今晚降温，请清点被褥")
    before, after = corners_of_two_grids(page)
    page.get_by_role("button", name="画矩形").click()
    page.mouse.move(*before)
    page.mouse.down()
    page.mouse.move(*[(one + other) / 2 for one, other in zip(before, after, strict=True)])
    expect(the_map(page).locator("path.drawing")).to_have_count(1)  # it is seen while it grows
    page.mouse.move(*after)
    page.mouse.up()
    expect(the_map(page).locator("path.drawing")).to_have_count(1)
    expect(page.get_by_role("button", name="画矩形")).to_have_attribute("aria-pressed", "false")
    look_first(page)
    expect(page.locator("[data-key=chosen] b")).to_have_text("2")


def test_a_drag_that_leaves_the_map_draws_nothing_afterwards(seat: Seat, served: Served) -> None:
    page = seat.page
    seat.log_in()
    seat.go("/start")
    the_map(page).scroll_into_view_if_needed()
    frame = the_map(page).bounding_box()
    assert frame is not None
    edge, middle = frame["x"] + 3, frame["y"] + frame["height"] / 2
    page.get_by_role("button", name="画矩形").click()
    page.mouse.move(edge, middle)
    page.mouse.down()
    page.mouse.move(edge - 8, middle)
    page.mouse.up()
    page.mouse.move(edge + 100, middle + 50)
    page.mouse.move(edge + 200, middle + 80)
    expect(the_map(page).locator("path.drawing")).to_have_count(0)


def test_a_finger_drags_a_rectangle_and_scrolls_nothing(browser: Browser, served: Served) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 800}, has_touch=True)
    seat = Seat(context.new_page(), served.url, Path())
    page = seat.page
    seat.log_in()
    seat.go("/start")
    write(page, "今晚降温，请清点被褥")
    the_map(page).scroll_into_view_if_needed()
    page.get_by_role("button", name="画矩形").tap()
    before, after = corners_of_two_grids(page)
    at = page.evaluate("scrollY")
    finger = context.new_cdp_session(page)
    for kind, places in [
        ("touchStart", [before]),
        ("touchMove", [[(one + other) / 2 for one, other in zip(before, after, strict=True)]]),
        ("touchMove", [after]),
        ("touchEnd", []),
    ]:
        points = [{"x": x, "y": y} for x, y in places]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    expect(the_map(page).locator("path.drawing")).to_have_count(1)
    assert page.evaluate("scrollY") == at
    look_first(page)
    expect(page.locator("[data-key=chosen] b")).to_have_text("2")
    context.close()


def test_what_confirms_is_in_sight_at_once(seat: Seat) -> None:
    page = seat.page
    seat.log_in()
    seat.go("/start")
    write(page, "今晚降温")
    page.get_by_label("全县（区）").check()
    look_first(page)
    bar = page.locator(".confirm-bar")
    for said in (bar.get_by_text("5 人（3 个网格）"), bar.get_by_role("button", name="正式下发")):
        expect(said).to_be_in_viewport(ratio=1)
    expect(bar.get_by_label("请输入“怀集县”确认")).to_be_in_viewport(ratio=1)
    assert bar.bounding_box()["height"] < page.viewport_size["height"] / 2
    page.keyboard.press("End")
    expect(page.locator("footer")).to_be_in_viewport(ratio=0.98)  # it covers nothing for good


def test_the_red_bar_does_not_hide_what_confirms(seat: Seat, served: Served) -> None:
    page = seat.page
    served.town.warn(level="red")
    served.town.press("2", WEST_LEADER)
    seat.log_in()
    seat.go("/start")
    write(page, "今晚降温", "演练")
    page.get_by_label("冷坑镇").check()
    look_first(page)
    expect(page.get_by_text("有新的红色事项")).to_be_in_viewport(ratio=1)
    for name in ("开始演练", "返回修改"):
        page.get_by_role("button", name=name).click(trial=True)


def test_what_is_ticked_is_large_enough_for_a_thumb(seat: Seat) -> None:
    seat.log_in()
    seat.go("/start")
    ticks = seat.page.locator("label:has(input[name=place]:visible), label:has(input[name=mode])")
    assert ticks.count() > 3
    if seat.page.viewport_size["width"] < 640:
        low = [one.inner_text() for one in ticks.all() if one.bounding_box()["height"] < 44]
        assert low == []


def test_a_county_is_not_told_by_mistake(seat: Seat, served: Served) -> None:
    page = seat.page
    seat.log_in()
    seat.go("/start")
    write(page, "今晚降温")
    page.get_by_label("全县（区）").check()
    look_first(page)
    button = page.get_by_role("button", name="正式下发")
    button.click()  # the browser wants the field
    expect(page.get_by_role("heading", name="核对后下发")).to_be_visible()
    page.get_by_label("请输入“怀集县”确认").fill("怀集")
    button.click()
    expect(page.get_by_text("还没有下发：请输入“怀集县”。")).to_be_visible()
    assert served.town.count() == 0
    seat.look("refused")
    page.get_by_label("请输入“怀集县”确认").fill("怀集县")
    button.dblclick()
    page.wait_for_url(re.compile("/broadcasts/"))
    assert served.town.count() == 1
    assert len(served.site.recorded("start")) == 1


def test_a_second_county_is_not_told_by_mistake(seat: Seat, served: Served) -> None:
    page = seat.page
    served.town.draw_another_county()
    seat.log_in()
    seat.go("/start")
    write(page, "今晚降温")
    for county in ("广宁县", "怀集县"):
        page.locator("summary").filter(has_text=county).click()
        page.locator("details").filter(has_text=county).get_by_label("全县（区）").check()
    look_first(page)
    expect(page.locator("#go")).to_contain_text("广宁县（南街镇）、怀集县（冷坑镇、马宁镇）")
    field = page.get_by_label("请输入“广宁县、怀集县”确认")
    field.fill("怀集县")
    page.get_by_role("button", name="正式下发").click()
    expect(page.get_by_text("还没有下发：请输入“广宁县、怀集县”。")).to_be_visible()
    assert served.town.count() == 0
    seat.look("two-counties")
    field.fill("广宁县 怀集县")
    page.get_by_role("button", name="正式下发").click()
    page.wait_for_url(re.compile("/broadcasts/"))
    assert served.town.count() == 1


def test_a_drill_can_not_be_taken_for_live(seat: Seat, served: Served) -> None:
    page = seat.page
    served.town.add_drill_channels()
    served.site.restart()
    seat.log_in()
    seat.go("/start")
    write(page, "今晚演练，请回复", "演练")
    page.get_by_label("冷坑镇").check()
    look_first(page)
    ratio, lightest = contrast(page.locator(".world-drill"))
    assert ratio >= 4.5
    assert lightest > 0.7, "calm: pale"
    for _ in range(2):
        expect(page.locator(".world-drill")).to_have_text(re.compile("^演练 · 这不是真实预警"))
        expect(page).to_have_title(re.compile(r"\[演练\]"))
        expect(page.locator(".world-live")).to_have_count(0)
        seat.look("drill")
        if page.get_by_role("button", name="开始演练").count():
            page.get_by_role("button", name="开始演练").click()
            page.wait_for_url(re.compile("/broadcasts/"))
    served.town.tick()
    texts = [one.text for channel in served.town.channels[2:] for one in channel.outbox]
    assert texts
    assert all(text.startswith("演练。") and text.endswith("演练") for text in texts)


def test_a_drill_of_a_county_takes_its_name(seat: Seat, served: Served) -> None:
    page = seat.page
    served.town.add_drill_channels()
    served.site.restart()
    seat.log_in()
    seat.go("/start")
    write(page, "今晚演练，请回复", "演练")
    page.get_by_label("全县（区）").check()
    look_first(page)
    page.get_by_role("button", name="开始演练").click()  # the browser wants the field
    expect(page.get_by_role("heading", name="核对后下发")).to_be_visible()
    seat.look("wide-drill")
    seat.is_for_everybody()
    page.get_by_label("请输入“怀集县”确认").fill("怀集县")
    page.get_by_role("button", name="开始演练").click()
    page.wait_for_url(re.compile("/broadcasts/"))
    assert served.town.broadcast().mode == "drill"


def test_live_can_not_be_taken_for_a_drill(seat: Seat, served: Served) -> None:
    page = seat.page
    seat.log_in()
    seat.go("/start")
    write(page, "今晚降温")
    page.get_by_label("冷坑镇").check()
    look_first(page)
    band = page.locator(".world-live")
    expect(band).to_have_text(re.compile("^正式：确认后发往真实的人"))
    ratio, lightest = contrast(band)
    assert ratio >= 4.5
    assert lightest < 0.2, "loud: dark danger, beside the pale drill"
    seat.look("live")
    expect(page.locator(".world-drill")).to_have_count(0)
    assert "演练" not in page.title()
    assert "演练" not in page.locator(".say").first.inner_text()


def test_grids_are_picked_on_the_map(seat: Seat, served: Served) -> None:
    page = seat.page
    seat.log_in()
    seat.go("/start")
    write(page, "今晚降温")
    page.get_by_role("button", name="点选网格").click()
    the_map(page).locator("path.cell").first.click()
    expect(page.get_by_label("冷坑镇西村")).to_be_checked()
    expect(the_map(page).locator("path.cell-chosen")).to_have_count(1)
    the_map(page).locator("path.cell:not(.cell-chosen)").first.click()
    page.get_by_label("冷坑镇西村").uncheck()
    expect(the_map(page).locator("path.cell-chosen")).to_have_count(1)
    look_first(page)
    expect(page.locator("#go input[name=codes]")).to_have_value("441224101002")


def test_only_a_part_of_an_alert_is_started(seat: Seat, served: Served) -> None:
    town, page = served.town, seat.page
    town.configure(dispatch={"automatic": False})
    town.warn(level="red")
    served.site.restart()
    seat.log_in()
    page.goto(f"{seat.url}/alerts/1")
    page.get_by_role("button", name="全不选").click()
    page.get_by_text("只叫应其中一部分").click()
    expect(page.locator(".map path[fill='url(#level-red)']")).to_have_count(3)
    page.get_by_role("button", name="点选网格").click()
    the_map(page).locator("path.cell").nth(1).click()
    seat.look("part")
    page.get_by_label("正式", exact=True).check()
    look_first(page)
    page.get_by_label("已核对").check()
    page.get_by_role("button", name="正式下发").click()
    page.wait_for_url(re.compile("/broadcasts/"))
    assert town.states() == {"东村": "open"}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_pages_are_for_everybody(seat: Seat, served: Served, language: str) -> None:
    page = seat.page
    seat.log_in()
    if language == "en":
        page.get_by_role("button", name="English").click()
    seat.go("/start")
    seat.is_for_everybody()
    page.locator("textarea[name=text]").fill("今晚降温")
    page.locator("input[name=mode][value=live]").check()
    page.locator("input[name=place]").first.check()
    page.locator("#notice button.primary").click()
    expect(page.locator("#go")).to_be_visible()
    seat.look(f"preview-{language}")
    seat.is_for_everybody()
    assert PASSWORD not in page.content()
