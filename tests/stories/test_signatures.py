"""A source that is to sign: what its key did not make waits for the officer and changes nothing.

What is signed is signed for this test; it comes by the index of a simulated publisher, over HTTP.
"""

import dataclasses
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from alertcast.dispatch import ingest, reread
from alertcast.sources.signed import SignedSettings
from alertcast.store import alerts, quarantine, witnesses
from tests.sources.signers import Signer, signer
from tests.stories import publishers
from tests.stories.published import Warned, cap, info
from tests.stories.town import IN_WEST, WEST_LEADER, Town, phones

OFFICE, FORGER = signer("observatory"), signer("somebody else")


class Gate:
    """A source whose warnings the office must have signed, and one that demands nothing."""

    def __init__(self, town: Town, tmp_path: Path) -> None:
        self.town = town
        pinned = {"certificates": [OFFICE.write(tmp_path)], "must_be_signed": True}
        self.rules: dict[str, dict[str, Any]] = {"signed": pinned, "any": {}}
        self.number = 0

    def bring(self, document: bytes, source: str = "signed") -> None:
        """Let the source bring a document, and the product decide on it."""
        self.number += 1
        there, now = publishers.publisher(source), self.town.now
        there.publish_document(document, "", now, f"{self.number}")
        ingest.poll(self.town.world, publishers.feed(source, **self.rules[source]), now)
        self.town.tick()

    def alert(self, identifier: str) -> Mapping[Any, Any]:
        """Return the row of an alert."""
        with self.town.db.read() as tx:
            (found,) = alerts.find(tx, identifier)
            return alerts.facts(tx, found)

    def verdicts(self, identifier: str) -> dict[str, str]:
        """Return the verdict kept of each source."""
        with self.town.db.read() as tx:
            (found,) = alerts.find(tx, identifier)
            return {one["source"]: one["signature"] for one in witnesses.of_alert(tx, found)}


@pytest.fixture
def gate(town: Town, tmp_path: Path) -> Gate:
    return Gate(town, tmp_path)


def warning(town: Town, identifier: str = "A-1", level: str = "orange", **how: Any) -> bytes:
    infos = "" if how.get("msg_type") == "Cancel" else info(town.now, IN_WEST, level)
    return cap(Warned(identifier, town.now), infos, **how).encode()


def test_what_the_office_signed_is_sent(town: Town, gate: Gate) -> None:
    gate.bring(OFFICE.sign(warning(town)))
    assert WEST_LEADER in phones(town.sms)
    assert gate.verdicts("A-1") == {"signed": "verified"}


@pytest.mark.parametrize("by", [None, FORGER], ids=["unsigned", "by another key"])
def test_what_it_did_not_sign_is_held_and_says_why(
    town: Town, gate: Gate, by: Signer | None
) -> None:
    document = warning(town)
    gate.bring(by.sign(document) if by else document)
    assert phones(town.sms) == []
    row = gate.alert("A-1")
    assert row["decision"] == "held" and row["why"].startswith("签名未通过验证（signed ")


def test_one_changed_byte_is_held_even_where_a_signature_is_not_demanded(
    town: Town, gate: Gate
) -> None:
    gate.rules["signed"]["must_be_signed"] = False
    gate.bring(OFFICE.sign(warning(town)).replace(b"<scope>Public", b"<scope>Private"))
    assert phones(town.sms) == []
    assert gate.verdicts("A-1") == {"signed": "invalid"}


def in_envelope(alert: bytes) -> bytes:
    name = "urn:oasis:names:tc:emergency:EDXL:DE:1.0"
    body = alert[alert.index(b"<alert") :].decode()
    content = f"<xmlContent><embeddedXMLContent>{body}</embeddedXMLContent></xmlContent>"
    said = (
        f"<distributionStatus>Actual</distributionStatus><contentObject>{content}</contentObject>"
    )
    return f'<EDXLDistribution xmlns="{name}">{said}</EDXLDistribution>'.encode()


def test_what_the_office_signed_with_its_envelope_is_sent(town: Town, gate: Gate) -> None:
    gate.bring(OFFICE.sign(in_envelope(warning(town))))
    assert WEST_LEADER in phones(town.sms)
    assert gate.verdicts("A-1") == {"signed": "verified"}


