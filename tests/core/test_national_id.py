from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertcast.core.alert import Alert
from alertcast.core.national_id import NationalId

HUAIJI = "44122441600000_20261226172236"
ODD = [
    "",
    "2025",
    "44122441600000",
    "44122441600000_2026122617223",
    "44122441600000_20261226172236_10",
    "44122441600000_20261226172236\nx",
    "\uff14\uff14122441600000_20261226172236",
    "04122441600000_20261226172236",
    "x44122441600000_20261226172236",
    "202612261722360000000001",
    "urn:oid:2.49.0.1.156.0",
    "A" * 60 + "_" + HUAIJI,
    HUAIJI + ".xml",
    "怀集",
]


@pytest.mark.parametrize("text", ODD)
def test_what_is_none_is_none(text):
    assert NationalId.read(text) is None


@given(st.text(alphabet="0149_x \n-", max_size=40))
def test_nothing_raises_and_what_is_read_is_read_again(text):
    found = NationalId.read(text)
    assert found is None or NationalId.read(found.text) == found


def test_its_parts():
    found = NationalId.read(HUAIJI)
    assert (found.admin_code, found.agency, found.unit, found.extension) == (
        "441224",
        "416",
        "000",
        "00",
    )
    assert found.stamp == datetime(2026, 12, 26, 9, 22, 36, tzinfo=UTC)
    assert (found.serial, found.issuer) == (None, "44122441600000")
    assert NationalId.read("35040041600001_20260529080000_3").serial == 3


def test_a_stamp_that_is_no_time_is_still_an_identity():
    found = NationalId.read("44122441600000_20261399172299")
    assert (found.stamp, found.admin_code) == (None, "441224")


@pytest.mark.parametrize("prefix", ["ALERT_CN_", "cn-cma-xx-", "cn-cma-xx:", " "])
def test_what_a_feed_puts_before_it_is_no_part_of_it(prefix):
    assert NationalId.read(prefix + HUAIJI) == NationalId.read(HUAIJI)


@pytest.mark.parametrize(
    ("code", "region", "concerns"),
    [
        ("441224", ("4412",), True),
        ("441200", ("4412",), True),
        ("440000", ("4412",), True),
        ("000000", ("4412",), True),
        ("100000", ("4412",), True),
        ("441300", ("4412",), False),
        ("450000", ("4412",), False),
        ("441224", ("4413", "441224"), True),
        ("441225", ("441224",), False),
        ("441200", ("441224",), True),
        ("441224", (), False),
    ],
)
def test_whom_it_may_concern(code, region, concerns):
    assert NationalId.read(f"{code}41600000_20261226172236").concerns(region) is concerns


def test_an_alert_has_one_key_in_every_feed():
    now = datetime(2026, 12, 26, 9, 20, tzinfo=UTC)
    keys = {
        Alert(name, sender, now, "Actual", "Alert").key
        for name, sender in [
            (HUAIJI, "a"),
            (f"ALERT_CN_{HUAIJI}", "b"),
            (f"cn-cma-xx-{HUAIJI}", ""),
        ]
    }
    assert keys == {HUAIJI}
