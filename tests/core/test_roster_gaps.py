"""When a roster is looked at, and when people may be asked about their numbers."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from alertcast.core.roster_gaps import asking_hours, is_due

ZONE = ZoneInfo("Asia/Shanghai")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 12, day, hour, minute, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("checked", "now", "due"),
    [
        (None, at(1, 3), True),
        (at(1, 8), at(1, 23), False),
        (at(1, 8), at(2, 7, 59), False),
        (at(1, 8), at(2, 8), True),
        (at(1, 23), at(2, 8), True),
        (at(2, 8), at(1, 12), False),
    ],
)
def test_a_roster_is_looked_at_once_a_day_and_not_before_eight(checked, now, due) -> None:
    assert is_due(checked, now) == due


@pytest.mark.parametrize(
    ("now", "begin", "end"),
    [
        (at(1, 0), at(1, 9), at(1, 20)),
        (at(1, 8, 59), at(1, 9), at(1, 20)),
        (at(1, 9), at(1, 9), at(1, 20)),
        (at(1, 19, 59), at(1, 19, 59), at(1, 20)),
        (at(1, 20), at(2, 9), at(2, 20)),
        (at(31, 23), datetime(2027, 1, 1, 9, tzinfo=ZONE), datetime(2027, 1, 1, 20, tzinfo=ZONE)),
    ],
)
def test_nobody_is_asked_at_night(now, begin, end) -> None:
    assert asking_hours(now) == (begin, end)
