"""Which policy holds for which hazard and level, and from which level on people are told at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import timedelta
from typing import Any

from alertcast.core.confirm import ConfirmRules, read_confirm
from alertcast.core.downgrade import DowngradeRules, read_downgrade
from alertcast.core.plan import rank
from alertcast.core.policy import KINDS, Policy, PolicyError, duration, read_policy
from alertcast.core.retry import Retry, read_retry
from alertcast.core.station import StationRules, read_stations
from alertcast.core.touch import Touch


@dataclass(frozen=True, slots=True)
class HelpRules:
    """Who is called when somebody presses 2."""

    roles: tuple[str, ...]
    kinds: tuple[str, ...]
    calls: int = 3
    every: float = 60.0  # product seconds from one call to the next


@dataclass(frozen=True, slots=True)
class CorrectionRules:
    """How a correction calls whoever the wrong message had called."""

    calls: int = 2
    every: float = 60.0  # product seconds from one call to the next
    asks: bool = False  # its text asks for an answer


@dataclass(frozen=True, slots=True)
class Limits:
    """How often one phone may be used, so that carriers do not mark us as spam; 0: no limit."""

    calls_per_hour: int = 12
    sms_per_day: int = 40

    def of(self, kind: str) -> tuple[int, timedelta]:
        """Return how often a phone may be used by `kind`, in which product time."""
        if kind == "sms":
            return self.sms_per_day, timedelta(days=1)
        return self.calls_per_hour, timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Rules:
    """All of config/policy.toml."""

    levels: tuple[str, ...]  # from the highest to the lowest
    policies: Mapping[str, Policy]
    by_level: Mapping[str, str]  # level -> policy name, for every hazard
    by_hazard: Mapping[str, Mapping[str, str]]  # hazard -> level -> policy name
    threshold: str  # people are told by themselves from this level up
    thresholds: Mapping[str, str]  # hazard -> threshold
    max_people: int  # more phones than this wait for a human; 0: no limit
    desk: str  # policy of internal notices
    all_clear_kinds: tuple[str, ...]
    help: HelpRules
    retry: Retry  # what follows when a message did not reach its phone
    limits: Limits
    correction: CorrectionRules = CorrectionRules()
    second_person: int = 0  # live ones begun by hand for more grids than this; 0: none waits
    confirm: ConfirmRules = field(default_factory=ConfirmRules)
    stations: StationRules = field(default_factory=StationRules)
    downgrade: DowngradeRules = field(default_factory=DowngradeRules)

    @classmethod
    def from_mapping(
        cls,
        section: Mapping[str, Any],
        *,
        roles: frozenset[str],
        levels: Sequence[str],
        hazards: frozenset[str],
        families: frozenset[str] = frozenset(),
    ) -> "Rules":
        """Return the rules written as `section`; raises PolicyError with every mistake."""
        return _Reader(section, roles, tuple(levels), hazards, families).rules()

    def policy_for(self, hazard: str | None, level: str | None) -> Policy | None:
        """Return the policy for a hazard at a level, or None where nothing is said about it."""
        name = self.by_hazard.get(hazard or "", {}).get(level or "") or self.by_level.get(
            level or ""
        )
        return self.policies[name] if name else None

    def touch_at(self, hazard: str | None) -> dict[str | None, Touch]:
        """Return when a grid counts as touched, for those levels that have a rule of their own."""
        named = {level: self.policy_for(hazard, level) for level in (*self.levels, None)}
        return {level: one.touch for level, one in named.items() if one and one.touch}

    def is_told(self, hazard: str | None, level: str | None) -> bool:
        """Say whether people are told of this hazard and level without an officer's decision."""
        threshold = self.thresholds.get(hazard or "", self.threshold)
        return rank(level, self.levels) <= rank(threshold, self.levels)


