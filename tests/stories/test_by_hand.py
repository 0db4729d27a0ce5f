"""No provider at all: the officer dials, writes down the answer, and the whole ladder works."""

import pytest

from alertcast.core.task import AttemptState
from tests.stories.seen import EAST
from tests.stories.town import (
    COUNTY_DESK,
    EAST_DEPUTY,
    EAST_LEADER,
    EAST_SECRETARY,
    IN_EAST,
    TOWN_DESK,
    WEST_LEADER,
    Town,
)


@pytest.fixture
def alone(town: Town) -> Town:
    """The town without any channel."""
    town.channels = []
    return town


def test_the_list_says_whom_to_ring(alone: Town) -> None:
    alone.warn(over=IN_EAST)
    assert alone.to_dial() == [EAST_LEADER, EAST_SECRETARY]
    assert alone.messages(EAST_LEADER) == [("manual", "manual", "no_channel")]


def test_nobody_is_on_the_list_twice_when_the_ladder_climbs(alone: Town) -> None:
    alone.warn(over=IN_EAST)
    alone.tick(minutes=20)
    assert alone.to_dial() == [EAST_LEADER, EAST_SECRETARY, EAST_DEPUTY]


def test_a_spoken_answer_is_written_down_and_ends_it(alone: Town) -> None:
    alone.warn(over=IN_EAST)
    alone.write_down(EAST_LEADER)
    assert alone.states() == {"东村": "answered"}
    assert alone.answers() == [(EAST_LEADER, "spoken", "1")]
    assert alone.audited() == [("wang", "answer")]
    alone.tick(minutes=60)
    assert alone.to_dial() == []


def test_dialling_in_vain_is_written_down_and_the_number_stays_on_the_list(alone: Town) -> None:
    alone.warn(over=IN_EAST)
    alone.dial_in_vain(EAST_LEADER)
    alone.dial_in_vain(EAST_LEADER, AttemptState.BUSY)
    assert alone.requests(EAST_LEADER, "manual") == ["no_answer", "busy"]
    assert EAST_LEADER in alone.to_dial()


def test_who_never_answered_is_unreached_and_still_on_the_list(alone: Town) -> None:
    alone.warn(over=IN_EAST)
    alone.tick(minutes=60)
    assert alone.states() == {"东村": "unreached"}
    assert alone.to_dial() == [EAST_LEADER, EAST_SECRETARY, EAST_DEPUTY]
    alone.write_down(EAST_DEPUTY)
    assert alone.states() == {"东村": "answered"}


def test_help_asked_for_aloud_puts_the_desks_on_the_list(alone: Town) -> None:
    alone.warn(over=IN_EAST)
    alone.write_down(EAST_LEADER, "2")
    assert len(alone.help_requests()) == 1
    assert alone.to_dial() == [TOWN_DESK, COUNTY_DESK]


def test_nobody_else_can_answer(alone: Town) -> None:
    alone.warn(over=IN_EAST)
    with pytest.raises(LookupError):
        alone.write_down(WEST_LEADER)
    with pytest.raises(LookupError):
        alone.dial_in_vain(WEST_LEADER)


def test_an_officer_writes_down_what_a_deputy_said_before_his_turn(town: Town) -> None:
    town.warn(over=IN_EAST)
    town.write_down(EAST_DEPUTY)
    assert town.states() == {"东村": "answered"}


def test_what_no_channel_may_carry_goes_to_the_list_with_the_reason(town: Town) -> None:
    town.voice.refuse = lambda phone: "mainland_voice"
    town.warn(over=IN_EAST)
    assert town.to_dial() == []
    town.tick(minutes=10)
    assert town.to_dial() == [EAST_LEADER, EAST_SECRETARY]
    assert town.messages(EAST_LEADER)[-1] == ("manual", "manual", "mainland_voice")


def test_the_text_of_whoever_is_also_to_be_dialled_still_leaves(town: Town) -> None:
    town.channels = [town.sms]
    town.settle_in([(EAST_LEADER, "branch_leader", EAST)])
    town.warn(over=IN_EAST, level="red")
    assert [one.phone for one in town.sms.outbox] == [EAST_LEADER]
    assert town.to_dial() == [EAST_LEADER]


def test_the_end_is_relayed_by_hand_too(alone: Town) -> None:
    warned = alone.warn(over=IN_EAST)
    alone.dial_in_vain(EAST_LEADER)
    alone.write_down(EAST_SECRETARY)
    alone.lift(warned)
    assert alone.to_dial() == [EAST_LEADER, EAST_SECRETARY]
