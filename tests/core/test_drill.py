"""When a drill that was scheduled may begin, and when it runs out."""

from datetime import UTC, datetime, timedelta

import pytest

from alertcast.core.drill import is_too_late, runs_out
from alertcast.core.opening import read_block

NOON = datetime(2026, 12, 28, 12, tzinfo=UTC)


@pytest.mark.parametrize(("minutes", "expected"), [(0, False), (60, False), (60.1, True)])
def test_more_than_an_hour_late_is_too_late(minutes, expected):
    now = NOON + timedelta(minutes=minutes)
    assert is_too_late(NOON, now, timedelta(hours=1)) is expected


@pytest.mark.parametrize(
    ("hour", "day", "end"),
    [(9, 28, 20), (19, 28, 20), (20, 29, 20)],
)
def test_it_runs_out_when_the_night_begins(hour, day, end):
    found = runs_out(NOON.replace(hour=hour), read_block("20:00-09:00"))
    assert found == NOON.replace(day=day, hour=end)
