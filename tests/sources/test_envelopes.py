"""The same alert by every version, prefix and envelope, and what an envelope may change."""

from html import escape

import pytest

from alertcast.core.signature import Verdict
from alertcast.sources.base import Outcome
from alertcast.sources.cap import parse
from alertcast.sources.feed import Feed, FeedSettings
from alertcast.sources.signed import Judge, SignedSettings
from tests.sources.documents import NAMESPACE, NOW, atom, cap, embedded
from tests.sources.signers import signer

VERSIONS = {
    "1.0": "http://www.incident.com/cap/1.0",
    "1.1": "urn:oasis:names:tc:emergency:cap:1.1",
    "1.2": NAMESPACE,
}
OFFICE = signer("observatory")


def plain(version, **changes):
    return cap(namespace=VERSIONS[version], **changes)


def prefixed(version, prefix="cap"):
    text = cap(namespace=None).decode().replace("</", "\0").replace("<", f"<{prefix}:")
    text = text.replace("\0", f"</{prefix}:")
    return text.replace("alert>", f'alert xmlns:{prefix}="{VERSIONS[version]}">', 1).encode()


DE = "urn:oasis:names:tc:emergency:EDXL:DE:1.0"


def edxl(alert, status="Actual", namespace=DE):
    return (
        f'<de:EDXLDistribution xmlns:de="{namespace}"><de:distributionID>1</de:distributionID>'
        f"<de:distributionStatus>{status}</de:distributionStatus><de:contentObject>"
        f"<de:xmlContent><de:embeddedXMLContent>{alert.decode()}</de:embeddedXMLContent>"
        "</de:xmlContent></de:contentObject></de:EDXLDistribution>"
    ).encode()


def edxl_2(alert):
    content = "urn:oasis:names:tc:emergency:EDXL:DE:2.0"
    return (
        f'<EDXLDistribution xmlns="{content}"><distributionStatus><StatusKindDefault>Actual'
        "</StatusKindDefault></distributionStatus><content><contentObject><contentXML>"
        f"<embeddedXMLContent>{alert.decode()}</embeddedXMLContent></contentXML>"
        "</contentObject></content></EDXLDistribution>"
    ).encode()


def rss(inner):
    return f'<rss version="2.0"><channel><item>{inner}</item></channel></rss>'.encode()


def rdf(inner):
    return (
        '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        f'xmlns="http://purl.org/rss/1.0/"><channel/><item>{inner}</item></r:RDF>'
    ).encode()


def prefixed_atom(alert):
    return (
        '<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:entry><a:id>1</a:id>'
        f'<a:content type="text/xml">{alert.decode()}</a:content></a:entry></a:feed>'
    ).encode()


def escaped(alert):
    return escape(alert.decode())


def content(text):
    return f"<nonXMLContent><contentData>{text}</contentData></nonXMLContent>".encode()


def cdata(alert):
    return f"<![CDATA[{alert.decode()}]]>"


ENVELOPES = {
    "alone": lambda alert: alert,
    "alone, with a mark and a declaration": lambda alert: (
        b"\xef\xbb\xbf<?xml version='1.0'?>" + alert
    ),
    "alone, in UTF-16": lambda alert: alert.decode().encode("utf-16"),
    "fat Atom": lambda alert: atom(embedded(alert)),
    "Atom with a prefix": prefixed_atom,
    "Atom, the alert beside the content": lambda alert: atom("<id>1</id>" + alert.decode()),
    "Atom, escaped": lambda alert: atom(
        f'<id>1</id><content type="html">{escaped(alert)}</content>'
    ),
    "Atom, CDATA": lambda alert: atom(f'<id>1</id><content type="text">{cdata(alert)}</content>'),
    "Atom, EDXL-DE within": lambda alert: atom(embedded(edxl(alert))),
    "Atom, EDXL-DE escaped": lambda alert: atom(f"<summary>{escaped(edxl(alert))}</summary>"),
    "EDXL-DE, the alert escaped": lambda alert: edxl(content(escaped(alert))),
    "EDXL-DE, the alert in CDATA": lambda alert: edxl(content(cdata(alert))),
    "EDXL-DE escaped in EDXL-DE": lambda alert: edxl(content(escaped(edxl(alert)))),
    "EDXL-DE escaped twice": lambda alert: edxl(
        content(escaped(edxl(content(escaped(edxl(alert))))))
    ),
    "Atom, EDXL-DE within, the alert escaped": lambda alert: atom(
        embedded(edxl(content(escaped(alert))))
    ),
    "RSS 2.0": lambda alert: rss(alert.decode()),
    "RSS 2.0, escaped": lambda alert: rss(f"<description>{escaped(alert)}</description>"),
    "RSS 2.0, CDATA": lambda alert: rss(f"<description>{cdata(alert)}</description>"),
    "RSS 1.0": lambda alert: rdf(alert.decode()),
    "EDXL-DE 1.0": edxl,
    "EDXL-DE 2.0": edxl_2,
}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("envelope", ENVELOPES)
def test_the_same_alert_is_read_from_every_envelope(hazards, version, envelope):
    expected = parse(cap(), hazards)[0].alert
    for alert in (plain(version), prefixed(version), prefixed(version, "x1.y-z")):
        (parsed,) = parse(ENVELOPES[envelope](alert), hazards)
        assert parsed.alert == expected
        assert parsed.reasons == ()


