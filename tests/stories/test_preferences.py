"""Who prefers calls, or texts, is told by it too: nothing is taken away, and nights are quiet."""

from datetime import UTC, datetime

import pytest

from alertcast.core.roster import Person, Post
from tests.stories.town import EAST, EAST_DEPUTY, EAST_LEADER, EAST_SECRETARY, IN_EAST, Town, phones


@pytest.fixture
def choosy(town: Town) -> Town:
    """The east with a leader who prefers calls, a secretary who does not say, and a deputy."""
    folk = [
        Person("a", "某甲", EAST_LEADER, prefers="voice"),
        Person("b", "某乙", EAST_SECRETARY),
        Person("c", "某丙", EAST_DEPUTY, prefers="sms"),
    ]
    held = [
        Post("a", "branch_leader", EAST),
        Post("b", "first_secretary", EAST),
        Post("c", "deputy", EAST),
    ]
    town.enrol(folk, held)
    return town


def test_who_prefers_calls_is_called_where_others_are_only_texted(choosy: Town) -> None:
    choosy.warn(IN_EAST)
    assert sorted(phones(choosy.sms)) == [EAST_LEADER, EAST_SECRETARY]
    assert phones(choosy.voice) == [EAST_LEADER]
    choosy.press_1(EAST_LEADER)
    assert choosy.states() == {"东村": "answered"}


def test_in_quiet_hours_nobody_is_called_for_a_preference(choosy: Town) -> None:
    choosy.now = datetime(2026, 12, 26, 15, 0, tzinfo=UTC)  # 23:00 in Huaiji
    choosy.warn(IN_EAST, "yellow")
    assert sorted(phones(choosy.sms)) == [EAST_LEADER, EAST_SECRETARY]
    assert phones(choosy.voice) == []


def test_who_prefers_texts_gets_one_where_others_are_only_called(choosy: Town) -> None:
    choosy.change_rung("orange", 2, kinds=("voice",))
    choosy.warn(IN_EAST)
    choosy.tick(minutes=21)
    assert EAST_DEPUTY in phones(choosy.sms)
    assert EAST_DEPUTY in phones(choosy.voice)
