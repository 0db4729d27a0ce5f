"""Caiyun, point by point and the whole country at once; its token is told to nobody."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from alertcast.core.witness import Body
from alertcast.sources.base import Outcome, Source, SourceError
from alertcast.sources.caiyun import Caiyun, CaiyunSettings
from alertcast.sources.read import parse_bytes
from tests.sources.documents import NOW
from tests.sources.lists import (
    HEZHOU,
    HUAIJI,
    SIHUI,
    caiyun,
    caiyun_all,
    caiyun_feature,
    caiyun_item,
)

TOKEN = "s3cret-token"
POINTS = {"441224": (23.9136, 112.1842), "441284": (23.326, 112.734)}
AT_HUAIJI = f"/v2.6/{TOKEN}/112.1842,23.9136/realtime"
AT_SIHUI = f"/v2.6/{TOKEN}/112.7340,23.3260/realtime"
ALL = "/v3/alert/all"


def source(publisher, **more):
    given = {"version": "v2.6", "points": POINTS} | more
    settings = CaiyunSettings(url=publisher.url, region=["4412"], token_env="CY_TOKEN", **given)
    made = Caiyun("caiyun", settings, {"CY_TOKEN": TOKEN})
    assert isinstance(made, Source)
    return made


def country(publisher, **more):
    return source(publisher, version="v3", points={}, **more)


def read(document, hazards):
    (item,) = parse_bytes(document, hazards)
    return item


@pytest.mark.parametrize("document", [caiyun(caiyun_item()), caiyun_all(caiyun_feature())])
def test_both_versions_say_the_same_under_the_national_identifier(hazards, document):
    item = read(document, hazards)
    (info,) = item.alert.infos
    assert item.alert.key == HUAIJI
    assert item.alert.sent == datetime(2026, 12, 26, 9, 20, tzinfo=UTC)
    assert (item.alert.status, item.alert.msg_type) == ("Actual", "Alert")
    assert (info.hazard, info.level, info.severity) == ("cold", "red", "Extreme")
    assert info.language == "zh-CN"
    assert "冷坑镇" in info.description
    assert [area.geocodes for area in info.areas] == [(("adcode", "441224"),)]
    assert not any(area.circles or area.polygons for area in info.areas), "the point is no area"
    assert item.body is Body.JSON


@pytest.mark.parametrize(
    ("code", "level"),
    [("9101", "blue"), ("9102", "yellow"), ("9103", "orange"), ("0191", "white"), ("91", None)],
)
def test_the_colour_of_the_code_counts_where_the_text_has_none(hazards, code, level):
    item = read(
        caiyun(caiyun_item(title="怀集县发布寒冷预警", description=None, code=code)), hazards
    )
    assert item.alert.infos[0].level == level
    assert item.body is Body.TITLE


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"status": "已失效"}, "unknown_word"),
        ({"status": None}, "unknown_word"),
        ({"title": None}, "no_title"),
        ({"pubtimestamp": None}, "no_pubtimestamp"),
        ({"pubtimestamp": "soon"}, "bad_time"),
        ({"pubtimestamp": 1e300}, "bad_time"),
        ({"pubtimestamp": -5e9}, "bad_time"),
    ],
)
def test_what_is_missing_or_unknown_is_refused_with_its_rule(hazards, changes, reason):
    whole = caiyun(caiyun_item(SIHUI), caiyun_item(**changes))
    good, bad = parse_bytes(whole, hazards)
    assert good.accepted
    assert not bad.accepted
    assert reason in [one.code for one in bad.reasons]


def test_a_lift_is_an_end_and_a_drill_is_none_of_the_real_ones(hazards):
    lift = read(
        caiyun(caiyun_item(title="怀集县气象台解除寒冷红色预警", description=None)), hazards
    )
    assert lift.alert.is_end()
    drill = read(caiyun(caiyun_item(title="【演练】怀集县气象台发布寒冷红色预警")), hazards)
    assert drill.alert.status == "Exercise"


def test_each_point_is_asked_and_what_two_of_them_have_is_one_item(publisher):
    publisher.put(AT_HUAIJI, caiyun(caiyun_item(), caiyun_item(SIHUI)))
    publisher.put(AT_SIHUI, caiyun(caiyun_item(SIHUI), caiyun_item(HEZHOU)))
    asked = source(publisher)
    polled = asked.poll({}, NOW)
    assert [path for path, _ in publisher.asked] == [
        f"{AT_HUAIJI}?alert=true",
        f"{AT_SIHUI}?alert=true",
    ]
    assert polled.outcome is Outcome.OK
    assert len(polled.documents) == 2, "what can not concern us is left out"
    assert asked.poll(polled.memory, NOW).outcome is Outcome.UNCHANGED
    publisher.put(AT_HUAIJI, caiyun(caiyun_item(description="改了")))
    assert len(asked.poll(polled.memory, NOW).documents) == 1


def test_a_point_that_fails_stops_no_other_and_nothing_is_concluded_of_it(publisher):
    publisher.put(AT_HUAIJI, b"", 500)
    publisher.put(AT_SIHUI, caiyun(caiyun_item(SIHUI)))
    polled = source(publisher, in_force=True).poll({}, NOW)
    assert (polled.outcome, len(polled.documents)) == (Outcome.OK, 1)
    assert polled.listed is None
    publisher.put(AT_HUAIJI, caiyun(caiyun_item()))
    polled = source(publisher, in_force=True).poll({}, NOW)
    assert polled.listed == {HUAIJI, SIHUI}


def test_once_it_throttles_no_further_point_is_asked(publisher):
    publisher.put(AT_HUAIJI, b"", 429, Retry_After="60")
    polled = source(publisher).poll({}, NOW)
    assert (polled.outcome, polled.wait) == (Outcome.FAILED, timedelta(seconds=60))
    assert polled.is_busy
    assert len(publisher.asked) == 1
    publisher.put(AT_HUAIJI, caiyun(caiyun_item()))
    publisher.put(AT_SIHUI, b"", 429)
    polled = source(publisher).poll({}, NOW)
    assert (polled.outcome, len(polled.documents)) == (Outcome.OK, 1)
    assert polled.is_busy


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        b"",
        b"[]",
        b'{"status": "failed", "error": "token is invalid"}',
        b'{"status":"ok"}',
    ],
)
def test_another_answer_is_a_failure(publisher, body):
    publisher.put(AT_HUAIJI, body)
    publisher.put(AT_SIHUI, body)
    publisher.put(ALL, body)
    for made in (source(publisher), country(publisher)):
        assert made.poll({}, NOW).outcome is Outcome.FAILED


def test_no_warning_anywhere_is_no_data(publisher):
    publisher.put(AT_HUAIJI, caiyun())
    publisher.put(AT_SIHUI, caiyun())
    publisher.put(ALL, caiyun_all())
    for made in (source(publisher), country(publisher)):
        assert made.poll({}, NOW).outcome is Outcome.NO_DATA


def test_the_country_is_asked_with_its_own_etag(publisher):
    publisher.put(ALL, caiyun_all(caiyun_feature(), caiyun_feature(HEZHOU)), x_cy_etag='"7"')
    asked = country(publisher)
    polled = asked.poll({}, NOW)
    assert publisher.asked[0][0] == f"{ALL}?token={TOKEN}&region_code=CN"
    assert len(polled.documents) == 1
    publisher.put(ALL, b"", ETag='"7"')
    assert asked.poll(polled.memory, NOW).outcome is Outcome.UNCHANGED
    assert publisher.asked[-1][1]["If-None-Match"] == '"7"'


@pytest.mark.parametrize("status", [404, 403, 500, 429])
def test_the_token_is_told_to_nobody(publisher, status):
    for made in (source(publisher), country(publisher)):
        for path in (AT_HUAIJI, AT_SIHUI, ALL):
            publisher.put(path, b"", status)
        failed = made.poll({}, NOW)
        assert failed.outcome is Outcome.FAILED
        publisher.put(AT_SIHUI, caiyun(caiyun_item()))
        publisher.put(ALL, caiyun_all(caiyun_feature()))
        for polled in (failed, made.poll({}, NOW)):
            assert TOKEN not in repr((polled.detail, polled.memory, polled.documents))


def test_without_its_token_it_is_not_made(publisher):
    settings = CaiyunSettings(region=["4412"], token_env="CY_TOKEN", points=POINTS)
    with pytest.raises(SourceError, match="CY_TOKEN is not set"):
        Caiyun("caiyun", settings, {})


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"version": "v3", "points": POINTS},
        {"points": {"44": (23, 112)}},
        {"points": {"441224": (112, 230)}},
    ],
)
def test_mistakes_of_the_section_are_named(given):
    with pytest.raises(ValidationError, match="points"):
        CaiyunSettings(region=["4412"], token_env="CY_TOKEN", **given)
