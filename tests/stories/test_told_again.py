"""A rung may be told again before the next one is, to those who have not answered."""

from datetime import time, timedelta

from alertcast.core.policy import QuietHours
from tests.stories.seen import EAST
from tests.stories.town import (
    EAST_DEPUTY,
    EAST_LEADER,
    EAST_SECRETARY,
    IN_EAST,
    Town,
    phones,
)

FIVE = timedelta(minutes=5)
BOTH = [EAST_LEADER, EAST_SECRETARY]


def told_every_five_minutes(town: Town, **fields: object) -> None:
    """Let the first rung of orange be told three times in all, and last twenty minutes."""
    twenty = timedelta(minutes=20)
    town.change_rung("orange", 0, repeat=2, every=FIVE, within=twenty, **fields)


def test_a_text_is_sent_again_until_its_repeats_are_used_up(town: Town) -> None:
    told_every_five_minutes(town)
    town.warn(over=IN_EAST)
    assert sorted(phones(town.sms)) == BOTH
    town.tick(minutes=5)
    assert sorted(phones(town.sms)) == sorted(BOTH * 2)
    town.tick(minutes=14)
    assert sorted(phones(town.sms)) == sorted(BOTH * 3)
    assert phones(town.voice) == []
    town.tick(minutes=1)
    assert sorted(phones(town.voice)) == BOTH


def test_who_has_answered_is_not_told_again_while_others_must(town: Town) -> None:
    told_every_five_minutes(town)
    town.change_every_need("orange", "all")
    town.warn(over=IN_EAST)
    town.write_down(EAST_LEADER)
    town.tick(minutes=6)
    assert phones(town.sms)[2:] == [EAST_SECRETARY]


def test_an_answer_ends_the_repeats(town: Town) -> None:
    told_every_five_minutes(town)
    town.warn(over=IN_EAST)
    town.write_down(EAST_LEADER)
    town.tick(minutes=60)
    assert len(town.sms.outbox) == 2


def test_a_call_that_still_rings_is_not_made_a_second_time(town: Town) -> None:
    town.settle_in([(EAST_LEADER, "branch_leader", EAST)])
    town.change_rung("orange", 1, repeat=2, every=timedelta(minutes=1), calls=1)
    town.warn(over=IN_EAST)
    town.tick(minutes=12)
    assert phones(town.voice) == [EAST_LEADER]
    town.report(town.voice, EAST_LEADER, "no_answer")
    assert town.messages(EAST_LEADER)[-1][1] == "unanswered"
    town.tick(minutes=1)
    assert phones(town.voice) == [EAST_LEADER]  # both repeats found it ringing


def test_a_call_in_vain_is_made_again_by_the_repeat(town: Town) -> None:
    town.settle_in([(EAST_LEADER, "branch_leader", EAST)])
    town.change_rung("orange", 1, repeat=2, every=timedelta(minutes=2), calls=1)
    town.warn(over=IN_EAST)
    town.tick(minutes=10)
    town.report(town.voice, EAST_LEADER, "no_answer")
    town.tick(minutes=2)
    assert phones(town.voice) == [EAST_LEADER] * 2
    town.press_1(EAST_LEADER)
    town.tick(minutes=20)
    assert phones(town.voice) == [EAST_LEADER] * 2


def test_a_queue_behind_a_slow_channel_is_not_doubled_by_a_repeat(town: Town) -> None:
    told_every_five_minutes(town)
    town.climb_first(IN_EAST)
    town.climb(minutes=5)
    assert town.messages(EAST_LEADER) == [("sms", "queued", None)]


def test_repeats_missed_while_the_program_was_dead_are_told_once(town: Town) -> None:
    told_every_five_minutes(town)
    town.warn(over=IN_EAST)
    town.climb(minutes=50)
    town.tick()
    assert sorted(phones(town.sms)) == sorted(BOTH * 2)
    town.tick(minutes=5)
    assert sorted(phones(town.sms)) == sorted(BOTH * 3)


def test_a_repeat_in_quiet_hours_tells_nobody_and_the_rung_goes_on(town: Town) -> None:
    told_every_five_minutes(town, kinds=("sms",))
    town.change_policy("orange", quiet=QuietHours(time(17, 23), time(17, 28), ("voice",)))
    town.warn(over=IN_EAST)  # 17:20
    town.tick(minutes=6)
    assert len(town.sms.outbox) == 2
    town.tick(minutes=5)  # 17:31
    assert len(town.sms.outbox) == 4


def test_two_of_three_in_time_or_the_deputy_too(town: Town) -> None:
    town.settle_in(
        [
            (EAST_LEADER, "branch_leader", EAST),
            (EAST_SECRETARY, "first_secretary", EAST),
            (EAST_DEPUTY, "deputy", EAST),
        ]
    )
    for number in (0, 1):
        town.change_rung("orange", number, need="2")
    town.warn(over=IN_EAST)
    town.write_down(EAST_LEADER)
    town.tick(minutes=20)
    assert EAST_DEPUTY in phones(town.sms)
    assert town.states() == {"东村": "open"}
    town.press_1(EAST_DEPUTY)
    assert town.states() == {"东村": "answered"}
