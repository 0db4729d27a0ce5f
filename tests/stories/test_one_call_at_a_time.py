"""Whoever holds two posts on two rungs is not called twice at once; and what is to be told, is."""

from collections.abc import Callable, Container
from datetime import datetime
from typing import Any

import pytest

from alertcast.channels.base import ChannelError, Outcome, Request, Sent
from alertcast.channels.memory import MemoryChannel
from alertcast.dispatch import claim
from tests.stories.seen import EAST, WEST
from tests.stories.test_two_hazards import COLD, ICE, rise, text_to
from tests.stories.town import (
    ALL,
    COUNTY,
    EAST_LEADER,
    EAST_SECRETARY,
    IN_EAST,
    TOWN_DESK,
    WEST_LEADER,
    Telephone,
    Town,
    phones,
)


class Closing(Telephone):
    """A provider that takes calls and then loses its answer; its list is down for a while."""

    is_closed = True

    def look_up(
        self,
        request: Request,
        since: datetime,
        taken: Container[str] = frozenset(),
        **more: Any,
    ) -> Sent | None:
        if self.is_closed:
            raise ChannelError("HTTP 503", retryable=True)
        return super().look_up(request, since, taken, **more)


def taken_and_lost(channel: MemoryChannel) -> Callable[[Request], Sent]:
    """Return the answer of a provider that takes a call, and whose answer is lost."""

    def answer(request: Request) -> Sent:
        channel.accept(request)
        return Sent(request.token, Outcome.UNKNOWN)

    return answer


@pytest.fixture
def double(town: Town) -> Town:
    """The town with one man who is leader of the east and its deputy as well."""
    town.settle_in([(EAST_LEADER, "branch_leader", EAST), (EAST_LEADER, "deputy", EAST)])
    return town


@pytest.fixture
def late(double: Town) -> Town:
    """A slow provider: the call of the second rung begins a minute before the third rung."""
    double.warn(over=IN_EAST)
    double.climb(minutes=10)
    double.now = double.now.replace(minute=39)
    return double


def test_while_the_first_is_heard_there_is_no_second(late: Town) -> None:
    late.send_all()
    assert phones(late.voice) == [EAST_LEADER]
    late.pick_up(EAST_LEADER)
    late.tick(minutes=10)
    assert phones(late.voice) == [EAST_LEADER]
    assert late.messages(EAST_LEADER)[-1][:2] == ("voice", "queued")
    late.press_1(EAST_LEADER)
    assert late.states() == {"东村": "answered"}
    late.tick(minutes=30)
    assert phones(late.voice) == [EAST_LEADER]
    assert late.messages(EAST_LEADER)[-1] == ("voice", "cancelled", "answered")


def test_after_the_first_was_in_vain_the_second_still_goes(late: Town) -> None:
    late.send_all()
    for n in range(1, 6):
        assert phones(late.voice) == [EAST_LEADER] * n
        late.tick(minutes=2)
        late.report(late.voice, EAST_LEADER, "no_answer")
        late.tick(minutes=3)
    made = [one[:2] for one in late.messages(EAST_LEADER) if one[0] == "voice"]
    assert made == [("voice", "unanswered")] * 2
    late.tick(minutes=30)
    assert phones(late.voice) == [EAST_LEADER] * 5  # three of the second rung, two of the third


def test_of_two_that_are_due_at_one_moment_one_leaves(late: Town) -> None:
    late.climb(minutes=11)
    late.send_all()
    assert phones(late.voice) == [EAST_LEADER]


def test_two_senders_at_once_make_one_call(late: Town) -> None:
    late.send_all()
    late.report(late.voice, EAST_LEADER, "busy")
    late.climb(minutes=4)
    first, second = (claim.claim(late.world, "voice", "live", late.now) for _ in range(2))
    assert [len(first), len(second)] == [1, 0]


