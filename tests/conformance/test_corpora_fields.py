"""Every alert of the corpora is read as a plain look at its XML or JSON reads it."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest

from alertcast.core.alert import Alert
from alertcast.sources.read import parse_file
from tests.conformance.test_corpora_parse import CORPORA, FILES, HAZARDS, NOW

DATA = Path(os.environ["ALERTCAST_CORPORA"])
XML = {".cap", ".xml", ".atom", ".rss", ".edxlde"}
DOCTYPES = {"xee.atom", "xee.cap"}  # refused as they stand; the plain reader expands them
Facts = tuple[str, str, datetime, str, int, list[int]]

CAP_FILES = [f for f in FILES if f.suffix in XML and f.name not in DOCTYPES]


def facts(alert: Alert) -> Facts:
    return (
        alert.identifier,
        alert.sender,
        alert.sent.astimezone(UTC),
        alert.msg_type,
        len(alert.infos),
        [len(info.areas) for info in alert.infos],
    )


def plainly(file: Path) -> Iterator[tuple[str, Facts | None]]:
    """Yield identifier and facts of each alert in an XML file, None where it has no such fact."""
    try:
        root = ElementTree.fromstring(file.read_bytes())
    except ElementTree.ParseError:
        return
    for alert in root.iter():
        if alert.tag.rpartition("}")[2] != "alert":
            continue
        infos = _named(alert, "info")
        sent = "".join(_texts(alert, "sent"))
        identifier = "".join(_texts(alert, "identifier"))
        try:
            at = datetime.fromisoformat(sent).replace(microsecond=0).astimezone(UTC)
        except ValueError:
            yield identifier, None
            continue
        words = ["".join(_texts(alert, name)) for name in ("sender", "msgType")]
        areas = [len(_named(info, "area")) for info in infos]
        yield identifier, (identifier, words[0], at, words[1], len(infos), areas)


def _named(parent: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return [child for child in parent if child.tag.rpartition("}")[2] == name]


def _texts(parent: ElementTree.Element, name: str) -> list[str]:
    return [(child.text or "").strip() for child in _named(parent, name)][:1]


@pytest.mark.parametrize("file", CAP_FILES, ids=lambda file: str(file.relative_to(CORPORA)))
def test_every_alert_has_the_fields_that_its_xml_has(file: Path) -> None:
    found = [item for item in parse_file(file, HAZARDS) if item.alert or item.identifier_hint]
    plain = list(plainly(file))
    for item in found:
        if item.alert is not None:
            assert (item.alert.identifier, facts(item.alert)) in plain
    accepted = [item.alert.identifier for item in found if item.alert]
    assert len(accepted) == len([1 for name, _ in plain if name in accepted])


def test_every_feature_of_the_recordings_has_the_fields_that_its_json_has() -> None:
    seen = 0
    for file in sorted((CORPORA / "nws-weathergov").glob("*.json")):
        features = json.loads(file.read_bytes()).get("features", [])
        items = parse_file(file, HAZARDS, now=NOW)
        for feature, item in zip(features, items, strict=False):
            said, alert = feature["properties"], item.alert
            if alert is None:
                continue
            seen += 1
            assert alert.identifier == said["id"]
            assert alert.msg_type == said["messageType"]
            ((area,),) = ([*info.areas] for info in alert.infos)
            assert {v for k, v in area.geocodes if k == "SAME"} == set(said["geocode"]["SAME"])
    assert seen >= 700
