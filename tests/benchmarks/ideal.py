"""The ideal: the same people, ladder and rate, and a machine that takes no time at all."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count

from alertcast.core.policy import Policy, Rung
from alertcast.simulator.conversation import DIALLING
from alertcast.simulator.people import People, Pickup

RING = 40.0
"""Seconds after which a call that rings is given up, as channels do unless told otherwise."""

Grid = Sequence[Sequence[str]]
"""The phones of each rung of the ladder, in order."""


@dataclass
class _Called:
    """One phone of one grid, in the rung that runs."""

    phone: str
    rung: Rung
    due: float
    tries: int = 0


@dataclass
class _Open:
    """One grid that nobody has answered for."""

    grid: Grid
    rung: int = -1
    ends: float = 0.0  # when its rung does
    answered: float = float("inf")
    called: list[_Called] = field(default_factory=list)


def ladder(grids: Sequence[Grid], people: People, policy: Policy, rate: float) -> float:
    """Return the seconds from the first call until the last grid has answered or nobody is left.

    Every 1 / rate seconds one call may begin; first calls go before repeated ones. One answer is
    enough for a grid. Calls that nobody answers with a key are taken to end before they are due
    again, and texts to be answered by nobody.
    """
    still = [_Open(grid) for grid in grids]
    calls_to: dict[str, int] = {}
    last = 0.0
    for slot in count():
        now = slot / rate
        for one in still:
            if one.answered > now >= one.ends:
                _climb(one, policy, now)
        over = [one for one in still if one.answered <= now or one.rung == len(policy.rungs)]
        last = max([last, *(min(one.answered, one.ends) for one in over)])
        still = [one for one in still if one not in over]
        if not still:
            return last
        due = [(called.tries > 0, called.due, one, called) for one, called in _due(still, now)]
        if due:
            _, _, one, called = min(due, key=lambda found: found[:2])
            earlier = calls_to.get(called.phone, 0)
            calls_to[called.phone] = earlier + 1
            called.tries += 1
            called.due = now + called.rung.every.total_seconds()
            one.answered = min(one.answered, now + _answer(people, called.phone, earlier))
    raise AssertionError("unreachable: every ladder ends")


def _climb(one: _Open, policy: Policy, now: float) -> None:
    """Begin the next rung in which there is anybody."""
    there = [at for at in range(one.rung + 1, len(one.grid)) if one.grid[at]]
    one.rung = there[0] if there else len(policy.rungs)
    one.called = []
    if there:
        rung = policy.rungs[one.rung]
        one.called = [_Called(phone, rung, now) for phone in one.grid[one.rung]]
        one.ends = now + rung.within.total_seconds()


def _due(still: Sequence[_Open], now: float) -> list[tuple[_Open, _Called]]:
    return [
        (one, called)
        for one in still
        for called in one.called
        if called.due <= now and called.tries < called.rung.calls
    ]


def _answer(people: People, phone: str, earlier: int) -> float:
    """Return the seconds from the begin of a call until its key 1 or 2; inf: there is none."""
    hearing = people.of(phone).hearing(earlier)
    if hearing.pickup is not Pickup.ANSWER or hearing.ring > RING or not hearing.keys:
        return float("inf")
    return DIALLING + hearing.ring + hearing.decide * len(hearing.keys)
