"""How fast people were called and answered, counted."""

from datetime import UTC, datetime, timedelta

import pytest

from alertcast.core.statistics import Called, by, measure, period

BEGUN = datetime(2026, 12, 26, 9, tzinfo=UTC)


def after(minutes: float | None) -> datetime | None:
    return None if minutes is None else BEGUN + timedelta(minutes=minutes)


def called(first: float | None, answered: float | None, since: float | None = 0) -> Called:
    return Called(BEGUN, after(first), after(answered), after(since))


@pytest.mark.parametrize(
    ("first", "answered", "expected"),
    [
        (None, None, (0, 0, 0, 0, 0, 0)),
        (3, None, (1, 1, 0, 0, 0, 0)),
        (3.01, None, (1, 0, 0, 0, 0, 0)),
        (1, 5, (1, 1, 1, 1, 1, 1)),
        (1, 5.01, (1, 1, 1, 0, 1, 1)),
        (1, 15.01, (1, 1, 1, 0, 0, 1)),
        (1, 61, (1, 1, 1, 0, 0, 0)),
        (None, 2, (0, 0, 1, 1, 1, 1)),  # rang by himself, written down by an officer
    ],
)
def test_one(first, answered, expected):
    found = measure([called(first, answered)])
    names = ("called", "called_3", "answered", "answered_5", "answered_15", "answered_60")
    assert tuple(found[name] for name in names) == expected
    assert found["total"] == 1


def test_answers_are_counted_from_the_first_message_where_that_is_asked():
    assert measure([called(40, 44, since=40)])["answered_5"] == 1
    assert measure([called(40, 44)])["answered_5"] == 0


def test_nothing_is_nothing():
    assert set(measure([]).values()) == {0}


def test_by_key():
    found = by([called(1, 2), called(1, None), called(1, 3)], ["a", "b", "a"])
    assert {key: one["answered"] for key, one in found.items()} == {"a": 2, "b": 0}


@pytest.mark.parametrize(
    ("days", "day"), [(92, "2026-12-21"), (93, "2026-12-01")], ids=["weeks", "months"]
)
def test_a_quarter_is_shown_by_weeks_and_more_by_months(days, day):
    first = period(BEGUN - timedelta(days=days), BEGUN)
    assert first(BEGUN).isoformat() == day
