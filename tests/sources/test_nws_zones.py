"""Zones of the NWS: asked for once, kept, asked again conditionally; one bad leaves the others."""

import json
from datetime import timedelta

import pytest

from alertcast.sources.base import Outcome
from alertcast.sources.nws import parse
from alertcast.sources.nws_zones import AGAIN_AFTER, zone_of, zones_needed
from tests.sources.documents import NOW
from tests.sources.test_nws import RING, collection, feature
from tests.sources.test_nws_api import PATH, api

SQUARE = {"type": "Polygon", "coordinates": [RING]}


def zone(geometry=SQUARE, name="Seattle"):
    return json.dumps({"type": "Feature", "geometry": geometry, "properties": {"name": name}})


def put(publisher, code="forecast/WAZ558", body=None, **headers):
    publisher.put(f"/zones/{code}", (body or zone()).encode(), **headers)


def naming(*codes, **changes):
    addresses = [f"https://api.weather.gov/zones/{code}" for code in codes]
    return feature(affectedZones=addresses, **changes)


def asked(publisher):
    return [path for path, _ in publisher.asked if path.startswith("/zones/")]


def test_the_shape_of_a_zone_is_asked_for_once(publisher):
    put(publisher)
    publisher.put(PATH, collection(naming("forecast/WAZ558"), naming("forecast/WAZ558", id="B")))
    source = api(publisher)
    first = source.poll({}, NOW)
    ((scheme, place),) = first.places
    assert (scheme, place.code, place.name) == ("NWSZONE", "forecast/WAZ558", "Seattle")
    assert place.geometry.bounds == (-122.2, 47.4, -122.1, 47.5)
    publisher.put(PATH, collection(naming("forecast/WAZ558", id="C")))
    second = source.poll(first.memory, NOW + timedelta(hours=1))
    assert second.outcome is Outcome.OK and second.places == ()
    publisher.put(PATH, collection())
    third = source.poll(second.memory, NOW + timedelta(hours=2))
    publisher.put(PATH, collection(naming("forecast/WAZ558", id="D")))
    source.poll(third.memory, NOW + timedelta(hours=3))
    assert asked(publisher) == ["/zones/forecast/WAZ558"]


def test_after_a_month_it_is_asked_for_again_conditionally(publisher):
    put(publisher, ETag='"1"')
    publisher.put(PATH, collection(naming("forecast/WAZ558")))
    source = api(publisher)
    first = source.poll({}, NOW)
    later = NOW + AGAIN_AFTER + timedelta(hours=1)
    second = source.poll(first.memory, later)
    assert second.places == () and len(asked(publisher)) == 2
    source.poll(second.memory, later + timedelta(days=1))
    assert len(asked(publisher)) == 2, "304 is an answer"
    put(publisher, body=zone(name="new"), ETag='"2"')
    third = source.poll(second.memory, later + AGAIN_AFTER + timedelta(hours=1))
    assert [place.name for _, place in third.places] == ["new"]


BAD = {
    "gone": ("", 404),
    "error": ("", 500),
    "no JSON": ("<html/>", 200),
    "no shape": (zone(None), 200),
    "a point": (zone({"type": "Point", "coordinates": [0, 0]}), 200),
    "flat": (zone({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 0], [0, 0]]]}), 200),
    "short": (zone({"type": "Polygon", "coordinates": [[[0, 0]]]}), 200),
    "outside": (
        zone({"type": "Polygon", "coordinates": [[[0, 0], [9e9, 1], [1, 2], [0, 0]]]}),
        200,
    ),
    "no numbers": (zone({"type": "Polygon", "coordinates": [[["a", "b"]]]}), 200),
    "a list": ("[1]", 200),
    "deep": ("[" * 100_000, 200),
    "not a number": (zone().replace("47.4", "NaN"), 200),
    "large": (" " * 6_000_000, 200),
}


@pytest.mark.parametrize("which", BAD)
def test_a_zone_that_can_not_be_had_leaves_the_others_and_is_asked_for_again(publisher, which):
    body, status = BAD[which]
    put(publisher, "forecast/WAZ558")
    publisher.put("/zones/fire/WAZ001", body.encode(), status)
    publisher.put(PATH, collection(naming("fire/WAZ001", "forecast/WAZ558")), Last_Modified="x")
    source = api(publisher)
    first = source.poll({}, NOW)
    assert first.outcome is Outcome.OK and len(first.documents) == 1
    assert [place.code for _, place in first.places] == ["forecast/WAZ558"]
    assert "fire/WAZ001" in first.detail
    assert "last_modified" not in first.memory, "not modified may not hide what failed"
    put(publisher, "fire/WAZ001")
    second = source.poll(first.memory, NOW)
    assert [place.code for _, place in second.places] == ["fire/WAZ001"]


def test_only_so_many_are_asked_for_in_one_poll(publisher):
    codes = [f"forecast/WAZ00{number}" for number in range(5)]
    for code in codes:
        put(publisher, code)
    publisher.put(PATH, collection(naming(*codes)))
    source = api(publisher, max_zones=2)
    memory, got = {}, []
    for _ in range(3):
        polled = source.poll(memory, NOW)
        memory = polled.memory
        got += [place.code for _, place in polled.places]
    assert got == codes
    assert "wait for the next poll" in source.poll({}, NOW).detail
    assert api(publisher, zone_seconds=-1).poll({}, NOW).places == ()


def test_an_alert_can_not_send_us_to_another_address(publisher):
    put(publisher)
    elsewhere = [
        "http://169.254.169.254/zones/forecast/WAZ558",
        "https://api.weather.gov/zones/forecast/../../etc",
        "file:///zones/forecast/WAZ55",
        "https://api.weather.gov/zones/forecast/WAZ558?x=/zones/a",
        7,
    ]
    publisher.put(PATH, collection(feature(affectedZones=elsewhere)))
    api(publisher).poll({}, NOW)
    assert asked(publisher) == ["/zones/forecast/WAZ558"], "its kind and code, at our own address"


def test_an_alert_with_a_shape_needs_no_zone():
    own = naming("forecast/WAZ558") | {"geometry": SQUARE}
    assert (
        zones_needed([own, None, {"geometry": None}, {"properties": {"affectedZones": "x"}}]) == []
    )


def test_zones_of_all_kinds_are_named_apart(hazards):
    assert zone_of("https://api.weather.gov/zones/fire/WAZ558") == "fire/WAZ558"
    (parsed,) = parse(collection(naming("fire/WAZ558", "forecast/WAZ558")), hazards)
    assert parsed.alert.infos[0].areas[0].geocodes[-2:] == (
        ("NWSZONE", "fire/WAZ558"),
        ("NWSZONE", "forecast/WAZ558"),
    )
