"""The policy (叫应方案): who is told how at each rung, how long to wait, whose answer counts.

A policy is read from config/policy.toml, frozen into a broadcast when it starts, and read back from
there for the whole life of its callouts: edits apply to the next broadcast.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

_DURATION = re.compile(r"^(\d+)(s|m|h)$")
_UNIT = {"s": "seconds", "m": "minutes", "h": "hours"}
KINDS = ("sms", "voice", "robot")
"""Kinds a rung may ask for; where no channel can carry one, an officer dials (manual)."""


class PolicyError(ValueError):
    """A policy does not make sense; `mistakes` lists everything that is wrong with it."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("; ".join(mistakes))
        self.mistakes = mistakes


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Local hours in which only `kinds` may be used; `start` may be after `end` (over midnight)."""

    start: time  # local time of the office
    end: time  # local time of the office
    kinds: tuple[str, ...]

    def covers(self, local: datetime) -> bool:
        """Say whether the local time `local` lies in these hours; the end is not included."""
        at = local.timetz().replace(tzinfo=None)
        if self.start <= self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of the ladder (梯次): everybody with one of `roles` is told by all of `kinds`."""

    roles: tuple[str, ...]
    kinds: tuple[str, ...]
    wait: timedelta  # product time until the next rung, if not answered
    need: str = "any"  # "any", "all" or a number: how many of those who count must answer
    calls: int = 1  # most calls made to one person in this rung
    every: timedelta = timedelta(seconds=100)  # product time from one call to the next

    def needed(self, people: int) -> int:
        """Return how many of `people` who count must answer before the rung is satisfied."""
        if self.need == "all":
            return people
        return min(people, 1 if self.need == "any" else int(self.need))


@dataclass(frozen=True, slots=True)
class Policy:
    """A ladder, and the rules that hold on all of its rungs."""

    name: str
    rungs: tuple[Rung, ...]
    counts: tuple[str, ...]  # roles whose answer answers for the grid; others are told all the same
    quiet: QuietHours | None = None

    def kinds_at(self, rung: int, local: datetime) -> tuple[str, ...]:
        """Return the kinds that rung `rung` may use at the local time `local`."""
        kinds = self.rungs[rung].kinds
        if self.quiet is not None and self.quiet.covers(local):
            return tuple(kind for kind in kinds if kind in self.quiet.kinds)
        return kinds

    def frozen(self) -> dict[str, Any]:
        """Return the policy as JSON values, to be stored with a broadcast."""
        quiet = self.quiet and {
            "from": self.quiet.start.isoformat("minutes"),
            "to": self.quiet.end.isoformat("minutes"),
            "kinds": list(self.quiet.kinds),
        }
        return {
            "counts": list(self.counts),
            "quiet": quiet,
            "rungs": [
                {
                    "roles": list(rung.roles),
                    "kinds": list(rung.kinds),
                    "wait": f"{int(rung.wait.total_seconds())}s",
                    "need": rung.need,
                    "calls": rung.calls,
                    "every": f"{int(rung.every.total_seconds())}s",
                }
                for rung in self.rungs
            ],
        }


def read_policy(name: str, section: Mapping[str, Any], roles: frozenset[str] | None) -> Policy:
    """Return the policy `name` written as `section`; `roles` are the roles that exist.

    None: any role, for a policy that was frozen while its roles still existed.

    Raises
    ------
    PolicyError
        With every mistake of the section.
    """
    mistakes: list[str] = []
    for key in sorted(set(section) - {"counts", "quiet", "rungs"}):
        mistakes.append(f"policy {name}: unknown key {key!r}")
    counts = tuple(section.get("counts", ()))
    rungs = section.get("rungs") or []
    if not rungs:
        mistakes.append(f"policy {name}: has no rungs")
    if not counts:
        mistakes.append(f"policy {name}: counts names no role, so nobody could ever answer")
    mistakes += [f"policy {name}: unknown role {r!r} in counts" for r in _unknown(counts, roles)]
    read = tuple(
        _rung(f"policy {name}: rung {i + 1}", r, roles, mistakes) for i, r in enumerate(rungs)
    )
    quiet = _quiet(name, section.get("quiet"), mistakes)
    if mistakes:
        raise PolicyError(mistakes)
    return Policy(name=name, rungs=read, counts=counts, quiet=quiet)


def duration(text: str) -> timedelta:
    """Return the duration written as e.g. "100s", "5m", "2h"; raises ValueError otherwise."""
    match = _DURATION.match(str(text))
    if not match:
        msg = f"{text!r} is not a duration such as 100s, 5m or 2h"
        raise ValueError(msg)
    return timedelta(**{_UNIT[match[2]]: int(match[1])})


def _rung(
    where: str, section: Mapping[str, Any], roles: frozenset[str] | None, mistakes: list[str]
) -> Rung:
    known = {"roles", "kinds", "wait", "need", "calls", "every"}
    mistakes += [f"{where}: unknown key {key!r}" for key in sorted(set(section) - known)]
    named, kinds = tuple(section.get("roles", ())), tuple(section.get("kinds", ()))
    mistakes += [
        f"{where}: unknown role {role!r}"
        for role in named
        if roles is not None and role not in roles
    ]
    mistakes += [f"{where}: unknown kind {kind!r}" for kind in kinds if kind not in KINDS]
    if not named or not kinds:
        mistakes.append(f"{where}: needs roles and kinds")
    need = str(section.get("need", "any"))
    if need not in ("any", "all") and not (need.isdigit() and int(need) > 0):
        mistakes.append(f"{where}: need is {need!r}, not any, all or a number above 0")
    calls = section.get("calls", 1)
    if not isinstance(calls, int) or not 1 <= calls <= 10:
        mistakes.append(f"{where}: calls is {calls!r}, not a number from 1 to 10")
    times = {"wait": timedelta(minutes=5), "every": timedelta(seconds=100)}
    for key, default in times.items():
        try:
            times[key] = duration(section[key]) if key in section else default
        except ValueError as error:
            mistakes.append(f"{where}: {key}: {error}")
    return Rung(named, kinds, times["wait"], need, calls, times["every"])


def _unknown(named: tuple[str, ...], roles: frozenset[str] | None) -> list[str]:
    return [] if roles is None else [role for role in named if role not in roles]


def _quiet(name: str, section: Mapping[str, Any] | None, mistakes: list[str]) -> QuietHours | None:
    if not section:
        return None
    try:
        return QuietHours(
            start=time.fromisoformat(section["from"]),
            end=time.fromisoformat(section["to"]),
            kinds=tuple(section["kinds"]),
        )
    except (KeyError, ValueError, TypeError) as error:
        mistakes.append(f"policy {name}: quiet needs from, to (HH:MM) and kinds ({error})")
        return None