def test_while_it_is_not_known_whether_the_first_was_made_there_is_no_second(double: Town) -> None:
    double.voice = Closing("voice", "voice")
    double.channels = [double.sms, double.voice]
    double.warn(over=IN_EAST)
    double.climb(minutes=11)
    double.voice.answers.append(taken_and_lost(double.voice))
    double.climb(minutes=8)
    double.send_all()
    double.rest(70)
    double.tick(minutes=3)
    assert double.requests(EAST_LEADER, "voice") == ["unknown"]
    assert double.messages(EAST_LEADER)[-1][:2] == ("voice", "queued")
    double.voice.is_closed = False
    double.tick(minutes=1)
    double.press_1(EAST_LEADER)
    double.tick(minutes=30)
    assert double.requests(EAST_LEADER, "voice") == ["accepted"]
    assert double.states() == {"东村": "answered"}


def test_where_nobody_could_say_for_long_an_officer_dials_and_the_ladder_goes_on(
    double: Town,
) -> None:
    double.voice = Closing("voice", "voice")
    double.channels = [double.sms, double.voice]
    double.warn(over=IN_EAST)
    double.climb(minutes=11)
    double.voice.answers.append(taken_and_lost(double.voice))
    double.climb(minutes=8)
    double.send_all()
    double.tick(minutes=3)
    double.rest(400)
    double.tick(minutes=1)
    assert double.to_dial() == [EAST_LEADER]
    assert phones(double.voice) == [EAST_LEADER] * 2


def test_what_the_first_did_not_speak_of_is_told_right_after_it(town: Town) -> None:
    town.settle_in(
        [
            (EAST_LEADER, "branch_leader", EAST),
            (EAST_LEADER, "deputy", WEST),
            (WEST_LEADER, "branch_leader", WEST),
        ]
    )
    town.warn(over=ALL)
    town.climb(minutes=10)
    town.now = town.now.replace(minute=39)
    town.send_all()
    town.tick(minutes=2)
    assert phones(town.voice).count(EAST_LEADER) == 1
    assert "西村" not in text_to(town, EAST_LEADER, "voice")
    town.press_1(EAST_LEADER)
    town.tick(minutes=1)
    assert town.states()["东村"] == "answered"
    assert phones(town.voice).count(EAST_LEADER) == 2
    assert "西村" in text_to(town, EAST_LEADER, "voice")
    town.press_1(EAST_LEADER)
    assert town.states()["西村"] == "answered"


def test_others_are_not_held_up(town: Town) -> None:
    town.settle_in(
        [
            (EAST_LEADER, "branch_leader", EAST),
            (EAST_LEADER, "deputy", EAST),
            (EAST_SECRETARY, "deputy", EAST),
        ]
    )
    town.warn(over=IN_EAST)
    town.climb(minutes=10)
    town.now = town.now.replace(minute=39)
    town.send_all()
    town.tick(minutes=2)
    assert phones(town.voice) == [EAST_LEADER, EAST_SECRETARY]


def test_a_call_for_help_waits_for_none(town: Town) -> None:
    town.settle_in(
        [
            (EAST_LEADER, "branch_leader", EAST),
            (TOWN_DESK, "sanfang_head", COUNTY),
            (TOWN_DESK, "town_desk", "441224101"),
        ]
    )
    town.warn(over=IN_EAST, level="red")
    assert sorted(phones(town.voice)) == [EAST_LEADER, TOWN_DESK]
    town.press("2", EAST_LEADER)
    assert phones(town.voice).count(TOWN_DESK) == 2


def test_a_call_about_two_warnings_waits_for_one_about_either(double: Town) -> None:
    rise(double, (COLD, "orange", IN_EAST), (ICE, "orange", IN_EAST))
    double.climb(minutes=10)
    double.now = double.now.replace(minute=39)
    double.send_all()
    double.tick(minutes=2)
    assert phones(double.voice) == [EAST_LEADER]
    double.press_1(EAST_LEADER)
    assert [double.states(1), double.states(2)] == [{"东村": "answered"}] * 2
    double.tick(minutes=30)
    assert phones(double.voice) == [EAST_LEADER]
