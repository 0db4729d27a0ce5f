"""What a signature is worth: only a pinned certificate's, only over the alert that is read."""

import re
from datetime import timedelta

import pytest
from pydantic import ValidationError

from alertcast.core.signature import Signature, Verdict
from alertcast.sources.cap import parse
from alertcast.sources.folder import FolderSettings
from alertcast.sources.lines import as_line
from alertcast.sources.read import parse_bytes
from alertcast.sources.signed import MOST_SIGNATURES, Judge, SignedSettings
from tests.sources.documents import NAMESPACE, NOW, atom, cap, embedded
from tests.sources.signers import EXCLUSIVE, INCLUSIVE, Signer, signer

OFFICE, OTHER = signer("observatory"), signer("somebody else")
PINNED = Judge((OFFICE.certificate,), NOW)
SIGNED = OFFICE.sign(cap())


def verdict(hazards, data, judge=PINNED):
    return parse(data, hazards, judge)[0].signature.verdict


def test_a_pinned_certificate_s_signature_is_verified_and_names_it(hazards):
    (parsed,) = parse(SIGNED, hazards, PINNED)
    assert parsed.signature == Signature(Verdict.VERIFIED, "CN=observatory")
    assert parsed.alert == parse(cap(), hazards)[0].alert
    assert as_line("a.xml", parsed, hazards)["signature"] == {
        "verdict": "verified",
        "detail": "CN=observatory",
    }


def test_an_alert_without_a_signature_is_unsigned(hazards):
    assert verdict(hazards, cap()) is Verdict.UNSIGNED
    assert parse_bytes(b'{"title": "x", "status": 500}', hazards)[0].signature.verdict == "unsigned"


def test_the_certificate_in_the_message_proves_nothing(hazards):
    forged = OTHER.sign(cap())
    assert verdict(hazards, forged) is Verdict.UNTRUSTED
    assert verdict(hazards, forged, Judge((), NOW)) is Verdict.UNTRUSTED
    assert verdict(hazards, forged, None) is Verdict.UNTRUSTED


def test_a_forger_who_encloses_the_pinned_certificate_is_not_believed(hazards):
    def certificate(of):
        return re.search(rb"<ds:X509Certificate>[^<]+</ds:X509Certificate>", of)[0]

    forged = OTHER.sign(cap())
    stolen = forged.replace(certificate(forged), certificate(SIGNED))
    assert verdict(hazards, stolen) is Verdict.INVALID


@pytest.mark.parametrize("which", [OFFICE, OTHER], ids=["pinned", "not pinned"])
def test_a_signature_that_names_no_certificate_is_tried_with_the_pinned(hazards, which):
    expected = Verdict.VERIFIED if which is OFFICE else Verdict.INVALID
    assert verdict(hazards, which.sign(cap(), names_itself=False)) is expected


def test_several_pinned_certificates_let_a_key_be_changed(hazards):
    both = Judge((OTHER.certificate, OFFICE.certificate), NOW)
    assert verdict(hazards, SIGNED, both) is Verdict.VERIFIED
    assert verdict(hazards, OTHER.sign(cap()), both) is Verdict.VERIFIED


@pytest.mark.parametrize("days", [-400, 400])
def test_the_certificate_must_be_valid_when_the_alert_is_received(hazards, days):
    (parsed,) = parse(SIGNED, hazards, Judge((OFFICE.certificate,), NOW + timedelta(days=days)))
    assert parsed.signature.verdict is Verdict.UNTRUSTED
    assert "not valid when received" in parsed.signature.detail


def test_no_changed_byte_is_ever_read_as_verified(hazards):
    """Whatever byte changes, either nothing is verified, or all that is read is what was signed."""
    whole = parse(SIGNED, hazards, PINNED)[0].alert
    held = 0
    for spot in range(0, len(SIGNED), 3):
        changed = SIGNED[:spot] + bytes([SIGNED[spot] ^ 1]) + SIGNED[spot + 1 :]
        for parsed in parse(changed, hazards, PINNED):
            if parsed.signature.verdict is Verdict.VERIFIED:
                assert parsed.alert == whole, spot
            else:
                held += 1
    assert held > len(cap()) / 3


