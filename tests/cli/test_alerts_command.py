"""`alertcast alerts`: one bad file never stops the others, and scripts can rely on the lines."""

import json
import os
from pathlib import Path

import pytest

from tests.cli.conftest import OFFICE, WHOLE_LAYER, lines
from tests.docs.mapped_example import ITEM, SECTION_TEXT, reply
from tests.sources.documents import NOW, atom, cap, embedded
from tests.sources.signers import signer
from tests.sources.test_alert_lines import KEYS

FIXTURE = Path(__file__).parents[1] / "fixtures/china/swic_cn_cap_update.xml"
EAST = "<areaDesc>东村</areaDesc><polygon>24,112 24,112.1 24.1,112.1 24.1,112 24,112</polygon>"
TOWN = (
    "<areaDesc>冷坑镇</areaDesc><geocode><valueName>adcode</valueName>"
    "<value>441224101000</value></geocode>"
)


@pytest.fixture
def folder(terminal):
    """Good and bad files."""
    terminal.folder.joinpath("county.xml").write_bytes(cap(TOWN.replace("101000", "")))
    for name, content in {
        "a_good.xml": cap(EAST),
        "b_empty.xml": b"",
        "c_cut.xml": cap(EAST)[:-30],
        "d_two.atom": atom(
            embedded(cap(EAST, identifier="A-2")), embedded(cap(EAST, sent="yesterday"), "f")
        ),
        "e_photo.jpg": b"\xff\xd8\xff\xe0",
        "f_town.xml": cap(TOWN, identifier="A-3"),
    }.items():
        (terminal.folder / name).write_bytes(content)
    terminal.write("layer.json", WHOLE_LAYER)
    return terminal


def test_one_bad_file_never_stops_the_others(folder):
    files = sorted(folder.folder.glob("[a-f]_*"))
    result = folder.run("alerts", "parse", "--json", *files, "nowhere.xml")
    assert result.exit_code == 1
    found = [(os.path.basename(line["file"])[0], line["accepted"]) for line in lines(result)]
    assert found == [
        ("a", True),
        ("b", False),
        ("c", False),
        ("d", True),
        ("d", False),
        ("e", False),
        ("f", True),
        ("n", False),
    ]
    for line in lines(result):
        assert list(line) == KEYS
        assert line["accepted"] or "error" in [reason["kind"] for reason in line["reasons"]]


def test_files_that_are_all_good_are_exit_code_0(folder):
    result = folder.run("alerts", "parse", "--json", "a_good.xml", "f_town.xml")
    assert result.exit_code == 0
    good, town = lines(result)
    assert good["level"] == "orange"
    assert good["sent"] == "2026-12-26T17:20:00+08:00"
    assert good["onset"] is None
    assert town["areas"][0]["geocodes"] == {"adcode": ["441224101000"]}


def test_no_file_is_a_usage_error(folder):
    assert folder.run("alerts", "parse").exit_code == 2
    assert folder.run("alerts", "match", "a_good.xml", "--grids", "nowhere.json").exit_code == 2


def test_match_says_which_grids_and_how(folder):
    result = folder.run(
        "alerts",
        "match",
        "--grids",
        "layer.json",
        "--json",
        "a_good.xml",
        "f_town.xml",
        "b_empty.xml",
    )
    assert result.exit_code == 1
    shaped, coded, refused = lines(result)
    assert shaped["grids"] == [
        {
            "code": "E01",
            "name": "东村",
            "level": "orange",
            "share": 1.0,
            "matched_by": "polygon",
            "counted_by": "share",
        }
    ]
    assert [(g["code"], g["share"], g["matched_by"]) for g in coded["grids"]] == [
        ("E01", None, "town code"),
        ("E02", None, "town code"),
    ]
    assert refused["grids"] == []
    assert list(shaped) == [*KEYS, "grids", "near_misses"]


def test_without_a_layer_the_demo_is_matched_and_said_to_be_approximate(folder):
    result = folder.run("alerts", "match", "--json", "county.xml")
    assert result.exit_code == 0
    assert "approximate" in result.stderr
    (line,) = lines(result)
    assert {grid["code"][:6] for grid in line["grids"]} == {"441224"}


