import gzip
import socket
import ssl
import zlib
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from alertcast.sources.base import SourceError
from alertcast.sources.fetch import HttpSettings, fetch
from alertcast.sources.pinned import Pinned


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.5", "169.254.169.254", "::1"])
def test_a_public_feed_leads_to_no_private_address(monkeypatch, address):
    known = {"public.example": "93.184.216.34", "inside.example": address}
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, _: [(0, 0, 0, "", (known[host], 0))])
    with requests.Session() as session, pytest.raises(SourceError, match="private address"):
        fetch(session, "http://inside.example/x", HttpSettings(), home="public.example")


def answers(monkeypatch, known):
    """Let names mean these addresses, one after the other; return what was looked up."""
    asked = []
    real = socket.getaddrinfo

    def looked_up(host, *more, **named):
        if host not in known:
            return real(host, *more, **named)
        asked.append(host)
        found = known[host]
        address = found.pop(0) if len(found) > 1 else found[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, more[0] or 0))]

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    return asked


def test_a_name_that_means_another_address_a_moment_later_leads_nowhere_else(
    monkeypatch, publisher
):
    """The name is looked up once, and connected to what was checked (DNS rebinding)."""
    port = publisher.server_port
    asked = answers(
        monkeypatch,
        {
            "public.example": ["93.184.216.34"],
            "linked.example": ["93.184.216.35", "127.0.0.1"],
            "93.184.216.35": ["127.0.0.2"],  # nobody listens there
        },
    )
    publisher.put("/x", b"inside")
    with requests.Session() as session, pytest.raises(SourceError, match="ConnectionError"):
        fetch(session, f"http://linked.example:{port}/x", HttpSettings(), home="public.example")
    assert publisher.asked == []
    assert asked.count("linked.example") == 1


def test_a_checked_host_is_asked_by_its_name_at_its_address(monkeypatch, publisher):
    answers(monkeypatch, {"linked.example": ["0.0.0.1"]})
    publisher.put("/x", b"here")
    place = f"http://linked.example:{publisher.server_port}"
    with requests.Session() as session:
        session.mount(f"{place}/", Pinned("linked.example", ["127.0.0.2", "127.0.0.1"]))
        answer = fetch(session, f"{place}/x", HttpSettings())
    assert answer.body == b"here"
    assert [headers["Host"] for _, headers in publisher.asked] == [place.removeprefix("http://")]


@pytest.mark.parametrize("named", ["linked.example", "other.example"])
def test_the_certificate_of_a_checked_host_is_that_of_its_name(
    monkeypatch, publisher, tmp_path, named
):
    answers(monkeypatch, {"linked.example": ["0.0.0.1"]})
    certificate = secured(publisher, named, tmp_path)
    publisher.put("/x", b"here")
    place = f"https://linked.example:{publisher.server_port}"
    with requests.Session() as session:
        session.trust_env, session.verify = False, str(certificate)
        session.mount(f"{place}/", Pinned("linked.example", ["127.0.0.1"]))
        if named == "linked.example":
            assert fetch(session, f"{place}/x", HttpSettings()).body == b"here"
        else:
            with pytest.raises(SourceError, match="doesn't match"):
                fetch(session, f"{place}/x", HttpSettings())


def secured(publisher, name, folder):
    """Let a publisher speak TLS with a certificate of this name; return its file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate, secret = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(Encoding.PEM))
    secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, secret)
    publisher.socket = context.wrap_socket(publisher.socket, server_side=True)
    return certificate


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [("gzip", gzip.compress), ("deflate", zlib.compress), ("GZIP", gzip.compress)],
)
def test_what_comes_packed_is_unpacked(publisher, encoding, packed):
    warning = "怀集县气象台发布寒冷红色预警信号".encode() * 5000
    publisher.put("/x", packed(warning), Content_Encoding=encoding)
    with requests.Session() as session:
        answer = fetch(session, f"{publisher.url}/x", HttpSettings())
    assert answer.body == warning
    ((_, headers),) = publisher.asked
    assert "gzip" in headers["Accept-Encoding"]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (gzip.compress(bytes(30_000_000)), "larger than 20000000 bytes"),
        (b"not packed at all", "DecodeError"),
    ],
)
def test_what_is_packed_badly_or_unpacks_without_end_is_refused(publisher, body, why):
    publisher.put("/x", body, Content_Encoding="gzip")
    with requests.Session() as session, pytest.raises(SourceError, match=why):
        fetch(session, f"{publisher.url}/x", HttpSettings())


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


def test_another_failure_names_no_time(publisher):
    assert asked_to_wait(publisher, 500, "120") is None


@pytest.mark.parametrize(
    ("status", "is_busy"), [(429, True), (500, True), (502, True), (404, False), (403, False)]
)
def test_who_is_to_be_left_alone(publisher, status, is_busy):
    publisher.put("/x", b"", status)
    with requests.Session() as session, pytest.raises(SourceError) as refused:
        fetch(session, f"{publisher.url}/x", HttpSettings())
    assert refused.value.is_busy == is_busy
