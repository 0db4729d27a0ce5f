"""A doubtful warning: duty desk and leader are called, and the first answer decides, or a clock.

Here it reaches more people than allowed without a human; towns that could not be read, and a single
unsigned source, are asked about in the same way.
"""

import dataclasses
from collections.abc import Iterator

import pytest

from alertcast.core.broadcast import BroadcastState
from alertcast.core.rules import Rules
from alertcast.dispatch import confirm, desk
from alertcast.dispatch.watch import first_page
from alertcast.store import audit
from tests.stories.published import Warned, cap, info
from tests.stories.test_by_town import publish
from tests.stories.town import (
    COUNTY_DESK,
    EAST_LEADER,
    EVERYBODY,
    HEAD,
    IN_EAST,
    IN_WEST,
    WEST_LEADER,
    Town,
    phones,
)

DESK, LEADER = "phone:县(区)值班室", "phone:三防负责人"
UNSURE = "将北部乡镇寒冷黄色预警信号升级为橙色，其余乡镇黄色继续生效。"


@pytest.fixture
def careful(town: Town) -> Iterator[Town]:
    """A town in which nobody is told of anything before it is confirmed."""
    town.limit_people(1)
    return town


def trust(town: Town, alone: str) -> None:
    def changed(rules: Rules) -> Rules:
        return dataclasses.replace(rules, confirm=dataclasses.replace(rules.confirm, alone=alone))

    town.rules = changed


def told(town: Town) -> set[str]:
    return set(phones(town.sms))


def test_desk_and_leader_are_called_at_once_and_nobody_else_is_told(careful: Town) -> None:
    warned = careful.warn(IN_EAST)
    assert sorted(phones(careful.voice)) == sorted([COUNTY_DESK, HEAD])
    said = careful.pick_up(COUNTY_DESK)
    assert "怀集县气象台发布寒冷橙色预警信号" in said
    assert "首轮涉及 2 人，超过上限 1 人" in said
    assert "同意下发请按1，不下发请按2" in said
    assert "需要支援" not in said
    assert told(careful) == set()
    decision, why = careful.decision(warned.identifier)
    assert decision == "approval"
    assert "正在电话请示县(区)值班室、三防负责人" in why


def test_confirmed_it_goes_out_and_the_other_is_not_called_again(careful: Town) -> None:
    careful.warn(IN_EAST)
    said = careful.press_1(COUNTY_DESK)
    assert "现在开始叫应" in said
    assert "应答已经记录" not in said
    assert EAST_LEADER in told(careful)
    calls = len(careful.voice.outbox)
    careful.report(careful.voice, HEAD, "no_answer")
    careful.tick(minutes=8)
    assert phones(careful.voice)[calls:] == []
    assert (DESK, "approve") in careful.audited()


def test_red_goes_out_when_nobody_has_answered_in_time(careful: Town) -> None:
    warned = careful.warn(IN_EAST, "red")
    assert careful.decision(warned.identifier)[0] == "confirm"
    careful.tick(minutes=2)
    assert told(careful) == set()
    careful.tick(minutes=2)
    assert EAST_LEADER in told(careful)


def test_what_is_lower_waits_and_goes_out_when_it_is_confirmed_late(careful: Town) -> None:
    careful.warn(IN_EAST, "orange")
    careful.report(careful.voice, COUNTY_DESK, "no_answer")
    careful.tick(minutes=30)
    assert told(careful) == set()
    careful.press_1(COUNTY_DESK)
    assert EAST_LEADER in told(careful)


def test_they_are_called_again_and_again_until_one_answers(careful: Town) -> None:
    careful.warn(IN_EAST, "orange")
    for _ in range(3):
        careful.report(careful.voice, COUNTY_DESK, "no_answer")
        careful.tick(minutes=1)
    assert phones(careful.voice).count(COUNTY_DESK) == 4


@pytest.mark.parametrize("level", ["orange", "red"])
def test_refused_it_never_goes_out(careful: Town, level: str) -> None:
    warned = careful.warn(IN_EAST, level)
    assert "不下发" in careful.press("2", HEAD)
    careful.tick(minutes=30)
    assert told(careful) == set()
    decision, why = careful.decision(warned.identifier)
    assert (decision, why) == ("refused", "三防负责人在电话里答复不下发。")
    assert (LEADER, "refuse") in careful.audited()


