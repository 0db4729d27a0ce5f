"""One alert that can not be written holds up no other one, and is shown to the officer."""

import json
from collections.abc import Mapping
from typing import Any

from alertcast.dispatch import ingest
from alertcast.sources.base import Document, Outcome, Polled
from alertcast.store import alerts, quarantine, source_states
from tests.stories.published import Warned, cap, info
from tests.stories.town import EAST_LEADER, IN_EAST, IN_WEST, Town, phones


class Bundle:
    """A source that brings several documents in one poll."""

    name = "bundle"

    def __init__(self, *documents: str) -> None:
        self._documents = tuple(Document(one.encode(), "", "wire") for one in documents)

    def poll(self, memory: Mapping[str, Any], now: object) -> Polled:
        return Polled(Outcome.OK, self._documents, memory={"seen": len(self._documents)})


def test_the_others_of_the_poll_are_kept_and_told(town: Town) -> None:
    good = [
        cap(Warned(f"44122441600000_2026122617200{n}", town.now), info(town.now, shape, "orange"))
        for n, shape in enumerate((IN_WEST, IN_EAST))
    ]
    taken = ingest.poll(town.world, Bundle(good[0], unwritable(town), good[1]), town.now)
    assert (len(taken.new), taken.refused) == (2, 1)
    town.tick()
    assert EAST_LEADER in phones(town.sms)
    with town.db.read() as tx:
        (aside,) = quarantine.listed(tx, since=town.now)
        assert source_states.memory(tx, "bundle") == {"seen": 3}
        assert alerts.count(tx) == 2
    assert [reason["code"] for reason in aside["reasons"]] == ["not_kept"]
    assert aside["reasons"][0]["message"] == "it could not be kept: UnicodeEncodeError"


def test_what_only_postgresql_refuses_is_put_aside_there(town: Town) -> None:
    warned = Warned("44122441600000_20261226172001", town.now)
    language = "zh-" + "x" * 70
    document = cap(warned, info(town.now, IN_EAST, "orange").replace("zh-CN", language))
    taken = town.keep(document)
    assert (len(taken.new), taken.refused) == ((1, 0) if town.db.is_sqlite else (0, 1))


def unwritable(town: Town) -> str:
    """Return an alert whose headline holds half a character, which no database can write."""
    properties = {
        "id": "urn:oid:2.49.0.1.840.0.1",
        "sender": "w-nws.webmaster@noaa.gov",
        "sent": town.now.isoformat(),
        "status": "Actual",
        "messageType": "Alert",
        "scope": "Public",
        "category": "Met",
        "event": "Flood Warning",
        "urgency": "Expected",
        "severity": "Severe",
        "certainty": "Likely",
        "areaDesc": "somewhere",
        "headline": "\ud800",
    }
    return json.dumps({"type": "Feature", "properties": properties, "geometry": None})
