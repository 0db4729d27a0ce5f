"""What the signature of an alert is worth, judged when it was received."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What became of checking one alert's XML signature."""

    VERIFIED = "verified"  # a certificate pinned for its source made it, over all that is read
    UNSIGNED = "unsigned"  # there is none
    UNTRUSTED = "untrusted_key"  # made with a key that is not pinned, or no longer valid
    INVALID = "invalid"  # it should be by a pinned key, and does not hold


@dataclass(frozen=True, slots=True)
class Signature:
    """The verdict on one alert of one document."""

    verdict: Verdict
    detail: str = ""  # whose certificate it is, or what is wrong


UNSIGNED = Signature(Verdict.UNSIGNED)
"""Of an alert without a signature, and of every format that can carry none."""
