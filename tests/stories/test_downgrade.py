"""The level falls where people were told: quietly, or in one message later, as the policy says."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from alertcast.core.broadcast import BroadcastState, Purpose
from alertcast.dispatch import desk, downgrade, escalate
from alertcast.dispatch.correct import effect_of
from alertcast.scheduler import tick
from alertcast.store import broadcasts
from tests.stories.published import Warned, cap, info
from tests.stories.town import (
    ALL,
    EAST_DEPUTY,
    EAST_LEADER,
    EAST_SECRETARY,
    EVENING,
    IN_EAST,
    IN_WEST,
    WEST_LEADER,
    Town,
    phones,
)

TOLD, LATER = "warning.sms", "downgrade.sms"


class Killed(BaseException):
    """The process is gone."""


def heard(town: Town, phone: str) -> list[str]:
    """Return which texts somebody was sent, in order."""
    return [one.template for one in town.sms.outbox if one.phone == phone]


def said(town: Town, phone: str) -> str:
    """Return the last text that somebody was sent."""
    return [one.text for one in town.sms.outbox if one.phone == phone][-1]


def waiting(town: Town) -> list[int]:
    """Return the broadcasts that wait."""
    found = (town.broadcast(one) for one in range(1, town.last + 1))
    return [one.id for one in found if one.state is BroadcastState.WAITING]


def fall(town: Town, first: str = "orange", then: str = "yellow") -> Warned:
    """Warn the east, and let the level fall there; return what holds then."""
    return town.warn(IN_EAST, then, replaces=town.warn(IN_EAST, first))


def later(town: Town, *, minutes: float) -> None:
    """Let time pass at one stroke."""
    town.now += timedelta(minutes=minutes)
    town.tick()


@pytest.fixture
def telling(town: Town) -> Town:
    """The town, where whoever was told hears of a downgrade by text."""
    town.tell_of_downgrades()
    return town


# whether and when --------------------------------------------------------------------------------


def test_it_is_quiet_where_the_policy_says_nothing(town: Town) -> None:
    lower = fall(town)
    later(town, minutes=120)
    assert town.count() == 1
    assert "汇总" not in town.decision(lower.identifier)[1]


def test_whoever_was_told_hears_of_it_after_the_wait(telling: Town) -> None:
    lower = fall(telling)
    decision, why = telling.decision(lower.identifier)
    assert decision == "quiet"
    assert "有 1 个网格等级降低：12月26日17时50分起汇总告知此前收到预警的人。" in why
    later(telling, minutes=29)
    assert heard(telling, EAST_LEADER) == [TOLD]
    later(telling, minutes=1)
    assert heard(telling, EAST_LEADER) == heard(telling, EAST_SECRETARY) == [TOLD, LATER]
    words = said(telling, EAST_LEADER)
    assert "东村：此前告知您的预警等级已降低，预警仍然有效" in words
    assert "怀集县气象台发布寒冷黄色预警信号" in words
    assert telling.broadcast().purpose is Purpose.DOWNGRADE


def test_nobody_else_hears_of_it(telling: Town) -> None:
    telling.warn(ALL, "yellow", replaces=telling.warn(IN_EAST))
    later(telling, minutes=30)
    told = {one.phone for one in telling.sms.outbox if one.template == LATER}
    assert told == {EAST_LEADER, EAST_SECRETARY}
    assert heard(telling, WEST_LEADER) == [TOLD]  # it is new there


def test_it_is_told_where_it_falls_though_it_rises_elsewhere(telling: Town) -> None:
    first = telling.warn([(IN_WEST, "yellow"), (IN_EAST, "orange")])
    telling.warn([(IN_WEST, "orange"), (IN_EAST, "yellow")], replaces=first)
    assert heard(telling, WEST_LEADER) == [TOLD, TOLD]
    later(telling, minutes=30)
    assert heard(telling, EAST_LEADER) == [TOLD, LATER]
    assert "寒冷黄色" in said(telling, EAST_LEADER)
    assert LATER not in heard(telling, WEST_LEADER)


def test_one_phone_hears_once_of_all_its_places(telling: Town) -> None:
    telling.enrol_twice_in_east_and_south()
    telling.warn(ALL, "yellow", replaces=telling.warn(ALL))
    later(telling, minutes=30)
    assert heard(telling, EAST_LEADER) == [TOLD, LATER]
    assert "东村" in said(telling, EAST_LEADER) and "南村" in said(telling, EAST_LEADER)


def test_below_the_threshold_it_is_told_too(telling: Town) -> None:
    lower = fall(telling, then="blue")
    assert telling.decision(lower.identifier)[0] == "below_threshold"
    later(telling, minutes=30)
    assert heard(telling, EAST_LEADER) == [TOLD, LATER]
    assert telling.states(1) == {"东村": "cancelled"}


def test_where_a_lower_warning_is_left_people_hear_of_that(telling: Town) -> None:
    left = telling.warn(IN_EAST, "yellow")
    red = telling.warn([(IN_EAST, "red"), (IN_WEST, "red")])
    end = telling.lift(red)
    assert heard(telling, WEST_LEADER)[-1] == "part_clear.sms"
    assert "有 1 个网格等级降低" in telling.decision(end.identifier)[1]
    later(telling, minutes=30)
    assert heard(telling, EAST_LEADER) == [TOLD, TOLD, LATER]
    assert "寒冷黄色" in said(telling, EAST_LEADER)
    telling.lift(left)
    assert heard(telling, EAST_LEADER)[-1] == "all_clear.sms"


def test_of_two_that_are_left_people_hear_of_the_one_that_is_relayed(telling: Town) -> None:
    telling.configure(dispatch={"automatic": False})
    held = telling.warn(IN_EAST, "yellow")
    telling.configure(dispatch={"automatic": True})
    telling.warn(IN_EAST, "yellow", headline="肇庆市气象台发布寒冷黄色预警信号")
    telling.lift(telling.warn(IN_EAST, "red"))
    assert telling.decision(held.identifier)[0] == "held"
    later(telling, minutes=30)
    assert heard(telling, EAST_LEADER) == [TOLD, TOLD, LATER]
    assert "肇庆市气象台发布寒冷黄色" in said(telling, EAST_LEADER)


def test_at_night_it_waits_for_the_morning(telling: Town) -> None:
    telling.now = EVENING + timedelta(hours=4, minutes=20)  # 21:40 in Huaiji
    lower = fall(telling)
    assert "12月27日7时00分" in telling.decision(lower.identifier)[1]
    later(telling, minutes=9 * 60 + 19)
    assert heard(telling, EAST_LEADER) == [TOLD]
    later(telling, minutes=1)
    assert heard(telling, EAST_LEADER) == [TOLD, LATER]


def test_what_comes_late_to_its_time_waits_for_the_morning_too(telling: Town) -> None:
    fall(telling)
    telling.now += timedelta(hours=5)  # 22:20: the process was down
    telling.tick()
    assert heard(telling, EAST_LEADER) == [TOLD]
    telling.now = EVENING + timedelta(hours=13, minutes=40)  # 07:00
    telling.tick()
    assert heard(telling, EAST_LEADER) == [TOLD, LATER]


# what happens meanwhile --------------------------------------------------------------------------


def test_two_in_a_row_are_one_message_the_newest(telling: Town) -> None:
    orange = fall(telling, "red", "orange")
    later(telling, minutes=20)
    telling.warn(IN_EAST, "yellow", replaces=orange)
    assert waiting(telling) == [telling.last]
    later(telling, minutes=60)
    assert heard(telling, EAST_LEADER).count(LATER) == 1
    assert "寒冷黄色" in said(telling, EAST_LEADER)


def test_what_is_repeated_meanwhile_keeps_its_time(telling: Town) -> None:
    yellow = fall(telling)
    later(telling, minutes=20)
    again = "怀集县气象台继续发布寒冷黄色预警信号"
    telling.warn(IN_EAST, "yellow", replaces=yellow, headline=again)
    later(telling, minutes=10)
    assert heard(telling, EAST_LEADER) == [TOLD, LATER]
    assert "继续发布" in said(telling, EAST_LEADER)


def test_what_is_repeated_in_two_parts_is_told_in_both(telling: Town) -> None:
    both = [(IN_WEST, "yellow"), (IN_EAST, "yellow")]
    yellow = telling.warn(both, replaces=telling.warn([(IN_WEST, "orange"), (IN_EAST, "orange")]))
    for number, where in enumerate((IN_WEST, IN_EAST), 21):
        part = Warned(f"441224416000002026122617{number}00", telling.now)
        telling.keep(
            cap(part, info(telling.now, where, "yellow"), msg_type="Update", replaces=yellow)
        )
    later(telling, minutes=30)
    assert heard(telling, EAST_LEADER)[-1] == heard(telling, WEST_LEADER)[-1] == LATER


def test_a_repetition_is_none(telling: Town) -> None:
    yellow = fall(telling)
    later(telling, minutes=30)
    telling.warn(IN_EAST, "yellow", replaces=yellow)
    assert waiting(telling) == []


def test_where_it_has_risen_again_nobody_hears_of_it(telling: Town) -> None:
    telling.warn(IN_EAST, "orange", replaces=fall(telling))
    later(telling, minutes=60)
    assert heard(telling, EAST_LEADER) == [TOLD, TOLD]
    assert waiting(telling) == []


def test_where_another_office_has_raised_it_nobody_hears_of_it(telling: Town) -> None:
    fall(telling)
    downgraded = telling.last
    telling.warn(IN_EAST, "red")
    later(telling, minutes=30)
    assert heard(telling, EAST_LEADER) == [TOLD, TOLD]
    assert telling.broadcast(downgraded).state is BroadcastState.CANCELLED


def test_what_has_not_left_when_it_rises_does_not_leave(telling: Town) -> None:
    yellow = fall(telling)
    telling.climb(minutes=30)  # planned, with every sender asleep
    telling.warn(IN_EAST, "orange", replaces=yellow)
    assert heard(telling, EAST_LEADER) == [TOLD, TOLD]


def test_what_has_not_left_when_it_ends_there_does_not_leave(telling: Town) -> None:
    yellow = telling.warn(ALL, "yellow", replaces=telling.warn(ALL))
    telling.climb(minutes=30)  # planned, with every sender asleep
    telling.warn(IN_WEST, "yellow", replaces=yellow)
    assert heard(telling, EAST_LEADER) == [TOLD, "part_clear.sms"]
    assert heard(telling, WEST_LEADER) == [TOLD, LATER]


def test_whoever_was_told_of_no_higher_level_hears_of_none(telling: Town) -> None:
    telling.sms.takes_replies = True
    orange = telling.warn(IN_EAST)
    telling.tick(minutes=20)
    assert heard(telling, EAST_DEPUTY) == [TOLD]
    red = telling.warn(IN_EAST, "red", replaces=orange)
    telling.text_back(EAST_LEADER, "1")
    telling.warn(IN_EAST, "orange", replaces=red)
    later(telling, minutes=30)
    assert heard(telling, EAST_LEADER) == [TOLD, TOLD, LATER]
    assert heard(telling, EAST_DEPUTY) == [TOLD]


def test_whoever_hears_of_the_end_hears_of_nothing_else(telling: Town) -> None:
    telling.lift(fall(telling))
    later(telling, minutes=60)
    assert heard(telling, EAST_LEADER) == [TOLD, "all_clear.sms"]
    assert waiting(telling) == []


def test_what_ran_out_meanwhile_is_not_told(telling: Town) -> None:
    telling.warn(IN_EAST, "yellow", replaces=telling.warn(IN_EAST), hours=0.25)
    later(telling, minutes=60)
    assert heard(telling, EAST_LEADER) == [TOLD]
    assert telling.broadcast().state is BroadcastState.CANCELLED


def test_it_is_none_while_another_office_s_higher_warning_holds(telling: Town) -> None:
    telling.warn(IN_EAST)
    fall(telling)
    later(telling, minutes=60)
    assert heard(telling, EAST_LEADER) == [TOLD]
    assert telling.count() == 1


def test_a_doubtful_message_is_not_told_before_somebody_has_confirmed_it(telling: Town) -> None:
    first = telling.warn([(IN_WEST, "yellow"), (IN_EAST, "orange")])
    telling.limit_people_quietly(1)
    telling.tell_of_downgrades()
    telling.warn([(IN_WEST, "orange"), (IN_EAST, "yellow")], replaces=first)
    later(telling, minutes=40)
    assert heard(telling, EAST_LEADER) == [TOLD]
    [rise] = [
        one
        for one in range(1, telling.last + 1)
        if telling.broadcast(one).state is BroadcastState.APPROVAL
    ]
    assert desk.approve(telling.world, rise, "li", telling.now)
    later(telling, minutes=1)
    assert heard(telling, EAST_LEADER) == [TOLD, LATER]


# killed, twice -----------------------------------------------------------------------------------


@contextmanager
def killed(town: Town) -> Iterator[None]:
    """Let the process be killed while it plans whom to tell."""

    def dies(*_: object, **__: object) -> None:
        raise Killed

    with pytest.MonkeyPatch.context() as dying:
        dying.setattr(downgrade, "tell", dies)
        with pytest.raises(Killed):
            yield


def test_killed_before_it_is_written_the_next_tick_does_it(telling: Town) -> None:
    fall(telling)
    telling.now += timedelta(minutes=30)
    with killed(telling):
        tick(telling.world, telling.now)
    assert waiting(telling) == [telling.last]
    telling.tick()
    assert heard(telling, EAST_LEADER) == [TOLD, LATER]


def test_killed_after_it_was_written_it_is_told_once(telling: Town) -> None:
    fall(telling)
    telling.now += timedelta(minutes=30)
    escalate.advance(telling.world, telling.now)
    escalate.advance(telling.world, telling.now)
    later(telling, minutes=10)
    assert heard(telling, EAST_LEADER) == [TOLD, LATER]
    assert telling.count() == 2


def test_restored_from_a_backup_it_goes_on_once_a_human_says_so(telling: Town) -> None:
    fall(telling)
    with telling.db.write() as tx:
        broadcasts.move(tx, telling.last, BroadcastState.HELD, telling.now)
    later(telling, minutes=60)
    assert heard(telling, EAST_LEADER) == [TOLD]
    assert desk.approve(telling.world, telling.last, "li", telling.now)
    telling.tick()
    assert heard(telling, EAST_LEADER) == [TOLD, LATER]


# what an officer does ----------------------------------------------------------------------------


def test_an_officer_may_stop_it_before(telling: Town) -> None:
    fall(telling)
    telling.stop()
    later(telling, minutes=60)
    assert heard(telling, EAST_LEADER) == [TOLD]


def test_a_correction_of_it_goes_to_whoever_heard_it(telling: Town) -> None:
    fall(telling)
    later(telling, minutes=30)
    with telling.db.read() as tx:
        assert not effect_of(telling.world, tx, telling.last, telling.now).must_choose
    telling.correct()
    telling.tick()
    assert sorted(phones(telling.sms)[-2:]) == [EAST_LEADER, EAST_SECRETARY]
    assert "起告知您的寒冷预警等级降低消息有误" in said(telling, EAST_LEADER)


def test_a_text_that_answers_after_it_is_for_the_warning(telling: Town) -> None:
    telling.sms.takes_replies = True
    fall(telling)
    later(telling, minutes=30)
    telling.text_back(EAST_LEADER, "1")
    assert telling.states(1) == {"东村": "answered"}


def test_the_end_is_told_after_it_as_well(telling: Town) -> None:
    yellow = fall(telling)
    later(telling, minutes=30)
    telling.lift(yellow)
    assert heard(telling, EAST_LEADER) == [TOLD, LATER, "all_clear.sms"]
