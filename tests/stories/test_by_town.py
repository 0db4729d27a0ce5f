"""A county's warning says in its text which towns are red: only they are told red."""

from datetime import timedelta

from alertcast.dispatch import desk
from tests.stories.published import Warned, cap
from tests.stories.town import (
    EAST_LEADER,
    SOUTH_LEADER,
    WEST_LEADER,
    Town,
    phones,
)

ORANGE = "怀集县气象台发布寒冷橙色预警信号"
RED = "怀集县气象台变更发布寒冷红色预警信号"
LIFT = "怀集县气象台解除寒冷橙色预警信号"
RED_IN_COLD_PIT = "将冷坑镇寒冷橙色预警信号升级为红色，其余乡镇寒冷橙色预警信号继续生效。"


def publish(
    town: Town,
    headline: str,
    text: str,
    replaces: Warned | None = None,
    msg_type: str = "Alert",
    as_of: Warned | None = None,
) -> Warned:
    town.numbers += 1
    warned = as_of or Warned(f"44122441600000_202612261720{town.numbers:02d}", town.now)
    info = (
        "<info><language>zh-CN</language><category>Met</category><event>寒冷</event>"
        "<urgency>Unknown</urgency><severity>Severe</severity><certainty>Unknown</certainty>"
        f"<expires>{(town.now + timedelta(hours=24)).isoformat()}</expires>"
        f"<headline>{headline}</headline><description>{text}</description>"
        "<area><areaDesc>怀集</areaDesc><geocode><valueName>CPEAS Geographic Code</valueName>"
        "<value>441224000000</value></geocode></area></info>"
    )
    kind = "Update" if replaces and msg_type == "Alert" else msg_type
    town.publish(cap(warned, info, msg_type=kind, replaces=replaces))
    return warned


def test_each_town_is_told_its_own_level(town: Town) -> None:
    publish(town, RED, RED_IN_COLD_PIT)
    assert town.levels() == {"西村": "red", "东村": "red", "南村": "orange"}
    text = next(one.text for one in town.sms.outbox if one.phone == SOUTH_LEADER)
    assert "橙色：" in text  # the headline says red
    text = next(one.text for one in town.sms.outbox if one.phone == WEST_LEADER)
    assert "红色：" not in text


def test_an_upgrade_of_one_town_leaves_the_others_in_peace(town: Town) -> None:
    first = publish(town, ORANGE, "怀集县气象台发布寒冷橙色预警信号。")
    before = len(town.sms.outbox)
    publish(town, RED, RED_IN_COLD_PIT, replaces=first)
    assert town.levels() == {"西村": "red", "东村": "red"}
    assert SOUTH_LEADER not in [one.phone for one in town.sms.outbox[before:]]


def test_a_text_that_leaves_towns_out_changes_nothing_there(town: Town) -> None:
    first = publish(town, ORANGE, "怀集县气象台发布寒冷橙色预警信号。")
    publish(town, RED, "将马宁镇寒冷橙色预警信号升级为红色。", replaces=first)
    assert town.levels() == {"南村": "red"}


def test_where_the_warning_before_is_not_known_its_level_is_told(town: Town) -> None:
    publish(town, RED, "将马宁镇寒冷橙色预警信号升级为红色。")
    assert town.levels() == {"西村": "orange", "东村": "orange", "南村": "red"}


def test_towns_that_cannot_be_read_wait_for_an_officer_then_all_are_told(town: Town) -> None:
    warned = publish(town, RED, "将北部乡镇寒冷橙色预警信号升级为红色，其余乡镇橙色继续生效。")
    decision, why = town.decision(warned.identifier)
    assert decision == "confirm"
    assert "北部" in why
    town.tick(minutes=2)
    assert phones(town.sms) == []
    town.tick(minutes=2)
    assert town.levels() == {"西村": "red", "东村": "red", "南村": "red"}
    assert {WEST_LEADER, EAST_LEADER, SOUTH_LEADER} <= set(phones(town.sms))


def test_an_officer_who_has_looked_lets_it_go_at_once(town: Town) -> None:
    publish(town, RED, "将北部乡镇寒冷橙色预警信号升级为红色，其余乡镇橙色继续生效。")
    assert desk.approve(town.world, town.last, "wang", town.now)
    town.tick()
    assert WEST_LEADER in phones(town.sms)


