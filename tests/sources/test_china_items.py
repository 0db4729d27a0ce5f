"""One warning of a Chinese list: what is read from it, and what is never guessed."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertcast.sources.read import parse_bytes
from tests.sources.lists import HUAIJI, TEXT, cma, cma_item, nmc, nmc_item, v1, v1_item, v7

SENT = datetime(2026, 12, 26, 9, 20, tzinfo=UTC)


def one(hazards, data, **how):
    (parsed,) = parse_bytes(data, hazards, **how)
    return parsed


def codes(parsed):
    return [reason.code for reason in parsed.reasons]


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (cma(cma_item(None)), ["no_id"]),
        (cma(cma_item(headline=None, title=None)), ["no_headline"]),
        (cma(cma_item("odd", effective=None)), ["no_sent"]),
        (cma(cma_item("odd", effective="today")), ["bad_time", "no_sent"]),
        (cma(cma_item("odd", effective="2026/13/26 17:20")), ["bad_time", "no_sent"]),
        (cma("text"), ["no_id", "no_headline", "no_sent"]),
        (cma(), ["empty_feed"]),
        (nmc(nmc_item(title=None)), ["no_title"]),
        (nmc(), ["empty_feed"]),
        (v1(v1_item(messageType={"code": "surprise"})), ["bad_msgtype"]),
        (v1(v1_item(expireTime="soon")), ["bad_time"]),
        (v1(), ["empty_feed"]),
        (v7(code="402"), ["not_nws"]),
    ],
)
def test_what_can_not_be_read_is_refused_with_the_reason(hazards, data, found):
    parsed = one(hazards, data)
    assert not parsed.accepted
    assert [c for c in codes(parsed) if c not in ("no_area", "unknown_hazard", "no_level")] == found


def test_one_bad_item_leaves_the_others_alone(hazards):
    found = parse_bytes(cma(None, cma_item(), 7), hazards)
    assert [parsed.accepted for parsed in found] == [False, True, False]


def test_an_item_of_the_map(hazards):
    for data in (cma(cma_item()), json.dumps(cma_item()).encode()):
        alert = one(hazards, data).alert
        (info,) = alert.infos
        assert (alert.key, alert.sent, alert.status) == (HUAIJI, SENT, "Actual")
        assert (info.hazard, info.level, info.severity) == ("cold", "red", "Extreme")
        assert info.sender_name == "怀集县气象台" and info.description == TEXT
        assert info.areas[0].geocodes == (("adcode", "441224"),)
        assert info.areas[0].circles == (), "the point is where the observatory stands"
        assert (info.event_codes, info.expires) == ((("CMA", "p0023001"),), None)


def test_the_headline_is_believed_and_the_code_is_a_hint(hazards):
    parsed = one(hazards, cma(cma_item(type="p0002004")))
    assert (parsed.alert.infos[0].hazard, parsed.alert.infos[0].level) == ("cold", "red")
    assert codes(parsed) == ["code_differs"]


def test_a_time_that_is_missing_is_read_from_the_identifier(hazards):
    parsed = one(hazards, cma(cma_item(effective="")))
    assert parsed.alert.sent == datetime(2026, 12, 26, 9, 22, 36, tzinfo=UTC)
    assert codes(parsed) == ["sent_from_id"]


@pytest.mark.parametrize("time", ["2026/12/26 17:20", "2026-12-26 17:20:00", "2026-12-26T09:20Z"])
def test_a_time_without_offset_is_that_of_beijing(hazards, time):
    assert one(hazards, cma(cma_item(effective=time))).alert.sent == SENT


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"headline": "【演练】怀集县气象台发布寒冷红色预警"}, "Exercise"),
        ({"headline": "测试预警信息"}, "Test"),
        ({"description": "演练：寒冷红色预警"}, "Exercise"),
        ({"description": "不是演练，请立即转移。"}, "Actual"),
    ],
)
def test_a_drill_or_a_test_is_no_warning(hazards, changes, status):
    assert one(hazards, cma(cma_item(**changes))).alert.status == status


def test_an_item_of_the_meteorological_centre(hazards):
    for data in (nmc(nmc_item()), json.dumps(nmc_item()).encode()):
        alert = one(hazards, data).alert
        (info,) = alert.infos
        assert (alert.key, alert.sent) == (HUAIJI, SENT)
        assert (info.hazard, info.level, info.description) == ("cold", "red", None)
        assert info.sender_name == "广东省肇庆市怀集县气象台"
        assert (info.areas[0].desc, info.areas[0].geocodes[0][1]) == (
            "广东省肇庆市怀集县",
            "441224",
        )
        assert info.web == f"http://www.nmc.cn/publish/alarm/{HUAIJI}.html"
    for url in ("http://elsewhere.example/", "//elsewhere.example/x", "http://[", None):
        assert one(hazards, nmc(nmc_item(url=url))).alert.infos[0].web is None


def test_a_warning_of_qweather(hazards):
    alert = one(hazards, v1(v1_item()), place="441224").alert
    (info,) = alert.infos
    assert (alert.sender, alert.msg_type, alert.sent) == ("qweather.com/441224", "Alert", SENT)
    assert (info.hazard, info.level, info.severity) == ("cold", "red", "Extreme")
    assert info.areas[0].geocodes == (("adcode", "441224"),)
    assert info.response_types == ("Monitor",)
    assert ("attribution", "和风天气") in info.parameters
    assert info.expires == datetime(2026, 12, 27, 9, 20, tzinfo=UTC)
    other = one(hazards, v1(v1_item()), place="441284").alert
    assert other.key != alert.key, "the same words hold for another county"


def test_both_ways_to_write_its_end_are_read(hazards):
    said = v1_item(expiredTime="2026-12-27T17:20+08:00")
    del said["expireTime"]
    assert one(hazards, v1(said)).alert.infos[0].expires


def test_an_update_and_a_cancel_of_qweather_name_what_they_replace(hazards):
    for code, kind in (("update", "Update"), ("cancel", "Cancel")):
        data = v1(v1_item(messageType={"code": code, "supersedes": ["9", "9", ""]}))
        alert = one(hazards, data).alert
        assert (alert.msg_type, [r.identifier for r in alert.references]) == (kind, ["9"])


def test_a_national_identifier_of_qweather_joins_the_others(hazards):
    alert = one(hazards, v1(v1_item(HUAIJI)), place="441284").alert
    assert alert.key == HUAIJI
    assert alert.infos[0].areas[0].geocodes == (("adcode", "441224"),)


def test_a_colour_beside_the_text_is_taken_where_the_text_has_none(hazards):
    said = v1_item(headline="Strong wind warning", eventType={}, color={"code": "orange"})
    parsed = one(hazards, v1(said | {"severity": "moderate", "description": ""}))
    info = parsed.alert.infos[0]
    assert (info.language, info.level, info.severity) == ("en-US", "orange", "Moderate")
    assert "level_from_colour" in codes(parsed)


def test_the_version_before(hazards):
    item = {
        "id": "10128090420261226172000000000001",
        "sender": "怀集县气象台",
        "pubTime": "2026-12-26T17:20+08:00",
        "title": "怀集县气象台更新寒冷红色预警信号",
        "endTime": "2026-12-27T17:20+08:00",
        "status": "update",
        "severity": "Extreme",
        "severityColor": "Red",
        "type": "1034",
        "typeName": "寒冷",
        "text": TEXT,
        "related": "1,2",
    }
    alert = one(hazards, v7(item)).alert
    assert (alert.msg_type, [r.identifier for r in alert.references]) == ("Update", ["1", "2"])
    assert (alert.infos[0].level, alert.infos[0].description) == ("red", TEXT)
    assert ("attribution", "QWeather Developers License") in alert.infos[0].parameters


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)


@given(
    st.sampled_from([(cma, cma_item()), (nmc, nmc_item()), (v1, v1_item()), (v7, v1_item())]),
    st.data(),
)
def test_nothing_raises(hazards, shape, data):
    wrap, item = shape
    name = data.draw(st.sampled_from(sorted(item)))
    assert parse_bytes(wrap(item | {name: data.draw(ANYTHING)}), hazards)
