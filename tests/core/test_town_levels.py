"""The reader of towns under any text: it never raises, never strays, and noise lowers nothing."""

from collections.abc import Mapping
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from alertcast.core.folding import fold
from alertcast.core.town_levels import LONGEST, Reading
from tests.core.town_tables import COUNTIES, TABLE, TEXTS, reader

PIECES = (
    *(
        "怀集县",
        "广宁县",
        "冷坑镇",
        "马宁",
        "坑口镇",
        "回龙",
        "下帅",
        "高要区回龙镇",
        "汶朗镇",
        "无此镇",
    ),
    *("全县", "其余乡镇", "上述镇街", "北部", "部分镇街", "除", "外", "除外", "等", "三镇", "不含"),
    *(
        "寒冷",
        "暴雨",
        "道路结冰",
        "红色",
        "橙色",
        "黄色",
        "Ⅰ级",
        "预警信号",
        "升级为",
        "降级为",
        "由",
    ),
    *(
        "继续生效",
        "维持",
        "发布",
        "变更发布",
        "扩展至",
        "解除",
        "可能升级",
        "请",
        "应急响应",
        "涉及",
    ),
    *(
        "怀集县气象台",
        "26日17时20分",
        "将",
        "、",
        "和",
        "，",
        "。",
        "；",
        "：",
        "（",
        "）",
        "[",
        "]",
        "\n",
    ),
)
JUNK = (
    "请注意做好防御工作",
    "过去1小时最大雨量为62.5毫米（自动站）",
    "防御指南：1.停止户外活动；2.关好门窗",
    "广宁县、封开县也有强降水",
    "详情请拨打0758-5522000",
    "最低气温-1至1℃，有霜冻",
    "肇庆市气象台正在密切监视天气变化",
    "（未完",
    "受冷空气影响，我县北部高寒山区有冰冻",
    "启动防冻Ⅳ级应急响应",
)
TEXT = st.text() | st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=40).map("".join)
NOISE = st.sampled_from(JUNK) | st.text(max_size=20)
CASE = st.sampled_from([case for case in TEXTS if case["text"]])


def told(case: Mapping[str, Any], text: str) -> Reading:
    found = TABLE.classify(headline=case["headline"], event="")
    hazard, level = case.get("hazard", found.hazard), case.get("level", found.level)
    return reader(case["of"])[0].read([text, case["headline"]], hazard=hazard, level=level)


@settings(deadline=None)
@given(
    text=TEXT,
    headline=TEXT,
    county=st.sampled_from(sorted(COUNTIES)),
    hazard=st.sampled_from([None, "cold", "rainstorm", "road_icing"]),
    level=st.sampled_from([None, "red", "orange", "yellow"]),
)
def test_it_never_raises_and_never_leaves_the_county(
    text: str, headline: str, county: str, hazard: str | None, level: str | None
) -> None:
    reading = reader(county)[0].read([text, headline], hazard=hazard, level=level)
    assert set(reading.towns) | set(reading.silent) == set(reader(county)[1].towns)
    assert all(code.startswith(county) for code in reading.towns)
    levels = reading.levels().values()
    assert all(held in TABLE.levels for held in levels)
    if reading.doubt and reading.is_whole:
        assert set(levels) <= {reading.level}


@settings(deadline=None)
@given(text=TEXT)
def test_folding_what_was_folded_changes_nothing(text: str) -> None:
    once = fold(text).text
    assert fold(once).text == once


@settings(deadline=None)
@given(text=TEXT, county=st.sampled_from(sorted(COUNTIES)))
def test_the_same_text_is_read_alike_each_time(text: str, county: str) -> None:
    one = reader(county)[0]
    first = one.read([text], hazard="cold", level="orange")
    assert one.read([text], hazard="cold", level="orange") == first


@given(case=CASE, noise=st.lists(NOISE, min_size=4, max_size=4), ends=st.booleans())
@settings(max_examples=300, deadline=None)
def test_noise_between_sentences_lowers_nothing(
    case: Mapping[str, Any], noise: list[str], ends: bool
) -> None:
    quiet = told(case, case["text"])
    sentences = case["text"].split("。")
    mark = "。" if ends else "，"
    noisy = "".join(
        f"{noise[number % 4]}{mark}{sentence}。" for number, sentence in enumerate(sentences)
    )
    loud = told(case, noisy)
    for code, said in quiet.towns.items():
        heard = loud.towns.get(code)
        assert TABLE.rank(heard.level if heard else None) >= TABLE.rank(said.level), noisy


@settings(deadline=None)
@given(case=CASE, wide=st.booleans(), gap=st.sampled_from(["", " ", "\u3000", "\u200b"]))
def test_widths_and_spaces_change_nothing(case: Mapping[str, Any], wide: bool, gap: str) -> None:
    text = case["text"]
    if wide:
        text = "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in text)
    text = gap.join(text)
    assert told(case, text).levels() == told(case, case["text"]).levels()


def test_a_text_without_end_is_not_read_but_told_to_all() -> None:
    text = "将冷坑镇寒冷橙色预警信号升级为红色，" * LONGEST
    reading = reader("441224")[0].read([text], hazard="cold", level="red")
    assert set(reading.levels().values()) == {"red"}
    assert reading.is_whole
    assert reading.doubt
