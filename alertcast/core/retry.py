"""What follows when a message did not reach its phone: by the reason, as the policy says.

A reason is a key of `channels.reasons.REASONS`. Whatever is not named in `DEFAULTS` ends the
message: the ladder's next rung tells somebody else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from alertcast.core.policy import PolicyError, duration


class Then(StrEnum):
    """What follows."""

    AGAIN = "again"  # the same phone by the same kind, after a while
    ELSEWHERE = "elsewhere"  # at once by another channel of the kind; without one the next rung
    BY_HAND = "by_hand"  # an officer dials, at once
    NEXT_RUNG = "next_rung"  # nothing more to this phone; if that was everybody, the next rung


@dataclass(frozen=True, slots=True)
class RetryRule:
    """What follows one reason."""

    then: Then
    every: timedelta | None = None  # product time between attempts; None: as the rung says
    most: int | None = None  # attempts in all; None: as many as the rung says
    last: Then = Then.NEXT_RUNG  # when these are used up, or none is left elsewhere; or BY_HAND


Retry = Mapping[str, RetryRule]
"""What follows each reason."""

_AGAIN = RetryRule(Then.AGAIN)
_NEXT = RetryRule(Then.NEXT_RUNG)
_BY_HAND = RetryRule(Then.BY_HAND)
_ELSEWHERE = RetryRule(Then.ELSEWHERE)
_LATER = RetryRule(Then.AGAIN, timedelta(minutes=2), 3, Then.BY_HAND)

DEFAULTS: Retry = {
    "busy": _AGAIN,
    "no_answer": _AGAIN,
    "no_receipt": _AGAIN,
    "machine": _AGAIN,
    "no_key": _AGAIN,
    "switched_off": _AGAIN,
    "not_delivered": _AGAIN,
    "throttled": _AGAIN,
    "number_limit": _LATER,
    "wrong_number": _NEXT,
    "landline": _NEXT,
    "opted_out": _BY_HAND,
    "blocked": _ELSEWHERE,
    "filtered": _ELSEWHERE,
    "too_long": _ELSEWHERE,
    "not_allowed": _ELSEWHERE,
    "template_missing": _BY_HAND,
    "slot_unfit": _BY_HAND,
    "time_block": _BY_HAND,
    "expired": _NEXT,
}
"""Every reason a provider can give, and what follows unless the policy says otherwise."""


_LAST = (Then.BY_HAND, Then.NEXT_RUNG)


def read_retry(section: Mapping[str, Any], mistakes: list[str]) -> Retry:
    """Return `DEFAULTS` with what a [retry] section says instead; adds to `mistakes`."""
    rules = dict(DEFAULTS)
    for reason, part in section.items():
        where = f"retry.{reason}"
        if reason not in DEFAULTS:
            mistakes.append(f"{where}: the reasons are {', '.join(sorted(DEFAULTS))}")
            continue
        try:
            rules[reason] = _rule(where, part)
        except PolicyError as error:
            mistakes += error.mistakes
    return rules


def _rule(where: str, part: Mapping[str, Any]) -> RetryRule:
    mistakes = [
        f"{where}: unknown key {key!r}"
        for key in sorted(set(part) - {"then", "every", "most", "last"})
    ]
    then, every, most, last = part.get("then"), None, part.get("most"), part.get("last")
    if then not in tuple(Then):
        mistakes.append(f"{where}.then: {then!r} is not one of {', '.join(Then)}")
    if most is not None and not (isinstance(most, int) and 1 <= most <= 20):
        mistakes.append(f"{where}.most: {most!r} is not a whole number from 1 to 20")
    if "every" in part:
        try:
            every = duration(part["every"])
        except ValueError as error:
            mistakes.append(f"{where}.every: {error}")
    if then != Then.AGAIN and (every or most):
        mistakes.append(f"{where}: every and most belong to then = {Then.AGAIN.value!r}")
    if last is not None and last not in _LAST:
        mistakes.append(f"{where}.last: {last!r} is not one of {', '.join(_LAST)}")
    if last is not None and then not in (Then.AGAIN, Then.ELSEWHERE):
        mistakes.append(f"{where}: last belongs to then = 'again' or 'elsewhere'")
    if mistakes:
        raise PolicyError(mistakes)
    return RetryRule(Then(str(then)), every, most, Then(last or Then.NEXT_RUNG))
