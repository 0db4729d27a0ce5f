"""The cases of the drill: which faults meet, so that every two of them meet in one round.

A case is a pure function of (seed, number): the same on every machine, alone or among others.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, islice, product
from random import Random

from alertcast.simulator.faults import Fault

ANSWERS: dict[str, tuple[str, ...]] = {
    "ok": (),
    "429": ("throttled",),
    "5xx before": ("error_before",),
    "5xx after": ("error_after",),
    "reset before": ("reset_before",),
    "reset after": ("reset_after",),
    "time-out": ("hang_before", "hang_after"),
}
"""What a provider answers to a request, by the faults of the simulator that make it so."""

RECEIPTS: dict[str, str | None] = {
    "in order": None,
    "none": "receipts_none",
    "early": "receipts_early",
    "late": "receipts_late",
    "twice": "receipts_twice",
    "reversed": "receipts_reversed",
    "forged": "receipts_forged",
}
"""How status callbacks come."""

PLACES = 100
"""A life is killed at one of so many places, evenly from its first commit to its last."""

LATE = 200.0
"""Product seconds by which late receipts are late: longer than a silent call is left in peace."""

LAG = 1.0
"""Real seconds by which a provider's list lags behind what it took."""

HANG = 1.3
"""Real seconds that a provider leaves a request without an answer; longer than our time-out."""

RETRY_AFTER = 0.1
"""Real seconds that a throttling provider asks for."""

NOBODY_KILLED = 50
"""In one of so many cases nobody is killed."""

TWICE, LAGGING, ASKABLE = 0.25, 0.5, 0.75
"""Shares of the cases: the second life is killed as well; lists lag; texts can be asked about."""


@dataclass(frozen=True, slots=True)
class Kill:
    """Where a process is killed."""

    place: int  # of its life: 1 to PLACES
    is_after: bool  # the commit is on disk

    def commit(self, of: int) -> int:
        """Return the commit at which it strikes a life that is expected to have `of` of them."""
        return max(1, -(-self.place * of // PLACES))

    def __str__(self) -> str:
        return f"{'after' if self.is_after else 'before'} the commit at {self.place} %"


@dataclass(frozen=True, slots=True)
class Case:
    """One town, one warning, and what goes wrong."""

    number: int  # from 1
    database: str  # sqlite, postgresql
    answer: str  # a key of ANSWERS
    fault: str | None  # the one of its faults
    receipts: str  # a key of RECEIPTS
    lags: bool  # the provider's lists are a second late
    asks: bool  # the provider of texts can be asked; False: a gateway that can not
    nth: int  # which message, and which call, meets the answer; 0: every third
    kills: tuple[Kill, ...]  # of the first process, of the second

    def faults(self) -> list[Fault]:
        """Return the rules for the simulator."""
        found = []
        if self.fault is not None:
            seconds = RETRY_AFTER if self.fault == "throttled" else HANG
            when = {"nth": self.nth} if self.nth else {"every": 3}
            for kind in ("message", "call"):
                found.append(Fault(self.fault, kind, seconds=seconds, **when))
        if receipts := RECEIPTS[self.receipts]:
            found.append(Fault(receipts, seconds=LATE))
        if self.lags:
            found.append(Fault("list_lag", seconds=LAG))
        return found

    def __str__(self) -> str:
        which = f"nth {self.nth}" if self.nth else "every third"
        told = [
            self.database,
            f"answer {self.fault or 'ok'}" + (f" ({which})" if self.fault else ""),
            f"receipts {self.receipts}",
            *(["list lags"] if self.lags else []),
            *([] if self.asks else ["texts by a gateway that can not be asked"]),
            *(f"killed {kill}" for kill in self.kills),
        ]
        return f"case {self.number}: " + ", ".join(told)


def calm(case: Case) -> Case:
    """Return the night like `case` in which nobody is killed, and each request gets its answer.

    How many commits it has says where those with its sort of receipts are killed.
    """
    return Case(0, case.database, "ok", None, case.receipts, False, True, 0, ())


def chosen(seed: int, first: int, many: int, *, has_postgresql: bool) -> list[Case]:
    """Return so many cases of `seed`, from the one numbered `first` on."""
    databases = ("sqlite", "postgresql") if has_postgresql else ("sqlite",)
    return list(islice(cases(seed, databases), first - 1, first - 1 + many))


def cases(seed: int, databases: tuple[str, ...]) -> Iterator[Case]:
    """Yield cases without end. With two databases, every fourth is played on the second.

    A round lets every kill meet every answer and every sort of receipts once; after as many rounds
    as there are sorts of receipts, every three of them have met.
    """
    chance = Random(f"alertcast chaos {seed}")  # noqa: S311  # to be repeated, not to be secret
    kills = [Kill(at, is_after) for at in range(1, PLACES + 1) for is_after in (False, True)]
    answers, receipts = list(ANSWERS), list(RECEIPTS)
    number = 1
    for turn in count(chance.randrange(len(receipts))):
        pairs = list(product(range(len(kills)), range(len(answers))))
        chance.shuffle(pairs)
        for k, a in pairs:
            if number % NOBODY_KILLED == 1:
                drawn = chance.choice(answers), chance.choice(receipts)
                yield _case(number, databases, (), *drawn, chance)
                number += 1
            came = receipts[(k + a + turn) % len(receipts)]  # a Latin square
            second = chance.choice(kills)
            both = (kills[k], second) if chance.random() < TWICE else (kills[k],)
            yield _case(number, databases, both, answers[a], came, chance)
            number += 1


def _case(
    number: int,
    databases: tuple[str, ...],
    kills: tuple[Kill, ...],
    answer: str,
    receipts: str,
    chance: Random,
) -> Case:
    return Case(
        number=number,
        database=databases[-1] if number % 4 == 0 else databases[0],
        answer=answer,
        fault=chance.choice(ANSWERS[answer]) if ANSWERS[answer] else None,
        receipts=receipts,
        lags=chance.random() < LAGGING,
        asks=chance.random() < ASKABLE,
        nth=chance.choice((0, 1, 2, 3)),
        kills=kills,
    )