def test_a_layer_is_read_for_a_match_as_it_is_imported(folder):
    layer = json.loads(json.dumps(WHOLE_LAYER))
    for feature in layer["features"]:
        feature["properties"]["GRID_ID"] = feature["properties"].pop("code")
    folder.write("other.json", layer)
    options = ("--grids", "other.json", "--column", "code=GRID_ID", "--crs", "EPSG:4326")
    result = folder.run("alerts", "match", *options, "--json", "a_good.xml")
    (line,) = lines(result)
    assert [grid["code"] for grid in line["grids"]] == ["E01"]


def test_the_layer_in_use_is_matched_without_its_file(ready):
    ready.folder.joinpath("a_good.xml").write_bytes(cap(EAST))
    result = ready.run("alerts", "match", "--in-use", "--json", "a_good.xml")
    assert (result.exit_code, "approximate" in result.stderr) == (0, False)
    (line,) = lines(result)
    assert [(grid["code"], grid["share"]) for grid in line["grids"]] == [("E01", 1.0)]
    both = ready.run("alerts", "match", "--in-use", "--grids", "a_good.xml", "a_good.xml")
    assert (both.exit_code, "--in-use is instead of" in both.stderr) == (2, True)


def test_without_a_layer_in_use_none_is_matched(installed):
    installed.folder.joinpath("a_good.xml").write_bytes(cap(EAST))
    result = installed.run("alerts", "match", "--in-use", "a_good.xml")
    assert (result.exit_code, "there is no layer of grids yet" in result.stderr) == (1, True)


@pytest.mark.parametrize(
    ("points", "said"),
    [
        (slice(1, 2), "bad.json, feature 2 (code E02): polygon reaches lon"),
        (slice(0, 1), "bad.json, file: the file cannot be read"),  # a ring that is not closed
    ],
)
def test_a_layer_with_a_bad_feature_is_not_matched_against(folder, points, said):
    layer = json.loads(json.dumps(WHOLE_LAYER))
    for point in layer["features"][1]["geometry"]["coordinates"][0][points]:
        point[0] = 999
    folder.write("bad.json", layer)
    result = folder.run("alerts", "match", "--grids", "bad.json", "--json", "a_good.xml")
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == ""


def test_people_see_a_table(folder):
    result = folder.run("alerts", "match", "--grids", "layer.json", "a_good.xml", "c_cut.xml")
    assert result.exit_code == 1
    good, cut = (line for line in result.stdout.splitlines() if ".xml" in line)
    assert "怀集县气象台发布寒冷橙色预警信号" in good
    assert "REFUSED" in cut


def test_a_file_can_not_steer_the_terminal(folder):
    name = "h\x1b[31m.xml"
    (folder.folder / name).write_bytes(cap(EAST, headline="[bold]\u202e]8;;"))
    for form in ([], ["--json"]):
        result = folder.run("alerts", "parse", name, *form)
        assert result.exit_code == 0
        assert "\x1b" not in result.stdout
        assert "[bold]" in result.stdout


def test_half_a_surrogate_pair_is_still_a_line_of_json(folder):
    feature = {
        "type": "Feature",
        "geometry": None,
        "properties": {
            "id": "urn:oid:1",
            "sender": "w-nws.webmaster@noaa.gov",
            "sent": "date:now -2 minutes",
            "status": "Actual",
            "messageType": "Alert",
            "event": "Flood \ud800 Warning",
            "areaDesc": "Cook",
        },
    }
    folder.write("nws.json", {"type": "FeatureCollection", "features": [feature]})
    result = folder.run("alerts", "parse", "nws.json", "--json")
    (line,) = lines(result)
    assert line["accepted"], line["reasons"]
    assert line["event"] == "Flood \ud800 Warning"
    assert folder.run("alerts", "parse", "nws.json").exit_code == 0


def test_a_chinese_text_is_read_town_by_town(terminal):
    result = terminal.run("alerts", "match", "--json", FIXTURE)
    (line,) = lines(result)
    red = {grid["code"][:9] for grid in line["grids"] if grid["level"] == "red"}
    assert red == {"441224110", "441224111", "441224116"}  # 冷坑镇, 马宁镇, 中洲镇
    others = {grid["level"] for grid in line["grids"] if grid["code"][:9] not in red}
    assert others == {"orange"}
    assert all("将冷坑镇、马宁镇、中洲镇" in area["sentence"] for area in line["areas"])
    assert "towns_read" in [reason["code"] for reason in line["reasons"]]


def test_parse_knows_the_towns_without_a_layer(terminal):
    (line,) = lines(terminal.run("alerts", "parse", "--json", FIXTURE))
    assert [area["level"] for area in line["areas"]] == ["red", "orange"]
    assert line["areas"][0]["desc"] == "冷坑镇、马宁镇、中洲镇"


