"""Somebody calls our number back: the warning in force for that phone, and keys that count."""

import pytest

from tests.stories.seen import EAST
from tests.stories.town import (
    EAST_LEADER,
    EAST_SECRETARY,
    IN_EAST,
    TOWN_DESK,
    WEST_LEADER,
    Town,
    phones,
)

CHECK = "0 7 5 8 5 5 2 2 0 0 0"


@pytest.fixture
def called(town: Town) -> Town:
    """The town ten minutes after an orange warning: its leaders have been texted and called."""
    town.warn(over=IN_EAST)
    town.tick(minutes=10)
    town.report(town.voice, EAST_LEADER, "no_answer")
    return town


def test_the_missed_call_is_heard_and_key_1_answers(called: Town) -> None:
    said = called.call_in(EAST_LEADER)
    assert said.count("怀集县气象台发布寒冷橙色预警信号。涉及冷坑镇东村") == 3
    assert "收到请按1" in said
    assert "您的应答已经记录" in called.press_1(EAST_LEADER)
    assert called.states() == {"东村": "answered"}
    assert called.answers() == [(EAST_LEADER, "key", "1")]


def test_key_2_asks_for_help(called: Town) -> None:
    called.call_in(EAST_LEADER)
    assert "您的求助已经记录" in called.press("2", EAST_LEADER)
    assert TOWN_DESK in phones(called.voice)


def test_who_was_only_texted_hears_the_warning_as_a_call_says_it(town: Town) -> None:
    town.warn(over=IN_EAST)
    said = town.call_in(EAST_SECRETARY)
    assert "这里是怀集县三防指挥部办公室。" in said
    assert "【怀集三防】" not in said
    town.press("1", EAST_SECRETARY, town.sms)
    assert town.states() == {"东村": "answered"}


@pytest.mark.parametrize("phone", ["+8613899999999", "", WEST_LEADER, "anonymous"])
def test_a_stranger_hears_who_we_are_and_where_to_check(called: Town, phone: str) -> None:
    said = called.call_in(phone)
    assert said == f"这里是怀集县三防指挥部办公室。核实预警信息，请拨打{CHECK}。再见。"


def test_nobody_hears_what_is_over(called: Town) -> None:
    called.stop()
    assert "寒冷" not in called.call_in(EAST_LEADER)


def test_after_the_all_clear_the_all_clear_is_heard(town: Town) -> None:
    warned = town.warn(over=IN_EAST)
    town.lift(warned)
    said = town.call_in(EAST_LEADER)
    assert "官方解除" in said
    assert "走访独居老人" not in said


def test_a_warning_that_ran_out_is_not_heard(town: Town) -> None:
    town.warn(over=IN_EAST, hours=1)
    town.tick(minutes=61)
    assert "寒冷" not in town.call_in(EAST_LEADER)


def test_late_but_in_time_after_the_ladder_was_used_up(called: Town) -> None:
    called.tick(minutes=120)
    assert called.states() == {"东村": "unreached"}
    assert "收到请按1" in called.call_in(EAST_LEADER)
    called.press_1(EAST_LEADER)
    assert called.states() == {"东村": "answered"}


def test_what_is_answered_elsewhere_is_told_and_key_2_is_offered(called: Town) -> None:
    called.press_1(EAST_SECRETARY)
    said = called.call_in(EAST_LEADER)
    assert "第一书记已经应答，您不必再按键。如果需要支援，请按2。" in said
    assert said.count("涉及冷坑镇东村") == 1
    called.press("2", EAST_LEADER)
    assert len(called.help_requests()) == 1


def test_a_live_warning_goes_before_a_drill(called: Town) -> None:
    called.add_drill_channels()
    called.notice("检验叫应流程。", EAST, mode="drill")
    said = called.call_in(EAST_LEADER)
    assert "寒冷橙色预警信号" in said
    assert "演练" not in said


def test_a_drill_says_so(town: Town) -> None:
    _, voice = town.add_drill_channels()
    town.notice("检验叫应流程。", EAST, mode="drill")
    town.tick(minutes=15)
    said = town.call_in(EAST_LEADER)
    assert said.startswith("演练。这里是")
    assert said.endswith("演练")
    assert phones(voice) == [EAST_LEADER, EAST_SECRETARY]


def test_a_call_for_help_is_not_read_to_a_caller(called: Town) -> None:
    called.call_in(EAST_LEADER)
    called.press("2", EAST_LEADER)
    assert TOWN_DESK in phones(called.voice)
    assert "请求支援" not in called.call_in(TOWN_DESK)
