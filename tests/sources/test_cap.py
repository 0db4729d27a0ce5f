from pathlib import Path

import pytest

from alertcast.core.alert import ReasonKind
from alertcast.sources.cap import parse
from tests.sources.documents import NAMESPACE, atom, cap, embedded, info, linked

FIXTURES = Path(__file__).parents[1] / "fixtures"


def codes(parsed, kind=None):
    return {reason.code for reason in parsed.reasons if kind in (None, reason.kind)}


DOCTYPE = b'<!DOCTYPE alert [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
BOMB = b'<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'

REFUSED = [
    ("empty", b"", "not_xml"),
    ("text", b"hello", "not_xml"),
    ("half", cap()[:200], "not_xml"),
    ("bad bytes", cap().replace("寒".encode(), b"\xff\xfe"), "not_xml"),
    ("unknown encoding", b'<?xml version="1.0" encoding="klingon"?><alert/>', "not_xml"),
    ("external entity", DOCTYPE + cap(), "doctype"),
    ("entity bomb", BOMB + cap(event="&b;"), "doctype"),
    (
        "document type after others",
        b"<?xml version='1.0'?><!-- > --><?x <a?>\n" + DOCTYPE,
        "doctype",
    ),
    ("document type after a mark", b"\xef\xbb\xbf" + BOMB + cap(), "doctype"),
    ("document type in UTF-16", (BOMB + cap()).decode().encode("utf-16"), "doctype"),
    (
        "document type in Latin 1",
        b'<?xml version="1.0" encoding="ISO-8859-1"?>' + BOMB + cap(event="x"),
        "doctype",
    ),
    (
        "document type in GBK",
        ('<?xml version="1.0" encoding="GBK"?>' + BOMB.decode() + cap().decode()).encode("gbk"),
        "doctype",
    ),
    (
        "encoding that hides",
        b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE a+AD4-',
        "not_xml",
    ),
    ("entity of nobody", cap(event="&b;"), "not_xml"),
    ("too many tags", b"<alert>" + b"<x/>" * 1_000_001 + b"</alert>", "too_large"),
    ("web page", b"<html><body>Service unavailable</body></html>", "html"),
    ("other XML", b"<kml/>", "not_cap"),
    ("other namespace", cap(namespace="urn:example:alerts:1.2"), "unknown_namespace"),
    ("no identifier", cap(identifier=None), "no_identifier"),
    ("empty identifier", cap(identifier=" \n"), "no_identifier"),
    ("identifier with comma", cap(identifier="A-1, "), "bad_identifier"),
    ("no sender", cap(sender=None), "no_sender"),
    ("no sent", cap(sent=None), "no_sent"),
    ("sent without offset", cap(sent="2026-12-26T17:20:00"), "no_offset"),
    ("sent is a date", cap(sent="20261226"), "bad_time"),
    ("expires without offset", cap(expires="2026-12-27T17:20:00"), "no_offset"),
    ("no msgType", cap(msgType=None), "no_msgtype"),
    ("unknown msgType", cap(msgType="Warning"), "bad_msgtype"),
    ("no scope", cap(scope=None), "no_scope"),
    ("nothing said", cap(infos=""), "no_info"),
    ("index of links", atom(linked("http://example.org/a")), "index_only"),
    ("feed without entries", atom(), "empty_feed"),
    ("alert outside any entry", atom().replace(b"</feed>", cap() + b"</feed>"), "empty_feed"),
    ("entry without anything", atom("<id>1</id>"), "no_alert"),
    ("envelope without alert", b"<EDXLDistribution/>", "no_alert"),
]


@pytest.mark.parametrize(
    ("data", "code"), [row[1:] for row in REFUSED], ids=[r[0] for r in REFUSED]
)
def test_what_cannot_be_read_is_refused_with_a_reason(hazards, data, code):
    (parsed,) = parse(data, hazards)
    assert parsed.alert is None
    assert code in codes(parsed, ReasonKind.ERROR)


REPAIRED = [
    ("no namespace", cap(namespace=None), "no_namespace"),
    ("no status", cap(status=None), "no_status"),
    ("unknown status", cap(status="Real"), "no_status"),
    ("status in small letters", cap(status="actual"), "wrong_case"),
    ("no event", cap(event=None), "no_event"),
    ("no severity", cap(severity=None), "no_severity"),
    ("empty urgency", cap(urgency=""), "no_urgency"),
    ("unknown certainty", cap(certainty="Foobar"), "no_certainty"),
    ("Very Likely", cap(certainty="Very Likely"), "very_likely"),
    ("empty references", cap(extra="<references/>"), "empty_references"),
    ("half a reference", cap(extra="<references>office,A-0</references>"), "bad_reference"),
    (
        "itself",
        cap(extra="<references>o,A-1,2026-12-26T17:20:00+08:00</references>"),
        "self_reference",
    ),
    ("UTC as Z", cap(sent="2026-12-26T09:20:00Z"), "utc_z"),
]


