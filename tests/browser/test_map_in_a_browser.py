"""The map is drawn from our own layer, follows what happens, and says in words what it colours."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Served
from tests.browser.seat import Seat
from tests.stories.town import IN_EAST, IN_WEST, WEST_LEADER


def cells(page: Page, look: str) -> int:
    return page.locator(f".map path[fill='url(#{look})']").count()


def key(page: Page, name: str) -> str:
    """Return how many grids the legend says look so; "" if it does not name the look."""
    item = page.locator(f"[data-key={name}]")
    return item.locator("b").inner_text() if item.is_visible() else ""


def test_the_first_page_shows_levels_and_answers(seat: Seat, served: Served) -> None:
    town, page = served.town, seat.page
    town.warn([(IN_WEST, "red"), (IN_EAST, "orange")])
    town.press("1", WEST_LEADER)
    seat.log_in()
    seat.go("/")
    assert (cells(page, "level-red"), cells(page, "level-orange")) == (1, 1)
    assert (key(page, "red"), key(page, "orange"), key(page, "yellow")) == ("1", "1", "")
    seat.look("map-levels")
    page.get_by_label("按应答").check()
    assert (cells(page, "state-answered"), cells(page, "state-open")) == (1, 1)
    assert (key(page, "answered"), key(page, "open"), key(page, "red")) == ("1", "1", "")
    seat.look("map-answers")


def test_the_map_follows_what_happens(seat: Seat, served: Served) -> None:
    town, page = served.town, seat.page
    page.clock.install()
    town.warn(level="red")
    seat.log_in()
    seat.go("/broadcasts/1")
    assert cells(page, "state-answered") == 0
    town.press("1", WEST_LEADER)
    page.clock.run_for(5_000)
    expect(page.locator(".map path[fill='url(#state-answered)']")).to_have_count(1)
    assert key(page, "answered") == "1"


def test_a_grid_says_its_name_level_and_answer(seat: Seat, served: Served) -> None:
    town, page = served.town, seat.page
    town.warn(IN_WEST, "red")
    town.press("2", WEST_LEADER)
    seat.log_in()
    seat.go("/broadcasts/1")
    page.locator(".map path[fill='url(#state-help)']").click()
    link = page.locator(".leaflet-popup-content").get_by_role("link")
    expect(link).to_have_text("冷坑镇西村 · 红色 · 求助")
    link.click()
    expect(page.locator("tbody tr")).to_have_count(1)


def test_the_map_needs_no_mouse(seat: Seat, served: Served) -> None:
    served.town.warn(level="red")
    seat.log_in()
    seat.go("/")
    box = seat.page.get_by_role("region", name="网格地图").locator("css=.leaflet-map-pane")
    before = box.evaluate("pane => pane.getBoundingClientRect().x")
    seat.page.get_by_role("region", name="网格地图").focus()
    seat.page.keyboard.press("ArrowRight")
    seat.page.wait_for_function(
        "x => document.querySelector('.leaflet-map-pane').getBoundingClientRect().x !== x",
        arg=before,
    )


@pytest.mark.parametrize("path", ["/", "/broadcasts/1", "/broadcasts/1/grids"])
def test_pages_with_a_map_are_for_everybody(seat: Seat, served: Served, path: str) -> None:
    served.town.warn(level="red")
    served.town.press("2", WEST_LEADER)
    seat.log_in()
    seat.go(path)
    seat.is_for_everybody()


def test_without_a_script_the_table_is_there(browser: Browser, served: Served) -> None:
    served.town.warn(level="red")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    seat = Seat(page, served.url, served.town.folder)
    seat.log_in()
    page.goto(f"{served.url}/broadcasts/1")
    page.get_by_role("link", name="同样的内容见表格").click()
    expect(page.get_by_role("row").filter(has_text="西村")).to_be_visible()
    context.close()