class _Reader:
    """Reads the sections one by one and collects what is wrong with them."""

    _KEYS = frozenset(
        {
            "levels",
            "hazards",
            "threshold",
            "max_people",
            "second_person",
            "desk",
            "all_clear",
            "confirm",
            "correction",
            "downgrade",
            "help",
            "retry",
            "limits",
            "stations",
            "policies",
            "version",
        }
    )

    def __init__(
        self,
        section: Mapping[str, Any],
        roles: frozenset[str],
        levels: tuple[str, ...],
        hazards: frozenset[str],
        families: frozenset[str],
    ) -> None:
        self.section, self.roles, self.levels, self.hazards = section, roles, levels, hazards
        self.families = families
        self.mistakes: list[str] = []

    def rules(self) -> Rules:
        section = self.section
        self.mistakes += [f"unknown key {key!r}" for key in sorted(set(section) - self._KEYS)]
        policies = self._policies()
        by_hazard: dict[str, Mapping[str, str]] = {}
        thresholds: dict[str, str] = {}
        for hazard, part in section.get("hazards", {}).items():
            where = f"hazards.{hazard}"
            if hazard not in self.hazards:
                self.mistakes.append(f"{where}: there is no such hazard")
            by_hazard[hazard] = self._by_level(where, part.get("levels", {}), policies)
            if "threshold" in part:
                thresholds[hazard] = self._level(f"{where}.threshold", part["threshold"])
        desk = section.get("desk", "")
        if desk not in policies:
            self.mistakes.append(f"desk: there is no policy {desk!r}")
        rules = Rules(
            levels=self.levels,
            policies=policies,
            by_level=self._by_level("levels", section.get("levels", {}), policies),
            by_hazard=by_hazard,
            threshold=self._level("threshold", section.get("threshold", "yellow")),
            thresholds=thresholds,
            max_people=self._number("max_people", section.get("max_people", 0)),
            second_person=self._number("second_person", section.get("second_person", 0)),
            desk=desk,
            all_clear_kinds=self._kinds("all_clear", section.get("all_clear", {})),
            help=self._help(section.get("help", {})),
            correction=self._correction(section.get("correction", {})),
            confirm=read_confirm(
                section.get("confirm", {}), self.roles, self.levels, self.mistakes
            ),
            stations=read_stations(
                section.get("stations", {}),
                self.levels,
                self.hazards | self.families,
                self.mistakes,
            ),
            downgrade=read_downgrade(section.get("downgrade", {}), self.mistakes),
            retry=read_retry(section.get("retry", {}), self.mistakes),
            limits=self._limits(section.get("limits", {})),
        )
        if self.mistakes:
            raise PolicyError(self.mistakes)
        return rules

    def _policies(self) -> dict[str, Policy]:
        found: dict[str, Policy] = {}
        for name, part in self.section.get("policies", {}).items():
            try:
                found[name] = read_policy(name, part, self.roles)
            except PolicyError as error:
                self.mistakes += error.mistakes
                found[name] = Policy(name, (), ())
        return found

    def _by_level(
        self, where: str, part: Mapping[str, str], policies: Mapping[str, Policy]
    ) -> dict[str, str]:
        for level, name in part.items():
            self._level(where, level)
            if name not in policies:
                self.mistakes.append(f"{where}.{level}: there is no policy {name!r}")
        return dict(part)

    def _level(self, where: str, level: str) -> str:
        if level not in self.levels:
            self.mistakes.append(f"{where}: {level!r} is not a level ({', '.join(self.levels)})")
        return level

    def _number(self, where: str, number: object) -> int:
        if isinstance(number, int) and number >= 0:
            return number
        self.mistakes.append(f"{where}: {number!r} is not a whole number of 0 or more")
        return 0

    def _limits(self, part: Mapping[str, Any]) -> Limits:
        known = {one.name: one.default for one in fields(Limits)}
        self.mistakes += [f"limits: unknown key {key!r}" for key in sorted(set(part) - set(known))]
        return Limits(
            **{
                name: self._number(f"limits.{name}", part.get(name, default))
                for name, default in known.items()
            }
        )

    def _kinds(self, where: str, part: Mapping[str, Any]) -> tuple[str, ...]:
        kinds = tuple(part.get("kinds", ("sms",)))
        self.mistakes += [f"{where}: unknown kind {k!r}" for k in kinds if k not in KINDS]
        return kinds

    def _help(self, part: Mapping[str, Any]) -> HelpRules:
        roles = tuple(part.get("roles", ()))
        self.mistakes += [f"help: unknown role {r!r}" for r in roles if r not in self.roles]
        if not roles:
            self.mistakes.append("help: names no role, so nobody would be called")
        every = self._seconds("help.every", part.get("every", "60s"))
        calls = self._number("help.calls", part.get("calls", 3))
        return HelpRules(roles, self._kinds("help", {"kinds": ["voice"], **part}), calls, every)

    def _correction(self, part: Mapping[str, Any]) -> CorrectionRules:
        keys = ("calls", "every", "asks")
        self.mistakes += [f"correction: unknown key {k!r}" for k in part if k not in keys]
        calls = self._number("correction.calls", part.get("calls", 2))
        if calls == 0:
            self.mistakes.append("correction.calls: 0 would leave whoever was called untold")
        every = self._seconds("correction.every", part.get("every", "60s"))
        asks = part.get("asks", False)
        if not isinstance(asks, bool):
            self.mistakes.append(f"correction.asks: {asks!r} is not true or false")
        return CorrectionRules(calls, every, asks is True)

    def _seconds(self, where: str, text: str) -> float:
        try:
            return duration(text).total_seconds()
        except ValueError as error:
            self.mistakes.append(f"{where}: {error}")
            return 60.0
