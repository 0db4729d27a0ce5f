"""A carrier that takes no calls at some hours: another one calls, or a human, or it waits."""

import pytest

from alertcast.channels.base import ChannelSettings
from tests.stories.seen import EAST
from tests.stories.town import EAST_LEADER, IN_EAST, Telephone, Town, phones


@pytest.fixture
def closed(town: Town) -> Town:
    """The town with one leader; its line for calls is closed from 17:00 to 20:00."""
    town.settle_in([(EAST_LEADER, "branch_leader", EAST)])
    town.voice = line("voice", "17:00-20:00")
    town.channels = [town.sms, town.voice]
    return town


def line(name: str, *quiet: str) -> Telephone:
    settings = {"type": "memory", "rate": 1000, "burst": 1000, "quiet": quiet}
    return Telephone(name, "voice", settings=ChannelSettings.model_validate(settings))


@pytest.mark.parametrize("level", ["red", "orange"])
def test_what_is_urgent_goes_to_a_human_at_once(closed: Town, level: str) -> None:
    closed.warn(IN_EAST, level)
    closed.tick(minutes=10)
    assert phones(closed.voice) == []
    assert ("voice", "manual", "time_block") in closed.messages(EAST_LEADER)


def test_a_yellow_call_waits_until_the_line_opens(closed: Town) -> None:
    closed.warn(IN_EAST, "yellow")  # at 17:20; the call is due at 18:20
    closed.tick(minutes=150)
    assert closed.messages(EAST_LEADER)[-1] == ("voice", "queued", "time_block")
    assert phones(closed.voice) == []
    closed.tick(minutes=11)
    assert phones(closed.voice) == [EAST_LEADER]


def test_a_warning_that_ends_before_the_line_opens_goes_to_a_human(closed: Town) -> None:
    closed.warn(IN_EAST, "yellow", hours=2)
    closed.tick(minutes=61)
    assert closed.messages(EAST_LEADER)[-1] == ("voice", "manual", "time_block")


def test_another_line_that_is_open_carries_it(closed: Town) -> None:
    other = line("other", "12:00-14:00")
    closed.channels.append(other)
    closed.warn(IN_EAST, "orange")
    closed.tick(minutes=10)
    assert phones(closed.voice) == []
    assert phones(other) == [EAST_LEADER]


def test_stopped_while_it_waits_it_never_leaves(closed: Town) -> None:
    closed.warn(IN_EAST, "yellow")
    closed.tick(minutes=70)
    closed.stop()
    closed.tick(minutes=120)
    assert phones(closed.voice) == []
