"""Every alert of the corpora, written anew, is valid by the schema and says what it said before."""

import os
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from alertcast.core.cap_message import message
from alertcast.core.handed_on import written_anew
from alertcast.core.hazard import HazardTable
from alertcast.sources.cap_schema import invalid
from alertcast.sources.read import parse_bytes, parse_file

CORPORA = Path(os.environ["ALERTCAST_CORPORA"]) / "corpora"
FILES = sorted(file for file in CORPORA.rglob("*") if file.is_file())
HAZARDS = HazardTable.from_mapping(
    tomllib.loads((Path(__file__).parents[2] / "config" / "hazards.toml").read_text("utf-8"))
)
NOW = datetime.now(UTC)  # recordings of the NWS are replayed now
WORDS = ("event", "headline", "description", "instruction", "severity", "urgency", "certainty")


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(CORPORA)))
def test_what_is_written_anew_is_valid_and_says_the_same(file: Path) -> None:
    for item in parse_file(file, HAZARDS, now=NOW):
        if item.alert is None:
            continue
        anew = written_anew(item.alert, "feed@example.org", "Office")
        document = message(anew)
        assert invalid(document) is None
        (found,) = parse_bytes(document, HAZARDS)
        assert found.alert is not None, found.reasons
        assert found.alert.sent == item.alert.sent.replace(microsecond=0)
        assert found.alert.msg_type == item.alert.msg_type
        for kept, said in zip(item.alert.infos, found.alert.infos, strict=True):
            for word in WORDS:
                assert (getattr(kept, word) or "").replace("\r", "") == (getattr(said, word) or "")
            assert [one.geocodes for one in kept.areas] == [one.geocodes for one in said.areas]
            rings = [ring for one in kept.areas for ring in one.polygons]
            written = [ring for one in said.areas for ring in one.polygons]
            assert [len(ring) for ring in rings] == [len(ring) for ring in written]


def test_the_corpora_hold_alerts_that_are_valid_and_some_that_are_not() -> None:
    found = {file.name: invalid(file.read_bytes()) for file in FILES}
    signed = [name for name in found if name.startswith("ipaws-")]
    assert len(signed) == 5
    assert all(found[name] is None for name in signed)
    assert "info" in found["invalid.cap"]
    assert "DOCTYPE" in found["xee.cap"]
