"""Twilio's error codes, translated: one table for answers to a request and for late receipts.

Source: twilio.com/docs/api/errors/CODE. Twilio asks that nothing relies on the list being whole, so
`of_code` and `sent` have a default: what is not known was not delivered, and somebody is called.
"""

import re
from dataclasses import dataclass

from alertcast.channels.base import Outcome, Sent
from alertcast.channels.twilio_http import NotConnected, Refused, Trouble

BRIEF_WAIT = 2.0
"""Real seconds until a request that was one too many at once (20429) is made again."""

QUEUE_WAIT = 60.0
"""Real seconds until a sender whose own queue is full (21611) is asked again."""

_DIGITS = re.compile(r"\+?\d(?:[\s()-]*\d){5,}")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code says of the request it answers, or of the message it came for."""

    outcome: Outcome
    reason: str  # key of REASONS
    wait: float | None = None  # real seconds, where Twilio names none


def _refused(reason: str) -> Meaning:
    return Meaning(Outcome.REFUSED, reason)


_STOPPED = Meaning(Outcome.STOPPED, "account")
_BRIEFLY = Meaning(Outcome.THROTTLED, "throttled", BRIEF_WAIT)
_QUEUE_FULL = Meaning(Outcome.THROTTLED, "throttled", QUEUE_WAIT)
_UNKNOWN_CODE = _refused("not_delivered")

MEANINGS: dict[int, Meaning] = {
    # Never processed; the same request may be made again.
    20429: _BRIEFLY,
    10004: _QUEUE_FULL,  # too many calls at once
    21611: _QUEUE_FULL,  # the sender's queue is full
    # This recipient, or this text, does not work on this channel: never, or not yet.
    14107: _refused("number_limit"),  # the same two numbers too often; others are not concerned
    21211: _refused("wrong_number"),  # not a valid number
    21214: _refused("wrong_number"),  # cannot be reached by a call
    21217: _refused("wrong_number"),  # does not appear valid
    21216: _refused("not_allowed"),  # the account may not call it
    21408: _refused("not_allowed"),  # SMS to that country is not switched on
    21215: _refused("not_allowed"),  # calls to that country are not switched on
    21612: _refused("not_allowed"),  # no route from this sender
    21610: _refused("opted_out"),
    21614: _refused("landline"),
    21635: _refused("landline"),
    21617: _refused("too_long"),  # more than 1600 characters
    # Nothing leaves through this account, sender or configuration until somebody mends it.
    10001: _STOPPED,  # the account is not active
    20003: _STOPPED,  # wrong account SID or token
    20005: _STOPPED,  # the account is not active
    20404: _STOPPED,  # no such account or address
    21205: _STOPPED,  # our voice address is not valid
    21210: _STOPPED,  # the calling number is not ours
    21212: _STOPPED,  # the sender is not a valid number
    21213: _STOPPED,  # no calling number
    21603: _STOPPED,  # no sender
    21606: _STOPPED,  # the sender cannot send
    21609: _STOPPED,  # our callback address is not valid
    21624: _STOPPED,  # the validity period is not allowed
    21701: _STOPPED,  # no such messaging service
    21703: _STOPPED,  # the messaging service has no sender
    21704: _STOPPED,  # the messaging service has no sender for this
    30002: _STOPPED,  # suspended after the message was taken
    63038: _STOPPED,  # the account's daily limit; an HTTP 429 that lasts until tomorrow
    90007: _STOPPED,  # the validity period is not allowed
    # Only in late receipts: the message was taken and did not arrive.
    30001: _refused("throttled"),  # the queue overflowed
    30003: _refused("switched_off"),
    30004: _refused("blocked"),
    30005: _refused("wrong_number"),
    30006: _refused("landline"),
    30007: _refused("filtered"),
    30008: _refused("not_delivered"),
    30017: _refused("not_delivered"),  # the carrier is congested
    30036: _refused("expired"),  # the validity period ran out
    30410: _refused("not_delivered"),  # the carrier did not answer in time
}
"""What each code means here. A country that is not switched on refuses only its own numbers."""


def of_code(code: str | None) -> str:
    """Return the reason (a key of REASONS) for the code of a late receipt, known or not."""
    known = MEANINGS.get(int(code)) if code and code.isdecimal() else None
    return (known or _UNKNOWN_CODE).reason


def sent(token: str, trouble: Trouble) -> Sent:
    """Return what became of the request `token` that ended in `trouble`."""
    if isinstance(trouble, NotConnected):
        return Sent(
            token,
            Outcome.THROTTLED,
            reason="no_connection",
            retry_after=BRIEF_WAIT,
            detail=str(trouble),
        )
    if not isinstance(trouble, Refused):
        return Sent(token, Outcome.UNKNOWN, reason="unknown_outcome", detail=str(trouble))
    meaning = _meaning(trouble)
    return Sent(
        token,
        meaning.outcome,
        code=str(trouble.code or trouble.status),
        reason=meaning.reason,
        retry_after=meaning.wait if trouble.retry_after is None else trouble.retry_after,
        detail=scrubbed(trouble.message),
    )


def scrubbed(words: str) -> str:
    """Return Twilio's words, shortened, with whatever could be a phone number taken out."""
    return _DIGITS.sub("…", words)[:200]


def _meaning(refused: Refused) -> Meaning:
    # HTTP 408 and 5xx: "it is possible for a customer to receive multiple" if asked again (20500).
    if refused.status >= 500 or refused.status == 408:
        return Meaning(Outcome.UNKNOWN, "unknown_outcome")
    if refused.code in MEANINGS:
        return MEANINGS[refused.code]
    if refused.status == 429:
        return _BRIEFLY
    if refused.status < 400 or refused.status in (401, 403, 404, 405):
        return _STOPPED
    return _UNKNOWN_CODE
