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


class Stage(StrEnum):
    """The moment at which a fault strikes."""

    CREATE = "create"  # somebody asks for a message or a call
    RECEIPT = "receipt"  # it was taken; its status callbacks are decided, once for all of them
    LIST = "list"  # somebody asks for a list


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
}
"""Every fault, with the moment at which it strikes."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One rule. Raises ValueError for a fault or kind that does not exist."""

    fault: str  # a key of FAULTS
    kind: str | None = None  # "message" or "call"; None: both
    nth: int | None = None  # strikes once, at the n-th event (from 1)
    every: int | None = None  # strikes at every n-th event
    share: float | None = None  # strikes at this share of the events (0 to 1), chosen by `seed`
    seconds: float = 0.0  # the wait or lag, where the fault has one
    seed: int = 0

    def __post_init__(self) -> None:
        if self.fault not in FAULTS:
            raise ValueError(f"fault {self.fault!r}: must be one of {', '.join(FAULTS)}")
        if self.kind not in (None, "message", "call"):
            raise ValueError(f"kind {self.kind!r}: must be message or call")
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

    def clear(self) -> None:
        """Let nothing go wrong any more."""
        with self._lock:
            self._rules.clear()

    def strike(self, stage: Stage, kind: str) -> Fault | None:
        """Count one event of `kind` (message, call) and return the rule that strikes, if any."""
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
