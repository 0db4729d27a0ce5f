"""Texts that may not go out: what each rule refuses, and that what is shipped passes."""

import tomllib
from typing import Any

import pytest

from alertcast.config import shipped
from alertcast.core.hazard import HazardTable
from alertcast.core.text_example import Example
from alertcast.core.text_lint import Fault, drill_faults, length_fault, lint, notice_faults
from alertcast.core.wording import Texts

HAZARDS = HazardTable.from_mapping(tomllib.loads(shipped("config/hazards.toml").read_text("utf-8")))
OFFICE = Example("怀集县三防指挥部办公室", "怀集三防", "0758-5522000")


def written(**changed: Any) -> list[Fault]:
    """Return the faults of the shipped texts, some of them changed: warning__sms="..."."""
    sections = tomllib.loads(shipped("config/texts.toml").read_text("utf-8"))
    for path, words in changed.items():
        *outer, last = path.split("__")
        section = sections
        for name in outer:
            section = section.setdefault(name, {})
        section[last] = {"zh": words} if isinstance(words, str) else words
    return lint(Texts.from_mapping(sections), HAZARDS, OFFICE)


def rules(faults: list[Fault]) -> set[tuple[str, str]]:
    return {(fault.text_id, fault.rule) for fault in faults}


WHOLE = (
    "【{office}】{headline}（{issuer}{time}发布）。涉及{places}。"
    "内部通知：{advice}核实请拨{check}。"
)
LONG = {("warning.script", "long"), ("warning.copy", "long")}


def test_what_is_shipped_is_whole() -> None:
    assert written() == []


@pytest.mark.parametrize("slot", ["issuer", "time", "places", "headline", "check"])
def test_a_warning_that_leaves_something_out(slot: str) -> None:
    faults = written(warning__sms=WHOLE.replace("{" + slot + "}", ""))
    assert rules(faults) == {("warning.sms", "missing")}
    assert slot in faults[0].message


def test_a_warning_that_says_nothing_to_do() -> None:
    faults = written(warning__sms=WHOLE.replace("{advice}", ""))
    assert ("warning.sms", "missing") in rules(faults)
    assert any("行动" in fault.message for fault in faults)


def test_a_text_for_one_hazard_is_held_to_the_same() -> None:
    assert rules(written(warning__sms__frost="霜冻！{headline}")) >= {
        ("warning.sms.frost", "missing")
    }


def test_an_unknown_slot() -> None:
    faults = written(warning__sms=WHOLE + "{weather}")
    assert faults == [
        Fault("warning.sms", "zh", "slot", "{weather} is not a slot of warning texts")
    ]


def test_our_own_words_are_marked() -> None:
    assert rules(written(warning__sms=WHOLE.replace("内部通知：", ""))) == {("warning.sms", "mark")}


@pytest.mark.parametrize(
    ("text_id", "words", "missing"),
    [
        ("advice__cold", "走访独居老人；留意道路结冰。", "carbon monoxide"),
        ("advice__cold", "走访独居老人；谨防一氧化碳中毒。", "icy roads"),
        ("advice__frost", "果树覆膜。", "carbon monoxide"),
        ("advice__road_icing", "减速慢行，谨防结冰。", "carbon monoxide"),
        ("public__cold", "注意保暖，路上结冰。", "carbon monoxide"),
        ("advice__cold", {"zh": "一氧化碳，道路结冰。", "en": "Stay warm."}, "icy roads"),
    ],
)
def test_cold_names_what_people_die_of(text_id: str, words: Any, missing: str) -> None:
    faults = [fault for fault in written(**{text_id: words}) if fault.rule == "cold"]
    assert {fault.text_id for fault in faults} == {text_id.replace("__", ".")}
    assert any(missing in fault.message for fault in faults)


def test_heat_need_not_name_carbon_monoxide() -> None:
    assert written(advice__heat="避开正午户外作业。", public__heat="多喝水。") == []