def test_refused_after_the_clock_the_calling_stops(careful: Town) -> None:
    careful.warn(IN_EAST, "red")
    started = careful.last
    careful.tick(minutes=4)
    assert EAST_LEADER in told(careful)
    careful.press("2", COUNTY_DESK)
    assert careful.states(started) == {"东村": "cancelled"}


def test_confirmed_after_the_clock_nobody_is_told_twice(careful: Town) -> None:
    careful.warn(IN_EAST, "red")
    careful.tick(minutes=4)
    before = len(careful.sms.outbox)
    assert "没有改变什么" in careful.press_1(COUNTY_DESK)
    assert len(careful.sms.outbox) == before


def test_confirmed_twice_it_goes_out_once(careful: Town) -> None:
    careful.warn(IN_EAST)
    careful.press_1(COUNTY_DESK)
    before = len(careful.sms.outbox)
    assert "没有改变什么" in careful.press_1(HEAD)
    careful.press_1(COUNTY_DESK)
    assert len(careful.sms.outbox) == before
    assert [action for _, action in careful.audited()] == ["approve"]


def test_the_first_answer_counts_and_a_later_refusal_changes_nothing(careful: Town) -> None:
    careful.warn(IN_EAST)
    careful.press_1(COUNTY_DESK)
    assert "没有改变什么" in careful.press("2", HEAD)
    assert careful.states() == {"东村": "open"}


def test_an_agreement_is_not_forgotten_among_what_was_done_since(careful: Town) -> None:
    careful.warn(IN_EAST, "red")
    warning = next(one for one in (careful.last, careful.last - 1) if careful.broadcast(one).hazard)
    careful.press_1(COUNTY_DESK)
    with careful.db.write() as tx:
        for _ in range(40):
            audit.record(tx, "wang", "unmask", f"broadcast:{warning}", careful.now)
    careful.press("2", HEAD)
    assert careful.broadcast(warning).state is BroadcastState.RUNNING
    assert careful.states(warning) == {"东村": "open"}


def test_refused_a_later_agreement_changes_nothing(careful: Town) -> None:
    careful.warn(IN_EAST)
    careful.press("2", HEAD)
    assert "没有改变什么" in careful.press_1(COUNTY_DESK)
    assert told(careful) == set()


def test_killed_right_after_the_key_it_goes_out_all_the_same(careful: Town) -> None:
    careful.warn(IN_EAST)
    careful.answer_and_die(COUNTY_DESK)
    careful.tick()
    assert EAST_LEADER in told(careful)


