from datetime import datetime

import pytest

from alertcast.sources.cap_times import read_time
from alertcast.sources.parsed import Findings


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "bad_time"),
        ("2026-12-26", "bad_time"),
        ("20261226T172000+0800", "bad_time"),
        ("2026-W01-1T00:00:00+08:00", "bad_time"),
        ("2026-12-26T17:20:00,08:00", "bad_time"),
        ("2026-02-30T00:00:00+08:00", "bad_time"),
        ("2026-12-26T24:01:00+08:00", "bad_time"),
        ("2026-12-26T17:20:00+25:00", "bad_time"),
        ("2026-12-26T17:20:00+08:75", "bad_time"),
        ("0001-01-01T00:00:00+08:00", "bad_time"),
        ("２０２６-12-26T17:20:00+08:00", "bad_time"),  # noqa: RUF001 full-width digits
        ("2026-12-26T17:20:00", "no_offset"),
    ],
)
def test_an_unreadable_time_is_never_guessed(text, code):
    for vital, kind in ((True, "error"), (False, "repair")):
        findings = Findings()
        assert read_time(text, "sent", findings, vital=vital) is None
        assert [(r.code, r.kind) for r in findings.reasons] == [(code, kind)]


@pytest.mark.parametrize(
    ("text", "meant", "code"),
    [
        ("2026-12-26T09:20:00Z", "2026-12-26T09:20:00+00:00", "utc_z"),
        ("2026-12-26T17:20:00.123+08:00", "2026-12-26T17:20:00+08:00", "fraction"),
        ("2026-12-26T17:20+08:00", "2026-12-26T17:20:00+08:00", "no_seconds"),
        ("2026-12-31T24:00:00+08:00", "2027-01-01T00:00:00+08:00", "hour_24"),
        ("2569-12-26T17:20:00+07:00", "2026-12-26T17:20:00+07:00", "buddhist_year"),
    ],
)
def test_a_usual_slip_is_mended_and_named(text, meant, code):
    findings = Findings()
    assert read_time(text, "sent", findings, vital=True) == datetime.fromisoformat(meant)
    assert [(r.code, r.kind) for r in findings.reasons] == [(code, "repair")]


@pytest.mark.parametrize("offset", ["+08:00", "-00:00", "+06:30", "-06:50", "+14:00"])
def test_a_cap_time_keeps_the_offset_it_was_published_in(offset):
    findings = Findings()
    time = read_time(f"2026-12-26T17:20:00{offset}", "sent", findings, vital=True)
    assert time.isoformat() == f"2026-12-26T17:20:00{offset.replace('-00:00', '+00:00')}"
    assert findings.reasons == []
