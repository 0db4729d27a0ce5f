"""A warning over the map becomes the right people, once each."""

from tests.stories.seen import EAST, SOUTH, WEST
from tests.stories.town import (
    COUNTY_DESK,
    EAST_DEPUTY,
    EAST_LEADER,
    EAST_SECRETARY,
    HEAD,
    IN_EAST,
    IN_SOUTH,
    IN_WEST,
    NOWHERE,
    SOUTH_LEADER,
    TOWN,
    TOWN_DESK,
    TOWN_LEADER,
    WEST_LEADER,
    WEST_SECRETARY,
    Town,
    phones,
)


def test_only_the_touched_grid_is_told(town: Town) -> None:
    town.warn(over=IN_EAST)
    assert sorted(phones(town.sms)) == [EAST_LEADER, EAST_SECRETARY]
    assert "东村" in town.sms.outbox[0].text


def test_a_warning_that_touches_nothing_tells_nobody_and_says_so(town: Town) -> None:
    warned = town.warn(over=NOWHERE)
    assert phones(town.sms) == []
    assert town.decision(warned.identifier)[0] == "no_grid"


def test_a_warning_below_the_threshold_tells_nobody_and_says_so(town: Town) -> None:
    warned = town.warn(level="blue")
    assert phones(town.sms) == []
    assert town.decision(warned.identifier)[0] == "below_threshold"


def test_an_unknown_hazard_is_held_for_the_officer(town: Town) -> None:
    warned = town.warn(event="陨石", headline="怀集县气象台发布陨石橙色预警信号")
    assert phones(town.sms) == []
    decision, why = town.decision(warned.identifier)
    assert decision == "held"
    assert "灾种" in why


def test_red_in_one_town_and_orange_in_the_next(town: Town) -> None:
    town.warn(over=[(IN_WEST, "red"), (IN_SOUTH, "orange")])
    assert town.levels() == {"西村": "red", "南村": "orange"}
    assert set(phones(town.voice)) == {WEST_LEADER, WEST_SECRETARY, TOWN_LEADER, HEAD}
    texts = {one.phone: one.text for one in town.sms.outbox}
    assert "寒冷红色" in texts[WEST_LEADER]
    assert "寒冷橙色" in texts[SOUTH_LEADER]


def test_overlapping_levels_call_a_grid_at_the_highest(town: Town) -> None:
    town.warn(over=[(IN_WEST, "orange"), (IN_WEST, "red")])
    assert town.levels() == {"西村": "red"}


def test_a_man_with_three_grids_is_rung_once_and_one_key_answers_for_all(town: Town) -> None:
    town.settle_in((EAST_LEADER, "branch_leader", place) for place in (WEST, EAST, SOUTH))
    town.warn()
    assert phones(town.sms) == [EAST_LEADER]
    assert all(name in town.sms.outbox[0].text for name in ("西村", "东村", "南村"))
    town.tick(minutes=10)
    assert phones(town.voice) == [EAST_LEADER]
    town.press_1(EAST_LEADER)
    assert set(town.states().values()) == {"answered"}


def test_a_man_with_a_red_and_an_orange_grid_gets_one_text_at_the_higher_level(town: Town) -> None:
    town.settle_in((EAST_LEADER, "branch_leader", place) for place in (WEST, SOUTH))
    town.warn(over=[(IN_SOUTH, "orange"), (IN_WEST, "red")])
    (only,) = town.sms.outbox
    assert "寒冷红色" in only.text
    assert "红色：冷坑镇西村；橙色：马宁镇南村" in only.text


def test_two_people_with_one_telephone_are_rung_once_and_answer_together(town: Town) -> None:
    town.enrol_sharing_one_phone()
    town.warn(over=IN_WEST)
    assert phones(town.sms) == [WEST_LEADER]
    town.tick(minutes=10)
    assert phones(town.voice) == [WEST_LEADER]
    town.press_1(WEST_LEADER)
    assert town.answers() == [(WEST_LEADER, "key", "1")] * 2


def test_a_man_who_is_leader_and_deputy_is_told_again_on_the_deputys_rung(town: Town) -> None:
    town.settle_in([(WEST_LEADER, "branch_leader", WEST), (WEST_LEADER, "deputy", WEST)])
    town.warn(over=IN_WEST)
    town.tick(minutes=10)
    for _ in range(3):
        town.report(town.voice, WEST_LEADER, "no_answer")
        town.tick(minutes=3)
    town.tick(minutes=2)
    assert phones(town.sms) == [WEST_LEADER] * 2
    assert phones(town.voice) == [WEST_LEADER] * 4
    town.press_1(WEST_LEADER)
    assert town.states() == {"西村": "answered"}


def test_a_grid_without_people_is_on_the_list_of_the_unreached_at_once(town: Town) -> None:
    town.settle_in([(EAST_LEADER, "branch_leader", EAST)])
    town.warn()
    assert town.states() == {"西村": "unreached", "东村": "open", "南村": "unreached"}


def test_the_duty_desks_of_a_grid_without_people_are_called_when_it_is_red(town: Town) -> None:
    town.settle_in([(TOWN_DESK, "town_desk", TOWN), (COUNTY_DESK, "county_desk", "441224")])
    town.warn(over=IN_WEST, level="red")
    assert phones(town.voice) == [TOWN_DESK]
    town.tick(minutes=3)
    assert phones(town.voice) == [TOWN_DESK, COUNTY_DESK]


def test_an_empty_rung_is_passed_at_once(town: Town) -> None:
    town.settle_in([(EAST_DEPUTY, "deputy", EAST)])
    town.warn(over=IN_EAST)
    assert phones(town.sms) == [EAST_DEPUTY]
    assert phones(town.voice) == [EAST_DEPUTY]
