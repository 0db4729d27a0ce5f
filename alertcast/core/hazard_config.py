"""The entries of config/hazards.toml: levels, hazards, event names; all mistakes at once."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from alertcast.core.alert import SEVERITIES

_KEY = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Level:
    """One colour of a warning signal."""

    key: str  # red, orange, yellow, blue, white
    order: int  # 1 is the lowest
    zh: str
    en: str
    severity: str  # its CAP severity
    grades: tuple[str, ...] = ()  # "Ⅰ级": what stands for the colour where none is written


@dataclass(frozen=True, slots=True)
class Hazard:
    """One thing that may be warned of."""

    key: str  # English, snake case
    family: str  # whose texts hold for it; its alerts over one place are one episode
    zh: str
    en: str
    words: tuple[str, ...]  # what headlines and events call it, in any language
    codes: tuple[str, ...] = ()  # hints
    levels: tuple[tuple[str, tuple[str, ...]], ...] = ()  # (signal set, the colours it defines)
    apart: bool = False  # told apart from its family: its alerts are an episode of their own

    def has_level(self, level: str) -> bool:
        """Say whether any signal set defines `level` for it; True where no set is given."""
        return not self.levels or any(level in colours for _, colours in self.levels)


@dataclass(frozen=True, slots=True)
class NwsEvent:
    """One event name of the US National Weather Service."""

    event: str
    hazard: str
    vtec: str | None = None  # "EC.W": phenomena and significance
    severity: str | None = None  # for the level, where the alert says Unknown


@dataclass(frozen=True, slots=True)
class Entries:
    """Everything the file says, checked."""

    levels: Mapping[str, Level]
    severity_levels: Mapping[str, str]
    hazards: Mapping[str, Hazard]
    nws: Mapping[str, NwsEvent]


class HazardConfigError(ValueError):
    """The hazard table can not be used; `mistakes` names every place and rule."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = tuple(mistakes)


def read_entries(mapping: Mapping[str, object]) -> Entries:
    """Check the parsed TOML and return what it says.

    Raises
    ------
    HazardConfigError
        With every mistake at once, each naming its key and the rule.
    """
    check = _Check()
    for key in mapping.keys() - {"levels", "severity_levels", "hazards", "nws"}:
        check.mistake(key, "unknown section")
    levels = {
        key: _level(check, key, body) for key, body in check.sections(mapping, "levels").items()
    }
    severities = _severity_levels(check, mapping, levels)
    hazards = {
        key: _hazard(check, key, body, levels)
        for key, body in check.sections(mapping, "hazards").items()
    }
    nws = {
        key: _nws_event(check, key, body, hazards)
        for key, body in check.sections(mapping, "nws", needed=False).items()
    }
    _check_no_word_twice(check, hazards)
    _check_orders(check, levels)
    if check.mistakes:
        raise HazardConfigError(check.mistakes)
    return Entries(levels, severities, hazards, nws)


def _level(check: "_Check", key: str, body: Mapping[str, object]) -> Level:
    where = f"levels.{key}"
    check.keys(body, where, {"order", "zh", "en", "severity"}, {"grades"})
    order = body.get("order")
    if not isinstance(order, int) or isinstance(order, bool) or order < 1:
        check.mistake(f"{where}.order", "must be a whole number of 1 or more")
        order = 1
    severity = check.choice(body, where, "severity", SEVERITIES[:-1])
    zh, en = check.text(body, where, "zh"), check.text(body, where, "en")
    return Level(key, order, zh, en, severity, check.texts(body, where, "grades"))


def _severity_levels(
    check: "_Check", mapping: Mapping[str, object], levels: Mapping[str, Level]
) -> dict[str, str]:
    section = mapping.get("severity_levels")
    if not isinstance(section, Mapping):
        check.mistake("severity_levels", "section is missing")
        return {}
    for severity in section:
        if severity not in SEVERITIES[:-1]:
            check.mistake(f"severity_levels.{severity}", "is not a CAP severity with a meaning")
    return {
        severity: check.choice(section, "severity_levels", severity, tuple(levels))
        for severity in section
    }


