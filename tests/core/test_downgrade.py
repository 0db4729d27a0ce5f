"""Where a level fell below what people know, and when they hear of it."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from alertcast.core.broadcast import Purpose, priority
from alertcast.core.downgrade import DowngradeRules, fell, lower, read_downgrade
from alertcast.core.episode import Standing
from alertcast.core.opening import Block

LADDER = ("red", "orange", "yellow", "blue")


@pytest.mark.parametrize(
    ("before", "after", "falls"),
    [
        ({"a": "orange"}, {"a": "yellow"}, True),
        ({"a": "orange"}, {"a": "orange"}, False),
        ({"a": "yellow"}, {"a": "orange"}, False),
        ({}, {"a": "yellow"}, False),  # it is new there
        ({"a": "orange"}, {}, False),  # it is over there
    ],
)
def test_where_it_falls(
    before: dict[str, str | None], after: dict[str, str | None], falls: bool
) -> None:
    assert fell(before, after, LADDER) == ({"a"} if falls else set())


@pytest.mark.parametrize(
    ("holds", "said", "told", "is_lower"),
    [
        ("yellow", "yellow", "orange", True),
        ("yellow", "yellow", "yellow", False),  # people know
        ("orange", "yellow", "red", False),  # another warning is higher
        ("yellow", "yellow", None, False),  # nobody was told a level
        (None, None, "orange", False),  # a level that nobody knows
    ],
)
def test_who_knows_a_higher_level(
    holds: str | None, said: str | None, told: str | None, is_lower: bool
) -> None:
    known = {"a": Standing("a", holds, told, was_told=told is not None)}
    found = lower(["a"], {"a": holds}, {"a": said}, known, LADDER)
    assert found == ({"a": holds} if is_lower else {})


def test_what_nobody_was_told_of_is_not_lower() -> None:
    untold = {"a": Standing("a", "orange", "orange", was_told=False)}
    assert lower("ab", {"a": "blue", "b": "blue"}, {"a": "blue", "b": "blue"}, untold, LADDER) == {}


@pytest.mark.parametrize(
    ("hour", "minute", "begins"),
    [(21, 59, (21, 59)), (22, 0, (7, 0)), (6, 59, (7, 0)), (7, 0, (7, 0))],
)
def test_nobody_is_woken(hour: int, minute: int, begins: tuple[int, int]) -> None:
    at = DowngradeRules().after_quiet(datetime(2026, 12, 26, hour, minute, tzinfo=UTC))
    assert (at.hour, at.minute) == begins


def test_without_quiet_hours_it_begins_at_night() -> None:
    night = datetime(2026, 12, 26, 23, 0, tzinfo=UTC)
    assert read_downgrade({"quiet": {}}, []).after_quiet(night) == night


def test_as_it_is_written() -> None:
    mistakes: list[str] = []
    part = {"kinds": ["sms"], "wait": "1h", "quiet": {"from": "21:00", "to": "08:00"}}
    assert read_downgrade(part, mistakes) == DowngradeRules(
        ("sms",), timedelta(hours=1), Block(time(21), time(8))
    )
    assert read_downgrade({}, mistakes) == DowngradeRules()
    assert mistakes == []


@pytest.mark.parametrize(
    ("part", "mistake"),
    [
        ({"kind": ["sms"]}, "downgrade: unknown key 'kind'"),
        ({"kinds": ["fax"]}, "downgrade: unknown kind 'fax'"),
        ({"kinds": "sms"}, "downgrade.kinds: 'sms' is not a list"),
        ({"wait": "soon"}, "downgrade.wait: 'soon' is not a duration"),
        ({"quiet": "22:00-07:00"}, "downgrade.quiet: '22:00-07:00' is not written as"),
        ({"quiet": {"from": "22:00"}}, "downgrade.quiet: {'from': '22:00'} is not written as"),
        ({"quiet": {"from": "22:00", "to": "25:00"}}, "downgrade.quiet: "),
        ({"quiet": {"from": "22:00", "to": "22:00"}}, "downgrade.quiet: "),
        ({"quiet": 7}, "downgrade.quiet: 7 is not written as"),
    ],
)
def test_a_mistake_is_named(part: dict[str, Any], mistake: str) -> None:
    mistakes: list[str] = []
    read_downgrade(part, mistakes)
    assert len(mistakes) == 1
    assert mistakes[0].startswith(mistake)


def test_every_warning_leaves_before_it_and_every_drill_after() -> None:
    lowest = priority(Purpose.WARNING, "live", len(LADDER) + 1)
    good_news = priority(Purpose.DOWNGRADE, "live", 0)
    assert lowest < good_news < priority(Purpose.WARNING, "drill", 0)
