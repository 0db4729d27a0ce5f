"""Real lists of what is in force: no alert of a list replaces or ends another one of it."""

import os
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from alertcast.core.hazard import HazardTable
from alertcast.core.vtec import events_of, zones_of
from alertcast.sources.read import parse_file

FILES = sorted((Path(os.environ["ALERTCAST_CORPORA"]) / "corpora/nws-weathergov").glob("*.json"))
HAZARDS = HazardTable.from_mapping(
    tomllib.loads((Path(__file__).parents[2] / "config" / "hazards.toml").read_text("utf-8"))
)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_alerts_in_force_together_do_not_replace_each_other(file: Path) -> None:
    found = [one.alert for one in parse_file(file, HAZARDS, now=datetime.now(UTC))]
    named = [(one, events_of(one), zones_of(one)) for one in found if one is not None]
    assert sum(bool(events) for _, events, _ in named) > len(named) * 0.9
    replaced = [
        (new.identifier, old.identifier)
        for new, events, zones in named
        for old, its_events, its_zones in named
        if events & its_events and old.sent < new.sent and its_zones and its_zones <= zones
    ]
    assert replaced == []
