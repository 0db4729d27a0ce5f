"""The reader of towns, measured on a table of texts (china_texts.toml): how well, and never low."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from alertcast.core.gazetteer import Gazetteer, Region
from alertcast.core.hazard import HazardTable
from alertcast.core.town_levels import Reading, TownReader

ROOT = Path(__file__).parents[2]
TABLE = HazardTable.from_mapping(tomllib.loads((ROOT / "config/hazards.toml").read_text("utf-8")))
GAZETTEER = Gazetteer.from_mapping(
    tomllib.loads((ROOT / "config/towns.toml").read_text(encoding="utf-8"))
)
TEXTS: list[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "china_texts.toml").read_text(encoding="utf-8")
)["texts"]
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


def test_the_table_is_broad_enough() -> None:
    assert len(TEXTS) >= 120
    assert {case["of"] for case in TEXTS} == COUNTIES
    hazards = {
        case.get("hazard") or TABLE.classify(headline=case["headline"], event="").hazard
        for case in TEXTS
    }
    assert len(hazards) >= 8


@pytest.mark.parametrize("case", TEXTS, ids=lambda case: case["text"][:40] or case["headline"])
def test_no_town_is_read_too_low(case: Mapping[str, Any]) -> None:
    assert not judge(case).under


@pytest.mark.parametrize(
    "case",
    [case for case in TEXTS if case.get("unsure")],
    ids=lambda case: case["text"][:40],
)
def test_what_nobody_could_tell_is_marked_for_an_officer(case: Mapping[str, Any]) -> None:
    reading = read(case)
    assert reading.is_whole
    assert reading.doubt


def test_the_shares_that_are_promised() -> None:
    judged = {case["text"] or case["headline"]: judge(case) for case in TEXTS}
    inexact = {text: one for text, one in judged.items() if not one.is_exact}
    towns = sum(one.towns for one in judged.values())
    over = sum(len(one.over) for one in judged.values())
    fallen = [text for text, one in judged.items() if one.fell_back]
    assert len(inexact) <= 0.05 * len(judged), inexact
    assert len(fallen) <= 0.03 * len(judged), fallen
    assert over <= 0.02 * towns, {text: one.over for text, one in inexact.items()}
