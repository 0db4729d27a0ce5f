"""What may be warned of and how bad it may be: the table of config/hazards.toml, and its reading.

The words of the headline decide; codes are hints, because upstream codes are known to be
mislabelled (CMA's p0000003 says no more than "yellow"). What the text left open is noted.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from alertcast.core.alert import Reason, ReasonKind
from alertcast.core.hazard_config import Hazard, Level, NwsEvent, read_entries
from alertcast.core.hazard_text import Signal, TextReader

_VTEC = re.compile(r"/[OTEX]\.[A-Z]{3}\.[A-Z]{4}\.([A-Z]{2})\.([A-Z])\.")
_ICON = re.compile(r"(P\d{4})(?:\d{2}([1-4]))?$")
_ICON_LEVELS = {"1": "red", "2": "orange", "3": "yellow", "4": "blue"}  # last digit of a CMA icon


class Classification(NamedTuple):
    """What a message is about, and what the reader should know of how it was found."""

    hazard: str | None  # None: not known to us
    level: str | None  # None: neither a colour nor a severity
    reasons: tuple[Reason, ...]


class _Evidence(NamedTuple):
    source: str  # "headline", "event", "code", "description", "severity"
    hazard: str | None
    level: str | None


@dataclass(frozen=True)
class HazardTable:
    """All levels and hazards of one configuration."""

    levels: Mapping[str, Level]
    severity_levels: Mapping[str, str]
    hazards: Mapping[str, Hazard]
    nws: Mapping[str, NwsEvent]
    _reader: TextReader = field(init=False, repr=False, compare=False)
    _by_code: Mapping[str, str] = field(init=False, repr=False, compare=False)  # code -> key
    _by_event: Mapping[str, NwsEvent] = field(init=False, repr=False, compare=False)

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, object]) -> "HazardTable":
        """Build the table from the parsed config/hazards.toml.

        Raises
        ------
        HazardConfigError
            With every mistake at once, each naming its key and the rule.
        """
        entries = read_entries(mapping)
        return cls(entries.levels, entries.severity_levels, entries.hazards, entries.nws)

    def __post_init__(self) -> None:
        """Prepare the patterns that texts are searched with."""
        words = {word: h.key for h in self.hazards.values() for word in h.words}
        colours = {
            word: level.key for level in self.levels.values() for word in (level.zh, level.en)
        }
        grades = {grade: level.key for level in self.levels.values() for grade in level.grades}
        object.__setattr__(self, "_reader", TextReader(words, colours, grades))
        of_codes: dict[str, str] = {}
        for hazard in self.hazards.values():
            of_codes = {code.upper(): hazard.key for code in hazard.codes} | of_codes
        object.__setattr__(self, "_by_code", of_codes)
        of_events: dict[str, NwsEvent] = {}
        for nws in self.nws.values():
            of_events.setdefault(nws.event.casefold(), nws)
        object.__setattr__(self, "_by_event", of_events)

    @property
    def ordered(self) -> tuple[str, ...]:
        """The keys of all levels, from the highest to the lowest."""
        return tuple(sorted(self.levels, key=lambda key: -self.levels[key].order))

    def rank(self, level: str | None) -> int:
        """Return a number that grows with the danger; 0 for no level. Raises KeyError."""
        return 0 if level is None else self.levels[level].order

    def highest(self, levels: Iterable[str | None]) -> str | None:
        """Return the most dangerous of `levels`, or None if there is none."""
        return max(levels, key=self.rank, default=None)

    def severity_of(self, level: str) -> str:
        """Return the CAP severity of a colour. Raises KeyError."""
        return self.levels[level].severity

    def level_of(self, severity: str) -> str | None:
        """Return the level that stands for a CAP severity where no colour is stated."""
        return self.severity_levels.get(severity)

    def name(self, hazard: str, language: str = "zh") -> str:
        """Return what people call a hazard: in Chinese for "zh...", else in English."""
        found = self.hazards[hazard]
        return found.zh if language.lower().startswith("zh") else found.en

    def level_name(self, level: str, language: str = "zh") -> str:
        """Return what people call a level: in Chinese for "zh...", else in English."""
        found = self.levels[level]
        return found.zh if language.lower().startswith("zh") else found.en

    def family(self, hazard: str | None) -> str | None:
        """Return the family whose texts hold for a hazard; an unknown one has none."""
        found = self.hazards.get(hazard) if hazard else None
        return found.family if found else None

    def episode(self, hazard: str) -> str:
        """Return what the alerts that make one episode have in common: the family, as a rule."""
        found = self.hazards.get(hazard)
        return hazard if found is None or found.apart else found.family

    def classify(
        self,
        *,
        headline: str | None,
        event: str,
        description: str | None = None,
        event_codes: Iterable[tuple[str, str]] = (),
        parameters: Iterable[tuple[str, str]] = (),
        severity: str = "Unknown",
        where: str = "info[0]",
    ) -> Classification:
        """Say what one info is about and how bad it is, and note what its text left open.

        `severity` is the CAP word as published; `where` is the path that reasons carry.
        """
        named, coded = self._by_event.get(event.casefold()), self._nws_by_vtec(parameters)
        stated = self._stated(headline or "", named)
        evidence = [
            *([_Evidence("event", named.hazard, None)] if named else ()),
            *self._worst("headline", stated),
            *self._worst("event", self._reader.named(event)),
            *([_Evidence("code", coded.hazard, None)] if coded else ()),
            *self._by_codes(event_codes),
        ]
        if not _is_settled(evidence):
            evidence += self._by_description(description)
        notes = _several(stated) if len(stated) > 1 else []
        hazard = self._hazard(evidence, notes)
        level = self._level(evidence, hazard, notes)
        if level is None:
            level = self._from_severity(severity, named or coded, notes)
        elif hazard and not self.hazards[hazard].has_level(level):
            notes.append(("unusual_level", f"{hazard} has no {level} in any signal set we know"))
        reasons = tuple([Reason(code, ReasonKind.NOTE, where, text) for code, text in notes])
        return Classification(hazard, level, reasons)

    def _stated(self, headline: str, named: NwsEvent | None) -> list[Signal]:
        """Return what a headline states; without a colour it adds nothing to a `named` event."""
        if not headline or (named and not self._reader.has_colour(headline)):
            return []
        return self._reader.signals(headline)

    def _hazard(self, evidence: list[_Evidence], notes: list[tuple[str, str]]) -> str | None:
        named = [e for e in evidence if e.hazard]
        if not named:
            notes.append(("unknown_hazard", "no word or code names a hazard of the table"))
            return None
        for other in named[1:]:
            if other.source == "code" and other.hazard != named[0].hazard:
                notes.append(
                    (
                        "code_differs",
                        f"the {named[0].source} says {named[0].hazard}, the code {other.hazard}; "
                        "codes are hints",
                    )
                )
        if named[0].source in ("code", "description"):
            notes.append((f"hazard_from_{named[0].source}", f"read as {named[0].hazard}"))
        return named[0].hazard

    def _level(
        self, evidence: list[_Evidence], hazard: str | None, notes: list[tuple[str, str]]
    ) -> str | None:
        coloured = [e for e in evidence if e.level and e.hazard in (hazard, None)]
        if not coloured:
            return None
        if coloured[0].source in ("code", "description"):
            notes.append((f"level_from_{coloured[0].source}", f"read as {coloured[0].level}"))
        return coloured[0].level

    def _from_severity(
        self, severity: str, nws: NwsEvent | None, notes: list[tuple[str, str]]
    ) -> str | None:
        level = self.level_of(severity)
        if level is None and nws and nws.severity:
            severity = nws.severity
            level = self.level_of(severity)
        if level is None:
            notes.append(("no_level", "no colour is stated and the severity is Unknown"))
            return None
        notes.append(("level_from_severity", f"no colour is stated; {severity} stands for {level}"))
        return level

    def _by_description(self, text: str | None) -> list[_Evidence]:
        """Read a text that mentions much: only 寒冷橙色预警 says what it is about."""
        if not text or "预警" not in text:
            return []
        signals = self._reader.signals(text)
        return self._worst("description", [one for one in signals if one.hazard and one.level])

    def _worst(self, source: str, signals: list[Signal]) -> list[_Evidence]:
        if not signals:
            return []
        worst, *others = signals
        for other in others:
            if self.rank(other.level) > self.rank(worst.level):
                worst = other
        return [_Evidence(source, worst.hazard, worst.level)]

    def _nws_by_vtec(self, parameters: Iterable[tuple[str, str]]) -> NwsEvent | None:
        codes = {".".join(m) for n, v in parameters if n == "VTEC" for m in _VTEC.findall(v)}
        known = self.nws.values() if codes else ()
        return next((nws for nws in known if nws.vtec in codes), None)

    def _by_codes(self, codes: Iterable[tuple[str, str]]) -> list[_Evidence]:
        for _, value in codes:
            code = value.strip().upper()
            icon = _ICON.match(code)
            level = _ICON_LEVELS.get(icon.group(2) or "") if icon else None
            level = level if level in self.levels else None
            wanted = icon.group(1) if icon else code
            if wanted in self._by_code:
                return [_Evidence("code", self._by_code[wanted], level)]
            if level is not None:
                return [_Evidence("code", None, level)]
        return []


def _is_settled(evidence: list[_Evidence]) -> bool:
    """Say whether hazard and level are stated, so that what comes last would change neither."""
    hazard = next((one.hazard for one in evidence if one.hazard), None)
    return hazard is not None and any(
        one.level and one.hazard in (hazard, None) for one in evidence
    )


def _several(signals: list[Signal]) -> list[tuple[str, str]]:
    stated = {(s.hazard, s.level): None for s in signals if s.hazard and s.level}
    if len(stated) < 2:
        return []
    said = ", ".join(f"{hazard} {level}" for hazard, level in stated)
    return [("several_signals", f"the headline states {said}; the most dangerous is taken")]
