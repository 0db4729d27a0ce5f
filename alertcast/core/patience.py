"""How long a publisher is left alone that asks for patience and does not say how much."""

from datetime import timedelta

LONGEST = timedelta(minutes=15)
"""Longest that a publisher is left alone, whatever it asks: meanwhile we are blind."""

_SPREAD = 0.25
"""Part of the time by which several who were refused at one moment come back apart."""

_MOST_DOUBLED = 16


def rest(busy: int, every: timedelta, chance: float) -> timedelta:
    """Return how long (real) to leave it alone after `busy` such answers in a row, 1 or more.

    It doubles from the interval `every` on up to LONGEST; one that is asked less often than that
    is asked at its interval. `chance` is from 0 to 1, drawn anew each time.
    """
    longest = max(LONGEST, every)
    times: int = 2 ** min(busy - 1, _MOST_DOUBLED)
    doubled = min(every * times, longest)
    return doubled * (1 - _SPREAD * chance)
