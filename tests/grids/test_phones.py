"""Phones as people type them."""

import pytest

from alertcast.grids.phones import PhoneError, area_code_among, masked, normalise, read_phone


def wide(text):
    """Full-width digits, as an input method for Chinese types them."""
    return "".join(chr(ord(mark) + 0xFEE0) for mark in text)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "phone_missing"),
        (" \u200b", "phone_missing"),
        ("怀集", "not_a_phone"),
        ("+", "not_a_phone"),
        ("1380013800", "phone_invalid"),
        ("138001380000", "phone_invalid"),
        ("11000000000", "phone_invalid"),
        ("1.38E+10", "phone_rounded"),
        ("1.3800138E10", "phone_rounded"),
        ("1.38e+1", "phone_rounded"),
        ("13800138000/13900139000", "several_phones"),
        ("13800138000、13900139000", "several_phones"),
        ("0758-2231234转801", "phone_extension"),
        ("110", "phone_invalid"),
        ("2231234", "no_area_code"),
        ("22312345", "no_area_code"),
        ("+8615412345", "phone_invalid"),
        ("+86154123456789", "phone_invalid"),
    ],
)
def test_what_cannot_be_called_is_refused_with_its_rule(text, rule):
    with pytest.raises(PhoneError) as caught:
        normalise(text)
    assert caught.value.rule == rule
    digits = "".join(mark for mark in text if mark.isdigit())
    assert len(digits) < 8 or digits not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "13800138000",
        "+8613800138000",
        "+86 138 0013 8000",
        "0086-138-0013-8000",
        "8613800138000",
        wide("13800138000"),
        wide("+86") + " " + wide("13800138000"),
        "138\u00a00013\u20098000",
        "\u202a13800138000\u202c",
        "\ufeff138 0013 8000\u200b",
        "138–0013—8000",
        "13800138000.0",
        "(+86)13800138000",
        "1.3800138000E+10",
    ],
)
def test_one_mobile_typed_in_many_ways_is_one_number(text):
    assert normalise(text) == "+8613800138000"


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("0758-2231234", "+867582231234"),
        ("15400000001", "+8615400000001"),
        ("+86 154 0000 0001", "+8615400000001"),
        ("008615400000001", "+8615400000001"),
        ("+852 2345 6789", "+85223456789"),
        ("+853 6612 3456", "+85366123456"),
    ],
)
def test_landlines_demo_phones_and_neighbours(text, phone):
    assert normalise(text) == phone


@pytest.mark.parametrize(
    ("text", "phone", "added"),
    [
        ("07585522000", "+867585522000", ""),
        ("7585522000", "+867585522000", "0"),
        ("75585522000", "+8675585522000", "0"),
        ("1065529988", "+861065529988", "0"),
        ("867585522000", "+867585522000", ""),
        ("4008123456", "+864008123456", ""),
        ("5522000", "+867585522000", "0758"),
        (wide("5522000"), "+867585522000", "0758"),
    ],
)
def test_what_a_spreadsheet_cut_off_before_a_fixed_line_is_put_back_and_said(text, phone, added):
    found = read_phone(text, area_code="0758")
    assert (found.number, found.added) == (phone, added)


def test_a_local_number_of_the_wrong_length_for_its_area_is_refused():
    with pytest.raises(PhoneError) as caught:
        read_phone("55220001", area_code="0758")
    assert caught.value.rule == "phone_invalid"


@pytest.mark.parametrize(
    ("texts", "code"),
    [
        ([], ""),
        (["5522000", "13800138000"], ""),
        (["5522000", "x", "0758-2231234", "13800138000"], "0758"),
        (["5522000", "7582231234"], "0758"),
        (["5522000", "07582231234", "02087654321"], ""),
        (["07582231234"], ""),
    ],
)
def test_an_area_code_is_inferred_only_where_all_others_agree(texts, code):
    assert area_code_among(texts) == code


def test_a_mask_hides_the_middle_and_a_short_text_wholly():
    assert masked("13800138000") == "138******00"
    assert masked("12345") == "*****"
