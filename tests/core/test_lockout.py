"""Wrong passwords in a row: when the next one has to wait, and until when."""

from datetime import UTC, datetime, timedelta

import pytest

from alertcast.core.lockout import MINUTE, RULES, Failures, Rule, counted, wait

NOW = datetime(2026, 12, 26, 3, 0, tzinfo=UTC)
RULE = Rule(5, MINUTE, timedelta(hours=1))


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [
        (None, 0),
        (Failures(4, NOW), 0),
        (Failures(5, NOW), 60),
        (Failures(5, NOW - timedelta(seconds=59)), 1),
        (Failures(5, NOW - MINUTE), 0),
        (Failures(99, NOW), 60),
    ],
    ids=str,
)
def test_how_long_the_next_waits(failures: Failures | None, seconds: int) -> None:
    assert wait(RULE, failures, NOW) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("failures", "count"),
    [
        (None, 1),
        (Failures(4, NOW), 5),
        (Failures(5, NOW - MINUTE), 6),  # each one more has to wait again
        (Failures(5, NOW - timedelta(hours=1)), 1),
    ],
    ids=str,
)
def test_how_many_there_are_with_one_more(failures: Failures | None, count: int) -> None:
    assert counted(RULE, failures, NOW) == count


def test_nobody_ever_waits_longer_than_a_minute() -> None:
    assert {rule.pause for rule in RULES.values()} == {MINUTE}
