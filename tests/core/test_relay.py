"""Counts of households: what is read, and what is refused by which rule."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertcast.core.relay import Counts, CountsError, Limits, Wrong, read_counts

LIMITS = Limits(households=300, growers=40)


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        (("12", "", ""), Wrong.MISSING),
        (("", "3", ""), Wrong.MISSING),
        (("", "", "4"), Wrong.MISSING),
        (("-1", "3", ""), Wrong.NOT_WHOLE),
        (("1.5", "3", ""), Wrong.NOT_WHOLE),
        (("1e2", "3", ""), Wrong.NOT_WHOLE),
        (("十", "3", ""), Wrong.NOT_WHOLE),
        (("²", "3", ""), Wrong.NOT_WHOLE),
        (("12", "3", "many"), Wrong.NOT_WHOLE),
        (("9" * 5000, "3", ""), Wrong.NOT_WHOLE),
        (("0", "0", "4"), Wrong.NO_HOUSEHOLD),
        (("300", "1", ""), Wrong.TOO_MANY_HOUSEHOLDS),
        (("13800000011", "0", ""), Wrong.NOT_WHOLE),
        (("10", "1", "41"), Wrong.TOO_MANY_GROWERS),
    ],
)
def test_numbers_that_can_not_be(typed: tuple[str, str, str], wrong: Wrong) -> None:
    with pytest.raises(CountsError) as refused:
        read_counts(*typed, LIMITS)
    assert refused.value.wrong is wrong


def test_nothing_typed_is_nothing() -> None:
    assert read_counts("", " ", "\u3000", LIMITS) is None


@pytest.mark.parametrize(
    ("typed", "counts"),
    [
        (("120", "30", "8"), Counts(120, 30, 8)),
        (("０", " １２ ", ""), Counts(0, 12, None)),  # noqa: RUF001  # of a Chinese keyboard
        (("300", "0", "40"), Counts(300, 0, 40)),
    ],
)
def test_numbers_that_are_taken(typed: tuple[str, str, str], counts: Counts) -> None:
    assert read_counts(*typed, LIMITS) == counts


@given(st.text(max_size=12), st.text(max_size=12), st.text(max_size=12))
def test_whatever_is_typed_is_plausible_or_refused(told: str, not_told: str, growers: str) -> None:
    try:
        found = read_counts(told, not_told, growers, LIMITS)
    except CountsError:
        return
    if found is not None:
        assert 0 < found.households_told + found.households_not_told <= LIMITS.households
        assert 0 <= (found.growers_told or 0) <= LIMITS.growers
