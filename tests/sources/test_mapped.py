"""A platform mapped by configuration: its words, its times, its places, and its mistakes."""

import json
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from alertcast.core.hazard import HazardTable
from alertcast.sources.base import Outcome, SourceError
from alertcast.sources.mapped import MappedJson
from alertcast.sources.mapped_read import read_item
from alertcast.sources.mapping import MappedSettings, Times
from alertcast.sources.parsed import Parsed
from tests.docs.mapped_example import ITEM, SECTION, reply
from tests.sources.conftest import Publisher

NOW = datetime(2026, 12, 26, 9, 30, tzinfo=UTC)
RING = [[112.0, 23.0], [112.5, 23.0], [112.5, 23.5], [112.0, 23.0]]


def settings(**changes: object) -> MappedSettings:
    section = {**SECTION, "url": "http://127.0.0.1:1/", **changes}
    return MappedSettings.model_validate({k: v for k, v in section.items() if v is not None})


def read(hazards: HazardTable, mapping: MappedSettings | None = None, **changes: object) -> Parsed:
    item = json.dumps({**ITEM, **changes}, ensure_ascii=False).encode()
    (found,) = read_item(item, mapping or settings(), hazards)
    return found


def codes(found: Parsed) -> set[str]:
    return {reason.code for reason in found.reasons}


def test_the_example_is_read_as_the_page_says(hazards: HazardTable) -> None:
    alert = read(hazards).alert
    assert alert is not None
    (info,) = alert.infos
    assert (alert.sender, alert.identifier) == ("platform.example.org", "GD-2026-0117")
    assert alert.sent == datetime(2026, 12, 26, 9, 20, tzinfo=UTC)
    assert info.expires == datetime(2026, 12, 27, 0, 0, tzinfo=UTC)
    assert (info.hazard, info.level, info.sender_name) == ("road_icing", "orange", "怀集县气象台")
    assert info.areas[0].desc == "冷坑镇、马宁镇"
    assert info.areas[0].geocodes == (("adcode", "441224102"), ("adcode", "441224103"))


def test_the_headline_is_believed_before_the_fields(hazards: HazardTable) -> None:
    alert = read(hazards, title="怀集县气象台发布寒冷红色预警信号").alert
    assert (alert.infos[0].hazard, alert.infos[0].level) == ("cold", "red")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"warnId": ""}, "no_id"),
        ({"warnId": None}, "no_id"),
        ({"title": "  "}, "no_headline"),
        ({"issueTime": None}, "no_time"),
        ({"issueTime": "2026-12-26 17:20"}, "bad_time"),
        ({"endTime": "soon"}, "bad_time"),
        ({"state": "撤回"}, "unknown_word"),
        ({"state": None}, "unknown_word"),
        ({"kind": "XX"}, "unknown_word"),
        ({"grade": "9"}, "unknown_word"),
        ({"grade": {"a": [1]}}, "unknown_word"),
    ],
)
def test_what_can_not_be_read_is_refused_by_its_rule(
    hazards: HazardTable, changes: dict[str, object], code: str
) -> None:
    found = read(hazards, **changes)
    assert found.alert is None
    assert code in codes(found)
    assert all(reason.message for reason in found.reasons)


@pytest.mark.parametrize("item", [b"", b"null", b"[1]", b'"text"', b"{", b"\xff", b'{"a":1}'])
def test_what_is_no_item_is_refused_and_nothing_raises(hazards: HazardTable, item: bytes) -> None:
    (found,) = read_item(item, settings(), hazards)
    assert found.alert is None
    assert found.reasons


@pytest.mark.parametrize(
    ("changes", "msg_type", "identifier", "replaced"),
    [
        ({"state": "更新", "old": "A,B"}, "Update", "GD-2026-0117", ["A", "B"]),
        ({"state": "更新", "old": ["A"]}, "Update", "GD-2026-0117", ["A"]),
        ({"state": "解除", "old": "A"}, "Cancel", "GD-2026-0117", ["A"]),
        ({"state": "解除"}, "Cancel", "GD-2026-0117#end", ["GD-2026-0117"]),
        ({"state": "解除", "old": "GD-2026-0117"}, "Cancel", "GD-2026-0117#end", ["GD-2026-0117"]),
    ],
)
def test_states_say_what_becomes_of_earlier_ones(
    hazards: HazardTable,
    changes: dict[str, object],
    msg_type: str,
    identifier: str,
    replaced: list[str],
) -> None:
    alert = read(hazards, **changes).alert
    assert (alert.msg_type, alert.identifier) == (msg_type, identifier)
    assert [one.identifier for one in alert.references] == replaced


def test_a_drill_is_no_warning(hazards: HazardTable) -> None:
    assert read(hazards, state="演练").alert.status == "Exercise"


@pytest.mark.parametrize(
    "shape",
    [
        {"type": "Polygon", "coordinates": [RING]},
        {"type": "MultiPolygon", "coordinates": [[RING]]},
        {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [RING]}},
        json.dumps({"type": "Polygon", "coordinates": [RING]}),
        "23.0,112.0 23.0,112.5 23.5,112.5 23.0,112.0",
    ],
)
def test_polygons_come_in_several_forms(hazards: HazardTable, shape: object) -> None:
    mapping = settings(fields={**SECTION["fields"], "polygon": "shape"})
    found = read(hazards, mapping, shape=shape).alert.infos[0].areas[0]
    assert found.polygons == (tuple((lon, lat) for lon, lat in RING),)


