"""Cold and ice were told in one message, then one of them is over: the other is still answered."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from alertcast.channels.base import ChannelSettings
from alertcast.core.relay import Counts
from alertcast.dispatch import receive
from alertcast.dispatch.links import Over
from tests.stories.published import Warned
from tests.stories.seen import EAST, WEST
from tests.stories.test_links import BASE, look, press, refused, token_to
from tests.stories.test_two_hazards import COLD, ICE, published, text_to
from tests.stories.town import ALL, EAST_LEADER, IN_EAST, IN_WEST, TOWN_DESK, Town, phones

End = Callable[[Town, Warned], None]

NOT_TOLD = "核实预警信息，请拨打"
"""What a caller hears whom nothing was told that still holds."""


def stopped(town: Town, cold: Warned) -> None:
    town.stop(1)


def lifted(town: Town, cold: Warned) -> None:
    town.lift(cold)


def expired(town: Town, cold: Warned) -> None:
    town.now += timedelta(minutes=61)


@pytest.fixture(params=[stopped, lifted, expired])
def end(request: pytest.FixtureRequest) -> End:
    """How the cold warning comes to its end; its task leads."""
    return request.param


@pytest.fixture
def two(town: Town) -> Town:
    """The town whose only leader was told of cold (1) and ice (2) in one text with a link."""
    town.settle_in([(EAST_LEADER, "branch_leader", EAST), (TOWN_DESK, "town_desk", "441224101")])
    given = {"links": True, "links_for_mainland": True}
    town.sms.settings = ChannelSettings(type="memory", rate=1000, burst=1000, **given)
    town.configure(web={"public_base_url": BASE})
    return town


def rise(town: Town, level: str = "orange") -> Warned:
    (cold,) = published(town, (COLD, level, IN_EAST), hours=1)
    published(town, (ICE, level, IN_EAST))
    town.tick()
    assert phones(town.sms).count(EAST_LEADER) == 1
    assert text_to(town, EAST_LEADER).index("寒冷") < text_to(town, EAST_LEADER).index("结冰")
    return cold


def test_the_link_shows_and_takes_what_still_holds(two: Town, end: End) -> None:
    cold = rise(two)
    token = token_to(two, EAST_LEADER)
    assert "寒冷" in look(two, token).text
    end(two, cold)
    found = look(two, token)
    assert found.over is None
    assert (found.broadcast.id, found.level) == (2, "orange")
    assert "道路结冰橙色" in found.text
    assert "寒冷" not in found.text
    assert "/a/" not in found.text
    press(two, token)
    assert two.states(2) == {"东村": "answered"}
    assert look(two, token).facts["answer"]["via"] == "link"


def test_a_text_answers_what_still_holds(two: Town, end: End) -> None:
    cold = rise(two)
    end(two, cold)
    two.text_back(EAST_LEADER, "1")
    assert two.states(2) == {"东村": "answered"}
    assert two.unmatched() == []
    two.tick(minutes=60)
    assert phones(two.voice) == []


def test_a_cry_for_help_by_text_is_heard(two: Town, end: End) -> None:
    cold = rise(two)
    end(two, cold)
    two.text_back(EAST_LEADER, "2")
    assert len(two.help_requests()) == 1
    assert TOWN_DESK in phones(two.voice)
    assert two.states(2) == {"东村": "answered"}


def test_who_calls_back_hears_what_still_holds_and_answers_it(two: Town, end: End) -> None:
    cold = rise(two)
    end(two, cold)
    said = two.call_in(EAST_LEADER)
    assert "道路结冰橙色" in said
    assert "寒冷" not in said
    first = next(one for one in two.sms.outbox if one.phone == EAST_LEADER)
    key = two.sms.callback("keys", first.token, key="1")
    assert "寒冷" not in receive.receive(two.world, key, two.now).body
    assert two.states(2) == {"东村": "answered"}


def test_who_calls_back_after_it_was_delivered_hears_of_both(two: Town) -> None:
    rise(two)
    two.report(two.sms, EAST_LEADER, "delivered")
    two.tick(seconds=30)
    said = two.call_in(EAST_LEADER)
    assert "寒冷橙色" in said
    assert "道路结冰橙色" in said


def test_a_call_that_rings_speaks_of_what_still_holds(two: Town, end: End) -> None:
    cold = rise(two, "red")
    assert "寒冷" in text_to(two, EAST_LEADER, "voice")
    end(two, cold)
    said = two.pick_up(EAST_LEADER)
    assert "道路结冰红色" in said
    assert "寒冷" not in said
    assert "您的应答已经记录" in two.press_1(EAST_LEADER)
    assert two.states(2) == {"东村": "answered"}


def test_a_missed_call_is_called_back_after_one_was_stopped(two: Town) -> None:
    rise(two, "red")
    two.report(two.voice, EAST_LEADER, "no_answer")
    two.stop(1)
    said = two.call_in(EAST_LEADER)
    assert "道路结冰红色" in said
    assert "寒冷" not in said


def test_households_are_counted_for_what_still_holds(two: Town, end: End) -> None:
    cold = rise(two)
    token = token_to(two, EAST_LEADER)
    assert [one["grid"] for one in look(two, token).cells] == ["东村"]
    end(two, cold)
    press(two, token, None, 东村=Counts(120, 30))
    assert look(two, token).cells[0]["relay"]["households_told"] == 120
    assert two.states(2) == {"东村": "answered"}


def test_when_both_are_over_nothing_is_taken(two: Town, end: End) -> None:
    cold = rise(two)
    end(two, cold)
    two.stop(2)
    why = {stopped: Over.STOPPED, lifted: Over.LIFTED, expired: Over.EXPIRED}
    found = refused(two, token_to_first(two), why[end])
    assert "寒冷" in found.text
    assert NOT_TOLD in two.call_in(EAST_LEADER) or "解除" in two.call_in(EAST_LEADER)
    two.text_back(EAST_LEADER, "1")
    assert two.answers() == []


def token_to_first(town: Town) -> str:
    first = next(one.text for one in town.sms.outbox if one.phone == EAST_LEADER)
    return first.rpartition("/a/")[2]


def test_while_both_hold_a_text_answers_both(two: Town) -> None:
    rise(two)
    two.text_back(EAST_LEADER, "1")
    assert [two.states(1), two.states(2)] == [{"东村": "answered"}] * 2


def test_a_text_after_the_end_of_one_answers_the_other_that_was_told_before(two: Town) -> None:
    ice = 1
    two.warn(over=IN_EAST, event=ICE)
    cold = two.warn(over=IN_EAST)
    two.lift(cold)
    assert "道路结冰" in two.call_in(EAST_LEADER)
    two.text_back(EAST_LEADER, "1")
    assert two.states(ice) == {"东村": "answered"}


def test_who_was_told_the_end_for_his_own_grid_answers_that(town: Town) -> None:
    town.settle_in([(EAST_LEADER, "branch_leader", EAST), ("+8613800000011", "deputy", WEST)])
    warned = town.warn(over=ALL)
    town.warn(over=IN_WEST, replaces=warned)
    assert town.states(1)["东村"] != "open"
    assert "不再生效" in town.call_in(EAST_LEADER)
    town.text_back(EAST_LEADER, "1")
    assert town.messages(EAST_LEADER)[-1] == ("sms", "answered", None)
    assert town.messages(EAST_LEADER, 1)[0][1] != "answered"
