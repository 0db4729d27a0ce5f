"""The page of the stations at a desk and on a telephone: who is open, and an officer's word."""

from playwright.sync_api import expect

from alertcast.core.roster import Station
from alertcast.store import people, stations
from tests.browser.conftest import Served
from tests.browser.seat import Seat
from tests.stories.town import EAST, IN_EAST, SOUTH

KEEPER = "+8613800000061"


def test_an_officer_reads_who_answered_and_writes_down_the_rest(seat: Seat, served: Served) -> None:
    town = served.town
    found = [
        Station("S1", "东村驿站", EAST, "陈某", KEEPER, "18:00-08:00", True, 1.5, 0.5),
        Station("S2", "东村党群服务中心驿站", EAST, "李某", "+8613800000062", "全天", False),
        Station("S3", "南村驿站", SOUTH, "王某", "+8613800000063", "08:00-22:00", True),
    ]
    with town.db.write() as tx:
        roster = people.active_roster(tx)
        assert roster is not None
        stations.replace(tx, town.db.vault, roster["id"], found)
    town.warn(IN_EAST, "red")
    town.press_1(KEEPER)
    seat.log_in()
    seat.go("/roster")
    seat.page.get_by_role("link", name="驿站").click()
    expect(seat.page.get_by_role("link", name="已询问，未答复 1")).to_be_visible()
    seat.look("stations")
    seat.is_for_everybody()
    seat.page.get_by_role("button", name="东村党群服务中心驿站 不开放").click()
    seat.page.get_by_role("button", name="不开放").click()
    expect(seat.page.get_by_role("status")).to_contain_text("已登记")
    expect(seat.page.get_by_role("link", name="今晚不开放 1")).to_be_visible()
    seat.look("written down")
    seat.page.get_by_role("link", name="今晚开放 1").click()
    expect(seat.page.get_by_role("row", name="东村驿站")).to_contain_text("负责人按键")
