"""What a cell of a roster says: days, languages, specialities."""

from datetime import date

import pytest

from alertcast.grids import cells


@pytest.mark.parametrize(
    "text",
    [
        "2026-12-01",
        "2026/12/1",
        "2026.12.01",
        "2026年12月1日",
        "20261201",
        "\uff12\uff10\uff12\uff16-12-01",
        "2026-12-01 00:00:00",
        "46357",
        "46357.0",
    ],
)
def test_a_day_in_any_usual_way(text: str) -> None:
    assert cells.day(text) == date(2026, 12, 1)


@pytest.mark.parametrize(
    "text", ["", "2026-13-01", "2026-02-30", "明年", "12", "2026", "1-12-2026", "99999", "20261301"]
)
def test_anything_else_is_no_day(text: str) -> None:
    assert cells.day(text) is None


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("客家话、粤语、普通话", "hak,yue,zh-CN"),
        ("Hakka; Cantonese", "hak,yue"),
        ("白话", "yue"),
        ("zh-CN", "zh-CN"),
        ("粤语，yue", "yue"),
        ("zh-CN-x-slow，英语", "zh-CN-x-slow,en"),
        ("中文", None),
        ("粤语、方言", None),
        ("", None),
        ("、", None),
    ],
)
def test_languages_by_name_or_tag_the_preferred_first(text: str, tags: str | None) -> None:
    assert cells.languages(text) == tags


def test_more_languages_than_have_room_are_refused() -> None:
    many = "、".join(f"zh-CN-x-part{n}" for n in range(9))
    assert cells.languages(many) is None


def test_specialities_are_words() -> None:
    assert cells.specialities("医生、电工，有船；医生") == ("医生", "电工", "有船")
    assert cells.specialities("") == ()
    assert cells.specialities("、".join(f"w{n}" for n in range(11))) is None
    assert cells.specialities("这个人什么都会而且随叫随到还有一条很大的船可以用来救人") is None


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("", ("", "")),
        ("电话优先", ("voice", "")),
        ("SMS first", ("sms", "")),
        ("座机优先", ("", "landline")),
        ("短信优先、手机优先", ("sms", "mobile")),
        ("电话优先、短信优先", None),
        ("座机优先、手机优先", None),
        ("微信", None),
    ],
)
def test_what_a_person_prefers(text: str, wish: tuple[str, str] | None) -> None:
    assert cells.preferences(text) == wish
