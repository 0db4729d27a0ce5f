"""A text of a Chinese warning as a row of tokens: places, hazards, levels, and what happens."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from alertcast.core.folding import fold
from alertcast.core.gazetteer import SUFFIX, Region, bare_county, bare_name
from alertcast.core.town_words import FIRST, ISSUERS, NO_TOWNS, THEN, TOWN_ENDS, Kind


@dataclass(frozen=True, slots=True)
class Token:
    """A word of the folded text."""

    kind: Kind
    text: str
    start: int
    end: int
    key: str = ""  # of a hazard or level
    codes: frozenset[str] = frozenset()  # of towns
    number: int = 0  # of a count


class Lexer:
    """Turns the texts of one place into tokens."""

    def __init__(
        self, region: Region, hazard_words: Mapping[str, str], level_words: Mapping[str, str]
    ) -> None:
        """Take hazard word -> key, and level word (红色, Ⅰ级) -> key."""
        self._region = region
        self._hazards = {fold(word).text: key for word, key in hazard_words.items()}
        self._levels = {fold(word).text: key for word, key in level_words.items()}
        self._whole = re.compile(
            "|".join(f"(?P<k{number}>{pattern})" for number, (_, pattern) in enumerate(self._all()))
        )
        self._kinds = [kind for kind, _ in self._all()]

    def tokens(self, text: str, start: int, end: int) -> list[Token]:
        """Return the tokens of a sentence of the folded text; what is not known is OTHER."""
        found: list[Token] = []
        at = start
        for match in self._whole.finditer(text, start, end):
            found += _other(text, at, match.start())
            found.append(self._token(match))
            at = match.end()
        found += _other(text, at, end)
        return _settled(found, self._region)

    def _all(self) -> list[tuple[Kind, str]]:
        region = self._region
        names = sorted(region.names)
        foreign = {*region.foreign, *map(bare_name, region.foreign)}
        bare = {bare_name(name) for name in names}
        stems = [name for name in bare if not re.fullmatch(r".*[区县市]", name)]
        ended = [name for name in bare if name not in stems]
        own = [*region.counties, *(name for name in map(bare_county, region.counties))]
        other = sorted(region.others)
        body = f"(?:{_any(own)}|{_any(other)}|{_any(map(bare_county, other))})?{ISSUERS}"
        colours = sorted(w for w in self._levels if w.endswith("色"))
        grades = [word for word in self._levels if word not in colours]
        return [
            (Kind.FILL, _any(region.wider)),
            (Kind.ISSUER, body),
            (Kind.FOREIGN, rf"(?:{_any(other)})(?:{_any(foreign)})?"),
            (Kind.FOREIGN, rf"(?:{_any(map(bare_county, other))})(?:{_any(region.foreign)})"),
            (Kind.TOWN, rf"(?:{_any(stems)}){SUFFIX}|{_any(names)}|{_any(ended)}"),
            (Kind.COUNTY, _any(region.counties)),
            (Kind.FOREIGN, _any(region.foreign)),
            (Kind.HAZARD, _any(word for word in self._hazards if not word.isascii())),
            (Kind.LEVEL, rf"{_any(colours)}|(?:{_any(w[0] for w in colours)})(?=警|预警)"),
            (Kind.LEVEL, rf"(?:{_any(grades)})(?!应急|响应|森林)"),
            *FIRST,
            (Kind.BARE, _any([*stems, *map(bare_county, [*region.counties, *other])])),
            *THEN,
        ]  # fmt: skip

    def _token(self, match: "re.Match[str]") -> Token:
        kind = next(k for n, k in enumerate(self._kinds) if match[f"k{n}"] is not None)
        text = match.group()
        key, codes, counted = "", frozenset[str](), 0
        if kind is Kind.HAZARD:
            key = self._hazards[text]
        elif kind is Kind.LEVEL:
            key = self._levels.get(text) or self._levels[f"{text[0]}色"]
        elif kind in (Kind.TOWN, Kind.BARE):
            codes = self._region.find(text)
        if kind is Kind.COUNTY or (kind is Kind.BARE and not codes):
            codes = _of_county(self._region, text)
        if kind is Kind.ETC:
            counted = _number(match["etc"])
        elif kind is Kind.THESE:
            counted = _number(match["these"])
        elif kind is Kind.COUNT:
            counted = _number(match["count"])
        return Token(kind, text, match.start(), match.end(), key, codes, counted)


def _settled(tokens: list[Token], region: Region) -> list[Token]:
    """Settle what only its neighbours tell: bare names, and names that are not known.

    A bare name is a town where no unknown word touches it: 长安 in 长安、大洲, not in 长安街.
    """
    settled: list[Token] = []
    for number, token in enumerate(tokens):
        if token.kind is Kind.BARE:
            beside = tokens[max(number - 1, 0) : number + 2]
            is_place = all(one.kind is not Kind.OTHER for one in beside)
            token = replace(token, kind=_place_kind(token, region) if is_place else Kind.OTHER)
        elif token.kind is Kind.COUNTY:
            token = replace(token, kind=_place_kind(token, region))
        elif token.text in TOWN_ENDS and settled and settled[-1].kind is Kind.OTHER:
            before = settled.pop()
            if before.text + token.text not in NO_TOWNS:
                text, kind = before.text + token.text, Kind.UNKNOWN
                settled.append(Token(kind, text, before.start, token.end))
                continue
            settled.append(before)
        settled.append(token)
    return settled


def _place_kind(token: Token, region: Region) -> Kind:
    if len(token.codes) == len(region.towns):
        return Kind.WHOLE
    if token.text in region.counties or any(token.text == bare_county(c) for c in region.counties):
        return Kind.COUNTY
    return Kind.TOWN if token.codes else Kind.FOREIGN


def _other(text: str, start: int, end: int) -> list[Token]:
    """Return what is not known as a token; marks alone say nothing."""
    piece = text[start:end]
    return [Token(Kind.OTHER, piece, start, end)] if re.search(r"\w", piece) else []


def _of_county(region: Region, text: str) -> frozenset[str]:
    found = [c for name, c in region.counties.items() if text in (name, bare_county(name))]
    return frozenset().union(*found)


def _number(text: str | None) -> int:
    if not text:
        return 0
    if text.isdigit():
        return int(text[:4])
    digits = {one: number for number, one in enumerate("零一二三四五六七八九")} | {"两": 2}
    tens, _, ones = text.rpartition("十")
    if "十" in text:
        return (digits.get(tens, 1) if tens else 1) * 10 + digits.get(ones, 0)
    return digits.get(text[-1], 0)


def _any(words: Iterable[str]) -> str:
    """Return a pattern for any of `words`, the longest first; for none, one that never fits."""
    longest_first = sorted(set(words), key=lambda word: (-len(word), word))
    return "|".join(re.escape(word) for word in longest_first) or r"(?!)"
