import json

from alertcast.sources.lines import as_line
from alertcast.sources.read import parse_bytes
from tests.sources.documents import SQUARE, cap, info

KEYS = [
    "file",
    "item",
    "accepted",
    "reasons",
    "signature",
    "identifier",
    "sender",
    "sent",
    "status",
    "msg_type",
    "references",
    "hazard",
    "level",
    "severity",
    "urgency",
    "certainty",
    "event",
    "headline",
    "effective",
    "onset",
    "expires",
    "language",
    "areas",
]


def lines(hazards, data):
    return [as_line("a.xml", parsed, hazards) for parsed in parse_bytes(data, hazards)]


def test_every_key_is_always_there(hazards):
    for data in (b"", cap(), cap(sent="x"), cap(infos="", msgType="Cancel")):
        (line,) = lines(hazards, data)
        assert list(line) == KEYS
        assert json.loads(json.dumps(line)) == line


def test_a_refused_item_says_why_and_which(hazards):
    (line,) = lines(hazards, cap(sent="x"))
    assert line["accepted"] is False
    assert line["identifier"] == "A-1"
    assert {"code", "kind", "where", "message"} == set(line["reasons"][0])
    assert line["reasons"][0]["kind"] == "error"


def test_the_words_are_those_of_the_worst_info_and_the_areas_are_all_of_them(hazards):
    code = "<geocode><valueName>C</valueName><value>{}</value></geocode>"
    english = info("<areaDesc>x</areaDesc>", language="en-US", headline="Cold red warning")
    orange = info("<areaDesc>其余</areaDesc>" + code.format(1) + code.format(2))
    red = info(
        f"<areaDesc>冷坑镇</areaDesc><polygon>{SQUARE}</polygon><circle>23,112 5</circle>",
        headline="怀集县气象台发布寒冷红色预警信号",
    )
    reference = "<references>s,A-0,2026-12-26T10:00:00+08:00</references>"
    (line,) = lines(hazards, cap(infos=english + orange + red, msgType="Update", extra=reference))
    assert (line["language"], line["hazard"], line["level"]) == ("zh-CN", "cold", "red")
    assert [(area["desc"], area["level"]) for area in line["areas"]] == [
        ("其余", "orange"),
        ("冷坑镇", "red"),
    ]
    assert line["areas"][0]["geocodes"] == {"C": ["1", "2"]}
    assert line["areas"][1]["polygons"][0][0] == [112.0, 23.0]
    assert line["areas"][1]["circles"] == [{"lon": 112.0, "lat": 23.0, "radius_km": 5.0}]
    assert line["references"] == ["s,A-0,2026-12-26T10:00:00+08:00"]
    assert line["sent"] == "2026-12-26T17:20:00+08:00"
    assert line["onset"] is None