def test_an_officer_who_stops_it_is_obeyed(town: Town) -> None:
    publish(town, RED, "将北部乡镇寒冷橙色预警信号升级为红色，其余乡镇橙色继续生效。")
    town.stop()
    town.tick(minutes=10)
    assert phones(town.sms) == []


def test_a_clear_update_takes_the_place_of_one_that_waits(town: Town) -> None:
    unsure = publish(town, RED, "将北部乡镇寒冷橙色预警信号升级为红色，其余乡镇橙色继续生效。")
    waiting = town.last
    publish(town, RED, RED_IN_COLD_PIT, replaces=unsure)
    town.tick(minutes=5)
    assert set(town.states(waiting).values()) == {"cancelled"}
    assert town.levels() == {"西村": "red", "东村": "red", "南村": "orange"}


def test_a_lift_of_one_town_stops_the_calling_there_only(town: Town) -> None:
    first = publish(town, ORANGE, "怀集县气象台发布寒冷橙色预警信号。")
    calling = town.last
    said = "怀集县气象台解除寒冷橙色预警信号"
    lift = publish(town, said, "解除马宁镇寒冷橙色预警信号。", replaces=first)
    assert town.decision(lift.identifier)[0] == "quiet"
    assert town.states(calling) == {"西村": "open", "东村": "open", "南村": "cancelled"}


def test_a_lift_of_the_only_towns_that_were_warned_is_an_end(town: Town) -> None:
    first = publish(town, ORANGE, "发布马宁镇寒冷橙色预警信号。")
    assert town.levels() == {"南村": "orange"}
    said = "怀集县气象台解除寒冷橙色预警信号"
    lift = publish(town, said, "解除马宁镇寒冷橙色预警信号。", replaces=first)
    assert town.decision(lift.identifier)[0] == "all_clear"


def test_a_lift_that_still_asks_for_care_is_an_end(town: Town) -> None:
    first = publish(town, ORANGE, "怀集县气象台发布寒冷橙色预警信号。")
    calling = town.last
    text = "怀集县气象台27日9时解除寒冷橙色预警信号，但早晚仍冷，仍需防范其他次生灾害。"
    lift = publish(town, LIFT, text, replaces=first)
    assert town.decision(lift.identifier)[0] == "all_clear"
    assert set(town.states(calling).values()) == {"cancelled"}
    assert "已由发布单位解除" in town.sms.outbox[-1].text


def test_a_lift_of_all_that_keeps_another_signal_is_the_officer_s(town: Town) -> None:
    first = publish(town, ORANGE, "怀集县气象台发布寒冷橙色预警信号。")
    calling, told = town.last, len(town.sms.outbox)
    text = "怀集县气象台解除寒冷橙色预警信号，道路结冰黄色预警信号仍生效。"
    lift = publish(town, LIFT, text, replaces=first)
    word, why = town.decision(lift.identifier)
    assert word == "held"
    assert "全部还是部分" in why
    assert set(town.states(calling).values()) == {"open"}
    assert first.sent in town.in_force()
    assert town.lifts(lift, first)
    town.tick()
    assert town.in_force() == []
    assert set(town.states(calling).values()) == {"cancelled"}
    assert len(town.sms.outbox) > told
    assert "已由发布单位解除" in town.sms.outbox[-1].text


def test_nobody_is_called_by_a_lift_of_what_was_never_told(town: Town) -> None:
    publish(town, LIFT, "解除寒冷橙色预警信号，道路结冰黄色预警信号仍生效，但仍需注意防寒。")
    publish(town, LIFT, "怀集县气象台解除寒冷橙色预警信号，但仍需注意防寒。")
    town.tick(minutes=30)
    assert town.sms.outbox == town.voice.outbox == []


def test_a_lift_of_one_level_that_keeps_a_lower_one_is_that_warning(town: Town) -> None:
    text = "怀集县气象台解除全县寒冷橙色预警信号，改发寒冷黄色预警信号。"
    lift = publish(town, LIFT, text)
    assert town.decision(lift.identifier)[0] == "broadcast"
    assert set(town.levels().values()) == {"yellow"}
