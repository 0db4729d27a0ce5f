import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import requests

from alertcast.sources.base import SourceError
from alertcast.sources.fetch import HttpSettings, fetch


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.5", "169.254.169.254", "::1"])
def test_a_public_feed_leads_to_no_private_address(monkeypatch, address):
    known = {"public.example": "93.184.216.34", "inside.example": address}
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, _: [(0, 0, 0, "", (known[host], 0))])
    with requests.Session() as session, pytest.raises(SourceError, match="private address"):
        fetch(session, "http://inside.example/x", HttpSettings(), home="public.example")


def asked_to_wait(publisher, status, after):
    publisher.put("/x", b"", status, Retry_After=after)
    with requests.Session() as session, pytest.raises(SourceError) as refused:
        fetch(session, f"{publisher.url}/x", HttpSettings())
    return refused.value.wait


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("after", "seconds"),
    [("120", 120), ("0", 0), (" 7 ", 7), ("99999", 900), ("9" * 400, 900)],
)
def test_a_publisher_says_in_seconds_how_long_to_wait_within_bounds(
    publisher, status, after, seconds
):
    assert asked_to_wait(publisher, status, after) == timedelta(seconds=seconds)


@pytest.mark.parametrize(("ahead", "seconds"), [(120, 120), (0, 0), (-3600, 0), (86400, 900)])
def test_a_publisher_says_by_its_own_clock_until_when_to_wait(publisher, ahead, seconds):
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=ahead), usegmt=True)
    wait = asked_to_wait(publisher, 503, until)
    assert abs(wait - timedelta(seconds=seconds)) <= timedelta(seconds=2)


@pytest.mark.parametrize("after", ["", "soon", "-5", "1.5", "Mon, 99 Nov 2026 10:00:00 GMT", "²"])
def test_what_can_not_be_read_asks_for_nothing(publisher, after):
    assert asked_to_wait(publisher, 429, after.encode().decode("latin-1")) is None


def test_another_failure_asks_for_nothing(publisher):
    assert asked_to_wait(publisher, 500, "120") is None
