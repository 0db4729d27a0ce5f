"""Faults that a test or a drill can set: what goes wrong, at which creates, for how long.

A rule names one fault of `FAULTS` and says when it strikes: at the n-th event, at every n-th, at a
seeded share, or (none of these) always. Rules are asked in the order in which they were set; each
counts the events it could strike, and the first that strikes wins.
"""

import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum

from alertcast.simulator.chance import chance
from alertcast.simulator.feeds.formats import FEEDS


class Stage(StrEnum):
    """The moment at which a fault strikes."""

    CREATE = "create"  # somebody asks for a message or a call
    RECEIPT = "receipt"  # it was taken; its status callbacks are decided, once for all of them
    LIST = "list"  # somebody asks for a list
    FEED = "feed"  # somebody asks a publisher of warnings


FAULTS: dict[str, Stage] = {
    "throttled": Stage.CREATE,  # 429, 20429 and Retry-After (`seconds`, 1 if 0); not taken
    "queue_full": Stage.CREATE,  # 429, 21611; not taken
    "error_before": Stage.CREATE,  # 500, 20500; not taken
    "error_after": Stage.CREATE,  # 500, 20500; taken all the same
    "reset_before": Stage.CREATE,  # the connection is cut; not taken
    "reset_after": Stage.CREATE,  # the connection is cut; taken all the same
    "hang_before": Stage.CREATE,  # no answer for `seconds`, then 503; not taken
    "hang_after": Stage.CREATE,  # taken at once, answered after `seconds`
    "receipts_none": Stage.RECEIPT,  # no status callback ever comes
    "receipts_early": Stage.RECEIPT,  # the first ones come before the create is answered
    "receipts_late": Stage.RECEIPT,  # each comes `seconds` of product time late
    "receipts_twice": Stage.RECEIPT,  # each comes twice
    "receipts_reversed": Stage.RECEIPT,  # they come together at the end, the last one first
    "receipts_forged": Stage.RECEIPT,  # they come signed with a key that is not the account's
    "list_lag": Stage.LIST,  # what was taken less than `seconds` of real time ago is not listed
    "feed_error": Stage.FEED,  # 500
    "feed_throttled": Stage.FEED,  # 429 and Retry-After (`seconds`, 1 if less)
    "feed_reset": Stage.FEED,  # the connection is cut before any answer
    "feed_hang": Stage.FEED,  # the whole answer, after `seconds`
    "feed_drip": Stage.FEED,  # the whole answer, in small pieces over `seconds`
    "feed_cut": Stage.FEED,  # the first half, as if it were all
    "feed_short": Stage.FEED,  # the first half, under the length of the whole
    "feed_gzip": Stage.FEED,  # said to be packed with gzip, and spoilt
    "feed_blank": Stage.FEED,  # 200 and nothing
    "feed_web_page": Stage.FEED,  # 200 and a web page that wants a log-in
    "feed_empty": Stage.FEED,  # a good answer without any warning
}
"""Every fault, with the moment at which it strikes."""

_OF_CARRIER = ("message", "call")


@dataclass(frozen=True, slots=True)
class Fault:
    """One rule. Raises ValueError for a fault or kind that does not exist."""

    fault: str  # a key of FAULTS
    kind: str | None = None  # "message" or "call", of a feed its format; None: any
    nth: int | None = None  # strikes once, at the n-th event (from 1)
    every: int | None = None  # strikes at every n-th event
    share: float | None = None  # strikes at this share of the events (0 to 1), chosen by `seed`
    seconds: float = 0.0  # the wait or lag, where the fault has one
    seed: int = 0

    def __post_init__(self) -> None:
        if self.fault not in FAULTS:
            raise ValueError(f"fault {self.fault!r}: must be one of {', '.join(FAULTS)}")
        kinds = FEEDS if FAULTS[self.fault] is Stage.FEED else _OF_CARRIER
        if self.kind is not None and self.kind not in kinds:
            raise ValueError(f"kind {self.kind!r}: must be {' or '.join(kinds)}")
        if self.every is not None and self.every < 1:
            raise ValueError("every: must be 1 or more")

    @classmethod
    def from_json(cls, row: Mapping[str, object]) -> "Fault":
        """Return the rule that `row` describes; raises ValueError naming what is wrong with it."""
        known = {f.name for f in fields(cls)}
        if unknown := sorted(set(row) - known):
            raise ValueError(
                f"unknown key {unknown[0]!r}: must be one of {', '.join(sorted(known))}"
            )
        for key, types in _TYPES.items():
            if not isinstance(row.get(key, None), (*types, type(None))):
                raise ValueError(f"{key}: must be a {' or '.join(t.__name__ for t in types)}")
        return cls(**{k: v for k, v in row.items() if v is not None})  # type: ignore[arg-type]

    def strikes(self, event: int) -> bool:
        """Say whether this rule strikes at its `event`-th event (from 1)."""
        if self.nth is not None:
            return event == self.nth
        if self.every is not None:
            return event % self.every == 0
        if self.share is not None:
            return chance(self.seed, self.fault, event) < self.share
        return True


_TYPES: dict[str, tuple[type, ...]] = {
    "fault": (str,),
    "kind": (str,),
    "nth": (int,),
    "every": (int,),
    "share": (float, int),
    "seconds": (float, int),
    "seed": (int,),
}


class Faults:
    """The rules in force."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[tuple[Fault, list[int]]] = []  # a rule, and its count of events

    def set(self, *rules: Fault) -> None:
        """Add rules to those in force."""
        with self._lock:
            self._rules.extend((rule, [0]) for rule in rules)

    def clear(self, kind: str | None = None) -> None:
        """Let nothing go wrong any more, or nothing of a kind."""
        with self._lock:
            self._rules = [one for one in self._rules if kind not in (None, one[0].kind)]

    def strike(self, stage: Stage, kind: str) -> Fault | None:
        """Count one event of `kind` (see `Fault`) and return the rule that strikes, if any."""
        struck: Fault | None = None
        with self._lock:
            for rule, events in self._rules:
                if FAULTS[rule.fault] is not stage or rule.kind not in (None, kind):
                    continue
                events[0] += 1
                if struck is None and rule.strikes(events[0]):
                    struck = rule
        return struck

    def as_json(self) -> list[dict[str, object]]:
        """Return the rules in force, in order."""
        with self._lock:
            return [asdict(rule) for rule, _ in self._rules]