def test_several_alerts_of_one_envelope_are_all_read(hazards):
    both = plain("1.1") + plain("1.2", identifier="A-2")
    for document in (edxl(both), atom(embedded(both)), rss(both.decode())):
        found = parse(document, hazards)
        assert [one.alert.identifier for one in found] == ["A-1", "A-2"]
        assert [one.item for one in found] == [0, 1]


@pytest.mark.parametrize(
    ("said", "taken"), [("Test", "Test"), ("Exercise", "Exercise"), ("?", "Test")]
)
@pytest.mark.parametrize(
    "put", [lambda e: e, lambda e: atom(embedded(e)), lambda e: rss(cdatas(e))]
)
def test_an_envelope_may_make_a_test_of_an_alert(hazards, put, said, taken):
    (parsed,) = parse(put(edxl(cap(), status=said)), hazards)
    assert parsed.alert.status == taken
    assert "envelope_status" in {reason.code for reason in parsed.reasons}


def cdatas(document):
    return f"<description>{cdata(document)}</description>"


@pytest.mark.parametrize("put", [lambda e: e, lambda e: atom(embedded(e))])
@pytest.mark.parametrize(
    ("outer", "inner", "taken"),
    [
        ("Actual", "Exercise", "Exercise"),
        ("Exercise", "Actual", "Exercise"),
        ("Test", "Exercise", "Test"),
        ("Actual", "Actual", "Actual"),
    ],
)
def test_of_envelopes_within_each_other_any_may_make_a_test(hazards, put, outer, inner, taken):
    (parsed,) = parse(put(edxl(edxl(cap(), status=inner), status=outer)), hazards)
    assert parsed.alert.status == taken
    assert ("envelope_status" in {one.code for one in parsed.reasons}) is (taken != "Actual")


@pytest.mark.parametrize("within", [escaped, cdata])
def test_an_envelope_makes_a_test_of_what_stands_in_it_as_text(hazards, within):
    drill = edxl(content(within(cap(identifier="A-1"))), status="Exercise")
    for document in (drill, edxl(content(escaped(drill))), atom(embedded(drill))):
        (parsed,) = parse(document, hazards)
        assert parsed.alert.status == "Exercise"


def test_texts_within_each_other_are_read_so_deep_and_no_deeper(hazards):
    deep = edxl(cap())
    for _ in range(4):
        deep = edxl(content(escaped(deep)))
    (parsed,) = parse(deep, hazards)
    assert parsed.accepted
    for _ in range(5):
        deep = edxl(content(escaped(deep)))
    (parsed,) = parse(deep, hazards)
    assert [reason.code for reason in parsed.reasons] == ["too_deep"]


def test_a_text_of_the_alert_itself_is_no_document(hazards):
    told = escaped(cap(identifier="A-9"))
    (parsed,) = parse(edxl(cap(identifier="A-1", event=told)), hazards)
    assert parsed.alert.identifier == "A-1"


def test_an_envelope_says_nothing_of_the_alerts_beside_it(hazards):
    drill = edxl(cap(identifier="A-1"), status="Exercise")
    real = edxl(cap(identifier="A-2"))
    for document in (edxl(drill + real), atom(embedded(drill + real))):
        found = parse(document, hazards)
        assert [(one.alert.identifier, one.alert.status) for one in found] == [
            ("A-1", "Exercise"),
            ("A-2", "Actual"),
        ]


def test_an_envelope_never_makes_a_test_real(hazards):
    (parsed,) = parse(edxl(cap(status="Exercise")), hazards)
    assert parsed.alert.status == "Exercise"


def test_one_bad_document_within_a_text_leaves_the_others(hazards):
    feed = atom(
        f"<id>1</id><content>{escaped(cap()[:-30])}</content>",
        f"<id>2</id><content>{escaped(b'<!DOCTYPE a>' + cap())}</content>",
        f"<id>3</id><content>{escaped(cap(identifier='A-3'))}</content>",
        "<id>4</id><content>&lt;b&gt;no alert&lt;/b&gt;</content>",
    )
    found = parse(feed, hazards)
    assert [one.accepted for one in found] == [False, False, True, False]
    assert [one.item for one in found] == [0, 1, 2, 3]


def test_a_signature_survives_every_envelope(hazards):
    signed, judge = OFFICE.sign(cap()), Judge((OFFICE.certificate,), NOW)
    for name, envelope in ENVELOPES.items():
        (parsed,) = parse(envelope(signed), hazards, judge)
        assert parsed.signature.verdict is Verdict.VERIFIED, name


def signature_of(document):
    """Return the signature that stands in a signed document."""
    text = document.decode()
    return text[text.index("<ds:Signature") : text.index("</ds:Signature>") + 15].encode()


