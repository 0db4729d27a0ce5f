"""What is read out over loudspeakers and pasted into chats comes with each broadcast, and stays."""

import dataclasses

from alertcast.core.wording import Texts
from tests.stories.seen import EAST
from tests.stories.town import IN_EAST, IN_SOUTH, IN_WEST, Town


def test_a_warning_comes_with_a_script_and_a_copy(town: Town) -> None:
    town.warn(over=IN_EAST, headline="怀集县气象台发布寒冷橙色预警信号。")
    found = town.broadcast().scripts
    assert found["script"]["zh"] == (
        "各位村民、居民请注意，现在播报预警信息。怀集县气象台12月26日17时20分发布："
        "怀集县气象台发布寒冷橙色预警信号。涉及冷坑镇。怀集县三防指挥部办公室提醒大家："
        "注意保暖，老人、小孩和体弱的人少外出。烧炭、烧柴、用煤气取暖或洗澡，一定要开窗通风，"
        "谨防一氧化碳中毒。桥面、山路、背阴路段可能结冰，骑车开车请慢行，非必要不出行。"
        "果树、蔬菜请盖好薄膜，鱼塘加深水位，禽畜做好保温。"
        "需要帮助或者核实消息，请拨打0 7 5 8 5 5 2 2 0 0 0，也可以找您的网格员。"
    )
    assert found["copy"]["zh"].startswith("【怀集三防】怀集县气象台发布寒冷橙色预警信号（怀集县")
    assert found["script"]["yue"].startswith("各位街坊、乡亲请注意，而家播报预警信息。")
    assert set(found["script"]) == {"zh", "yue", "hak", "en"}


def test_towns_are_named_with_the_level_that_holds_there(town: Town) -> None:
    town.warn([(IN_EAST, "red"), (IN_WEST, "orange"), (IN_SOUTH, "orange")])
    found = town.broadcast().scripts["script"]["zh"]
    assert "涉及红色：冷坑镇；橙色：马宁镇。" in found
    assert "寒冷红色预警信号" in found


def test_a_drill_says_so_first_and_last(town: Town) -> None:
    town.notice("请清点被褥。", EAST, mode="drill")
    for texts in town.broadcast().scripts.values():
        assert texts["zh"].startswith("演练。")
        assert texts["zh"].endswith("演练")
        assert "请清点被褥。" in texts["zh"]


def test_the_official_end_has_one_too(town: Town) -> None:
    town.lift(town.warn(over=IN_EAST))
    found = town.broadcast().scripts
    assert "解除" in found["script"]["zh"]
    assert "解除" in found["copy"]["zh"]


def test_they_are_frozen(town: Town) -> None:
    town.warn(over=IN_EAST)
    before = town.broadcast().scripts
    town.configure(office={**town.office, "name": "x", "short_name": "x"})
    town.tick(minutes=30)
    assert town.broadcast().scripts == before


def test_one_that_can_not_be_made_keeps_nobody_from_being_told(town: Town) -> None:
    def broken(texts: Texts) -> Texts:
        words = {"zh": "{weather}", "en": "{headline}"}
        return dataclasses.replace(texts, by_id={**texts.by_id, "warning.script": words})

    town.texts = broken
    town.warn(over=IN_EAST)
    assert set(town.broadcast().scripts["script"]) == {"en"}
    assert len(town.sms.outbox) == 2


def test_nothing_personal_is_in_them(town: Town) -> None:
    town.warn()
    for texts in town.broadcast().scripts.values():
        for text in texts.values():
            assert "1380000" not in text
            assert "某" not in text
