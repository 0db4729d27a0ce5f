"""What people read and hear: the official words unaltered, ours marked, the way to check it."""

import dataclasses

import pytest

from alertcast.core.roster import Person, Post
from alertcast.core.wording import Texts
from tests.stories.seen import EAST
from tests.stories.town import EAST_LEADER, IN_EAST, Town


def test_the_text_message(town: Town) -> None:
    town.warn(over=IN_EAST, headline="怀集县气象台2026年12月26日17时20分发布寒冷橙色预警信号")
    assert town.sms.outbox[0].text == (
        "【怀集三防】怀集县气象台2026年12月26日17时20分发布寒冷橙色预警信号"
        "（怀集县气象台12月26日17时20分发布）。涉及冷坑镇东村。"
        "内部通知：走访独居老人；果树、水产做好防寒；烧炭取暖须开窗通风，谨防一氧化碳中毒；"
        "留意道路结冰。核实请拨0758-5522000。接来电请按1。"
    )


def test_the_call(town: Town) -> None:
    town.warn(over=IN_EAST)
    town.tick(minutes=10)
    said = town.pick_up(EAST_LEADER)
    assert said.count("这里是怀集县三防指挥部办公室") == 3
    assert "0 7 5 8 5 5 2 2 0 0 0" in said
    assert "本电话不会索要钱款和验证码" in said
    assert said.endswith("没有收到您的按键，请尽快查看短信或致电值班室。再见。")


def test_a_person_who_reads_english_gets_english(town: Town) -> None:
    town.enrol([Person("a", "A", EAST_LEADER, "en")], [Post("a", "branch_leader", EAST)])
    town.warn(over=IN_EAST)
    assert "Internal notice: Visit old people living alone" in town.sms.outbox[0].text


def test_the_words_are_frozen_at_the_first_attempt(town: Town) -> None:
    town.settle_in([(EAST_LEADER, "branch_leader", EAST)])
    town.warn(over=IN_EAST)
    town.report(town.sms, EAST_LEADER, "failed", reason="switched_off")
    town.configure(office={**town.office, "name": "x", "short_name": "x"})
    town.tick(minutes=2)
    first, second = town.sms.outbox
    assert first.text == second.text
    assert first.token != second.token


def test_nothing_personal_is_in_the_words(town: Town) -> None:
    town.warn(over=IN_EAST)
    town.tick(minutes=10)
    for one in town.sms.outbox + town.voice.outbox:
        assert "某21" not in one.text
        assert one.phone not in one.text


@pytest.mark.parametrize("event", ["寒冷", "霜冻", "道路结冰", "低温"])
@pytest.mark.parametrize("level", ["yellow", "orange", "red"])
def test_cold_names_carbon_monoxide_and_ice(town: Town, event: str, level: str) -> None:
    town.warn(over=IN_EAST, level=level, event=event)
    town.tick(minutes=61)
    for one in (town.sms.outbox[0], town.voice.outbox[0]):
        assert "一氧化碳" in one.text
        assert "结冰" in one.text.replace(f"{event}", "")


def test_a_headline_that_ends_in_a_full_stop_is_not_doubled(town: Town) -> None:
    town.warn(over=IN_EAST, headline="怀集县气象台发布寒冷橙色预警信号。")
    assert "预警信号（怀集县气象台" in town.sms.outbox[0].text
    town.tick(minutes=10)
    assert "预警信号。涉及" in town.voice.outbox[0].text
    for one in town.sms.outbox + town.voice.outbox:
        assert "。。" not in one.text


def test_the_text_for_this_hazard_and_level_wins(town: Town) -> None:
    own = {"zh": "霜冻专用：{headline}{issuer}{time}{places}内部通知{advice}{check}"}
    before = town.texts

    def more(texts: Texts) -> Texts:
        texts = before(texts)
        return dataclasses.replace(texts, by_id={**texts.by_id, "warning.sms.frost.orange": own})

    town.texts = more
    town.warn(over=IN_EAST, event="霜冻")
    assert town.sms.outbox[0].text.startswith("霜冻专用")


def test_the_version_of_each_text_is_kept_with_the_broadcast(town: Town) -> None:
    town.warn(over=IN_EAST)
    kept = town.broadcast()
    assert kept.wording_versions["warning.sms"].startswith("5-")
    assert kept.wording_versions.keys() == kept.wording.keys()
    assert "advice.cold.red" in kept.wording
    assert "advice.frost" not in kept.wording


def test_a_person_who_speaks_cantonese_hears_cantonese(town: Town) -> None:
    town.enrol([Person("a", "A", EAST_LEADER, "yue-HK")], [Post("a", "branch_leader", EAST)])
    town.warn(over=IN_EAST)
    assert town.sms.outbox[0].text.startswith("【怀集三防】")
    town.tick(minutes=10)
    assert town.pick_up(EAST_LEADER).startswith("呢度系怀集县三防指挥部办公室。")
