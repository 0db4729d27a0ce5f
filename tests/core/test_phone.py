"""What can be said of a phone number without any library."""

import pytest

from alertcast.core.phone import dialled, is_demo, is_mainland, mask, takes_texts


@pytest.mark.parametrize(
    ("phone", "demo", "mainland", "masked"),
    [
        ("+8615400000001", True, True, "+86 154****0001"),
        ("+8613800000011", False, True, "+86 138****0011"),
        ("+85291234567", False, False, "+852****67"),
        ("+15005550006", False, False, "+150****06"),
        ("+447700900123", False, False, "+447****23"),
    ],
)
def test_phone(phone: str, demo: bool, mainland: bool, masked: str) -> None:
    assert (is_demo(phone), is_mainland(phone), mask(phone)) == (demo, mainland, masked)


@pytest.mark.parametrize(
    ("phone", "number"),
    [
        ("+8613800000011", "13800000011"),
        ("+8615400000011", "15400000011"),
        ("+867585522000", "07585522000"),
        ("+861065432100", "01065432100"),
        ("+869511234567", "09511234567"),
        ("+864008001234", "4008001234"),
        ("+8612379", "12379"),
        ("+85291234567", "0085291234567"),
    ],
)
def test_a_number_as_it_is_dialled_in_mainland_china(phone: str, number: str) -> None:
    assert dialled(phone) == number


@pytest.mark.parametrize(
    ("phone", "takes"),
    [
        ("+8613800000011", True),
        ("+8615400000011", True),
        ("+867585522000", False),
        ("+861065432100", False),
        ("+864008001234", False),
        ("+85291234567", True),
        ("+15005550006", True),
    ],
)
def test_texts_go_to_mobiles_only(phone: str, takes: bool) -> None:
    assert takes_texts(phone) == takes