@pytest.mark.parametrize(("data", "code"), [r[1:] for r in REPAIRED], ids=[r[0] for r in REPAIRED])
def test_what_can_be_mended_is_accepted_and_said(hazards, data, code):
    (parsed,) = parse(data, hazards)
    assert parsed.accepted
    assert code in codes(parsed, ReasonKind.REPAIR)


def test_what_is_missing_never_sounds_an_alarm_and_never_hides_one(hazards):
    (parsed,) = parse(cap(severity=None, status="Live"), hazards)
    assert parsed.alert.status == "Test"
    assert parsed.alert.infos[0].severity == "Unknown"
    assert parsed.alert.infos[0].level == "orange"


@pytest.mark.parametrize("msg_type", ["Cancel", "Ack", "Error"])
def test_a_message_that_only_refers_needs_no_info(hazards, msg_type):
    reference = "<references>office@example.org,A-0,2026-12-26T10:00:00+08:00</references>"
    (parsed,) = parse(cap(infos="", msgType=msg_type, extra=reference), hazards)
    assert parsed.accepted
    assert parsed.alert.references[0].identifier == "A-0"


def test_a_reference_to_a_later_message_is_noted(hazards):
    reference = "<references>office@example.org,A-0,2026-12-27T10:00:00+08:00</references>"
    (parsed,) = parse(cap(extra=reference, msgType="Update"), hazards)
    assert parsed.accepted
    assert "later_reference" in codes(parsed, ReasonKind.NOTE)


@pytest.mark.parametrize("msg_type", ["Update", "Cancel"])
def test_a_follow_up_that_names_nothing_is_noted(hazards, msg_type):
    (parsed,) = parse(cap(msgType=msg_type), hazards)
    assert "no_reference" in codes(parsed, ReasonKind.NOTE)


VERSIONS = [NAMESPACE, "urn:oasis:names:tc:emergency:cap:1.1", "http://www.incident.com/cap/1.0"]


@pytest.mark.parametrize("namespace", VERSIONS)
def test_every_version_is_read(hazards, namespace):
    (parsed,) = parse(cap(namespace=namespace), hazards)
    assert parsed.reasons == ()
    assert parsed.alert.infos[0].hazard == "cold"


def test_prefix_mark_and_chinese_encoding_make_no_difference(hazards):
    prefixed = cap().decode().replace("</", "</c:").replace("<", "<c:").replace("<c:/c:", "</c:")
    prefixed = prefixed.replace("xmlns=", "xmlns:c=")
    gbk = '<?xml version="1.0" encoding="GB2312"?>' + cap().decode()
    documents = [prefixed.encode(), b"\xef\xbb\xbf" + cap(), gbk.encode("gb2312")]
    alerts = [parse(document, hazards)[0].alert for document in documents]
    assert alerts == [parse(cap(), hazards)[0].alert] * 3


def test_what_calls_itself_gb_2312_may_name_a_place_that_it_has_no_character_for(hazards):
    said = '<?xml version="1.0" encoding="gb2312"?>' + cap(event="塱头村").decode()
    assert parse(said.encode("gb18030"), hazards)[0].alert.infos[0].event == "塱头村"


@pytest.mark.parametrize("encoding", ["ISO-8859-1", "windows-1252", "UTF-16"])
def test_an_alert_is_read_in_the_encoding_that_it_declares(hazards, encoding):
    said = cap(infos=info("<areaDesc>Alm</areaDesc>", event="Kälte", headline="Kälte")).decode()
    raw = f'<?xml version="1.0" encoding="{encoding}"?>{said}'.encode(encoding)
    assert parse(raw, hazards)[0].alert.infos[0].event == "Kälte"


