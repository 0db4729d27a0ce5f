"""The tables of texts on which the reader of towns is measured, and how a reading is judged.

`python -m tests.core.town_tables` prints the score of each table.
"""

import sys
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from alertcast.core.gazetteer import Gazetteer, Region
from alertcast.core.hazard import HazardTable
from alertcast.core.town_levels import Reading, TownReader

ROOT = Path(__file__).parents[2]
TABLE = HazardTable.from_mapping(tomllib.loads((ROOT / "config/hazards.toml").read_text("utf-8")))
GAZETTEER = Gazetteer.from_mapping(
    tomllib.loads((ROOT / "config/towns.toml").read_text(encoding="utf-8"))
)


def _texts(file: str) -> list[dict[str, Any]]:
    read = (Path(__file__).parent / file).read_text(encoding="utf-8")
    return list(tomllib.loads(read)["texts"])


TEXTS = _texts("china_texts.toml")
"""Written together with the reader: what it is built on."""

FRESH = _texts("fresh_texts.toml")
"""Written by somebody who had not seen it: what it was measured on."""

COUNTIES = {"441202", "441203", "441204", "441223", "441224", "441225", "441226", "441284"}


@dataclass(frozen=True)
class Judged:
    """How the reading of one text compares with what the text says."""

    under: frozenset[str]  # names of towns read lower than they are
    over: frozenset[str]
    towns: int
    fell_back: bool

    @property
    def is_exact(self) -> bool:
        return not self.under and not self.over


@cache
def reader(county: str) -> tuple[TownReader, Region]:
    region = GAZETTEER.region([county])
    assert region is not None
    return TownReader(region, TABLE), region


def read(case: Mapping[str, Any]) -> Reading:
    found = TABLE.classify(headline=case["headline"], event="", description=case["text"])
    hazard, level = case.get("hazard", found.hazard), case.get("level", found.level)
    texts = [case["text"], case["headline"], case.get("instruction")]
    return reader(case["of"])[0].read(texts, hazard=hazard, level=level)


def expected(case: Mapping[str, Any], region: Region) -> dict[str, str | None]:
    """Return the level of every town, as the table says."""
    codes = {name: code for code, name in region.towns.items()}
    found: dict[str, str | None] = {}
    rest: str | None = None
    for level in (*TABLE.ordered, "none"):
        names = case.get(level)
        holds = None if level == "none" else level
        if names in ("全部", "其余"):
            rest = holds
        elif names:
            found |= {codes[name]: holds for name in names.split("、")}
    return {code: found.get(code, rest) for code in region.towns}


def judge(case: Mapping[str, Any]) -> Judged:
    _, region = reader(case["of"])
    reading = read(case)
    levels, under, over = reading.levels(), set(), set()
    for code, level in expected(case, region).items():
        difference = TABLE.rank(levels.get(code)) - TABLE.rank(level)
        if difference:
            (under if difference < 0 else over).add(region.towns[code])
    fell_back = reading.is_whole and reading.doubt is not None
    return Judged(frozenset(under), frozenset(over), len(region.towns), fell_back)


@dataclass(frozen=True)
class Score:
    """How a whole table is read."""

    texts: int
    exact: int
    fell_back: int
    towns: int
    under: int
    over: int


def score(cases: Iterable[Mapping[str, Any]]) -> Score:
    judged = [judge(case) for case in cases]
    return Score(
        texts=len(judged),
        exact=sum(one.is_exact for one in judged),
        fell_back=sum(one.fell_back for one in judged),
        towns=sum(one.towns for one in judged),
        under=sum(len(one.under) for one in judged),
        over=sum(len(one.over) for one in judged),
    )


if __name__ == "__main__":
    for name, cases in (("china_texts.toml", TEXTS), ("fresh_texts.toml", FRESH)):
        sys.stdout.write(f"{name} {score(cases)}\n")
