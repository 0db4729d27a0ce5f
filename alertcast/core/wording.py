"""The words of a message: versioned texts with slots, the places one phone answers for, SMS parts.

An official headline, its issuer and its time go in unaltered; our own words follow, marked
内部通知. A drill begins and ends with 演练.
"""

import re
import string
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alertcast.core.alert import Alert, Info
from alertcast.core.plan import rank

_ISSUER = re.compile(r"^\s*([\w·]{2,24}?(?:气象台|气象局|预警信息发布中心))")
_GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM7_TWICE = frozenset("^{}\\[~]|€\f")


class TextError(ValueError):
    """A text can not be made: its id or a slot does not exist; `mistakes` lists all of them."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("; ".join(mistakes))
        self.mistakes = mistakes


@dataclass(frozen=True, slots=True)
class Texts:
    """All texts, by id and language: {"warning.sms": {"zh": ..., "en": ...}}."""

    by_id: Mapping[str, Mapping[str, str]]

    @classmethod
    def from_mapping(cls, sections: Mapping[str, Any]) -> "Texts":
        """Return the texts of nested sections, as in config/texts.toml; raises TextError."""
        found: dict[str, dict[str, str]] = {}
        mistakes: list[str] = []
        _collect("", sections, found, mistakes)
        if mistakes:
            raise TextError(mistakes)
        return cls(found)

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
        return string.Formatter().vformat(text, (), slots)

    def find(self, text_id: str, language: str) -> str | None:
        """Return the text without slots filled, or None where there is none."""
        versions = self.by_id.get(text_id)
        return None if versions is None else _in_language(versions, language)


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


def places_text(
    places: Sequence[Place], levels: Sequence[str], names: Mapping[str, str], most: int = 3
) -> str:
    """Return the places one phone answers for, the highest level first, long lists summed up.

    `levels` runs from the highest to the lowest, `names` gives each its word. Up to `most` grids
    are named; more are counted by town, and more than `most` towns by county. A single level is not
    repeated here, since the headline says it.
    """
    groups: dict[str | None, list[Place]] = {}
    for place in places:
        groups.setdefault(place.level, []).append(place)
    parts = []
    for level in sorted(groups, key=lambda found: rank(found, levels)):
        word = names.get(level or "", "")
        listed = _summed(groups[level], most)
        parts.append(f"{word}：{listed}" if len(groups) > 1 and word else listed)
    return "；".join(parts)


def issuer_of(alert: Alert, info: Info) -> str:
    """Return who issued the warning, as its own text names the office; never a person's name."""
    for text in (info.headline, info.description):
        match = _ISSUER.match(text or "")
        if match:
            return match[1]
    return info.sender_name or alert.sender


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


def parts(text: str) -> int:
    """Return how many SMS parts `text` takes: GSM-7 160/153 septets, UCS-2 70/67 code units."""
    if all(char in _GSM7 or char in _GSM7_TWICE for char in text):
        size = sum(2 if char in _GSM7_TWICE else 1 for char in text)
        single, several = 160, 153
    else:
        size = len(text.encode("utf-16-be")) // 2
        single, several = 70, 67
    return 1 if size <= single else -(-size // several)


def _collect(
    prefix: str, section: Mapping[str, Any], found: dict[str, dict[str, str]], mistakes: list[str]
) -> None:
    if section and all(isinstance(value, str) for value in section.values()):
        if "zh" not in section:
            mistakes.append(f"text {prefix}: has no zh")
        found[prefix] = {str(k): str(v) for k, v in section.items()}
        return
    for name, inner in section.items():
        if isinstance(inner, Mapping):
            _collect(f"{prefix}.{name}" if prefix else name, inner, found, mistakes)
        elif name != "version":
            mistakes.append(f"text {prefix}: {name!r} is not a text in a language")


def _in_language(versions: Mapping[str, str], language: str) -> str:
    for tag in (language, language.split("-")[0]):
        if tag in versions:
            return versions[tag]
    return versions["zh"]


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
