"""The words of a message: versioned texts with slots, and the places one phone answers for.

An official headline, its issuer and its time go in unaltered; our own words follow, marked
内部通知. A drill begins and ends with 演练. Of several texts the most specific wins.
"""

import html
import json
import re
import string
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from alertcast.core.alert import Alert, Info
from alertcast.core.plan import rank

_ISSUER = re.compile(r"^\s*([\w·]{2,24}?(?:气象台|气象局|预警信息发布中心))")
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")
_MARKUP = re.compile(rf"{_TAG.pattern}|&(?:#\d{{1,7}}|#x[0-9a-fA-F]{{1,6}}|[a-zA-Z]{{2,8}});")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_CLOSED = "。！？；，、.!?;,"
_GOES_ON = frozenset("。，；、！？.,;!?（(")


class TextError(ValueError):
    """A text can not be made: its id or a slot does not exist; `mistakes` lists all of them."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("; ".join(mistakes))
        self.mistakes = mistakes


@dataclass(frozen=True, slots=True)
class Texts:
    """All texts, by id and language: {"warning.sms": {"zh": ..., "en": ...}}."""

    by_id: Mapping[str, Mapping[str, str]]
    versions: Mapping[str, str] = field(default_factory=dict)  # as written: of a text, "": of all

    @classmethod
    def from_mapping(cls, sections: Mapping[str, Any]) -> "Texts":
        """Return the texts of nested sections, as in config/texts.toml; raises TextError."""
        found: dict[str, dict[str, str]] = {}
        versions: dict[str, str] = {}
        mistakes: list[str] = []
        _collect("", sections, found, versions, mistakes)
        if mistakes:
            raise TextError(mistakes)
        return cls(found, versions)

    def render(self, text_id: str, language: str, slots: Mapping[str, str]) -> str:
        """Return text `text_id` in `language` (else its primary subtag, else zh), slots filled.

        Raises
        ------
        TextError
            The text does not exist, or asks for a slot that has no value.
        """
        versions = self.by_id.get(text_id)
        if versions is None:
            raise TextError([f"text {text_id}: there is none"])
        text = _in_language(versions, language)
        missing = slots_of(text) - set(slots)
        if missing:
            raise TextError([f"text {text_id}: slot {name!r} has no value" for name in missing])
        return filled(text, slots)

    def find(self, text_id: str, language: str) -> str | None:
        """Return the text without slots filled, or None where there is none."""
        versions = self.by_id.get(text_id)
        return None if versions is None else _in_language(versions, language)

    def tag_of(self, text_id: str, language: str) -> str | None:
        """Return in which language a person of `language` gets a text, or None if there is none."""
        versions = self.by_id.get(text_id)
        return None if versions is None else _tag(versions, language)

    def chosen(self, text_id: str, languages: str) -> str:
        """Return the first of `languages` in which a text is written, else the first of all.

        So that a person who prefers Hakka, and speaks Cantonese, is told in Cantonese what nobody
        has written in Hakka. `languages` is one tag, or several: "hak,yue,zh-CN".
        """
        tags, written = languages.split(","), self.by_id.get(text_id, {})
        return next((one for one in tags if {one, one.split("-")[0]} & written.keys()), tags[0])

    def best(
        self,
        base: str,
        hazard: str | None = None,
        family: str | None = None,
        level: str | None = None,
    ) -> str:
        """Return the id of the most specific text of `base`; `base` itself where there is none.

        In this order: hazard and level, hazard, family and level, family, `base` alone. Each may
        also be written with `.default` behind it.
        """
        for wanted in _from_specific(base, hazard, family, level):
            for text_id in (wanted, f"{wanted}.default"):
                if text_id in self.by_id:
                    return text_id
        return base

    def version_of(self, text_id: str) -> str:
        """Return the version of a text as it was written, and a digest of its words: "2-1f0c3a77".

        The digest tells two texts apart whose version nobody raised.
        """
        words = json.dumps(self.by_id[text_id], ensure_ascii=False, sort_keys=True)
        written = self.versions.get(text_id) or self.versions.get("") or "0"
        return f"{written}-{sha256(words.encode()).hexdigest()[:8]}"


def filled(template: str, slots: Mapping[str, str]) -> str:
    """Return `template` with its slots filled; no mark is doubled where a value brings its own."""
    return "".join(words for _, words in parts_of(template, slots))


def parts_of(template: str, slots: Mapping[str, str]) -> Iterator[tuple[str | None, str]]:
    """Yield (slot, words) of a filled template in order; slot None: the template's own words."""
    pieces = list(string.Formatter().parse(template))
    for number, (words, slot, _, _) in enumerate(pieces):
        if words:
            yield None, words
        if slot:
            later = (said or slots.get(name or "", "") for said, name, _, _ in pieces[number + 1 :])
            after = next(filter(None, later), "").lstrip()
            value = slots[slot]
            yield slot, value.rstrip().rstrip(_CLOSED) if after[:1] in _GOES_ON else value


