"""The words of a message: slots, places, parts, drills."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertcast.core.alert import Alert, Info
from alertcast.core.segments import Segments, segments
from alertcast.core.wording import (
    Place,
    TextError,
    Texts,
    drill,
    filled,
    issuer_of,
    local_time,
    places_text,
    slots_of,
    spoken_number,
    without_markup,
)

LEVELS = ("red", "orange", "yellow")
NAMES = {"red": "红色", "orange": "橙色", "yellow": "黄色"}
SENT = datetime(2026, 12, 26, 9, 5, tzinfo=UTC)


def place(number: int, town: str = "冷坑镇", county: str = "怀集县", level: str = "red") -> Place:
    return Place(f"{number}村", town, county, level)


def said(*places: Place) -> str:
    return places_text(places, LEVELS, NAMES)


def test_a_level_that_is_not_the_one_of_the_headline_is_said() -> None:
    places = [place(1, level="orange")]
    assert places_text(places, LEVELS, NAMES, said=NAMES["orange"]) == "冷坑镇1村"
    assert places_text(places, LEVELS, NAMES, said=NAMES["red"]) == f"{NAMES['orange']}：冷坑镇1村"


@pytest.mark.parametrize(
    ("sections", "mistake"),
    [
        ({"a": {"en": "x"}}, "text a: has no zh"),
        ({"a": {"b": {"zh": "x"}, "c": "y"}}, "text a: 'c' is not a text in a language"),
    ],
)
def test_a_mistake_is_named(sections: dict[str, object], mistake: str) -> None:
    with pytest.raises(TextError) as refused:
        Texts.from_mapping(sections)
    assert refused.value.mistakes == [mistake]


TEXTS = Texts.from_mapping({"version": "1", "a": {"b": {"zh": "你好{who}", "en": "Hello {who}"}}})


def test_a_text_that_does_not_exist() -> None:
    with pytest.raises(TextError, match=r"text a\.c: there is none"):
        TEXTS.render("a.c", "zh", {})
    assert TEXTS.find("a.c", "zh") is None


def test_a_slot_without_a_value() -> None:
    with pytest.raises(TextError, match=r"text a\.b: slot 'who' has no value"):
        TEXTS.render("a.b", "zh", {"whom": "x"})


@pytest.mark.parametrize(
    ("language", "text"),
    [("zh", "你好甲"), ("zh-CN", "你好甲"), ("en-US", "Hello 甲"), ("ja", "你好甲")],
)
def test_the_language_or_its_first_part_or_chinese(language: str, text: str) -> None:
    assert TEXTS.render("a.b", language, {"who": "甲"}) == text


def test_what_fills_a_slot_is_never_filled_itself() -> None:
    assert TEXTS.render("a.b", "zh", {"who": "{check}"}) == "你好{check}"
    assert slots_of("{a} {b} {{c}}") == {"a", "b"}


@pytest.mark.parametrize(
    ("begins", "text"), [("", "预警。涉及"), ("，预计明天开始", "预警，预计明天开始。涉及")]
)
def test_no_mark_is_doubled_whatever_stands_between(begins: str, text: str) -> None:
    assert filled("{headline}{begins}。涉及", {"headline": "预警。", "begins": begins}) == text


def test_up_to_three_grids_are_named() -> None:
    assert said() == ""
    assert said(place(1)) == "冷坑镇1村"
    assert said(place(1), place(2), place(3)) == "冷坑镇1村、冷坑镇2村、冷坑镇3村"


def test_more_grids_are_counted_by_town_and_more_towns_by_county() -> None:
    assert said(*(place(n) for n in range(4))) == "冷坑镇4个网格"
    assert said(*(place(n, f"{n}镇") for n in range(4))) == "怀集县4个镇街4个网格"


def test_towns_of_the_same_name_in_two_counties_are_two() -> None:
    many = [place(n, county=county) for county in ("甲县", "乙县") for n in range(2)]
    assert said(*many) == "冷坑镇2个网格、冷坑镇2个网格"


def test_several_levels_are_named_the_highest_first() -> None:
    assert said(place(1, level="yellow"), place(2)) == "红色：冷坑镇2村；黄色：冷坑镇1村"


@pytest.mark.parametrize(
    ("headline", "sender_name", "issuer"),
    [
        ("怀集县气象台发布寒冷橙色预警信号", "x", "怀集县气象台"),
        ("肇庆市气象局12月26日发布", None, "肇庆市气象局"),
        ("Wind Chill Warning issued", "NWS Boston MA", "NWS Boston MA"),
        (None, None, "observatory"),
    ],
)
def test_issuer(headline: str | None, sender_name: str | None, issuer: str) -> None:
    info = Info(
        "zh-CN",
        ("Met",),
        "寒冷",
        "Expected",
        "Severe",
        "Likely",
        headline=headline,
        sender_name=sender_name,
    )
    alert = Alert("1", "observatory", SENT, "Actual", "Alert", infos=(info,))
    assert issuer_of(alert, info) == issuer


def test_times_and_numbers_as_they_are_said() -> None:
    assert local_time(SENT) == "12月26日9时05分"
    assert local_time(SENT, "en") == "26 December 09:05"
    assert spoken_number("0758-552 2000") == "0 7 5 8 5 5 2 2 0 0 0"


def test_a_drill_begins_and_ends_with_the_word() -> None:
    assert drill("某事。") == "演练。某事。演练"
    assert drill("Something.", "en-US") == "DRILL. Something. DRILL"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("冷" * 70, 1),
        ("冷" * 71, 2),
        ("冷" * 134, 2),
        ("冷" * 135, 3),
        ("\U0001f975" * 35, 1),
        ("\U0001f975" * 36, 2),
    ],
)
def test_parts(text: str, number: int) -> None:
    assert segments(text).count == number


def test_the_alphabet_decides_the_parts() -> None:
    assert segments("Cold tonight.") == Segments("GSM-7", 13, 1)
    assert segments("今晚寒冷。") == Segments("UCS-2", 5, 1)


SPECIFIC = Texts.from_mapping(
    {
        "version": "7",
        "advice": {
            "default": {"zh": "通用"},
            "cold": {"zh": "家族", "version": "3", "red": {"zh": "家族红"}},
            "frost": {"zh": "霜冻", "red": {"zh": "霜冻红"}},
        },
        "sms": {"zh": "短信"},
    }
)


@pytest.mark.parametrize(
    ("hazard", "level", "text_id"),
    [
        ("frost", "red", "advice.frost.red"),
        ("frost", "yellow", "advice.frost"),
        ("low_temperature", "red", "advice.cold.red"),
        ("low_temperature", "yellow", "advice.cold"),
        ("cold", None, "advice.cold"),
        ("heat", "red", "advice.default"),
        (None, None, "advice.default"),
    ],
)
def test_the_most_specific_text_wins(hazard: str | None, level: str | None, text_id: str) -> None:
    family = "heat" if hazard == "heat" else "cold" if hazard else None
    assert SPECIFIC.best("advice", hazard, family, level) == text_id


def test_a_version_is_what_was_written_and_a_digest_of_the_words() -> None:
    assert SPECIFIC.version_of("advice.cold").startswith("3-")
    assert SPECIFIC.version_of("sms").startswith("7-")
    other = Texts.from_mapping({"version": "7", "sms": {"zh": "短信！"}})
    assert other.version_of("sms") != SPECIFIC.version_of("sms")
    again = Texts.from_mapping({"version": "7", "sms": {"zh": "短信"}})
    assert again.version_of("sms") == SPECIFIC.version_of("sms")


@pytest.mark.parametrize(
    ("template", "value", "text"),
    [
        ("{a}。乙", "甲。", "甲。乙"),
        ("{a}。乙", "甲！", "甲。乙"),
        ("{a}（乙）", "甲。", "甲（乙）"),
        ("{a} (b)", "A.", "A (b)"),
        ("{a}. B", "A.", "A. B"),
        ("{a}乙", "甲。", "甲。乙"),
        ("{a}", "甲。", "甲。"),
        ("{a}{b}。", "甲。", "甲。丙。"),
    ],
)
def test_no_mark_is_doubled(template: str, value: str, text: str) -> None:
    texts = Texts.from_mapping({"x": {"zh": template}})
    assert texts.render("x", "zh", {"a": value, "b": "丙"}) == text


@given(st.lists(st.tuples(st.integers(1, 4), st.sampled_from(LEVELS)), min_size=1, max_size=40))
def test_places_are_never_long(drawn: list[tuple[int, str]]) -> None:
    text = said(*(place(n, f"{n}镇", level=level) for n, level in drawn))
    assert text
    assert len(text) < 100


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("发布寒冷橙色预警信号  两个空格", "发布寒冷橙色预警信号  两个空格"),
        ("<p>发布<b>寒冷</b>橙色预警信号&nbsp;</p>", "发布寒冷橙色预警信号"),
        ("气温<0℃，风速>10米", "气温<0℃，风速>10米"),
        ("A &amp; B", "A & B"),
        ("A & B", "A & B"),
        ("<" * 50_000, "<" * 50_000),
    ],
)
def test_markup_is_not_said_and_everything_else_is(text: str, said: str) -> None:
    assert without_markup(text) == said
