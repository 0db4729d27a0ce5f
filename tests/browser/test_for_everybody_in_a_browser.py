"""Every page, as every role that sees it: axe finds nothing serious on any of them."""

from alertcast.core.access import ACTIONS
from tests.browser.conftest import Served
from tests.browser.seat import Seat
from tests.stories.town import WEST
from tests.web.addresses import addresses, story_of_a_night


def test_axe_finds_nothing_serious_on_any_page(seat: Seat, served: Served) -> None:
    town, site = served.town, served.site
    story_of_a_night(town)
    town.notice("今晚演练，请回复", WEST, mode="drill")
    seen: set[str] = set()
    for role in ("approver", "admin", "auditor"):
        seat.page.context.clear_cookies()
        seat.log_in(role)
        user = site.user(role)
        for one in addresses(site.app):
            if one.path in seen or one.method != "GET" or role not in ACTIONS[one.action]:
                continue
            answer = user.get(one.path)
            if answer.status_code == 200 and answer.text.startswith("<!doctype html>"):
                seen.add(one.path)
                seat.go(one.path)
                seat.is_for_everybody()
    assert {"/", "/broadcasts/1", "/broadcasts/1/people", "/start", "/response"} <= seen
    seat.page.context.clear_cookies()
    seat.page.goto(f"{served.url}/login")
    seat.is_for_everybody()
    assert seat.complaints == []
    seat.page.goto(f"{served.url}/nowhere")
    seat.is_for_everybody()
    seat.complaints.clear()  # of the page that is not there