def sealed(alert):
    """Return the signature element of a signed alert, and the alert without it."""
    found = re.search(rb"<ds:Signature .*</ds:Signature>", alert, re.DOTALL)[0]
    return found, alert.replace(found, b"")


def test_a_signature_moved_to_another_alert_is_invalid(hazards):
    signature, _ = sealed(SIGNED)
    evil = cap(identifier="A-2").replace(b"</alert>", signature + b"</alert>")
    assert verdict(hazards, evil) is Verdict.INVALID


def test_the_signed_alert_wrapped_in_another_is_not_the_one_that_is_read(hazards):
    """The signature covers an element by its Id; the forger hides that within his own alert."""
    named = cap().replace(b"<alert ", b'<alert Id="x" ', 1)
    signature, original = sealed(OFFICE.sign(named))
    evil = cap(identifier="A-2")
    hidden = b"<note>" + original + b"</note>"
    for aim in (b'URI=""', b'URI="#x"'):
        moved = signature.replace(b'URI=""', aim)
        wrapped = evil.replace(b"</alert>", hidden + moved + b"</alert>")
        for parsed in parse(wrapped, hazards, PINNED):
            assert parsed.signature.verdict is Verdict.INVALID
    inside = evil.replace(b"</alert>", b"<note>" + OFFICE.sign(named) + b"</note></alert>")
    (parsed,) = parse(inside, hazards, PINNED)
    assert parsed.signature.verdict is Verdict.UNSIGNED, "a signature further inside is not its own"
    assert parsed.alert.identifier == "A-2"


def test_a_signature_over_a_named_part_is_not_one_of_the_alert(hazards):
    """A pinned key really signed: but an area, which the forger took along."""
    part = f'<area xmlns="{NAMESPACE}" Id="x"><areaDesc>A</areaDesc></area>'.encode()
    signature, bare = sealed(OFFICE.sign(part))
    aimed = signature.replace(b'URI=""', b'URI="#x"')
    evil = cap(identifier="A-2").replace(b"</alert>", bare + aimed + b"</alert>")
    assert verdict(hazards, evil) is Verdict.INVALID


def test_a_comment_can_not_split_what_was_signed(hazards):
    commented = SIGNED.replace(b"<status>Actual", b"<status>Act<!-- -->ual")
    (parsed,) = parse(commented, hazards, PINNED)
    assert parsed.signature.verdict is Verdict.VERIFIED
    assert parsed.alert.status == "Actual"


def test_one_good_signature_of_two_is_enough(hazards):
    signature, _ = sealed(OTHER.sign(cap()))
    both = SIGNED.replace(b"</alert>", signature + b"</alert>")
    assert verdict(hazards, both) is Verdict.VERIFIED
    turned = SIGNED.replace(b"<ds:Signature ", signature + b"<ds:Signature ", 1)
    assert verdict(hazards, turned) is Verdict.VERIFIED


def test_a_heap_of_signatures_is_not_worked_through(hazards):
    signature, _ = sealed(OTHER.sign(cap()))
    heap = cap().replace(b"</alert>", signature * MOST_SIGNATURES + sealed(SIGNED)[0] + b"</alert>")
    assert verdict(hazards, heap) is Verdict.UNTRUSTED


