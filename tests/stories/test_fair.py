"""A slow channel carries several broadcasts at once: by severity, and among equals in turn."""

from alertcast.channels.base import ChannelSettings
from tests.stories.seen import EAST, SOUTH, WEST
from tests.stories.town import (
    COUNTY,
    EAST_LEADER,
    HEAD,
    IN_EAST,
    SOUTH_LEADER,
    TOWN,
    TOWN_DESK,
    WEST_DEPUTY,
    WEST_LEADER,
    WEST_SECRETARY,
    Town,
    phones,
)


def crawling(town: Town) -> None:
    """One message at a time: what leaves first is what was to leave first."""
    town.sms.settings = ChannelSettings(type="memory", rate=0.001, burst=1)


def many_and_few(town: Town) -> None:
    town.settle_in(
        [
            (WEST_LEADER, "branch_leader", WEST),
            (WEST_SECRETARY, "first_secretary", WEST),
            (WEST_DEPUTY, "branch_leader", WEST),
            (HEAD, "sanfang_head", COUNTY),
            (TOWN_DESK, "town_desk", TOWN),
            (EAST_LEADER, "branch_leader", EAST),
            (SOUTH_LEADER, "branch_leader", SOUTH),
        ]
    )


def test_a_small_notice_does_not_wait_behind_a_large_one(town: Town) -> None:
    many_and_few(town)
    crawling(town)
    town.notice("请核对值班电话。", WEST, key="large")
    town.notice("请关好窗户。", SOUTH, key="small")
    for _ in range(3):
        town.rest(seconds=1100)
    assert SOUTH_LEADER in phones(town.sms)[:3]
    assert {WEST_LEADER, WEST_SECRETARY, WEST_DEPUTY} > set(phones(town.sms)[:3]) - {SOUTH_LEADER}


def test_severity_goes_before_fairness(town: Town) -> None:
    many_and_few(town)
    crawling(town)
    town.notice("请核对值班电话。", WEST, key="first")
    town.warn(over=IN_EAST, level="red")
    town.rest(seconds=1100)
    town.rest(seconds=1100)
    told = phones(town.sms)
    assert set(told[1:3]) <= {EAST_LEADER, HEAD}
