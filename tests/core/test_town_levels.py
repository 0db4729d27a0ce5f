"""The reader of towns under any text: it never raises, never strays, and noise lowers nothing."""

from collections.abc import Mapping
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from alertcast.core.folding import fold
from alertcast.core.town_levels import LONGEST, Reading
from tests.core.town_tables import COUNTIES, FRESH, TABLE, TEXTS, reader

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
CASE = st.sampled_from([case for case in (*TEXTS, *FRESH) if case["text"]])
GUIDANCE = (
    "防御指引：1.暴雨红色预警信号生效期间，全县中小学停课；2.停止一切户外活动",
    "收到寒冷红色预警信号时，各镇街应开放临时避寒场所",
    "请相关乡镇停止户外作业，取消全县大型集会",
    "红色预警信号解除前，危险地带的群众不得返回",
    "后续可能将部分乡镇暴雨预警信号升级或解除，请留意最新预警信息",
    "视雨情发展，适时降级或解除",
    "一旦解除预警信号，请仍注意地质灾害",
    "冷坑镇、坑口镇、回龙镇等地注意防范山洪，停止露天活动",
    "预计明天白天可解除预警信号",
    "降水停止后仍请注意防御次生灾害",
)
TRADITIONAL = str.maketrans(
    "镇乡县区将级为红黄蓝预号发布变继续余扩维与调响应报讯灾个岭届围处办气风电冻结冰雾旱热温强湿涨"
    "确现东属单达紧临时间后当随该们启动关闭车学园业险滩坡务联审过减弱转",
    "鎮鄉縣區將級為紅黃藍預號發佈變繼續餘擴維與調響應報訊災個嶺屆圍處辦氣風電凍結冰霧旱熱溫強濕漲"
    "確現東屬單達緊臨時間後當隨該們啟動關閉車學園業險灘坡務聯審過減弱轉",
)
"""Simplified to traditional, written apart from the table of the reader."""


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


@given(
    case=CASE,
    said=st.lists(st.sampled_from(GUIDANCE), min_size=1, max_size=3, unique=True),
    at=st.integers(0, 9),
)
@settings(max_examples=300, deadline=None)
def test_a_sentence_of_guidance_lowers_nothing(
    case: Mapping[str, Any], said: list[str], at: int
) -> None:
    sentences = case["text"].rstrip("。").split("。")
    sentences[at % len(sentences) + 1 : at % len(sentences) + 1] = said
    quiet, loud = told(case, case["text"]), told(case, "。".join(sentences) + "。")
    for code, held in quiet.levels().items():
        assert TABLE.rank(loud.levels().get(code)) >= TABLE.rank(held), sentences


@given(case=CASE)
@settings(max_examples=300, deadline=None)
def test_traditional_characters_change_nothing(case: Mapping[str, Any]) -> None:
    text = case["text"].translate(TRADITIONAL)
    assert told(case, text).levels() == told(case, case["text"]).levels()


@given(case=CASE, other=CASE)
@settings(max_examples=300, deadline=None)
def test_a_further_text_raises_towns_that_it_names_and_lowers_none(
    case: Mapping[str, Any], other: Mapping[str, Any]
) -> None:
    found = TABLE.classify(headline=case["headline"], event="")
    hazard, level = case.get("hazard", found.hazard), case.get("level", found.level)
    one = reader(case["of"])[0]
    alone = one.read([case["text"]], hazard=hazard, level=level)
    merged = one.read([case["text"], other["text"]], hazard=hazard, level=level)
    if not alone.is_whole:
        for code, held in alone.levels().items():
            assert TABLE.rank(merged.levels().get(code)) >= TABLE.rank(held)


@given(
    before=TEXT | CASE.map(lambda case: str(case["text"])),
    after=st.lists(st.sampled_from(GUIDANCE + JUNK), max_size=3),
    place=st.sampled_from(sorted(COUNTIES)).flatmap(
        lambda county: st.tuples(
            st.just(county),
            st.lists(
                st.sampled_from(sorted(reader(county)[1].towns)),
                min_size=1,
                max_size=3,
                unique=True,
            ),
        )
    ),
    level=st.sampled_from(["red", "orange", "yellow", "blue"]),
)
@settings(max_examples=500, deadline=None)
def test_a_town_for_which_a_level_is_issued_is_at_least_at_that_level(
    before: str, after: list[str], place: tuple[str, list[str]], level: str
) -> None:
    county, codes = place
    names = "、".join(reader(county)[1].towns[code] for code in codes)
    issued = f"发布{names}暴雨{TABLE.level_name(level)}预警信号。"
    text = f"{before}。{issued}{'。'.join(after)}"
    levels = reader(county)[0].read([text], hazard="rainstorm", level=None).levels()
    assert all(TABLE.rank(levels.get(code)) >= TABLE.rank(level) for code in codes), text
