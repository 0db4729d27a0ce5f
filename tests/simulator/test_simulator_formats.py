"""Warnings written at the simulator's desk, and the sections by which its publishers are read."""

import tomllib
from datetime import UTC, datetime

import pytest
import requests

from alertcast.bootstrap import SOURCES
from alertcast.cli.simulator_feeds import sections
from alertcast.core.alert import Alert, Info, Reference
from alertcast.simulator.feeds.entry import Entry
from alertcast.simulator.feeds.formats import FORMATS
from alertcast.simulator.feeds.written import KEYS, alert_of, entry_of
from alertcast.simulator.server import Simulator
from alertcast.sources.base import OF_EVERY_SOURCE
from alertcast.sources.cap_schema import invalid

NOW = datetime(2026, 12, 26, 9, 20, tzinfo=UTC)
RED = "怀集县气象台发布寒冷红色预警信号"
WORDS: dict[str, object] = {
    "headline": RED,
    "text": "请注意防寒。",
    "issuer": "怀集县气象台",
    "polygon": [[112, 23], [113, 23], [113, 24]],
    "zones": ["forecast/GDZ001"],
    "hours": 6,
}


def ask(simulator: Simulator, method: str, **how: object) -> requests.Response:
    return requests.request(method, f"{simulator.base_url}/warnings", timeout=2, **how)  # type: ignore[arg-type]


def test_every_format_has_a_section_that_its_source_understands(simulator: Simulator) -> None:
    found = tomllib.loads(sections(simulator.base_url))["sources"]
    assert set(found) == set(FORMATS) - {"nws_zone"}
    for section in found.values():
        kind = SOURCES[section["type"]]
        own = {key: value for key, value in section.items() if key not in OF_EVERY_SOURCE}
        assert kind.Settings.model_validate(own)


def test_a_few_words_make_a_warning_that_the_schema_of_cap_takes() -> None:
    alert = alert_of(WORDS, [], NOW)
    (info,) = alert.infos
    assert (info.hazard, info.level, info.severity) == ("cold", "red", "Extreme")
    assert alert.identifier.startswith("44122441600000_20261226172000")
    assert info.areas[0].polygons == (((112, 23), (113, 23), (113, 24), (112, 23)),)
    assert invalid(Entry.of(alert).document) is None


@pytest.mark.parametrize(
    ("row", "named"),
    [
        ({}, "headline: is needed"),
        ({**WORDS, "colour": "red"}, "unknown key 'colour'"),
        ({**WORDS, "level": "pink"}, "level 'pink'"),
        ({**WORDS, "kind": "Alarm"}, "kind 'Alarm'"),
        ({**WORDS, "hours": "six"}, "hours: 'six'"),
        ({**WORDS, "polygon": [[1]]}, "polygon: .1. is not"),
        ({**WORDS, "replaces": ["x"]}, "'x' is not published here"),
    ],
)
def test_a_word_that_is_wrong_is_named(row: dict[str, object], named: str) -> None:
    assert "headline" in KEYS
    with pytest.raises(ValueError, match=named):
        alert_of(row, [], NOW)


def test_warnings_are_published_replaced_and_withdrawn_by_http(simulator: Simulator) -> None:
    first = ask(simulator, "POST", json=WORDS).json()["identifier"]
    rise = {**WORDS, "kind": "Update", "replaces": [first]}
    second = ask(simulator, "POST", json=rise).json()["identifier"]
    assert [one["identifier"] for one in ask(simulator, "GET").json()] == [first, second]
    own = Alert("own", "observatory", NOW, "Actual", "Alert", infos=alert_of(WORDS, [], NOW).infos)
    document = Entry.of(own).document
    assert ask(simulator, "POST", data=document).json() == {"identifier": "own"}
    served = requests.get(f"{simulator.base_url}/feed/own.xml", timeout=2)
    assert served.content == document
    assert ask(simulator, "POST", json=[1]).status_code == 400
    assert ask(simulator, "DELETE", params={"identifier": "own"}).status_code == 204
    assert [one["kind"] for one in ask(simulator, "GET").json()] == ["Alert", "Update"]
    assert ask(simulator, "DELETE").status_code == 204
    assert ask(simulator, "GET").json() == []


def test_a_list_of_what_is_in_force_has_no_ends_and_nothing_that_was_replaced(
    simulator: Simulator,
) -> None:
    info = Info("zh-CN", ("Met",), "寒冷", "Unknown", "Severe", "Likely", headline=RED)
    first = Alert("1", "observatory", NOW, "Actual", "Alert", infos=(info,))
    before = Reference("observatory", "1", NOW)
    end = Alert("2", "observatory", NOW, "Actual", "Cancel", references=(before,))
    simulator.publisher.publish(first)
    address = simulator.base_url + FORMATS["cma"].rule
    assert [one["id"] for one in requests.get(address, timeout=2).json()["data"]] == ["1"]
    simulator.publisher.publish(end)
    assert requests.get(address, timeout=2).json()["data"] == []


def test_what_is_no_alert_is_published_all_the_same() -> None:
    entry = entry_of(b"<html/>", "a page", NOW)
    assert (entry.document, entry.alert.identifier, entry.title) == (b"<html/>", "a page", "a page")
