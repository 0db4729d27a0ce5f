"""Nobody answers, so the ladder is climbed; somebody answers, so it stops."""

from alertcast.channels.base import Request, Sent
from alertcast.dispatch import claim, send
from tests.stories.seen import EAST
from tests.stories.town import (
    EAST_DEPUTY,
    EAST_LEADER,
    EAST_SECRETARY,
    IN_EAST,
    IN_WEST,
    TOWN,
    TOWN_DESK,
    WEST_LEADER,
    Town,
    phones,
)


def test_nobody_answers_so_both_are_phoned(town: Town) -> None:
    town.warn(over=IN_EAST)
    assert phones(town.voice) == []
    town.tick(minutes=11)
    assert sorted(phones(town.voice)) == [EAST_LEADER, EAST_SECRETARY]


def test_pressing_1_stops_the_ladder(town: Town) -> None:
    town.warn(over=IN_EAST)
    town.tick(minutes=11)
    assert "谢谢" in town.press_1(EAST_LEADER)
    assert town.states() == {"东村": "answered"}
    town.report(town.voice, EAST_SECRETARY, "no_answer")
    town.tick(minutes=60)
    assert len(town.voice.outbox) == 2


def test_the_calls_of_the_others_are_dropped_in_the_transaction_of_the_answer(town: Town) -> None:
    town.warn(over=IN_EAST)
    town.tick(minutes=10)
    town.report(town.voice, EAST_SECRETARY, "busy")
    town.answer_and_die(EAST_LEADER)
    assert town.messages(EAST_SECRETARY)[-1] == ("voice", "cancelled", "answered")


def test_who_picks_up_after_that_hears_who_has_answered(town: Town) -> None:
    town.warn(over=IN_EAST)
    town.tick(minutes=10)
    town.press_1(EAST_LEADER)
    assert "党支部书记已经应答" in town.pick_up(EAST_SECRETARY)


def test_a_call_that_is_claimed_when_the_answer_comes_is_not_made(town: Town) -> None:
    town.settle_in([(EAST_LEADER, "branch_leader", EAST)])
    town.warn(over=IN_EAST)
    town.tick(minutes=10)
    town.report(town.voice, EAST_LEADER, "busy")
    town.climb(minutes=3)
    claimed = claim.claim(town.world, "voice", "live", town.now)
    assert [one.request.phone for one in claimed] == [EAST_LEADER]
    town.answer_and_die(EAST_LEADER)
    assert send.hand_over(town.world, claimed, town.now) == 0
    town.tick(minutes=60)
    assert len(town.voice.outbox) == 1
    assert town.states() == {"东村": "answered"}


def test_a_call_that_is_being_made_when_the_answer_comes_is_the_last(town: Town) -> None:
    def meanwhile(request: Request) -> Sent:
        town.answer_and_die(EAST_LEADER)
        return town.voice.accept(request)

    town.warn(over=IN_EAST)
    town.tick(minutes=10)
    town.report(town.voice, EAST_SECRETARY, "busy")
    town.voice.answers.append(meanwhile)
    town.tick(minutes=10)
    assert phones(town.voice)[2:] == [EAST_SECRETARY]
    assert town.states() == {"东村": "answered"}
    assert "党支部书记已经应答" in town.pick_up(EAST_SECRETARY)
    town.report(town.voice, EAST_SECRETARY, "no_answer")
    town.tick(minutes=60)
    assert len(town.voice.outbox) == 3


def test_the_deputy_follows_when_neither_answered(town: Town) -> None:
    town.warn(over=IN_EAST)
    town.tick(minutes=20)
    assert EAST_DEPUTY in phones(town.sms)
    assert phones(town.voice)[-1] == EAST_DEPUTY
    town.press_1(EAST_DEPUTY)
    assert town.states() == {"东村": "answered"}


def test_whoever_is_left_at_the_end_is_unreached(town: Town) -> None:
    town.warn(over=IN_EAST)
    town.tick(minutes=27)
    assert town.states() == {"东村": "open"}
    town.tick(minutes=1)
    assert town.states() == {"东村": "unreached"}


def test_a_late_answer_moves_the_unreached_to_answered(town: Town) -> None:
    town.warn(over=IN_EAST)
    town.tick(minutes=30)
    town.press_1(EAST_SECRETARY)
    assert town.states() == {"东村": "answered"}


def test_a_town_desk_that_answers_has_not_answered_for_the_grid(town: Town) -> None:
    town.settle_in([(TOWN_DESK, "town_desk", TOWN)])
    town.warn(over=IN_EAST, level="red")
    town.press_1(TOWN_DESK)
    assert town.states() == {"东村": "open"}
    town.tick(minutes=10)
    assert town.states() == {"东村": "unreached"}
    assert town.answers() == [(TOWN_DESK, "key", "1")]


def test_red_is_called_three_times_within_five_minutes(town: Town) -> None:
    town.settle_in([(EAST_LEADER, "branch_leader", EAST)])
    began = town.now
    town.warn(over=IN_EAST, level="red")
    for _ in range(3):
        town.report(town.voice, EAST_LEADER, "no_answer")
        town.tick(seconds=100)
    assert phones(town.voice) == [EAST_LEADER] * 3
    assert (town.now - began).total_seconds() == 300
    assert town.states() == {"东村": "unreached"}


def test_one_grid_answers_and_the_other_goes_on(town: Town) -> None:
    town.warn(over=IN_EAST.union(IN_WEST).convex_hull)
    town.tick(minutes=10)
    town.press_1(EAST_LEADER)
    assert town.states() == {"西村": "open", "东村": "answered"}
    town.report(town.voice, WEST_LEADER, "busy")
    town.tick(minutes=3)
    assert phones(town.voice)[-1] == WEST_LEADER


def test_an_edited_policy_applies_to_the_next_warning_only(town: Town) -> None:
    town.warn(over=IN_EAST)
    town.change_rung("orange", 1, kinds=("sms",))
    town.tick(minutes=10)
    assert len(phones(town.voice)) == 2