def test_a_signature_is_judged_by_the_certificates_given_at_the_time_of_receipt(folder):
    office = signer("observatory")
    pem = office.write(folder.folder)
    folder.folder.joinpath("signed.xml").write_bytes(office.sign(cap(EAST)))
    read = ("alerts", "parse", "signed.xml")
    trust = ("--certificate", pem, "--received", NOW.isoformat())
    (line,) = lines(folder.run(*read, *trust, "--json"))
    assert line["signature"] == {"verdict": "verified", "detail": "CN=observatory"}
    (line,) = lines(folder.run(*read, "--json"))
    assert line["signature"]["verdict"] == "untrusted_key"
    assert "verified" in folder.ok(*read, *trust)
    for wrong, said in [
        (("--certificate", "signed.xml"), "no PEM certificate"),
        (("--received", "yesterday"), "yesterday"),
    ]:
        result = folder.run(*read, *wrong)
        assert result.exit_code == 2 and said in result.output


def test_places_by_code_are_matched_without_a_database(folder):
    codes = {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": {"code": "XX001"}, "geometry": feature["geometry"]}
            for feature in WHOLE_LAYER["features"][:1]
        ],
    }
    folder.write("emma.json", codes)
    area = "<geocode><valueName>EMMA_ID</valueName><value>XX001</value></geocode>"
    folder.folder.joinpath("emma.xml").write_bytes(cap("<areaDesc>x</areaDesc>" + area))
    matching = ("alerts", "match", "emma.xml", "--grids", "layer.json", "--json")
    (line,) = lines(folder.run(*matching))
    assert line["grids"] == [] and "unknown_code" in [one["code"] for one in line["reasons"]]
    (line,) = lines(folder.run(*matching, "--codes", "EMMA_ID=emma.json"))
    first = WHOLE_LAYER["features"][0]["properties"]["code"]
    assert first in [one["code"] for one in line["grids"]]
    for wrong in ("EMMA_ID", "EMMA_ID=nowhere.json", "=emma.json"):
        result = folder.run(*matching, "--codes", wrong)
        assert result.exit_code == 2 and "SCHEME=FILE" in result.stderr
    assert folder.run(*matching, "--codes", "EMMA_ID=layer.json").exit_code == 0
    assert folder.run(*matching, "--codes", "EMMA_ID=a_good.xml").exit_code == 2


@pytest.fixture
def city(terminal):
    """An installation whose source is the example of docs/mapped-source.md, and an answer."""
    terminal.write("alertcast.toml", OFFICE + SECTION_TEXT)
    terminal.folder.joinpath("answer.json").write_bytes(
        reply(ITEM, {**ITEM, "warnId": "2", "state": "?"}, {**ITEM, "warnId": "3"})
    )
    return terminal


def test_a_mapping_is_tried_on_a_recorded_answer(city):
    result = city.run(
        "alerts", "parse", "answer.json", "nowhere.json", "--source", "city", "--json"
    )
    assert result.exit_code == 1
    found = [(line["item"], line["accepted"], line["hazard"]) for line in lines(result)]
    assert found == [
        (0, True, "road_icing"),
        (1, False, None),
        (2, True, "road_icing"),
        (0, False, None),
    ]
    assert lines(result)[1]["reasons"][0]["code"] == "unknown_word"


def test_an_answer_that_is_none_is_refused_with_its_rule(city):
    city.folder.joinpath("answer.json").write_bytes(b'{"status": "busy"}')
    result = city.run("alerts", "parse", "answer.json", "--source", "city", "--json")
    assert result.exit_code == 1
    assert lines(result)[0]["reasons"][0]["code"] == "not_ok"


@pytest.mark.parametrize("name", ["inbox", "nowhere"])
def test_only_a_mapped_source_can_be_tried(city, name):
    result = city.run("alerts", "parse", "answer.json", "--source", name)
    assert result.exit_code == 2
    assert name in result.output


def test_the_mistakes_of_a_mapping_are_named(city):
    city.write("alertcast.toml", OFFICE + SECTION_TEXT.replace('"orange"', '"amber"'))
    result = city.run("alerts", "parse", "answer.json", "--source", "city")
    assert result.exit_code == 2
    assert "sources.city.levels.2: 'amber' is not in hazards.toml" in result.output
