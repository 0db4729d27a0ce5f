"""What templates refuse is said in words; what can not be said is refused, not dropped."""

import pytest

from alertcast.core.rewriting import Limit, Unfit, fitted, plain

FORBIDDEN = "℃~-/:%#¥【】"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("最低气温-3℃", "最低气温零下3度"),
        ("最低气温−1.5℃", "最低气温零下1.5度"),  # noqa: RUF001  the minus sign of typesetters
        ("-2~3℃", "零下2到3度"),
        ("-5℃~-2℃", "零下5到零下2度"),
        ("1～5°C", "1到5度"),  # noqa: RUF001  full-width, as feeds write it
        ("阵风7-8级", "阵风7到8级"),
        ("26日8时-27日8时", "26日8时到27日8时"),
        ("12:30前", "12点30分前"),
        ("湿度90%", "湿度百分之90"),
        ("50-60％", "百分之50到百分之60"),  # noqa: RUF001
        ("2026-01-20", "2026年01月20日"),
        ("请拨0758-5522000", "请拨07585522000"),
        ("【怀集】", "怀集"),
        ("阵风20m/s", "阵风20米每秒"),
        ("冷坑镇、马宁镇", "冷坑镇、马宁镇"),
    ],
)
def test_signs_become_words(text: str, expected: str) -> None:
    found = plain(text)
    assert found == expected
    assert fitted("s", found, Limit(), FORBIDDEN) == expected
    assert plain(found) == found


def test_the_office_s_own_replacements_come_first() -> None:
    assert plain("党支部书记和党委", {"党支部书记": "网格负责人", "党": "某"}) == "网格负责人和某委"


@pytest.mark.parametrize(
    ("text", "limit", "reason"),
    [
        ("", Limit(), "slot_unfit"),
        ("  ", Limit(), "slot_unfit"),
        ("A-B", Limit(), "slot_unfit"),  # a sign that no rule can say is never dropped
        ("http://x", Limit(), "slot_unfit"),
        ("冷坑镇东村", Limit(most=4), "too_long"),
        ("冷坑镇东村", Limit(most_bytes=14), "too_long"),
        ("冷坑镇东村的人", Limit(most=4, cut=True), "too_long"),  # nowhere to cut
        ("冷坑镇东村、西村", Limit(most=4, cut=True), "too_long"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_reason(text: str, limit: Limit, reason: str) -> None:
    with pytest.raises(Unfit) as refused:
        fitted("places", text, limit, FORBIDDEN)
    assert refused.value.reason == reason
    assert "places" in str(refused.value)
    assert text.strip() == "" or text not in str(refused.value)


def test_a_list_is_cut_at_its_last_mark_that_fits() -> None:
    text = "冷坑镇东村、冷坑镇西村、马宁镇南村"
    assert fitted("places", text, Limit(most=12, cut=True)) == "冷坑镇东村、冷坑镇西村等"
    assert fitted("places", text, Limit(most_bytes=32, cut=True)) == "冷坑镇东村等"
    assert fitted("places", text, Limit(most=17, cut=True)) == text