def _hazard(
    check: "_Check", key: str, body: Mapping[str, object], levels: Mapping[str, Level]
) -> Hazard:
    where = f"hazards.{key}"
    if not _KEY.fullmatch(key):
        check.mistake(where, "a key is lower-case English with underscores")
    check.keys(body, where, {"family", "zh", "en", "words"}, {"codes", "levels", "apart"})
    apart = body.get("apart", False)
    if not isinstance(apart, bool):
        check.mistake(f"{where}.apart", "must be true or false")
    sets = body.get("levels", {})
    if not isinstance(sets, Mapping):
        check.mistake(f"{where}.levels", "must be a table: signal set = [levels]")
        sets = {}
    colours = tuple((name, check.texts(sets, f"{where}.levels", name)) for name in sets)
    for name, chosen in colours:
        for level in chosen:
            if level not in levels:
                check.mistake(f"{where}.levels.{name}", f"{level!r} is not a level")
    words = check.texts(body, where, "words")
    if not words:
        check.mistake(f"{where}.words", "needs at least one word")
    return Hazard(
        key,
        check.text(body, where, "family"),
        check.text(body, where, "zh"),
        check.text(body, where, "en"),
        words,
        check.texts(body, where, "codes"),
        colours,
        apart is True,
    )


def _nws_event(
    check: "_Check", key: str, body: Mapping[str, object], hazards: Mapping[str, Hazard]
) -> NwsEvent:
    where = f"nws.{key!r}"
    check.keys(body, where, {"hazard"}, {"vtec", "severity"})
    hazard = check.choice(body, where, "hazard", tuple(hazards))
    vtec = check.text(body, where, "vtec") if "vtec" in body else None
    if vtec is not None and not re.fullmatch(r"[A-Z]{2}\.[A-Z]", vtec):
        check.mistake(f"{where}.vtec", 'must be phenomena and significance, like "EC.W"')
    severity = None
    if "severity" in body:
        severity = check.choice(body, where, "severity", SEVERITIES[:-1])
    return NwsEvent(key, hazard, vtec, severity)


def _check_no_word_twice(check: "_Check", hazards: Mapping[str, Hazard]) -> None:
    for what in ("words", "codes"):
        owner: dict[str, str] = {}
        for hazard in hazards.values():
            for word in hazard.words if what == "words" else hazard.codes:
                first = owner.setdefault(word.casefold(), hazard.key)
                if first != hazard.key:
                    rule = f"{word!r} already belongs to {first}"
                    check.mistake(f"hazards.{hazard.key}.{what}", rule)


def _check_orders(check: "_Check", levels: Mapping[str, Level]) -> None:
    seen: dict[int, str] = {}
    for level in levels.values():
        first = seen.setdefault(level.order, level.key)
        if first != level.key:
            check.mistake(f"levels.{level.key}.order", f"{level.order} already belongs to {first}")


class _Check:
    """Reads values of known kinds, and writes down each that is not."""

    def __init__(self) -> None:
        self.mistakes: list[str] = []

    def mistake(self, where: str, rule: str) -> None:
        self.mistakes.append(f"{where}: {rule}")

    def sections(
        self, mapping: Mapping[str, object], name: str, *, needed: bool = True
    ) -> dict[str, Mapping[str, object]]:
        tables = mapping.get(name, {})
        if not isinstance(tables, Mapping) or (needed and not tables):
            self.mistake(name, "section is missing")
            return {}
        found: dict[str, Mapping[str, object]] = {}
        for key, body in tables.items():
            if isinstance(body, Mapping):
                found[key] = body
            else:
                self.mistake(f"{name}.{key}", "must be a table")
        return found

    def keys(
        self, body: Mapping[str, object], where: str, needed: set[str], optional: set[str]
    ) -> None:
        for key in sorted(needed - body.keys()):
            self.mistake(f"{where}.{key}", "is missing")
        for key in sorted(body.keys() - needed - optional):
            self.mistake(f"{where}.{key}", "unknown key")

    def text(self, body: Mapping[str, object], where: str, key: str) -> str:
        value = body.get(key)
        if isinstance(value, str) and value.strip():
            return value
        if key in body:
            self.mistake(f"{where}.{key}", "must be a text that is not empty")
        return ""

    def texts(self, body: Mapping[str, object], where: str, key: str) -> tuple[str, ...]:
        values = body.get(key, [])
        if isinstance(values, list) and all(isinstance(v, str) and v.strip() for v in values):
            return tuple(values)
        self.mistake(f"{where}.{key}", "must be a list of texts")
        return ()

    def choice(
        self, body: Mapping[str, object], where: str, key: str, allowed: tuple[str, ...]
    ) -> str:
        value = body.get(key)
        if isinstance(value, str) and value in allowed:
            return value
        if key in body:
            self.mistake(f"{where}.{key}", f"{value!r} is not one of {', '.join(allowed)}")
        return ""