def slots_of(text: str) -> set[str]:
    """Return the names of the slots in a text."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@dataclass(frozen=True, slots=True)
class Place:
    """A grid that one message is about."""

    name: str
    town: str
    county: str
    level: str | None
    grid_id: int | None = None  # where it matters which one it is, not only its name


def places_text(
    places: Sequence[Place],
    levels: Sequence[str],
    names: Mapping[str, str],
    most: int = 3,
    said: str = "",
) -> str:
    """Return the places one phone answers for, the highest level first, long lists summed up.

    `levels` runs from the highest to the lowest, `names` gives each its word. Up to `most` grids
    are named; more are counted by town, and more than `most` towns by county. A single level is not
    repeated here where the headline says it: `said` is the word of the headline, "" if not known.
    """
    groups: dict[str | None, list[Place]] = {}
    for place in places:
        groups.setdefault(place.level, []).append(place)
    parts = []
    for level in sorted(groups, key=lambda found: rank(found, levels)):
        word = names.get(level or "", "")
        listed = _summed(groups[level], most)
        is_told = bool(word) and (len(groups) > 1 or said not in ("", word))
        parts.append(f"{word}：{listed}" if is_told else listed)
    return "；".join(parts)


def towns_text(
    places: Iterable[Place],
    levels: Sequence[str],
    names: Mapping[str, str],
    most: int = 12,
    said: str = "",
) -> str:
    """Return the towns of a whole broadcast, the highest level first; of more than `most` counties.

    A town with grids at two levels is named at the highest; `said` is as in `places_text`.
    """
    highest: dict[tuple[str, str], str | None] = {}
    for place in sorted(places, key=lambda found: rank(found.level, levels)):
        highest.setdefault((place.county, place.town), place.level)
    groups: dict[str | None, list[tuple[str, str]]] = {}
    for town, level in highest.items():
        groups.setdefault(level, []).append(town)
    parts = []
    for level, towns in groups.items():
        word = names.get(level or "", "")
        listed = _by_county(towns) if len(towns) > most else "、".join(town for _, town in towns)
        is_told = bool(word) and (len(groups) > 1 or said not in ("", word))
        parts.append(f"{word}：{listed}" if is_told else listed)
    return "；".join(parts)


def issuer_of(alert: Alert, info: Info) -> str:
    """Return who issued the warning, as its own text names the office; never a person's name."""
    for text in (info.headline, info.description):
        match = _ISSUER.match(text or "")
        if match:
            return match[1]
    return info.sender_name or alert.sender


def without_markup(text: str) -> str:
    """Return what a feed wrote for a web page as it is said: without tags, in plain characters."""
    if not _MARKUP.search(text):
        return text
    return " ".join(html.unescape(_TAG.sub("", text)).split())


def local_time(at: datetime, language: str = "zh") -> str:
    """Return the local time `at` as it is said in a message."""
    if language.startswith("en"):
        return f"{at.day} {at:%B} {at:%H:%M}"
    return f"{at.month}月{at.day}日{at.hour}时{at.minute:02d}分"


def spoken_number(number: str) -> str:
    """Return a telephone number with its digits apart, so that a voice reads them one by one."""
    return " ".join(number.replace("-", "").replace(" ", ""))


def drill(text: str, language: str = "zh") -> str:
    """Return `text` marked as a drill, in its first and last word."""
    if language.startswith("en"):
        return f"DRILL. {text} DRILL"
    return f"演练。{text}演练"


def _collect(
    text_id: str,
    section: Mapping[str, Any],
    found: dict[str, dict[str, str]],
    versions: dict[str, str],
    mistakes: list[str],
) -> None:
    words: dict[str, str] = {}
    for name, inner in section.items():
        if isinstance(inner, Mapping):
            _collect(f"{text_id}.{name}" if text_id else name, inner, found, versions, mistakes)
        elif name == "version":
            versions[text_id] = str(inner)
        elif isinstance(inner, str) and _LANGUAGE.fullmatch(name):
            words[name] = inner
        else:
            mistakes.append(f"text {text_id}: {name!r} is not a text in a language")
    if words and "zh" not in words:
        mistakes.append(f"text {text_id}: has no zh")
    if words:
        found[text_id] = words


def _from_specific(
    base: str, hazard: str | None, family: str | None, level: str | None
) -> Iterable[str]:
    for kind in dict.fromkeys((hazard, family)):
        if kind and level:
            yield f"{base}.{kind}.{level}"
        if kind:
            yield f"{base}.{kind}"
    yield base


def _in_language(versions: Mapping[str, str], language: str) -> str:
    return versions[_tag(versions, language)]


def _tag(versions: Mapping[str, str], language: str) -> str:
    for tag in (language, language.split("-")[0]):
        if tag in versions:
            return tag
    return "zh"


def _by_county(towns: Iterable[tuple[str, str]]) -> str:
    counties = Counter(county for county, _ in towns)
    return "、".join(f"{county}{count}个镇街" for county, count in counties.items())


def _summed(places: Sequence[Place], most: int) -> str:
    if len(places) <= most:
        return "、".join(f"{place.town}{place.name}" for place in places)
    towns = Counter((place.county, place.town) for place in places)
    if len(towns) <= most:
        return "、".join(f"{town}{count}个网格" for (_, town), count in towns.items())
    counties = Counter(place.county for place in places)
    in_county = Counter(county for county, _ in towns)
    return "、".join(
        f"{county}{in_county[county]}个镇街{count}个网格" for county, count in counties.items()
    )
