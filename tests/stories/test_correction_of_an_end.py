"""An all-clear, or a correction, was wrong: the officer says which warnings are called again."""

import pytest

from alertcast.dispatch.start import CanNotStart
from tests.stories.town import (
    EAST_LEADER,
    EAST_SECRETARY,
    IN_EAST,
    IN_WEST,
    WEST_LEADER,
    Town,
    phones,
)


def templates(town: Town, phone: str) -> list[str]:
    return [one.template for one in town.sms.outbox if one.phone == phone]


def test_the_officer_is_asked_whether_the_warning_still_holds(town: Town) -> None:
    town.lift(town.warn(over=IN_EAST))
    with pytest.raises(CanNotStart, match="是否仍然有效"):
        town.correct()
    assert town.count() == 2


def test_a_warning_that_holds_is_called_again_from_its_first_rung(town: Town) -> None:
    warned = town.warn(over=IN_EAST)
    town.lift(warned)
    done = town.correct(again=[warned])
    town.tick()
    assert len(done.again) == 1
    assert town.states(done.again[0]) == {"东村": "open"}
    assert templates(town, EAST_LEADER) == [
        "warning.sms",
        "all_clear.sms",
        "correction.sms",
        "warning.sms",
    ]
    said = next(one.text for one in town.sms.outbox if one.template == "correction.sms")
    assert "预警解除消息有误" in said
    assert "目前有效的官方预警：怀集县气象台发布寒冷橙色预警信号" in said
    town.tick(minutes=10)
    assert sorted(phones(town.voice)) == [EAST_LEADER, EAST_SECRETARY]


def test_whoever_had_answered_before_the_wrong_end_is_asked_again(town: Town) -> None:
    warned = town.warn(over=IN_EAST)
    town.write_down(EAST_LEADER)
    town.lift(warned)
    done = town.correct(again=[warned])
    town.tick()
    assert town.states(done.again[0]) == {"东村": "open"}


def test_the_warning_can_be_lifted_again(town: Town) -> None:
    warned = town.warn(over=IN_EAST)
    town.lift(warned)
    town.correct(again=[warned])
    town.tick()
    end = town.lift(warned)
    assert town.decision(end.identifier)[0] == "all_clear"
    assert templates(town, EAST_LEADER)[-1] == "all_clear.sms"


def test_the_officer_may_say_that_nothing_holds(town: Town) -> None:
    town.lift(town.warn(over=IN_EAST))
    done = town.correct(again=[])
    town.tick(minutes=30)
    assert done.again == ()
    assert templates(town, EAST_LEADER) == ["warning.sms", "all_clear.sms", "correction.sms"]
    assert town.voice.outbox == []


def test_what_ran_out_meanwhile_is_not_called_again(town: Town) -> None:
    warned = town.warn(over=IN_EAST, hours=1)
    town.lift(warned)
    town.tick(minutes=90)
    done = town.correct()
    assert done.again == ()
    with pytest.raises(CanNotStart, match="不再有效"):
        town.correct(1, again=[warned])


def test_without_a_roster_the_correction_leaves_all_the_same(town: Town) -> None:
    warned = town.warn(over=IN_EAST)
    town.lift(warned)
    town.forget_roster()
    done = town.correct(again=[warned])
    town.tick()
    assert (done.again, done.not_again) == ((), "尚未导入责任人名册")
    assert templates(town, EAST_LEADER)[-1] == "correction.sms"


def test_a_correction_by_mistake_is_corrected_and_the_ladder_begins_anew(town: Town) -> None:
    warned = town.warn(over=IN_EAST)
    wrong = town.correct()
    town.tick()
    with pytest.raises(CanNotStart, match="是否仍然有效"):
        town.correct(wrong.broadcast_id)
    done = town.correct(wrong.broadcast_id, again=[warned])
    town.tick()
    assert templates(town, EAST_LEADER)[2:] == ["correction.sms", "warning.sms"]
    assert "的更正" not in town.sms.outbox[2].text
    assert any("起告知您的更正消息有误" in one.text for one in town.sms.outbox)
    assert town.states(done.again[0]) == {"东村": "open"}
    assert town.broadcast(wrong.broadcast_id).state == "cancelled"


def test_a_wrong_level_may_be_called_again_at_the_right_one(town: Town) -> None:
    warned = town.warn(over=IN_EAST)
    done = town.correct(again=[warned])
    town.tick()
    assert town.states(done.again[0]) == {"东村": "open"}
    assert templates(town, EAST_LEADER)[1:] == ["correction.sms", "warning.sms"]


def test_twice_calls_again_once(town: Town) -> None:
    warned = town.warn(over=IN_EAST)
    town.lift(warned)
    town.correct(2, again=[warned])
    town.correct(2, again=[warned])
    town.tick()
    assert town.count() == 4
    assert templates(town, EAST_LEADER)[-2:] == ["correction.sms", "warning.sms"]


def test_an_end_that_named_no_warning_is_relayed_for_the_one_the_officer_chooses(
    town: Town,
) -> None:
    town.warn(over=IN_WEST)
    warned = town.warn(over=IN_EAST, event="暴雨")
    end = town.lift(None)
    assert town.decision(end.identifier)[0] == "held"
    assert town.lifts(end, warned)
    town.tick()
    assert town.decision(end.identifier)[0] == "all_clear"
    assert templates(town, EAST_LEADER) == ["warning.sms", "all_clear.sms"]
    assert templates(town, WEST_LEADER) == ["warning.sms"]
    assert town.states(1) == {"西村": "open"}
    assert ("wang", "lift") in town.audited()


def test_it_is_relayed_once(town: Town) -> None:
    warned = town.warn(over=IN_EAST)
    end = town.lift(None)
    assert town.lifts(end, warned)
    assert not town.lifts(end, warned)
    town.tick()
    assert templates(town, EAST_LEADER) == ["warning.sms", "all_clear.sms"]


def test_only_a_warning_in_force_can_be_chosen_and_only_for_an_end(town: Town) -> None:
    warned = town.warn(over=IN_EAST, hours=1)
    town.tick(minutes=90)
    end = town.lift(None)
    with pytest.raises(CanNotStart, match="不在有效期"):
        town.lifts(end, warned)
    held = town.warn(over=IN_WEST, event="不明天气")
    with pytest.raises(CanNotStart, match="不是解除"):
        town.lifts(held, warned)


def test_an_end_relayed_for_the_wrong_warning_is_put_right(town: Town) -> None:
    warned = town.warn(over=IN_WEST)
    other = town.warn(over=IN_EAST, event="暴雨")
    end = town.lift(None)
    assert town.lifts(end, warned)
    town.tick()
    town.correct(again=[warned])
    town.tick()
    assert templates(town, WEST_LEADER)[1:] == ["all_clear.sms", "correction.sms", "warning.sms"]
    assert town.decision(end.identifier)[0] == "held"
    assert town.lifts(end, other)
    town.tick()
    assert templates(town, EAST_LEADER) == ["warning.sms", "all_clear.sms"]