@pytest.mark.parametrize(
    "signature",
    [
        b"<Signature/>",
        b"<Signature><SignedInfo/></Signature>",
        sealed(SIGNED)[0].replace(b"ecdsa-sha256", b"ecdsa-sha1"),
        sealed(SIGNED)[0].replace(b"ecdsa-sha256", b"hmac-sha256"),
        re.sub(rb"<ds:SignatureValue>[^<]*", b"<ds:SignatureValue>!", sealed(SIGNED)[0]),
        re.sub(rb"<ds:DigestValue>[^<]*", b"<ds:DigestValue>", sealed(SIGNED)[0]),
    ],
    ids=["empty", "half", "sha-1", "hmac", "no base64", "no digest"],
)
def test_a_signature_that_can_not_be_checked_is_invalid_and_the_alert_still_read(
    hazards, signature
):
    named = signature.replace(
        b"<Signature", b'<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"', 1
    )
    (parsed,) = parse(cap().replace(b"</alert>", named + b"</alert>"), hazards, PINNED)
    assert parsed.signature.verdict is Verdict.INVALID
    assert parsed.alert is not None


@pytest.mark.parametrize("method", [EXCLUSIVE, INCLUSIVE])
def test_each_alert_of_a_feed_is_judged_by_itself(hazards, method):
    first = OFFICE.sign(cap(), method)
    feed = atom(
        embedded(first, "1"),
        embedded(cap(identifier="A-2"), "2"),
        embedded(OFFICE.sign(cap(identifier="A-3"), method).replace(b"A-3", b"A-4"), "3"),
        embedded(OTHER.sign(cap(identifier="A-5")), "4"),
    )
    found = [(one.alert.identifier, one.signature.verdict) for one in parse(feed, hazards, PINNED)]
    assert found == [
        ("A-1", Verdict.VERIFIED),
        ("A-2", Verdict.UNSIGNED),
        ("A-4", Verdict.INVALID),
        ("A-5", Verdict.UNTRUSTED),
    ]


def test_a_chinese_encoding_is_judged_like_any_other(hazards):
    text = '<?xml version="1.0" encoding="GB2312"?>' + SIGNED.decode()
    assert "&#" in text, "the signer wrote Chinese as numbers"
    raw = re.sub(r"&#(\d+);", lambda found: chr(int(found[1])), text)
    (parsed,) = parse(raw.encode("gb2312"), hazards, PINNED)
    assert parsed.signature.verdict is Verdict.VERIFIED
    assert parsed.alert.infos[0].event == "寒冷"


def test_settings_read_the_certificates_and_say_what_is_wrong(tmp_path):
    good, bad = OFFICE.write(tmp_path), tmp_path / "bad.pem"
    bad.write_text("hello")
    settings = FolderSettings(path=tmp_path, certificates=[good], must_be_signed=True)
    assert settings.certificates == (OFFICE.certificate,)
    for certificates, said in [
        ([bad], "bad.pem: it holds no PEM certificate"),
        ([tmp_path / "gone.pem"], "gone.pem: No such file"),
        ("one.pem", "must be a list"),
        ([], "must_be_signed needs certificates"),
    ]:
        with pytest.raises(ValidationError, match=said):
            FolderSettings(path=tmp_path, certificates=certificates, must_be_signed=True)


BELIEVED = [
    # pinned, demanded -> the verdicts that may act
    (False, False, {"verified", "unsigned", "untrusted_key", "invalid"}),
    (True, False, {"verified", "unsigned", "untrusted_key"}),
    (True, True, {"verified"}),
]


@pytest.mark.parametrize(("is_pinned", "is_demanded", "may"), BELIEVED)
def test_what_may_act_by_itself(is_pinned, is_demanded, may):
    certificates = (OFFICE.certificate,) if is_pinned else ()
    rules = SignedSettings(certificates=certificates, must_be_signed=is_demanded)
    assert {one.value for one in Verdict if rules.believes(Signature(one))} == may


def test_an_expired_certificate_may_be_pinned_and_proves_nothing(hazards):
    old = Signer("old", until=NOW - timedelta(days=1))
    assert verdict(hazards, old.sign(cap()), Judge((old.certificate,), NOW)) is Verdict.UNTRUSTED