def test_killed_in_the_middle_of_confirming_nothing_has_happened_and_it_can_be_done_again(
    careful: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    careful.warn(IN_EAST)

    def killed(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as dying:
        dying.setattr(confirm, "_close", killed)
        with pytest.raises(SystemExit):
            careful.press_1(COUNTY_DESK)
    careful.tick()
    assert (told(careful), careful.audited()) == (set(), [])
    careful.press_1(COUNTY_DESK)
    assert EAST_LEADER in told(careful)


@pytest.mark.parametrize(("level", "goes_out"), [("red", True), ("orange", False)])
def test_with_nobody_on_duty_it_is_red_on_the_page_and_the_clock_runs(
    careful: Town, level: str, goes_out: bool
) -> None:
    careful.settle_in(one for one in EVERYBODY if one[0] not in (COUNTY_DESK, HEAD))
    warned = careful.warn(IN_EAST, level)
    assert "名册里没有可以电话请示的人" in careful.decision(warned.identifier)[1]
    with careful.db.read() as tx:
        assert len(first_page(careful.world, tx, careful.now)["approvals"]) == 1
    careful.tick(minutes=30)
    assert (EAST_LEADER in told(careful)) == goes_out


def test_of_two_levels_only_red_goes_out_by_the_clock(careful: Town) -> None:
    careful.warn([(IN_WEST, "red"), (IN_EAST, "orange")])
    careful.tick(minutes=4)
    assert WEST_LEADER in told(careful)
    assert EAST_LEADER not in told(careful)
    careful.press_1(COUNTY_DESK)
    assert EAST_LEADER in told(careful)


def test_an_officer_who_confirms_on_the_page_ends_the_calls(careful: Town) -> None:
    careful.warn(IN_EAST)
    assert desk.approve(careful.world, careful.last, "zhang", careful.now)
    careful.tick()
    assert EAST_LEADER in told(careful)
    calls = len(careful.voice.outbox)
    careful.report(careful.voice, HEAD, "no_answer")
    careful.tick(minutes=8)
    assert len(careful.voice.outbox) == calls


def test_an_official_end_ends_the_calls(careful: Town) -> None:
    warned = careful.warn(IN_EAST)
    careful.lift(warned)
    calls = len(careful.voice.outbox)
    careful.report(careful.voice, HEAD, "no_answer")
    careful.tick(minutes=5)
    assert len(careful.voice.outbox) == calls
    assert "没有改变什么" in careful.press_1(COUNTY_DESK)
    assert told(careful) == set()


def test_a_newer_message_takes_the_place_of_one_that_waits(careful: Town) -> None:
    first = careful.warn(IN_EAST)
    waiting = careful.last
    careful.warn(IN_EAST, "red", replaces=first)
    assert careful.broadcast(waiting).state is BroadcastState.CANCELLED


def test_a_text_of_the_desk_lets_nothing_out(careful: Town) -> None:
    careful.warn(IN_EAST)
    careful.text_back(COUNTY_DESK, "1")
    assert told(careful) == set()


def test_whom_no_channel_can_call_an_officer_dials_and_that_confirms_nothing(careful: Town) -> None:
    careful.channels.remove(careful.voice)
    careful.warn(IN_EAST)
    assert sorted(careful.to_dial()) == sorted([COUNTY_DESK, HEAD])
    asking = careful.last - 1
    careful.write_down_in(asking, COUNTY_DESK)
    assert told(careful) == set()
    assert desk.approve(careful.world, careful.last, "zhang", careful.now)
    careful.tick()
    assert EAST_LEADER in told(careful)


def test_one_unsigned_source_alone_is_asked_about(town: Town) -> None:
    trust(town, "yellow")
    town.warn(IN_EAST, "orange")
    assert told(town) == set()
    assert "只有一个未签名的来源" in town.pick_up(HEAD)


def test_up_to_its_level_one_source_is_enough(town: Town) -> None:
    trust(town, "orange")
    town.warn(IN_EAST, "orange")
    assert EAST_LEADER in told(town)


def test_a_second_source_removes_the_doubt(town: Town) -> None:
    trust(town, "none")
    warned = Warned("44122441600000_20261226172001", town.now)
    document = cap(warned, info(town.now, IN_EAST, "orange"))
    town.publish(document)
    assert told(town) == set()
    town.publish(document, "second")
    assert EAST_LEADER in told(town)
    assert ("scheduler", "second_source") in town.audited()


def test_a_second_source_does_not_remove_another_doubt(careful: Town) -> None:
    limited = careful.rules

    def changed(rules: Rules) -> Rules:
        return dataclasses.replace(
            limited(rules), confirm=dataclasses.replace(rules.confirm, alone="none")
        )

    careful.rules = changed
    document = cap(
        Warned("44122441600000_20261226172001", careful.now), info(careful.now, IN_EAST, "orange")
    )
    careful.publish(document)
    careful.publish(document, "second")
    assert told(careful) == set()


def test_where_only_towns_are_unsure_the_desk_is_called_and_silence_lets_all_hear(
    town: Town,
) -> None:
    warned = publish(town, "怀集县气象台变更发布寒冷橙色预警信号", UNSURE)
    assert town.decision(warned.identifier)[0] == "confirm"
    assert sorted(phones(town.voice)) == sorted([COUNTY_DESK, HEAD])
    town.tick(minutes=2)
    assert told(town) == set()
    town.tick(minutes=2)
    assert {WEST_LEADER, EAST_LEADER} <= told(town)
