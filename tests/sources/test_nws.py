import json
from datetime import datetime

import pytest

from alertcast.sources.nws import parse
from tests.sources.documents import NOW

RING = [[-122.2, 47.4], [-122.2, 47.5], [-122.1, 47.5], [-122.2, 47.4]]
PROPERTIES = {
    "id": "urn:oid:2.49.0.1.840.0.1",
    "areaDesc": "King, WA",
    "geocode": {"SAME": ["053033"], "UGC": ["WAC033"]},
    "affectedZones": ["https://api.weather.gov/zones/county/WAC033"],
    "references": [],
    "sent": "2026-12-26T01:53:00-08:00",
    "effective": "2026-12-26T01:53:00-08:00",
    "onset": "2026-12-26T01:53:00-08:00",
    "expires": "2026-12-26T09:00:00-08:00",
    "ends": "2026-12-26T21:00:00-08:00",
    "status": "Actual",
    "messageType": "Alert",
    "category": "Met",
    "severity": "Severe",
    "certainty": "Likely",
    "urgency": "Immediate",
    "event": "Flash Flood Warning",
    "sender": "w-nws.webmaster@noaa.gov",
    "senderName": "NWS Seattle WA",
    "headline": "Flash Flood Warning issued December 26 at 1:53AM PST by NWS Seattle WA",
    "description": "At 153 AM PST, a levee failed.",
    "response": "Avoid",
    "parameters": {"VTEC": ["/O.NEW.KSEW.FF.W.0001.000000T0000Z-261227T0500Z/"]},
    "scope": "Public",
    "language": "en-US",
}


def feature(geometry=None, **changes):
    properties = {**PROPERTIES, **changes}
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def collection(*features):
    return json.dumps({"type": "FeatureCollection", "features": list(features)}).encode()


def codes(parsed):
    return {reason.code for reason in parsed.reasons}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "not_json"),
        (b'{"type": "FeatureCollection", "features": [', "not_json"),
        (b"[" * 100_000, "not_json"),
        (b"[1]", "not_nws"),
        (b'{"data": []}', "not_nws"),
        (b'{"type": "x", "title": "Not Found", "status": 404}', "problem_json"),
        (collection(), "empty_feed"),
        (collection(None), "no_properties"),
        (collection({"type": "Feature", "properties": 3}), "no_properties"),
        (collection(feature(id=None)), "no_id"),
        (collection(feature(sender=[])), "no_sender"),
        (collection(feature(sent=None)), "no_sent"),
        (collection(feature(sent="2026-12-26T01:53:00")), "no_offset"),
        (collection(feature(messageType="Warning")), "bad_msgtype"),
        (collection(feature(sent="date:now -2 minutes")), "bad_time"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(hazards, data, code):
    (parsed,) = parse(data, hazards)
    assert not parsed.accepted and code in codes(parsed)


def test_one_bad_feature_leaves_the_others(hazards):
    parsed = parse(collection(feature(), feature(sent=7), feature()), hazards)
    assert [one.accepted for one in parsed] == [True, False, True]


def test_a_zone_alert_keeps_its_codes(hazards):
    (parsed,) = parse(collection(feature()), hazards)
    (info,) = parsed.alert.infos
    assert info.areas[0].polygons == ()
    assert info.areas[0].geocodes == (
        ("SAME", "053033"),
        ("UGC", "WAC033"),
        ("NWSZONE", "county/WAC033"),
    )
    assert (info.hazard, info.level) == ("flash_flood", "orange")
    assert dict(info.parameters)["VTEC"].startswith("/O.NEW.KSEW.FF.W.")


def test_zones_stand_in_where_no_ugc_is_given(hazards):
    (parsed,) = parse(collection(feature(geocode={"SAME": ["053033"], "UGC": []})), hazards)
    assert ("UGC", "WAC033") in parsed.alert.infos[0].areas[0].geocodes


def test_an_alert_lasts_until_its_event_ends(hazards):
    (parsed,) = parse(collection(feature()), hazards)
    (info,) = parsed.alert.infos
    assert info.expires == datetime.fromisoformat("2026-12-26T21:00:00-08:00")
    assert dict(info.parameters)["expires"] == "2026-12-26T09:00:00-08:00"
    (parsed,) = parse(collection(feature(ends=None)), hazards)
    assert parsed.alert.infos[0].expires.isoformat() == PROPERTIES["expires"]


@pytest.mark.parametrize(
    ("geometry", "rings", "code"),
    [
        ({"type": "Polygon", "coordinates": [RING, RING]}, 1, None),
        ({"type": "MultiPolygon", "coordinates": [[RING], [RING]]}, 2, None),
        ({"type": "Polygon", "coordinates": [[*RING[:-1], [-122.2, 47.45]]]}, 1, "open_ring"),
        ({"type": "Polygon", "coordinates": [[[47.4, "x"]]]}, 0, "bad_pair"),
        ({"type": "Polygon", "coordinates": [[[47.4, -122.2], *RING]]}, 0, "outside_world"),
        ({"type": "MultiPolygon", "coordinates": [[RING], None]}, 0, "codes_instead"),
        ({"type": "MultiPolygon", "coordinates": 5}, 0, "bad_pair"),
        ({"type": "Point", "coordinates": [1, 2]}, 0, "bad_geometry"),
        ("nonsense", 0, "bad_geometry"),
    ],
)
def test_geometry_is_taken_or_gives_way_to_codes(hazards, geometry, rings, code):
    (parsed,) = parse(collection(feature(geometry)), hazards)
    area = parsed.alert.infos[0].areas[0]
    assert len(area.polygons) == rings
    assert area.geocodes
    assert code is None or code in codes(parsed)


def test_references_are_kept_without_itself(hazards):
    earlier = {"identifier": "X-0", "sender": "s", "sent": "2026-12-26T00:00:00-08:00"}
    itself = {**earlier, "identifier": PROPERTIES["id"]}
    given = [earlier, itself, {}, "x"]
    (parsed,) = parse(collection(feature(messageType="Update", references=given)), hazards)
    assert [reference.identifier for reference in parsed.alert.references] == ["X-0"]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("date:now -2 minutes", "2026-12-26T09:28:00+00:00"),
        ("date:now +425 minutes", "2026-12-26T16:35:00+00:00"),
        ("date:today 09:00:-06 +2 days", "2026-12-28T09:00:00-06:00"),
    ],
)
def test_a_recording_is_read_only_where_a_person_replays_it(hazards, text, meant):
    (parsed,) = parse(collection(feature(sent=text)), hazards, now=NOW)
    assert parsed.alert.sent == datetime.fromisoformat(meant)
    assert "replayed_time" in codes(parsed)


@pytest.mark.parametrize("text", ["date:now -999999999 days", "date:today 25:00:-06 +2 days"])
def test_a_recording_beyond_reason_is_refused(hazards, text):
    (parsed,) = parse(collection(feature(sent=text)), hazards, now=NOW)
    assert not parsed.accepted


def test_a_test_product_is_a_test_whatever_its_status(hazards):
    real = PROPERTIES["parameters"]["VTEC"][0]
    test = real.replace("/O.", "/T.")
    for vtec, status in [([test], "Test"), ([test, real], "Actual"), ([real], "Actual")]:
        (parsed,) = parse(collection(feature(parameters={"VTEC": vtec})), hazards)
        assert parsed.alert.status == status
        assert ("vtec_test" in codes(parsed)) is (status == "Test")
