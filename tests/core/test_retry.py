"""[retry] of policy.toml: what it may say, and every mistake in it named."""

from datetime import timedelta
from typing import Any

import pytest

from alertcast.core.retry import DEFAULTS, RetryRule, Then, read_retry


@pytest.mark.parametrize(
    ("part", "mistake"),
    [
        ({}, "retry.busy.then: None is not one of again, elsewhere, by_hand, next_rung"),
        ({"then": "later"}, "retry.busy.then: 'later' is not one of"),
        ({"then": ["again"]}, "retry.busy.then: ['again'] is not one of"),
        ({"then": "again", "often": 3}, "retry.busy: unknown key 'often'"),
        ({"then": "again", "most": 0}, "retry.busy.most: 0 is not a whole number from 1 to 20"),
        ({"then": "again", "every": "soon"}, "retry.busy.every: "),
        ({"then": "by_hand", "most": 2}, "retry.busy: every and most belong to then = 'again'"),
        ({"then": "again", "last": "again"}, "retry.busy.last: 'again' is not one of by_hand"),
        ({"then": "again", "last": ["by_hand"]}, "retry.busy.last: ['by_hand'] is not one of"),
        ({"then": "next_rung", "last": "by_hand"}, "retry.busy: last belongs to then = 'again'"),
    ],
)
def test_a_mistake_is_named(part: dict[str, Any], mistake: str) -> None:
    mistakes: list[str] = []
    assert read_retry({"busy": part}, mistakes)["busy"] == DEFAULTS["busy"]
    assert [one[: len(mistake)] for one in mistakes] == [mistake]


def test_a_reason_that_is_not_known_is_named() -> None:
    mistakes: list[str] = []
    assert read_retry({"asleep": {"then": "again"}}, mistakes) == DEFAULTS
    assert len(mistakes) == 1
    assert mistakes[0].startswith("retry.asleep: the reasons are blocked, busy, ")


@pytest.mark.parametrize(
    ("part", "rule"),
    [
        ({"then": "next_rung"}, RetryRule(Then.NEXT_RUNG)),
        ({"then": "elsewhere", "last": "by_hand"}, RetryRule(Then.ELSEWHERE, last=Then.BY_HAND)),
        (
            {"then": "again", "every": "2m", "most": 3, "last": "by_hand"},
            RetryRule(Then.AGAIN, timedelta(minutes=2), 3, Then.BY_HAND),
        ),
    ],
)
def test_what_it_says(part: dict[str, Any], rule: RetryRule) -> None:
    mistakes: list[str] = []
    assert read_retry({"busy": part}, mistakes)["busy"] == rule
    assert mistakes == []
