"""A warning that names a zone and brings no shape reaches the people in the zone, over HTTP."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from shapely.geometry.base import BaseGeometry

from alertcast.core.alert import Alert, Area, Info
from alertcast.dispatch import ingest
from alertcast.simulator.faults import Fault
from alertcast.simulator.server import DEMO_ACCOUNTS, Simulator
from alertcast.sources.nws_api import NwsApi, NwsApiSettings
from alertcast.sources.nws_zones import SCHEME
from alertcast.store import alerts
from tests.stories.town import EAST_LEADER, IN_EAST, IN_WEST, WEST_LEADER, Town, phones

WEST_ZONE = "forecast/WAZ558"


class WeatherService:
    """The service, and the product that asks it."""

    def __init__(self, town: Town, simulator: Simulator) -> None:
        self.town, self.simulator = town, simulator
        settings = NwsApiSettings(
            user_agent="alertcast desk@example.org", base_url=simulator.base_url
        )
        self.source = NwsApi("nws", settings)

    def warn(
        self, zone: str, shape: BaseGeometry, identifier: str = "1", status: str = "Actual"
    ) -> None:
        """Warn of a zone of this shape; let the product ask and decide."""
        now = self.town.now
        ring = tuple((x, y) for x, y in shape.exterior.coords)
        area = Area("Whatcom", polygons=(ring,), geocodes=((SCHEME, zone),))
        info = Info(
            language="en-US",
            category=("Met",),
            event="Flash Flood Warning",
            urgency="Immediate",
            severity="Severe",
            certainty="Likely",
            expires=now + timedelta(hours=12),
            headline="Flash Flood Warning",
            areas=(area,),
        )
        alert = Alert(identifier, "w-nws.webmaster@noaa.gov", now, status, "Alert", infos=(info,))
        self.simulator.publisher.publish(alert)
        self.poll()

    def draw(self, zone: str, shape: BaseGeometry) -> None:
        """Let a zone be known by a warning that is not in force any more."""
        self.warn(zone, shape, f"drawn {zone}", "Test")

    def poll(self) -> None:
        ingest.poll(self.town.world, self.source, self.town.now)
        self.town.tick()

    def fail_zones(self) -> None:
        self.simulator.faults.set(Fault("feed_error", kind="nws_zone"))


@pytest.fixture
def service(town: Town) -> Iterator[WeatherService]:
    with Simulator(DEMO_ACCOUNTS) as simulator:
        yield WeatherService(town, simulator)


def row(town: Town, identifier: str) -> Mapping[Any, Any]:
    with town.db.read() as tx:
        (found,) = alerts.find(tx, identifier)
        return alerts.facts(tx, found)


def test_the_people_of_the_zone_are_told_and_no_others(town: Town, service: WeatherService) -> None:
    service.draw("fire/WAZ558", IN_EAST)
    service.warn(WEST_ZONE, IN_WEST)
    assert WEST_LEADER in phones(town.sms) and EAST_LEADER not in phones(town.sms)


def test_a_zone_that_can_not_be_had_goes_to_the_officer(
    town: Town, service: WeatherService
) -> None:
    service.fail_zones()
    service.warn(WEST_ZONE, IN_WEST)
    assert phones(town.sms) == []
    found = row(town, "1")
    assert found["decision"] == "held" and "WAZ558" in found["why"]


def test_when_the_zone_can_be_had_after_all_its_people_are_told_once(
    town: Town, service: WeatherService
) -> None:
    service.fail_zones()
    service.warn(WEST_ZONE, IN_WEST)
    service.poll()
    assert row(town, "1")["decision"] == "held"
    service.simulator.faults.clear()
    service.poll()
    assert row(town, "1")["decision"] == "broadcast"
    service.poll()
    assert phones(town.sms).count(WEST_LEADER) == 1
    assert EAST_LEADER not in phones(town.sms)


def test_a_zone_is_known_after_a_restart(town: Town, service: WeatherService) -> None:
    service.draw(WEST_ZONE, IN_WEST)
    service.fail_zones()
    service.warn(WEST_ZONE, IN_WEST, "second")
    assert WEST_LEADER in phones(town.sms)
