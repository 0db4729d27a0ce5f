"""Wrong passwords (输错次数): how many, by whom, before the next try has to wait.

Nobody waits longer than a minute at a time, so that a stranger who guesses can not keep the only
duty officer out. A browser in which somebody has logged in before is counted by itself: for its
owner nothing that a stranger does counts at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Rule:
    """After `most` wrong ones in a row each more has to wait; quiet for so long, all is forgotten.

    All times are real.
    """

    most: int
    pause: timedelta
    forgotten: timedelta


MINUTE = timedelta(minutes=1)

RULES: Mapping[str, Rule] = {
    "browser": Rule(5, MINUTE, MINUTE),  # one name in a browser that it has logged in from
    "pair": Rule(5, MINUTE, MINUTE),  # one name from one address
    "name": Rule(20, MINUTE, timedelta(hours=1)),  # one name from all strange browsers together
    "address": Rule(50, MINUTE, timedelta(hours=1)),  # all names from one address
}
"""By what is counted: the first in a browser that is known, the others in a strange one."""


@dataclass(frozen=True, slots=True)
class Failures:
    """Tries in a row that were not followed by the right password, and when the last was."""

    count: int
    at: datetime


def wait(rule: Rule, failures: Failures | None, now: datetime) -> timedelta:
    """Return how long the next try has to wait; zero: it may be made now."""
    if failures is None or failures.count < rule.most:
        return timedelta(0)
    return max(timedelta(0), failures.at + rule.pause - now)


def counted(rule: Rule, failures: Failures | None, now: datetime) -> int:
    """Return how many there are with one more that is made now."""
    if failures is None or now - failures.at >= rule.forgotten:
        return 1
    return failures.count + 1
