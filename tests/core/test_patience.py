"""How long a publisher is left alone that asks for patience."""

from datetime import timedelta

import pytest

from alertcast.core.patience import LONGEST, rest

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("busy", "every", "longest"),
    [
        (1, MINUTE, MINUTE),
        (2, MINUTE, 2 * MINUTE),
        (4, MINUTE, 8 * MINUTE),
        (5, MINUTE, LONGEST),
        (10**6, MINUTE, LONGEST),
        (3, timedelta(hours=2), timedelta(hours=2)),  # it is not asked more often than without
    ],
)
def test_it_doubles_within_bounds_and_is_spread(
    busy: int, every: timedelta, longest: timedelta
) -> None:
    assert rest(busy, every, 0.0) == longest
    assert rest(busy, every, 1.0) == longest * 0.75
    assert longest * 0.75 <= rest(busy, every, 0.4) <= longest
