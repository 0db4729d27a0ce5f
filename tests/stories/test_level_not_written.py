"""其余乡镇继续生效, without a level: what held there by the warnings before goes on."""

from datetime import timedelta

from alertcast.dispatch import levels
from alertcast.dispatch.towns import reach
from alertcast.store import alerts, broadcasts, grids
from tests.stories.published import Warned
from tests.stories.seen import NAMES
from tests.stories.test_by_town import ORANGE, RED, publish
from tests.stories.town import SOUTH_LEADER, Town, phones

YELLOW = "怀集县气象台发布寒冷黄色预警信号"
LOWER = "怀集县气象台变更发布寒冷橙色预警信号"
COLD_PIT_RED = "将冷坑镇寒冷橙色预警信号升级为红色，其余乡镇寒冷预警信号继续生效。"
MANING_RED = "将马宁镇寒冷橙色预警信号升级为红色，其余乡镇寒冷预警信号继续生效。"


def holds(town: Town) -> dict[str, str | None]:
    """Return what holds in each grid by the warnings in force."""
    with town.db.read() as tx:
        found: dict[str, str | None] = {}
        for episode in broadcasts.open_episodes(tx, "cold"):
            found |= levels.in_force(town.world, tx, episode)
    return {NAMES[code]: level for code, level in found.items()}


def test_the_others_keep_the_level_of_the_warning_before(town: Town) -> None:
    first = publish(town, ORANGE, "怀集县气象台发布寒冷橙色预警信号。")
    before = len(town.sms.outbox)
    second = publish(town, RED, COLD_PIT_RED, replaces=first)
    assert town.decision(second.identifier)[0] == "broadcast"
    assert town.levels() == {"西村": "red", "东村": "red"}
    assert SOUTH_LEADER not in phones(town.sms)[before:]
    assert holds(town) == {"西村": "red", "东村": "red", "南村": "orange"}


def test_it_need_not_refer_to_the_warning_before(town: Town) -> None:
    publish(town, ORANGE, "怀集县气象台发布寒冷橙色预警信号。")
    second = publish(town, RED, COLD_PIT_RED)
    assert town.decision(second.identifier)[0] == "broadcast"
    assert holds(town) == {"西村": "red", "东村": "red", "南村": "orange"}


def test_several_in_a_row_each_go_on_from_the_last(town: Town) -> None:
    first = publish(town, ORANGE, "怀集县气象台发布寒冷橙色预警信号。")
    second = publish(town, RED, MANING_RED, replaces=first)
    third = publish(town, RED, COLD_PIT_RED, replaces=second)
    assert holds(town) == {"西村": "red", "东村": "red", "南村": "red"}
    assert town.levels() == {"西村": "red", "东村": "red"}  # 南村 knows already
    text = "将冷坑镇寒冷红色预警信号降级为橙色，其余乡镇寒冷预警信号继续生效。"
    publish(town, LOWER, text, replaces=third)
    assert holds(town) == {"西村": "orange", "东村": "orange", "南村": "red"}


def test_a_higher_level_than_any_that_the_text_names_goes_on(town: Town) -> None:
    first = publish(town, RED, "将马宁镇寒冷橙色预警信号升级为红色，其余乡镇寒冷黄色继续生效。")
    text = "将冷坑镇寒冷黄色预警信号升级为橙色，其余乡镇寒冷预警信号继续生效。"
    second = publish(town, LOWER, text, replaces=first)
    assert town.decision(second.identifier)[0] == "broadcast"
    assert holds(town) == {"西村": "orange", "东村": "orange", "南村": "red"}


def an_officer_looks_and_all_are_told_red(town: Town, warned: Warned, so_far: int = 0) -> None:
    decision, why = town.decision(warned.identifier)
    assert decision == "confirm"
    assert "没有写明等级" in why
    town.tick(minutes=2)
    assert len(town.sms.outbox) == so_far
    town.tick(minutes=2)
    assert holds(town) == {"西村": "red", "东村": "red", "南村": "red"}
    assert town.levels()["南村"] == "red"
    assert SOUTH_LEADER in phones(town.sms)[so_far:]


def test_where_no_warning_came_before_it_is_the_highest_and_an_officer_looks(town: Town) -> None:
    warned = publish(town, RED, COLD_PIT_RED)
    an_officer_looks_and_all_are_told_red(town, warned)


def test_where_the_one_it_refers_to_is_missing(town: Town) -> None:
    publish(town, ORANGE, "怀集县气象台发布寒冷橙色预警信号。")
    told = len(town.sms.outbox)
    lost = Warned("44122441600000_20261226160001", town.now - timedelta(hours=1))
    second = publish(town, RED, COLD_PIT_RED, replaces=lost)
    an_officer_looks_and_all_are_told_red(town, second, told)


def test_where_what_the_text_says_of_before_is_not_what_is_known(town: Town) -> None:
    """The upgrade from yellow to orange never came: 南村 may have been in it."""
    publish(town, YELLOW, "怀集县气象台发布寒冷黄色预警信号。")
    told = len(town.sms.outbox)
    an_officer_looks_and_all_are_told_red(town, publish(town, RED, COLD_PIT_RED), told)


def test_where_one_of_the_others_had_no_level_before(town: Town) -> None:
    first = publish(town, ORANGE, "发布冷坑镇寒冷橙色预警信号。")
    told = len(town.sms.outbox)
    second = publish(town, RED, COLD_PIT_RED, replaces=first)
    an_officer_looks_and_all_are_told_red(town, second, told)


def test_out_of_order_the_late_one_changes_nothing(town: Town) -> None:
    first = Warned("44122441600000_20261226160001", town.now - timedelta(hours=1))
    second = publish(town, RED, COLD_PIT_RED, replaces=first)
    late = publish(town, ORANGE, "怀集县气象台发布寒冷橙色预警信号。", as_of=first)
    assert town.decision(late.identifier)[0] == "superseded"
    assert town.sms.outbox == []
    an_officer_looks_and_all_are_told_red(town, second)


def test_what_was_sent_later_tells_nothing_of_before(town: Town) -> None:
    text = "发布冷坑镇寒冷橙色预警信号，马宁镇寒冷黄色预警信号。"
    publish(town, LOWER, text)
    told = len(town.sms.outbox)
    old = Warned("44122441600000_20261226160001", town.now - timedelta(hours=1))
    second = publish(town, RED, COLD_PIT_RED, as_of=old)
    an_officer_looks_and_all_are_told_red(town, second, told)


def test_read_again_later_it_says_the_same(town: Town) -> None:
    publish(town, ORANGE, "怀集县气象台发布寒冷橙色预警信号。")
    second = publish(town, RED, COLD_PIT_RED)
    town.now += timedelta(minutes=1)
    publish(town, RED, "将全县寒冷预警信号升级为红色。")
    with town.db.read() as tx:
        layer = grids.active_layer(tx)
        assert layer is not None
        message = alerts.load(tx, alerts.find(tx, second.identifier)[0])
        again = reach(town.world, tx, layer["id"], message)
    assert again.by_town.doubt is None
    assert "按此前预警的等级" in "".join(one.message for one in again.by_town.reasons)
    found = {NAMES[hit.grid.code]: hit.level for hit in again.matched.hits}
    assert found == {"西村": "red", "东村": "red", "南村": "orange"}
