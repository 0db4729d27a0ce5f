"""Every file of the corpora is read: none crashes, the invalid are named, the good accepted."""

import json
import os
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from alertcast.core.alert import ReasonKind
from alertcast.core.hazard import HazardTable
from alertcast.sources.lines import as_line
from alertcast.sources.read import parse_file

DATA = Path(os.environ["ALERTCAST_CORPORA"])
CORPORA = DATA / "corpora"
FILES = sorted(file for file in CORPORA.rglob("*") if file.is_file())
HAZARDS = HazardTable.from_mapping(
    tomllib.loads((Path(__file__).parents[2] / "config" / "hazards.toml").read_text("utf-8"))
)
NOW = datetime.now(UTC)  # recordings of the NWS are replayed now

NO_ALERTS = {  # readable as what they are, but there is no alert in them
    "earthquake_index.atom": "index_only",
    "weather_index.atom": "index_only",
    "ny_index.rss": "index_only",
    "amber.rss": "index_only",
    "empty_weather_index.atom": "empty_feed",
}
INVALID = {  # known to be invalid -> what must be found
    "invalid.cap": "no_scope",
    "invalid.rss": "no_alert",
    "invalid_element.atom": "no_alert",
    "no_entries.atom": "empty_feed",
    "no_id.atom": "no_alert",
    "no_link.atom": "no_alert",
    "no_title.atom": "no_alert",
    "no_optional_fields.cap": "no_info",
    "weather_invalid.atom": "bad_identifier",
    "xee.atom": "doctype",
    "xee.cap": "doctype",
    "bushfire_invalid.edxlde": "no_identifier",
    "canada_errors.cap": "empty_references",
    "noaa_errors.cap": "stray_marks",
}
NOT_WARNINGS = {".pem", ".md", ".csv", ".url", ""}


def read(file):
    return parse_file(file, HAZARDS, now=NOW)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(CORPORA)))
def test_every_file_gives_lines_and_only_good_ones_are_accepted(file):
    items = read(file)
    lines = [as_line(file.name, item, HAZARDS) for item in items]
    assert lines and json.dumps(lines, allow_nan=False)
    found = {reason.code for item in items for reason in item.reasons}
    troubles = {r.code for i in items for r in i.reasons if r.kind is not ReasonKind.NOTE}
    if file.name in INVALID:
        assert INVALID[file.name] in troubles
    elif file.name in NO_ALERTS:
        assert found == {NO_ALERTS[file.name]}
    elif file.suffix in NOT_WARNINGS:
        assert found == {"unknown_format"}
    else:
        assert all(item.accepted for item in items), found


@pytest.mark.parametrize(
    ("name", "alerts"),
    [
        ("northwest_alerts.active.json", 529),
        ("guam-7day.active.json", 246),
        ("load-testing-ioc.active.json", 8),
    ],
)
def test_every_feature_of_a_recorded_collection_is_read(name, alerts):
    items = read(CORPORA / "nws-weathergov" / name)
    assert len(items) == alerts
    codes = [area.geocodes for item in items for area in item.alert.infos[0].areas]
    assert all(codes), "an alert without geometry keeps the codes of its zones"


def test_the_fixtures_of_china_are_read():
    files = sorted((DATA / "china_fixtures").glob("*.*"))
    items = {file.name: read(file) for file in files}
    accepted = {name: found for name, found in items.items() if all(i.accepted for i in found)}
    assert {name: len(found) for name, found in accepted.items()} == {
        "caiyun_v26_alert.json": 1,
        "caiyun_v3_all.json": 1,
        "cma_map_alarm.json": 3,
        "nmc_findAlarm.json": 2,
        "qweather_alert_v1.json": 1,
        "qweather_v7_now.json": 1,
        "swic_cn_cap_update.xml": 1,
    }
    for name, found in accepted.items():
        alert = found[0].alert
        (info,) = alert.infos_in("zh")
        assert (info.hazard, info.level, info.severity) == ("cold", "red", "Extreme"), name
        assert alert.sent == datetime(2026, 12, 26, 9, 20, tzinfo=UTC), name
        assert info.sender_name.endswith("怀集县气象台"), name
        assert alert.status == "Actual", name
        if "qweather" not in name:
            assert alert.key == "44122441600000_20261226172236", name
            (area,) = info.areas
            assert area.geocodes[0][1].startswith("441224"), name
    others = [
        i.alert.infos[0] for n in ("cma_map_alarm.json", "nmc_findAlarm.json") for i in items[n]
    ]
    assert [(one.hazard, one.level) for one in others[1:3]] == [
        ("cold", "orange"),
        ("forest_fire", "yellow"),
    ]
    (swic,) = items["swic_cn_cap_update.xml"]
    assert [reason.code for reason in swic.reasons] == ["personal_name", "personal_name"]