@pytest.mark.parametrize(
    "shape", [[1], {"type": "Point"}, "x", "1,2 3", {"type": "Polygon", "coordinates": []}, 7]
)
def test_a_bad_polygon_is_left_out_and_the_codes_hold(hazards: HazardTable, shape: object) -> None:
    mapping = settings(fields={**SECTION["fields"], "polygon": "shape"})
    found = read(hazards, mapping, shape=shape)
    assert found.alert.infos[0].areas[0].polygons == ()
    assert found.alert.infos[0].areas[0].geocodes
    assert codes(found) & {"bad_polygon", "short_ring"}


@pytest.mark.parametrize(
    ("form", "zone", "said"),
    [
        ("iso", "Asia/Shanghai", "2026-12-26 17:20"),
        ("iso", "UTC", "2026/12/26 09:20:00"),
        ("iso", "UTC", "2026-12-26T17:20:00+08:00"),
        ("unix", "UTC", "1798276800"),
        ("unix_ms", "UTC", "1798276800000"),
        ("%Y%m%d%H%M", "Asia/Shanghai", "202612261720"),
        ("%Y年%m月%d日%H时%M分", "Asia/Shanghai", "2026年12月26日17时20分"),
        ("%d.%m.%Y %H:%M %z", "UTC", "26.12.2026 17:20 +0800"),
    ],
)
def test_times_have_a_format_and_a_zone(form: str, zone: str, said: str) -> None:
    assert Times(format=form, zone=zone).read(said) == datetime(2026, 12, 26, 9, 20, tzinfo=UTC)
    assert Times(format=form, zone=zone).read("nonsense") is None


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"times": {"zone": "Asia/Huaiji"}}, "IANA"),
        ({"times": {"format": "%Y-%m-%d"}}, "hour and minute"),
        ({"times": {"format": "%Q"}}, "%Q"),
        ({"items": "result..rows"}, "result..rows"),
        ({"states": {"发布": "publish"}}, "states"),
        ({"states": None}, "states"),
        ({"levels": None}, "levels"),
        ({"hazards": None}, "hazards"),
        ({"sender": "two words"}, "sender"),
        ({"url": "ftp://x"}, "http"),
        ({"value": "Bearer"}, "{token}"),
        ({"fields": {**SECTION["fields"], "replaces": None}}, "replaces"),
        ({"fields": {"id": "a"}}, "headline"),
        ({"fields": {**SECTION["fields"], "colour": "x"}}, "colour"),
    ],
)
def test_a_mistake_of_the_section_is_named(changes: dict[str, object], named: str) -> None:
    with pytest.raises(ValidationError) as refused:
        settings(**changes)
    assert named in str(refused.value)


def test_words_have_to_mean_what_hazards_toml_knows(hazards: HazardTable) -> None:
    mapping = settings(hazards={"HL": "coldness"}, levels={"1": "purple"})
    wrong = mapping.faults(hazards)
    assert [one.split(":")[0] for one in wrong] == ["hazards.HL", "levels.1"]
    assert settings().faults(hazards) == []


def test_a_token_that_is_not_there_is_a_mistake() -> None:
    with pytest.raises(SourceError, match="CITY_TOKEN"):
        MappedJson("city", settings(), {})


def test_a_poll_hands_over_each_item_as_it_came_and_asks_with_the_token(
    publisher: Publisher,
) -> None:
    publisher.put("/list", reply(ITEM, {**ITEM, "warnId": "2"}), ETag='"1"')
    source = MappedJson("city", settings(url=f"{publisher.url}/list"), {"CITY_TOKEN": "key"})
    polled = source.poll({}, NOW)
    assert (polled.outcome, len(polled.documents)) == (Outcome.OK, 2)
    assert json.loads(polled.documents[0].raw) == ITEM
    assert publisher.asked[0][1]["Authorization"] == "Bearer key"
    assert polled.listed is None  # the section does not say that it lists what is in force
    again = source.poll(polled.memory, NOW)
    assert (again.outcome, again.documents) == (Outcome.UNCHANGED, ())


def test_a_list_of_what_is_in_force_says_what_it_holds(publisher: Publisher) -> None:
    publisher.put("/list", reply(ITEM))
    mapping = settings(url=f"{publisher.url}/list", in_force=True)
    polled = MappedJson("city", mapping, {"CITY_TOKEN": "key"}).poll({}, NOW)
    assert polled.listed == {"GD-2026-0117"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>down</html>",
        b'{"status": "error", "result": {"rows": []}}',
        b'{"status": "ok", "result": {}}',
        b'{"status": "ok", "result": {"rows": {"a": 1}}}',
        b'{"status": "ok", "result": {"rows": [',
    ],
)
def test_an_answer_of_another_shape_says_nothing(publisher: Publisher, body: bytes) -> None:
    publisher.put("/list", body)
    source = MappedJson("city", settings(url=f"{publisher.url}/list"), {"CITY_TOKEN": "key"})
    polled = source.poll({"item A": "x"}, NOW)
    assert (polled.outcome, polled.listed) == (Outcome.FAILED, None)
    assert polled.memory == {"item A": "x"}


def test_an_empty_list_is_no_data(publisher: Publisher) -> None:
    publisher.put("/list", reply())
    source = MappedJson("city", settings(url=f"{publisher.url}/list"), {"CITY_TOKEN": "key"})
    assert source.poll({}, NOW).outcome is Outcome.NO_DATA


def test_what_the_platform_wants_shown_is_kept_with_each_warning(hazards: HazardTable) -> None:
    alert = read(hazards, settings(attributions=["数据：某市平台"])).alert
    assert alert.infos[0].parameters == (("attribution", "数据：某市平台"),)
