"""A second click, quick or slow, writes down nothing of anybody; the page says of whom it was."""

from playwright.sync_api import expect

from tests.browser.conftest import Served
from tests.browser.seat import Seat

SETTLING = "document.getAnimations().map((one) => { one.pause(); one.currentTime = 1200; }).length"
SETTLED = "document.getAnimations().map((one) => one.finish())"


def test_two_clicks_write_down_one_person(seat: Seat, served: Served) -> None:
    town, page = served.town, seat.page
    town.warn(level="red")
    seat.log_in()
    seat.go("/broadcasts/1/people?state=calling")
    rows = page.get_by_role("row").filter(has=page.get_by_role("button", name="已知悉"))
    before = rows.count()
    assert before > 1
    seat.look("calling")
    rows.first.get_by_role("button", name="已知悉").dblclick()
    question = page.get_by_role("heading", name="已知悉？")
    expect(question).to_contain_text("村）")
    assert town.answers() == []
    seat.look("sure")
    seat.is_for_everybody()
    meant = page.get_by_role("button", name="已知悉")
    box = meant.bounding_box()
    assert box is not None
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.reload()  # sent again, it asks again
    assert page.evaluate(SETTLING) == 1
    page.mouse.click(*middle)
    expect(question).to_be_visible()
    assert town.answers() == []
    page.evaluate(SETTLED)
    meant.click()
    expect(page.get_by_role("status")).to_contain_text("村）已知悉。")
    seat.look("said")
    page.mouse.click(*middle)  # whatever stands there now, nobody is written down by it
    assert len({phone for phone, _, _ in town.answers()}) == 1
    expect(page.get_by_role("button", name="已知悉").first).to_be_visible()


def test_the_duty_desk_is_rung_by_two_different_clicks(seat: Seat, served: Served) -> None:
    town, page = served.town, seat.page
    town.warn(level="red")
    seat.log_in()
    seat.go("/broadcasts/1/people?state=calling")
    page.get_by_role("button", name="需要支援").first.click()
    expect(page.get_by_text("打电话给值班室")).to_be_visible()
    assert town.help_requests() == []
    seat.look("sure-help")
    seat.is_for_everybody()
    page.get_by_role("button", name="需要支援").dblclick()
    expect(page.get_by_role("status").first).to_contain_text("村）")
    assert len(town.help_requests()) == 1