@pytest.mark.parametrize(
    "put", [lambda inner: edxl(inner), lambda inner: atom(embedded(edxl(inner)))]
)
def test_the_signature_of_a_part_of_an_envelope_counts_for_nothing_and_spoils_nothing(hazards, put):
    signed, judge = OFFICE.sign(cap()), Judge((OFFICE.certificate,), NOW)
    (bare,) = parse(put(cap() + signature_of(signed)), hazards, judge)
    assert bare.accepted
    assert bare.signature.verdict is Verdict.UNSIGNED
    assert not SignedSettings(certificates=(OFFICE.certificate,), must_be_signed=True).believes(
        bare.signature
    )
    (own,) = parse(put(signed + signature_of(signed)), hazards, judge)
    assert own.signature.verdict is Verdict.VERIFIED
    for parsed in (bare, own):
        assert "part_signed" in {reason.code for reason in parsed.reasons}
    (plain,) = parse(put(signed), hazards, judge)
    assert "part_signed" not in {reason.code for reason in plain.reasons}


WHOLE = [
    lambda inner: edxl(inner),
    lambda inner: atom(embedded(inner)),
    lambda inner: edxl(escape(inner.decode()).encode()),
]


@pytest.mark.parametrize("put", WHOLE, ids=["edxl", "atom", "as text"])
def test_the_signature_over_a_whole_envelope_is_that_of_what_is_in_it(hazards, put):
    judge = Judge((OFFICE.certificate,), NOW)

    def verdict(document):
        (parsed,) = parse(document, hazards, judge)
        assert parsed.accepted
        return parsed.signature.verdict

    signed = OFFICE.sign(put(cap()))
    assert verdict(signed) is Verdict.VERIFIED
    assert verdict(put(cap())) is Verdict.UNSIGNED
    assert verdict(signer("somebody else").sign(put(cap()))) is Verdict.UNTRUSTED
    assert parse(signed, hazards, None)[0].signature.verdict is Verdict.UNTRUSTED
    assert b"Public" in signed
    assert verdict(signed.replace(b"Public", b"Private")) is Verdict.INVALID


def test_what_is_added_to_a_signed_envelope_spoils_it(hazards):
    judge = Judge((OFFICE.certificate,), NOW)
    signed = OFFICE.sign(atom(embedded(cap())))
    more = signed.replace(b"<entry>", b"<entry>" + cap(identifier="A-9") + b"</entry><entry>", 1)
    verdicts = {one.signature.verdict for one in parse(more, hazards, judge)}
    assert verdicts == {Verdict.INVALID}


def test_an_alert_s_own_signature_counts_beside_that_of_its_envelope(hazards):
    judge, other = Judge((OFFICE.certificate,), NOW), signer("somebody else")

    def verdict(document):
        return parse(document, hazards, judge)[0].signature.verdict

    own, spoilt = OFFICE.sign(cap()), OFFICE.sign(cap()).replace(b"Public", b"Private")
    assert verdict(other.sign(edxl(own))) is Verdict.VERIFIED
    assert verdict(OFFICE.sign(edxl(other.sign(cap())))) is Verdict.VERIFIED
    assert verdict(OFFICE.sign(edxl(spoilt))) is Verdict.INVALID


@pytest.mark.parametrize(
    "entry",
    [
        '<content type="application/cap+xml" src="/alert"/>',
        '<enclosure url="/alert" type="application/cap+xml" length="1"/>',
        '<link href="/p.html" type="text/html"/><content type="application/cap+xml" src="/alert"/>',
        "<link>/alert</link>",
        '<link href="/feed" rel="self"/><link href="/alert"/>',
    ],
)
def test_an_alert_elsewhere_is_found_by_what_points_to_it(publisher, entry):
    publisher.put("/alert", cap())
    publisher.put("/feed", atom(f"<id>e</id>{entry}"))
    polled = Feed("x", FeedSettings(url=f"{publisher.url}/feed")).poll({}, NOW)
    assert [document.raw for document in polled.documents] == [cap()]


def test_an_item_without_a_link_is_found_by_its_guid(publisher):
    publisher.put("/alert", cap())
    publisher.put("/feed", rss(f"<guid>{publisher.url}/alert</guid>"))
    polled = Feed("x", FeedSettings(url=f"{publisher.url}/feed")).poll({}, NOW)
    assert [document.raw for document in polled.documents] == [cap()]


def test_an_alert_as_text_is_handed_over_once_and_its_links_are_not_followed(publisher):
    entry = f'<id>e</id><link href="/page"/><content>{escaped(cap())}</content>'
    publisher.put("/feed", atom(entry))
    source = Feed("x", FeedSettings(url=f"{publisher.url}/feed"))
    first = source.poll({}, NOW)
    assert first.outcome is Outcome.OK and len(first.documents) == 1
    assert source.poll(first.memory, NOW).outcome is Outcome.UNCHANGED
    publisher.put("/feed", atom(entry.replace("A-1", "A-2")))
    assert source.poll(first.memory, NOW).outcome is Outcome.OK
    assert {path for path, _ in publisher.asked} == {"/feed"}
