"""What reaches more is confirmed more carefully."""

from collections.abc import Sequence

import pytest

from alertcast.core.care import MANY, Care, confirmation
from alertcast.core.grid import Grid


def cells(county: str, number: int, code: str) -> list[Grid]:
    return [
        Grid(f"{code}{n:06}", f"{n}村", "village", f"{code}101", "甲镇", code, county)
        for n in range(number)
    ]


HUAIJI = cells("怀集县", 40, "441224")
DUANZHOU = cells("端州区", 300, "441202")
BOTH = [*HUAIJI, *DUANZHOU[:1]]
ALONE = cells("独区", 1, "441203")
LAYER = [*HUAIJI, *DUANZHOU, *ALONE]


@pytest.mark.parametrize(
    ("meant", "care", "word"),
    [
        (HUAIJI[:1], Care.TWICE, ""),
        (HUAIJI[:39], Care.TWICE, ""),
        (HUAIJI, Care.TYPED, "怀集县"),
        (DUANZHOU[: MANY - 1], Care.TWICE, ""),
        (DUANZHOU[:MANY], Care.TYPED, "端州区"),
        ([*HUAIJI, *DUANZHOU[:60]], Care.TYPED, "端州区、怀集县"),
        (ALONE, Care.TWICE, ""),  # its one grid is no county to be afraid of
    ],
)
def test_live(meant: Sequence[Grid], care: Care, word: str) -> None:
    asked = confirmation("live", meant, LAYER)
    assert (asked.care, asked.word) == (care, word)


@pytest.mark.parametrize(
    ("meant", "care", "word"),
    [
        (HUAIJI[:39], Care.ONCE, ""),
        (HUAIJI, Care.TYPED, "怀集县"),
        (DUANZHOU[:MANY], Care.TYPED, "端州区"),
        (BOTH, Care.TYPED, "端州区、怀集县"),
    ],
)
def test_a_drill_takes_one_click_unless_it_is_wide(
    meant: Sequence[Grid], care: Care, word: str
) -> None:
    asked = confirmation("drill", meant, LAYER)
    assert (asked.care, asked.word) == (care, word)


@pytest.mark.parametrize(
    ("meant", "mode", "ticked", "typed", "is_met"),
    [
        (HUAIJI[:1], "drill", False, "", True),
        (HUAIJI[:1], "live", False, "", False),
        (HUAIJI[:1], "live", True, "", True),
        (HUAIJI, "live", True, "", False),
        (HUAIJI, "live", True, "端州区", False),
        (HUAIJI, "live", False, " 怀集县 ", True),
        (BOTH, "live", True, "怀集县", False),
        (BOTH, "live", True, "端州区", False),
        (BOTH, "live", False, "端州区、怀集县", True),
        (BOTH, "live", False, "端州区  怀集县", True),
        (BOTH, "live", False, "端州区,怀集县", True),
        (BOTH, "live", False, "端州区怀集县", True),
    ],
)
def test_met(meant: Sequence[Grid], mode: str, ticked: bool, typed: str, is_met: bool) -> None:
    assert confirmation(mode, meant, LAYER).is_met(ticked, typed) is is_met
