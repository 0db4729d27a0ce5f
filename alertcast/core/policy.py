"""The policy (叫应方案): who is told how at each rung, how long to wait, whose answer counts.

A policy is read from config/policy.toml, frozen into a broadcast when it starts, and read back from
there for the whole life of its callouts: edits apply to the next broadcast.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from alertcast.core.touch import Touch, read_touch

_DURATION = re.compile(r"^(\d+)(s|m|h)$")
_UNIT = {"s": "seconds", "m": "minutes", "h": "hours"}
KINDS = ("sms", "voice", "robot")
"""Kinds a rung may ask for; where no channel can carry one, an officer dials (manual)."""

MOST_RUNGS = 20
"""Rungs of one policy; which of them tell a respondent is kept as bits of one number."""

_POLICY_KEYS = frozenset({"counts", "quiet", "rungs", "match"})
_RUNG_KEYS = frozenset({"roles", "kinds", "within", "wait", "need", "calls", "every", "repeat"})


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
    within: timedelta  # product time in which `need` must have answered, else the next rung
    need: str = "any"  # "any", "all" or a number: how many of those who count must answer
    calls: int = 1  # most calls made to one person each time the rung is told
    every: timedelta = timedelta(seconds=100)  # product time from one call or text to the next
    repeat: int = 0  # how many more times those who have not answered are told meanwhile

    def needed(self, people: int) -> int:
        """Return how many of `people` who count must answer before the rung is satisfied."""
        if self.need == "all":
            return people
        return min(people, 1 if self.need == "any" else int(self.need))

    @property
    def lap(self) -> timedelta:
        """Product time from one telling to its repeat: the calls of the first come before it."""
        return self.every * (self.calls if "voice" in self.kinds else 1)

    def wait(self, repeat: int) -> timedelta:
        """Return the product time from its telling number `repeat` (0 the first) to what follows.

        That is its next repeat, and after the last one the end of `within`.
        """
        return self.lap if repeat < self.repeat else self.within - self.lap * self.repeat


@dataclass(frozen=True, slots=True)
class Policy:
    """A ladder, and the rules that hold on all of its rungs."""

    name: str
    rungs: tuple[Rung, ...]
    counts: tuple[str, ...]  # roles whose answer answers for the grid; others are told all the same
    quiet: QuietHours | None = None
    touch: Touch | None = None  # when a grid counts as touched at its levels; None: as everywhere

    def kinds_at(self, rung: int, local: datetime) -> tuple[str, ...]:
        """Return the kinds that rung `rung` may use at the local time `local`."""
        kinds = self.rungs[rung].kinds
        if self.quiet is not None and self.quiet.covers(local):
            return tuple(kind for kind in kinds if kind in self.quiet.kinds)
        return kinds

    def kinds_for(self, rung: int, local: datetime, prefers: str) -> tuple[str, ...]:
        """Return by which kinds a person is told at rung `rung`: those, and the one he prefers.

        Nothing is taken from anybody, and quiet hours hold for that kind too. Nobody is told by it
        at a rung that is passed.
        """
        kinds = self.kinds_at(rung, local)
        is_quiet = self.quiet is not None and self.quiet.covers(local)
        may = not is_quiet or (self.quiet is not None and prefers in self.quiet.kinds)
        return (*kinds, prefers) if prefers and kinds and may and prefers not in kinds else kinds

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
            "match": self.touch and self.touch.frozen(),
            "rungs": [
                {
                    "roles": list(rung.roles),
                    "kinds": list(rung.kinds),
                    "within": f"{int(rung.within.total_seconds())}s",
                    "need": rung.need,
                    "calls": rung.calls,
                    "every": f"{int(rung.every.total_seconds())}s",
                    "repeat": rung.repeat,
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
    where = f"policy {name}"
    mistakes += [f"{where}: unknown key {k!r}" for k in sorted(set(section) - _POLICY_KEYS)]
    counts = _names(where, section, "counts", mistakes)
    rungs = section.get("rungs") or []
    if not isinstance(rungs, list) or not all(isinstance(one, Mapping) for one in rungs):
        mistakes.append(f"{where}: rungs are written as [[policies.{name}.rungs]]")
        rungs = []
    elif not rungs:
        mistakes.append(f"{where}: has no rungs")
    if len(rungs) > MOST_RUNGS:
        mistakes.append(f"{where}: has {len(rungs)} rungs, more than {MOST_RUNGS}")
    if not counts:
        mistakes.append(f"{where}: counts names no role, so nobody could ever answer")
    mistakes += [f"{where}: unknown role {r!r} in counts" for r in _unknown(counts, roles)]
    read = tuple(
        _rung(f"{where}: rung {i + 1}", one, roles, mistakes) for i, one in enumerate(rungs)
    )
    if roles is not None:  # what was frozen is run as it is
        mistakes += _unanswerable(where, read, counts)
    quiet = _quiet(name, section.get("quiet"), mistakes)
    touch = read_touch(f"{where}: match", section.get("match"), mistakes)
    if mistakes:
        raise PolicyError(mistakes)
    return Policy(name=name, rungs=read, counts=counts, quiet=quiet, touch=touch)


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
    mistakes += [f"{where}: unknown key {key!r}" for key in sorted(set(section) - _RUNG_KEYS)]
    named = _names(where, section, "roles", mistakes)
    kinds = _names(where, section, "kinds", mistakes)
    mistakes += [f"{where}: unknown role {role!r}" for role in _unknown(named, roles)]
    mistakes += [f"{where}: unknown kind {kind!r}" for kind in kinds if kind not in KINDS]
    if not named or not kinds:
        mistakes.append(f"{where}: needs roles and kinds")
    need = str(section.get("need", "any"))
    if need not in ("any", "all") and not re.fullmatch("[1-9][0-9]*", need):
        mistakes.append(f"{where}: need is {need!r}, not any, all or a number above 0")
        need = "any"
    if "within" in section and "wait" in section:
        mistakes.append(f"{where}: wait is the older name of within: leave it out")
    return Rung(
        roles=named,
        kinds=kinds,
        within=_time(where, section, "within" if "within" in section else "wait", "5m", mistakes),
        need=need,
        calls=_number(where, section, "calls", 1, 1, mistakes),
        every=_time(where, section, "every", "100s", mistakes),
        repeat=_number(where, section, "repeat", 0, 0, mistakes),
    )


def _unanswerable(where: str, rungs: tuple[Rung, ...], counts: tuple[str, ...]) -> list[str]:
    """Return what can never be met: in no time, or because nobody whose answer counts is asked."""
    found = []
    for number, rung in enumerate(rungs, 1):
        seconds = int(rung.within.total_seconds())
        is_counted = bool(set(rung.roles) & set(counts))
        if not seconds:
            found.append(f"{where}: rung {number}: within 0s nobody can answer")
        elif rung.lap * rung.repeat >= rung.within:
            apart = f"{rung.repeat} repeats, {int(rung.lap.total_seconds())}s apart"
            found.append(f"{where}: rung {number}: {apart}, do not fit into {seconds}s")
        if rung.need != "any" and rung.roles and not is_counted:
            needs = f"need is {rung.need!r}, but the answer of none of its roles counts"
            found.append(f"{where}: rung {number}: {needs}")
    told = {role for rung in rungs for role in rung.roles}
    if told and counts and not told & set(counts):
        found.append(f"{where}: no rung tells anybody whose answer counts")
    return found


def _names(
    where: str, section: Mapping[str, Any], key: str, mistakes: list[str]
) -> tuple[str, ...]:
    found = section.get(key, ())
    if isinstance(found, list | tuple) and all(isinstance(one, str) for one in found):
        return tuple(found)
    mistakes.append(f"{where}: {key} is {found!r}, not a list of names")
    return ()


def _time(
    where: str, section: Mapping[str, Any], key: str, default: str, mistakes: list[str]
) -> timedelta:
    try:
        return duration(section.get(key, default))
    except ValueError as error:
        mistakes.append(f"{where}: {key}: {error}")
        return duration(default)


def _number(
    where: str, section: Mapping[str, Any], key: str, default: int, least: int, mistakes: list[str]
) -> int:
    found = section.get(key, default)
    if isinstance(found, int) and not isinstance(found, bool) and least <= found <= 10:
        return found
    mistakes.append(f"{where}: {key} is {found!r}, not a number from {least} to 10")
    return default


def _unknown(named: tuple[str, ...], roles: frozenset[str] | None) -> list[str]:
    return [] if roles is None else [role for role in named if role not in roles]


def _quiet(name: str, section: Mapping[str, Any] | None, mistakes: list[str]) -> QuietHours | None:
    if not section:
        return None
    where = f"policy {name}: quiet"
    kinds = _names(where, section, "kinds", mistakes)
    mistakes += [f"{where}: unknown kind {kind!r}" for kind in kinds if kind not in KINDS]
    if not kinds:
        mistakes.append(f"{where}: needs kinds, else nobody is told at night")
    try:
        start, end = time.fromisoformat(section["from"]), time.fromisoformat(section["to"])
    except (KeyError, ValueError, TypeError) as error:
        mistakes.append(f"{where} needs from and to, as HH:MM ({error})")
        return None
    return QuietHours(start, end, kinds)
