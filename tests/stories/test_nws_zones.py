"""A warning that names a zone and brings no shape reaches the people in the zone, over HTTP."""

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
import shapely

from alertcast.dispatch import ingest
from alertcast.sources.nws_api import NwsApi, NwsApiSettings
from alertcast.store import alerts
from tests.sources.conftest import Publisher, publishing
from tests.sources.test_nws import collection, feature
from tests.stories.town import EAST_LEADER, IN_EAST, IN_WEST, WEST_LEADER, Town, phones


@pytest.fixture
def weather_service() -> Iterator[Publisher]:
    with publishing() as server:
        yield server


def warn(town: Town, server: Publisher, *zones: str, **changes: Any) -> None:
    """Let the service warn of these zones, and the product ask it and decide."""
    times = {name: town.now.isoformat() for name in ("sent", "effective", "onset")}
    ends = (town.now + timedelta(hours=12)).isoformat()
    named = [f"https://api.weather.gov/zones/{zone}" for zone in zones]
    given = {**times, "expires": ends, "ends": ends, "affectedZones": named, "geocode": {}}
    server.put("/alerts/active", collection(feature(**{**given, **changes})))
    settings = NwsApiSettings(user_agent="alertcast desk@example.org", base_url=server.url)
    ingest.poll(town.world, NwsApi("nws", settings), town.now)
    town.tick()


def draw(server: Publisher, zone: str, shape: shapely.Geometry) -> None:
    document = {
        "type": "Feature",
        "properties": {"name": "x"},
        "geometry": json.loads(shapely.to_geojson(shape)),
    }
    server.put(f"/zones/{zone}", json.dumps(document).encode())


def row(town: Town, identifier: str) -> Mapping[Any, Any]:
    with town.db.read() as tx:
        (found,) = alerts.find(tx, identifier)
        return alerts.facts(tx, found)


def test_the_people_of_the_zone_are_told_and_no_others(
    town: Town, weather_service: Publisher
) -> None:
    draw(weather_service, "forecast/WAZ558", IN_WEST)
    draw(weather_service, "fire/WAZ558", IN_EAST)
    warn(town, weather_service, "forecast/WAZ558")
    assert WEST_LEADER in phones(town.sms) and EAST_LEADER not in phones(town.sms)


def test_a_zone_that_can_not_be_had_goes_to_the_officer(
    town: Town, weather_service: Publisher
) -> None:
    warn(town, weather_service, "forecast/WAZ558")
    assert phones(town.sms) == []
    found = row(town, "urn:oid:2.49.0.1.840.0.1")
    assert found["decision"] == "held" and "WAZ558" in found["why"]


def test_a_zone_is_known_after_a_restart(town: Town, weather_service: Publisher) -> None:
    draw(weather_service, "forecast/WAZ558", IN_WEST)
    warn(town, weather_service, "forecast/WAZ558", status="Test")
    weather_service.put("/zones/forecast/WAZ558", b"", 500)
    warn(town, weather_service, "forecast/WAZ558", id="second")
    assert WEST_LEADER in phones(town.sms)
