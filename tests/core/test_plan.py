"""Who may answer for a grid, and one message for each telephone."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertcast.core.grid import Grid
from alertcast.core.plan import (
    Duty,
    Telling,
    duties,
    highest,
    in_one,
    places_of,
    rank,
)
from alertcast.core.policy import Policy, Rung

LEVELS = ("red", "orange", "yellow", "blue")
GRID = Grid(
    code="441224101001Q1",
    name="x",
    kind="quarter",
    town_code="441224101",
    town="冷坑镇",
    county_code="441224",
    county="怀集县",
    parent_code="441224101001",
    geometry=None,
)
POLICY = Policy(
    "p",
    (
        Rung(("leader", "head"), ("sms",), timedelta(minutes=1)),
        Rung(("deputy",), ("voice",), timedelta(minutes=1)),
    ),
    ("leader", "deputy"),
)


def test_places_run_from_the_grid_to_the_city() -> None:
    assert places_of(GRID) == ("441224101001Q1", "441224101001", "441224101", "441224", "441200")


def test_a_role_is_told_on_each_of_its_rungs_and_may_not_count() -> None:
    twice = replace(POLICY, rungs=(*POLICY.rungs, POLICY.rungs[0]))
    assert duties(twice) == {
        "leader": Duty(0b101, counts=True),
        "head": Duty(0b101, counts=False),
        "deputy": Duty(0b010, counts=True),
    }


@pytest.mark.parametrize(
    ("found", "expected"),
    [([], None), ([None], None), (["purple", "blue"], "blue"), (["yellow", None, "red"], "red")],
)
def test_highest(found: list[str | None], expected: str | None) -> None:
    assert highest(found, LEVELS) == expected


def test_an_unknown_level_comes_after_all() -> None:
    assert [rank(level, LEVELS) for level in ("red", "blue", None, "purple")] == [0, 3, 4, 4]


@given(st.lists(st.tuples(st.integers(1, 9), st.sampled_from([*LEVELS, None])), min_size=1))
def test_a_phone_that_several_share_is_told_the_highest_level(
    sharing: list[tuple[int, str | None]],
) -> None:
    told = in_one([Telling(n, n, "phone", "zh", level) for n, level in sharing], LEVELS)
    assert told.person_id == sharing[0][0]
    assert rank(told.level, LEVELS) == min(rank(level, LEVELS) for _, level in sharing)
