"""A rung may need one answer, all of them, or a number."""

from tests.stories.seen import EAST
from tests.stories.town import EAST_DEPUTY, EAST_LEADER, EAST_SECRETARY, IN_EAST, Town, phones

THREE = (
    (EAST_LEADER, "branch_leader", EAST),
    (EAST_SECRETARY, "first_secretary", EAST),
    (EAST_DEPUTY, "first_secretary", EAST),
)


def test_all_must_answer_and_one_does(town: Town) -> None:
    town.change_every_need("orange", "all")
    town.warn(over=IN_EAST)
    town.tick(minutes=10)
    town.press_1(EAST_LEADER)
    assert town.states() == {"东村": "open"}
    town.report(town.voice, EAST_SECRETARY, "busy")
    town.tick(minutes=3)
    assert phones(town.voice) == [EAST_LEADER, EAST_SECRETARY, EAST_SECRETARY]
    town.press_1(EAST_SECRETARY)
    assert town.states() == {"东村": "answered"}


def test_at_least_two_of_three_must_answer(town: Town) -> None:
    town.settle_in(THREE)
    town.change_every_need("orange", "2")
    town.warn(over=IN_EAST)
    town.tick(minutes=10)
    town.press_1(EAST_LEADER)
    assert town.states() == {"东村": "open"}
    town.press_1(EAST_DEPUTY)
    assert town.states() == {"东村": "answered"}


def test_more_answers_than_people_are_never_needed(town: Town) -> None:
    town.settle_in([(EAST_LEADER, "branch_leader", EAST)])
    town.change_every_need("orange", "3")
    town.warn(over=IN_EAST)
    town.tick(minutes=10)
    town.press_1(EAST_LEADER)
    assert town.states() == {"东村": "answered"}


def test_pressing_1_twice_is_one_answer(town: Town) -> None:
    town.change_every_need("orange", "all")
    town.warn(over=IN_EAST)
    town.tick(minutes=10)
    town.press_1(EAST_LEADER)
    town.press_1(EAST_LEADER)
    assert town.answers() == [(EAST_LEADER, "key", "1")]
    assert town.states() == {"东村": "open"}


def test_who_has_answered_aloud_is_not_called_while_others_must_still_answer(town: Town) -> None:
    town.change_every_need("orange", "all")
    town.warn(over=IN_EAST)
    town.tick(minutes=10)
    town.report(town.voice, EAST_LEADER, "busy")
    town.write_down(EAST_LEADER)
    assert town.states() == {"东村": "open"}
    town.tick(minutes=9)
    assert phones(town.voice) == [EAST_LEADER, EAST_SECRETARY]
