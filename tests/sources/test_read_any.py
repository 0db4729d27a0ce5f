import pytest

from alertcast.sources.cap_xml import MAX_BYTES
from alertcast.sources.read import parse_bytes, parse_file
from tests.sources.documents import cap
from tests.sources.test_nws import collection, feature


def test_a_file_is_read_by_what_it_holds_not_by_its_name(hazards, tmp_path):
    rows = [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"-----BEGIN CERTIFICATE-----", "unknown_format"),
        (b"PK\x03\x04", "unknown_format"),
        (b"<html></html>", "html"),
        (b'{"msg": "success"}', "not_nws"),
        (b"\xff\xfe<\x00", "not_xml"),
    ]
    for data, code in rows:
        file = tmp_path / "alert.xml"
        file.write_bytes(data)
        (parsed,) = parse_file(file, hazards)
        assert [reason.code for reason in parsed.reasons] == [code]


def test_a_file_that_is_not_there_is_one_refused_item(hazards, tmp_path):
    for path in (tmp_path / "none.xml", tmp_path):
        (parsed,) = parse_file(path, hazards)
        assert [reason.code for reason in parsed.reasons] == ["unreadable_file"]


def test_cap_and_geojson_are_told_apart(hazards):
    utf16 = cap().decode().encode("utf-16")
    for data in (cap(), b"\xef\xbb\xbf\n" + cap(), utf16, collection(feature())):
        assert [parsed.accepted for parsed in parse_bytes(data, hazards)] == [True]


@pytest.mark.parametrize("start", [b"<alert>", b'{"type": "FeatureCollection", "features": ['])
def test_what_is_too_large_is_refused_before_it_is_read(hazards, tmp_path, start):
    file = tmp_path / "large"
    file.write_bytes(start + b" " * MAX_BYTES)
    (parsed,) = parse_file(file, hazards)
    assert [one.code for one in parsed.reasons] == ["too_large"]
