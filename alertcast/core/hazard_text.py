"""Which hazard and which colour a headline states, read by the words of the hazard table.

Written for the official phrases: "怀集县气象台将寒冷橙色预警信号升级为红色", "cold red warning
signal", "Orange wind warning". A colour counts only beside a hazard word or 预警/warning, since
place names hold colours too (红河, 白云, Red River).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

_SHORT = 60  # characters; what a longer name states is not kept
_NEAR = 12  # characters after a hazard word within which a Chinese colour belongs to it
_CHANGED_TO = r"(?:升级|降级|升格|提升|上调|下调|调整|变更|更改|更新|改)\s*(?:为|至|成|到)\s*"
_RAISED_TO = r"(?:upgraded|downgraded|raised|lowered|changed)\s+to\s+"
_ALARM = r"(?:warning|alert|signal|advisory)"


@dataclass(frozen=True, slots=True)
class Signal:
    """One hazard, one colour, or both, stated at one place of a text."""

    hazard: str | None
    level: str | None


class TextReader:
    """Finds hazards and colours in text; built once for a hazard table."""

    def __init__(
        self,
        hazard_words: Mapping[str, str],
        colours: Mapping[str, str],
        grades: Mapping[str, str],
    ) -> None:
        """Take word -> hazard key, colour word -> level key and grade (Ⅰ级) -> level key."""
        self._named = lru_cache(1024)(self.signals)
        self._hazards = {_folded(word): key for word, key in hazard_words.items()}
        self._colours = {_folded(word): key for word, key in colours.items()}
        self._grades = {_folded(word): key for word, key in grades.items()}
        words, colour = _any_of(self._hazards), _any_of(self._colours)
        self._hazard = re.compile(words)
        self._coloured = re.compile("|".join(map(re.escape, self._colours)) or r"(?!)")
        self._grade = re.compile(_any_of(self._grades))
        self._chinese = re.compile(_any_of(w for w in self._colours if not w.isascii()))
        self._changed = re.compile(f"(?:{_CHANGED_TO}|{_RAISED_TO})({colour})")
        self._after = re.compile(rf"\s*({colour})")
        self._before = re.compile(rf"({colour})\s*$")
        self._alone = re.compile(rf"({colour})\s*(?:预警|預警|信号|警告|警報|{_ALARM}\b)")

    def named(self, name: str) -> list[Signal]:
        """Return what a short name states, e.g. an event: few names come again and again."""
        return self._named(name) if len(name) <= _SHORT else self.signals(name)

    def has_colour(self, text: str) -> bool:
        """Say whether a colour or grade may be stated in `text`."""
        text = _folded(text)
        return bool(self._coloured.search(text) or self._grade.search(text))

    def signals(self, text: str) -> list[Signal]:
        """Return what `text` states, in the order it is stated; empty if it names nothing."""
        text = _folded(text)
        found = list(self._hazard.finditer(text))
        if found and not self._coloured.search(text):  # most texts of most feeds
            level = self._grade_in(text)
            return [Signal(self._hazards[_word(match.group())], level) for match in found]
        if not found:
            level = self._colour_alone(text)
            return [Signal(None, level)] if level else []
        ends = [match.start() for match in found[1:]] + [len(text)]
        signals = []
        start = 0
        for match, end in zip(found, ends, strict=True):
            level = self._level_of(text[start : match.start()], text[match.end() : end])
            signals.append(Signal(self._hazards[_word(match.group())], level))
            start = match.end()
        if all(signal.level is None for signal in signals):
            level = self._colour_alone(text)
            signals = [Signal(signal.hazard, level) for signal in signals]
        return signals

    def _level_of(self, before: str, after: str) -> str | None:
        """Return the colour that the text round one hazard word gives it; the newest one."""
        if changed := self._changed.findall(after):
            return self._colours[changed[-1]]
        if match := self._after.match(after) or self._chinese.search(after[:_NEAR]):
            return self._colours[match.group(match.lastindex or 0)]
        if match := self._before.search(before):
            return self._colours[match.group(1)]
        return None

    def _colour_alone(self, text: str) -> str | None:
        if match := self._alone.search(text):
            return self._colours[match.group(1)]
        return self._grade_in(text)

    def _grade_in(self, text: str) -> str | None:
        match = self._grade.search(text)
        return self._grades[_word(match.group())] if match else None


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _word(found: str) -> str:
    return " ".join(found.split())


def _any_of(words: Iterable[str]) -> str:
    """Return a pattern for any of `words`, the longest first; Latin words match whole only.

    What several words begin with is written once, and each alternative begins with its letter:
    `re` skips to the letters that any word begins with, and tries few alternatives there.
    """
    first: dict[tuple[bool, str], list[str]] = {}
    for word in sorted(set(words)):
        first.setdefault((word.isascii(), word[:1]), []).append(word[1:])
    return "|".join(_beginning_with(*key, first[key]) for key in sorted(first)) or r"(?!)"


def _beginning_with(is_latin: bool, letter: str, ends: Iterable[str]) -> str:
    escaped = re.escape(letter)
    if not is_latin:
        return escaped + _rest(ends, "")
    return rf"{escaped}(?<=\b{escaped})" + _rest(ends, r"\b")


def _rest(ends: Iterable[str], boundary: str) -> str:
    """Return a pattern for any of `ends`, the longest first, each up to a boundary."""
    after: dict[str, list[str]] = {}
    for end in ends:
        after.setdefault(end[:1], []).append(end[1:])
    is_end = after.pop("", None) is not None
    branches = [re.escape(letter) + _rest(those, boundary) for letter, those in after.items()]
    branches += [boundary] if is_end else []
    return branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})"
