"""The five alerts that IPAWS signed: verified with their certificate pinned, never if changed."""

import base64
import os
import re
import tomllib
from pathlib import Path

import pytest
from cryptography import x509

from alertcast.core.hazard import HazardTable
from alertcast.core.signature import Verdict
from alertcast.sources.read import parse_bytes
from alertcast.sources.signed import Judge

FILES = sorted((Path(os.environ["ALERTCAST_CORPORA"]) / "corpora/oasiscap").glob("ipaws-*.xml"))
HAZARDS = HazardTable.from_mapping(
    tomllib.loads((Path(__file__).parents[2] / "config" / "hazards.toml").read_text("utf-8"))
)


def judge(data: bytes) -> Judge:
    """Return a judge with the message's own certificate pinned, as of when it was sent."""
    found = re.search(rb"X509Certificate>([^<]+)<", data)
    assert found is not None
    certificate = x509.load_der_x509_certificate(base64.b64decode(found[1]))
    sent = parse_bytes(data, HAZARDS)[0].alert
    assert sent is not None
    return Judge((certificate,), sent.sent)


def test_there_are_five() -> None:
    assert len(FILES) == 5


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_it_is_verified_with_its_certificate_pinned_and_read_as_without(file: Path) -> None:
    data = file.read_bytes()
    (parsed,) = parse_bytes(data, HAZARDS, judge=judge(data))
    assert parsed.signature.verdict is Verdict.VERIFIED
    assert "O=FEMA IPAWS" in parsed.signature.detail
    assert parsed.alert == parse_bytes(data, HAZARDS)[0].alert


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_changed_byte_of_what_was_signed_is_never_verified(file: Path) -> None:
    data = file.read_bytes()
    trust = judge(data)
    signature = re.search(rb"<(\w+:)?Signature ", data)
    assert signature is not None
    end = signature.start()
    start = data.index(b"<identifier>")
    for spot in range(start, end, (end - start) // 60):
        changed = data[:spot] + bytes([data[spot] ^ 1]) + data[spot + 1 :]
        for parsed in parse_bytes(changed, HAZARDS, judge=trust):
            assert parsed.signature.verdict is not Verdict.VERIFIED, spot


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_without_a_pin_the_certificate_inside_proves_nothing(file: Path) -> None:
    data = file.read_bytes()
    assert parse_bytes(data, HAZARDS)[0].signature.verdict is Verdict.UNTRUSTED
