"""The reader of towns, measured on tables of texts: how well, and never low."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.core.town_tables import (
    COUNTIES,
    FRESH,
    TABLE,
    TEXTS,
    expected,
    judge,
    read,
    reader,
)

DIFFERS = {"deqing-town-in-both-lists": "官圩镇"}
"""Texts whose author wants more than is told, and the town over which we differ.

官圩镇 is in the list of the red towns and in that of the orange ones. Its author wants the whole
county red. The reader makes the town red, by the rule that the higher of two levels wins, and the
others as listed: of the seven that are in neither list nothing says that a signal holds there.
"""


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


@pytest.mark.parametrize("case", FRESH, ids=lambda case: case["name"])
def test_no_town_of_a_text_by_a_stranger_is_read_too_low(case: Mapping[str, Any]) -> None:
    assert not judge(case).under or case["name"] in DIFFERS


def test_a_town_in_two_lists_holds_the_higher_level_and_an_officer_looks() -> None:
    (case,) = [one for one in FRESH if one["name"] in DIFFERS]
    _, region = reader(case["of"])
    told = {region.towns[code]: level for code, level in read(case).levels().items()}
    assert told == {"马圩镇": "red", "官圩镇": "red", "高良镇": "orange", "播植镇": "orange"}
    assert "官圩镇" in (read(case).doubt or "")


def test_the_texts_by_a_stranger_are_all_there() -> None:
    assert len(FRESH) == len({case["name"] for case in FRESH}) == 60
    assert {case["of"] for case in FRESH} == COUNTIES
    for case in FRESH:
        region = reader(case["of"])[1]
        named = {n for level in (*TABLE.levels, "none") for n in case.get(level, "").split("、")}
        assert named - {"", "全部", "其余"} <= set(region.towns.values())
        assert expected(case, region).keys() == region.towns.keys()


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
