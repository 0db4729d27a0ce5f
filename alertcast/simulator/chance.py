"""Chance without state: the same words always give the same number, on every machine."""

from hashlib import blake2b

_SPAN = float(1 << 64)


def chance(*words: object) -> float:
    """Return a number in [0, 1) that depends on `words` only."""
    text = "\x1f".join(str(word) for word in words)
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest()) / _SPAN


def between(low: float, high: float, *words: object) -> float:
    """Return a number in [low, high) that depends on `words` only."""
    return low + (high - low) * chance(*words)