@pytest.mark.parametrize(
    "words",
    ["请把验证码告诉我们。", "请先转账，再领物资。", "本电话不收费。请提供银行卡号。"],
)
def test_no_text_asks_for_money_or_codes(words: str) -> None:
    assert rules(written(answer__none=words)) == {("answer.none", "money")}


def test_saying_that_we_never_ask_is_fine() -> None:
    assert written(answer__none="本电话不会索要钱款和验证码。") == []
    assert written(answer__none={"zh": "好。", "en": "We never ask for money or codes."}) == []


def test_a_notice_of_ours_never_looks_like_a_signal() -> None:
    wrong = "【{office}】红色预警：{headline}{text}涉及{places}。"
    assert {rule for _, rule in rules(written(desk__sms=wrong))} == {"signal", "slot"}


def test_a_live_text_never_says_drill() -> None:
    assert rules(written(answer__call="演练，请按1。")) == {("answer.call", "drill")}


def test_too_long_for_its_kind() -> None:
    assert rules(written(warning__sms=WHOLE + "请" * 400)) == {("warning.sms", "long")}
    assert rules(written(public__cold="一氧化碳，结冰。" * 150)) == LONG
    assert length_fault("voice", "冷" * 450) is None
    assert length_fault("voice", "冷" * 451) == "takes 100 s to say, more than 100"
    assert length_fault("sms", "冷" * 501) == "501 characters (8 UCS-2 segments), more than 500"


def test_a_text_that_is_not_there() -> None:
    sections = tomllib.loads(shipped("config/texts.toml").read_text("utf-8"))
    del sections["warning"]["script"]
    assert lint(Texts.from_mapping(sections), HAZARDS, OFFICE) == [
        Fault("warning.script", "zh", "missing", "there is no such text")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "发布寒冷红色预警",
        "县里的预警信号已经升级",
        "今晚升级为橙色",
        "寒冷黄色信号生效",
        "A red cold warning is in force",
        "预警等级为红色",
    ],
)
def test_a_notice_that_looks_official(text: str) -> None:
    assert len(notice_faults(text)) == 1
    assert "预警信号只能由发布单位发布" in notice_faults(text)[0]
    assert notice_faults(text, is_authority=True) == []


@pytest.mark.parametrize(
    "text", ["请把红色棉被发给独居老人。", "今晚请清点被褥。", "不要向任何人转账。"]
)
def test_an_ordinary_notice(text: str) -> None:
    assert notice_faults(text) == []


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("今晚防冻演练，请回复。", "演练"),
        ("今晚演习", "演习"),
        ("防凍演練", "演練"),
        ("This is a drill.", "drill"),
    ],
)
def test_a_live_notice_that_speaks_of_a_drill(text: str, word: str) -> None:
    assert drill_faults(text, "live") == [f"正式通知不得含“{word}”：演练请选择“演练”启动"]
    assert drill_faults(text, "drill") == []


@pytest.mark.parametrize(
    "text", ["这不是演练！", "并非一次演练", "非演习，立即转移", "This is not a drill", "No drill."]
)
def test_a_drill_that_denies_it(text: str) -> None:
    [fault] = drill_faults(text, "drill")
    assert fault.startswith("演练内容不得写“")


@pytest.mark.parametrize(
    "text", ["今晚降温。", "这不是真实预警，只是演练。", "除非演练取消，请到场"]
)
def test_a_drill_that_says_so(text: str) -> None:
    assert drill_faults(text, "drill") == []


def test_a_notice_that_asks_for_money() -> None:
    assert notice_faults("请每户缴费50元。") == ["不得索要钱款、密码或验证码（“缴费”）"]


@pytest.mark.parametrize("text", ["从{时间}起开放", "{}"])
def test_a_slot_that_nobody_filled_in_goes_nowhere(text: str) -> None:
    (fault,) = notice_faults(text)
    assert "换成实际内容" in fault