def test_an_envelope_that_was_changed_is_held_even_where_a_signature_is_not_demanded(
    town: Town, gate: Gate
) -> None:
    gate.rules["signed"]["must_be_signed"] = False
    signed = OFFICE.sign(in_envelope(warning(town)))
    gate.bring(signed.replace(b"Likely", b"Observed"))
    assert phones(town.sms) == []
    assert gate.verdicts("A-1") == {"signed": "invalid"}


def test_an_envelope_that_somebody_else_signed_is_held(town: Town, gate: Gate) -> None:
    gate.bring(FORGER.sign(in_envelope(warning(town))))
    assert phones(town.sms) == []
    assert gate.alert("A-1")["decision"] == "held"


def test_a_forged_end_ends_nothing(town: Town, gate: Gate) -> None:
    gate.bring(OFFICE.sign(warning(town)))
    end = {"msg_type": "Cancel", "replaces": Warned("A-1", town.now)}
    gate.bring(FORGER.sign(warning(town, "A-2", **end)))
    assert gate.alert("A-1")["standing"] == "in_force"
    assert gate.alert("A-2")["decision"] == "held"
    gate.bring(OFFICE.sign(warning(town, "A-3", **end)))
    assert gate.alert("A-1")["standing"] == "ended"


def test_a_forged_update_that_comes_first_does_not_silence_the_warning(
    town: Town, gate: Gate
) -> None:
    update = warning(town, "A-2", msg_type="Update", replaces=Warned("A-1", town.now))
    gate.bring(FORGER.sign(update))
    gate.bring(OFFICE.sign(warning(town)))
    assert WEST_LEADER in phones(town.sms)


def test_a_forged_twin_that_comes_first_gives_way_to_the_signed_one(town: Town, gate: Gate) -> None:
    gate.bring(FORGER.sign(warning(town, level="blue")))
    assert gate.alert("A-1")["decision"] == "held"
    gate.bring(OFFICE.sign(warning(town, level="red")))
    assert gate.alert("A-1")["decision"] == "broadcast"
    with town.db.read() as tx:
        assert alerts.load(tx, gate.alert("A-1")["id"]).infos[0].level == "red"
    before = len(phones(town.sms))
    gate.bring(FORGER.sign(warning(town, level="white")))
    assert gate.alert("A-1")["decision"] == "broadcast", "a later forgery changes nothing"
    assert len(phones(town.sms)) == before


def test_a_source_that_demands_nothing_may_vouch_for_it(town: Town, gate: Gate) -> None:
    gate.bring(warning(town))
    gate.bring(warning(town), source="any")
    assert WEST_LEADER in phones(town.sms)
    assert gate.verdicts("A-1") == {"signed": "unsigned", "any": "unsigned"}


def test_a_pin_that_comes_late_verifies_the_same_bytes(town: Town, gate: Gate) -> None:
    signed, pins = OFFICE.sign(warning(town)), gate.rules["signed"]["certificates"]
    gate.rules["signed"]["certificates"] = [FORGER.write(town.folder)]
    gate.bring(signed)
    assert gate.alert("A-1")["decision"] == "held"
    gate.rules["signed"]["certificates"] = pins
    gate.bring(signed + b" ")
    assert gate.alert("A-1")["decision"] == "broadcast"


def test_what_was_put_aside_is_judged_by_when_it_came(town: Town, gate: Gate) -> None:
    rules = SignedSettings(**gate.rules["signed"])
    for document in (OFFICE.sign(warning(town)), FORGER.sign(warning(town, "A-2"))):
        with town.db.write() as tx:
            quarantine.put_aside(
                tx,
                town.db.vault,
                source="signed",
                location="1.xml",
                raw=document,
                reasons=[],
                now=town.now,
            )
    with town.db.read() as tx:
        aside = [one["id"] for one in quarantine.listed(tx)]
    world = dataclasses.replace(town.world, signed={"signed": rules})
    for one in aside:
        reread.reread(world, one, "wang", town.now + timedelta(days=1000))
    assert gate.verdicts("A-1") == {"signed": "verified"}
    assert gate.alert("A-1")["is_trusted"] and not gate.alert("A-2")["is_trusted"]
