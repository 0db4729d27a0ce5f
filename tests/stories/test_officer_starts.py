"""An officer starts: an internal notice, or a warning by hand; and confirms what is very large."""

import pytest

from alertcast.dispatch import desk
from alertcast.dispatch.start import CanNotStart
from tests.stories.seen import EAST
from tests.stories.town import (
    COUNTY,
    EAST_LEADER,
    EAST_SECRETARY,
    IN_EAST,
    IN_WEST,
    NOWHERE,
    TOWN,
    Town,
    phones,
)


def test_a_double_click_is_one_broadcast(town: Town) -> None:
    first = town.notice("请核对值班电话。", EAST, key="same")
    assert town.notice("请核对值班电话。", EAST, key="same") == first
    assert len(town.sms.outbox) == 2
    assert town.audited() == [("wang", "start")]


def test_a_notice_carries_no_colour(town: Town) -> None:
    town.notice("今晚请检查老人取暖。", EAST)
    text = town.sms.outbox[0].text
    assert "内部通知" in text
    assert "预警" not in text
    assert not any(colour in text for colour in ("红色", "橙色", "黄色", "蓝色"))
    assert town.levels() == {"东村": None}


@pytest.mark.parametrize("words", ["发布寒冷预警信号", "现发布红色预警", "橙色预警请注意"])
def test_a_notice_never_uses_the_words_of_a_signal(town: Town, words: str) -> None:
    with pytest.raises(CanNotStart, match="预警信号只能由发布单位发布"):
        town.notice(words, EAST)
    assert town.count() == 0


def test_an_issuing_authority_may(town: Town) -> None:
    town.configure(office={**town.office, "is_authority": True})
    town.notice("发布寒冷预警信号", EAST)
    assert len(town.sms.outbox) == 2


def test_an_empty_notice_is_refused(town: Town) -> None:
    with pytest.raises(CanNotStart, match="通知内容为空"):
        town.notice("  ", EAST)


def test_a_notice_to_no_grid_is_refused(town: Town) -> None:
    with pytest.raises(CanNotStart, match="没有选中任何网格"):
        town.notice("请核对值班电话。", "999999")


@pytest.mark.parametrize(("code", "grids"), [(EAST, 1), (TOWN, 2), (COUNTY, 3)])
def test_a_notice_to_a_grid_a_town_a_county(town: Town, code: str, grids: int) -> None:
    town.notice("请核对值班电话。", code)
    assert len(town.states()) == grids


def test_a_notice_is_called_after_a_quarter_of_an_hour(town: Town) -> None:
    town.notice("请核对值班电话。", EAST)
    town.tick(minutes=15)
    assert sorted(phones(town.voice)) == [EAST_LEADER, EAST_SECRETARY]
    assert "本电话不会索要钱款和验证码" in town.voice.outbox[0].text


def test_two_notices_to_the_same_grid_do_not_disturb_each_other(town: Town) -> None:
    first = town.notice("甲。", EAST, key="1")
    second = town.notice("乙。", EAST, key="2")
    assert town.states(first) == town.states(second) == {"东村": "open"}


def test_an_officer_starts_a_held_warning_by_hand(town: Town) -> None:
    town.configure(dispatch={"automatic": False})
    warned = town.warn()
    assert town.sms.outbox == []
    town.start(warned, only=[EAST])
    assert sorted(phones(town.sms)) == [EAST_LEADER, EAST_SECRETARY]
    assert town.audited() == [("wang", "start")]


def test_what_an_officer_started_is_not_told_again_by_the_next_message(town: Town) -> None:
    town.configure(dispatch={"automatic": False})
    warned = town.warn(over=IN_EAST)
    town.start(warned)
    town.configure(dispatch={"automatic": True})
    update = town.warn(over=IN_EAST, replaces=warned)
    assert town.decision(update.identifier)[0] == "quiet"
    assert len(town.sms.outbox) == 2


def test_an_officer_can_not_start_what_has_run_out(town: Town) -> None:
    warned = town.warn(over=IN_EAST, level="blue", hours=1)
    town.tick(minutes=61)
    assert town.why_not(warned) == "该预警已被更新、解除或过期，不能启动"


def test_an_officer_can_not_start_what_touches_nothing(town: Town) -> None:
    warned = town.warn(over=NOWHERE)
    assert town.why_not(warned) == "预警范围没有碰到所选网格"


def test_starting_again_after_a_stop_takes_over_the_same_grids(town: Town) -> None:
    warned = town.warn(over=IN_EAST)
    town.stop()
    town.start(warned)
    assert town.states() == {"东村": "open"}
    assert len(town.sms.outbox) == 4


def test_more_people_than_the_limit_wait_for_a_human(town: Town) -> None:
    town.limit_people(1)
    warned = town.warn(over=IN_EAST)
    assert town.decision(warned.identifier)[0] == "approval"
    town.tick(minutes=30)
    assert town.sms.outbox == []
    assert desk.approve(town.world, town.last, "zhang", town.now)
    town.tick()
    assert len(town.sms.outbox) == 2
    assert not desk.approve(town.world, town.last, "zhang", town.now)
    assert town.audited() == [("zhang", "approve")]


def test_a_warning_within_the_limit_does_not_wait(town: Town) -> None:
    town.limit_people(2)
    town.warn(over=IN_WEST)
    assert len(town.sms.outbox) == 2


def test_in_the_undo_window_nothing_leaves_and_it_can_be_called_back(town: Town) -> None:
    town.configure(dispatch={"undo": "30s"})
    town.notice("甲。", EAST, key="1")
    assert town.sms.outbox == []
    town.stop()
    town.notice("乙。", EAST, key="2")
    town.tick(seconds=30)
    assert {("乙" in one.text) for one in town.sms.outbox} == {True}
    assert len(town.sms.outbox) == 2


def test_a_warning_without_a_roster_is_held_and_comes_later(town: Town) -> None:
    town.forget_roster()
    first = town.warn(over=IN_EAST)
    decision, why = town.decision(first.identifier)
    assert decision == "held"
    assert "尚未导入责任人名册" in why
    town.settle_in([(EAST_LEADER, "branch_leader", EAST)])
    town.warn(over=IN_EAST, replaces=first)
    assert phones(town.sms) == [EAST_LEADER]