def test_nothing_that_a_document_names_is_put_into_it(hazards, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("secret")
    include = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" parse="text" href="{}"/>'
    schema = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="a http://127.0.0.1:9/"'
    said = cap(event=include.format(secret.as_uri())).replace(
        b"<alert", f"<alert {schema}".encode()
    )
    (parsed,) = parse(said, hazards)
    assert "secret" not in repr(parsed.alert)
    assert parsed.alert.infos[0].event == ""


def test_cap_1_0_pairs_are_one_text(hazards):
    area = "<areaDesc>A</areaDesc><geocode>fips6=006109</geocode>"
    (parsed,) = parse(cap(area, namespace="http://www.incident.com/cap/1.0"), hazards)
    assert parsed.alert.infos[0].areas[0].geocodes == (("fips6", "006109"),)


def test_one_bad_entry_leaves_the_others(hazards):
    feed = atom(
        embedded(cap(identifier="A-1")),
        embedded(cap(identifier="A-2", sent="yesterday")),
        "<id>nothing</id>",
        embedded(cap(identifier="A-3")),
    )
    parsed = parse(feed, hazards)
    assert [one.accepted for one in parsed] == [True, False, False, True]
    assert [one.item for one in parsed] == [0, 1, 2, 3]
    assert [one.identifier_hint for one in parsed] == ["A-1", "A-2", "nothing", "A-3"]


def test_links_beside_an_alert_are_said_and_not_refused(hazards):
    (parsed,) = parse(atom(linked("http://example.org/a"), embedded(cap())), hazards)
    assert parsed.accepted and codes(parsed) == {"links_beside"}


def test_rss_and_edxl_carry_alerts_too(hazards):
    rss = b'<rss version="2.0"><channel><item>' + cap() + b"</item></channel></rss>"
    edxl = b"<EDXLDistribution><x>" + cap() + b"</x><x>" + cap() + b"</x></EDXLDistribution>"
    assert [p.accepted for p in parse(rss, hazards)] == [True]
    assert [p.accepted for p in parse(edxl, hazards)] == [True, True]


def test_one_info_per_level_keeps_its_own_areas(hazards):
    red = info("<areaDesc>冷坑镇</areaDesc>", headline="怀集县气象台发布寒冷红色预警信号")
    orange = info("<areaDesc>其余乡镇</areaDesc>")
    (parsed,) = parse(cap(infos=red + orange), hazards)
    assert [(i.level, i.areas[0].desc) for i in parsed.alert.infos] == [
        ("red", "冷坑镇"),
        ("orange", "其余乡镇"),
    ]
    assert all(area.level is None for i in parsed.alert.infos for area in i.areas)


def test_the_text_is_kept_as_it_was_published(hazards):
    text = "第一行  两个空格\n第二行 &lt;b&gt;粗&lt;/b&gt;"
    (parsed,) = parse(cap(extra="", event=f"  {text}\n"), hazards)
    assert parsed.alert.infos[0].event == "第一行  两个空格\n第二行 <b>粗</b>"


def test_the_forecaster_s_name_is_never_kept(hazards):
    (parsed,) = parse((FIXTURES / "china" / "swic_cn_cap_update.xml").read_bytes(), hazards)
    english, chinese = parsed.alert.infos
    assert chinese.sender_name == "怀集县气象台"
    assert english.sender_name == "Huaiji County Meteorological Observatory"
    assert "张三" not in repr(parsed) and "Zhang San" not in repr(parsed)
    assert (chinese.hazard, chinese.level) == (english.hazard, english.level) == ("cold", "red")
    assert chinese.areas[0].geocodes == (("CPEAS Geographic Code", "441224000000"),)
    assert parsed.alert.key == "44122441600000_20261226172236"


def test_the_forecaster_s_name_is_not_kept_under_an_odd_identifier_either(hazards):
    raw = (FIXTURES / "china" / "swic_cn_cap_update.xml").read_text("utf-8")
    odd = raw.replace("<identifier>44122441600000_20261226172236", "<identifier>odd")
    (parsed,) = parse(odd.encode(), hazards)
    assert parsed.alert.identifier == "odd"
    assert "张三" not in repr(parsed) and "Zhang San" not in repr(parsed)


def test_quoted_lists_are_taken_apart(hazards):
    (parsed,) = parse(cap(extra='<addresses>a "b c" d</addresses>'), hazards)
    assert parsed.alert.addresses == ("a", "b c", "d")


def test_a_test_product_is_a_test_whatever_its_status(hazards):
    def vtec(kind, number="0001"):
        text = f"/{kind}.NEW.KSEW.TO.W.{number}.261226T0900Z-261227T0900Z/"
        return f"<parameter><valueName>VTEC</valueName><value>{text}</value></parameter>"

    def read(*parameters):
        blocks = "".join(info().replace("<area>", f"{one}<area>", 1) for one in parameters)
        (parsed,) = parse(cap(infos=blocks), hazards)
        is_named = "vtec_test" in {reason.code for reason in parsed.reasons}
        assert is_named is (parsed.alert.status == "Test")
        return parsed.alert.status

    assert read(vtec("T")) == "Test"
    assert read(vtec("T"), vtec("T", "0002")) == "Test"
    assert read(vtec("O")) == "Actual"
    assert read(vtec("T") + vtec("O", "0002")) == "Actual"
    assert read(vtec("T"), vtec("O")) == "Actual"
    assert read("") == "Actual"
