"""Two offices warn of one place while nobody has confirmed either: it is told once."""

from collections.abc import Iterator

import pytest

from alertcast.dispatch import desk
from tests.stories.town import (
    COUNTY_DESK,
    EAST_LEADER,
    IN_EAST,
    IN_WEST,
    SOUTH_LEADER,
    WEST_LEADER,
    Town,
    phones,
)


@pytest.fixture
def careful(town: Town) -> Iterator[Town]:
    """A town in which nobody is told of anything before it is confirmed."""
    town.limit_people(1)
    return town


def told(town: Town, phone: str = EAST_LEADER) -> int:
    return phones(town.sms).count(phone)


def test_red_of_two_offices_goes_out_once_by_the_clock(careful: Town) -> None:
    careful.warn(IN_EAST, "red", source="county")
    careful.tick(minutes=1)
    careful.warn(IN_EAST, "red", source="city")
    assert told(careful) == 0
    careful.tick(minutes=10)
    assert told(careful) == 1


def test_confirmed_both_it_goes_out_once(careful: Town) -> None:
    careful.warn(IN_EAST, "orange", source="county")
    careful.warn(IN_EAST, "orange", source="city")
    careful.press_1(COUNTY_DESK)  # of the call that came last
    careful.tick(minutes=5)
    for broadcast_id in range(1, careful.last + 1):
        desk.approve(careful.world, broadcast_id, "li", careful.now)
    careful.tick()
    assert told(careful) == 1


def test_they_are_one_episode_and_end_together(careful: Town) -> None:
    first = careful.warn(IN_EAST, "red", source="county")
    second = careful.warn(IN_EAST, "red", source="city")
    careful.tick(minutes=10)
    assert careful.decision(careful.lift(first).identifier)[0] == "ended"
    assert careful.decision(careful.lift(second).identifier)[0] == "all_clear"
    assert told(careful) == 2


def test_the_grids_that_only_one_of_them_names_are_told_all_the_same(careful: Town) -> None:
    careful.warn(IN_EAST, "red", source="county")
    careful.warn([(IN_EAST, "red"), (IN_WEST, "red")], source="city")
    careful.tick(minutes=10)
    assert told(careful) == 1
    assert told(careful, WEST_LEADER) == 1


def test_a_higher_one_is_told_after_the_lower(careful: Town) -> None:
    careful.warn(IN_EAST, "orange", source="county")
    careful.warn(IN_EAST, "red", source="city")
    careful.tick(minutes=10)
    assert told(careful) == 1
    for broadcast_id in range(1, careful.last + 1):
        desk.approve(careful.world, broadcast_id, "li", careful.now)
    careful.tick(minutes=1)
    assert told(careful) == 1, "orange says nothing new to who was told red"


def test_what_is_told_without_a_question_leaves_nothing_to_the_one_that_waits(
    careful: Town,
) -> None:
    careful.warn(IN_EAST, "red", source="county")
    careful.limit_people(0)
    careful.warn(IN_EAST, "red", source="city")
    assert told(careful) == 1
    careful.tick(minutes=10)
    assert told(careful) == 1


def test_a_rise_that_waits_is_told_though_what_was_lower_was_told_meanwhile(careful: Town) -> None:
    careful.warn(IN_EAST, "red", source="county")
    careful.limit_people(0)
    careful.warn(IN_EAST, "orange", source="city")
    before = told(careful)
    careful.tick(minutes=10)
    assert told(careful) == before + 1


def test_one_that_was_stopped_keeps_the_other_from_nothing(careful: Town) -> None:
    careful.warn(IN_EAST, "red", source="county")
    first = careful.last
    careful.limit_people(0)
    careful.warn(IN_EAST, "red", source="city")
    careful.stop()
    assert careful.last != first
    careful.tick(minutes=10)
    assert told(careful) == 2


def test_a_refusal_stops_what_the_clock_let_go_and_what_waits(careful: Town) -> None:
    warned = careful.warn([(IN_EAST, "red"), (IN_WEST, "orange")])
    careful.tick(minutes=4)
    assert (told(careful), told(careful, WEST_LEADER)) == (1, 0)
    assert "不下发" in careful.press("2", COUNTY_DESK)
    careful.tick(minutes=30)
    assert (told(careful), told(careful, WEST_LEADER)) == (1, 0)
    assert careful.decision(warned.identifier)[0] == "refused"
    states = [careful.broadcast(one).state for one in (2, 3)]
    assert states == ["cancelled", "cancelled"]


def test_agreed_to_after_the_clock_a_later_refusal_changes_nothing(careful: Town) -> None:
    careful.warn([(IN_EAST, "red"), (IN_WEST, "orange")])
    careful.tick(minutes=4)
    assert desk.approve(careful.world, 3, "li", careful.now)
    assert "没有改变什么" in careful.press("2", COUNTY_DESK)
    assert told(careful, WEST_LEADER) == 1
    assert [careful.broadcast(one).state for one in (2, 3)] == ["running", "running"]
    assert SOUTH_LEADER not in phones(careful.sms)
