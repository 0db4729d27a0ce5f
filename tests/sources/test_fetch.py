import socket

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
